#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "sim/program.h"

namespace qdcnn::sim {

/// A bound circuit as a flat list: branches become jumps. Qubits are numbered among those in use, classical
/// bits among those written.
struct Instructions {
    /// Primitives [first, last).
    struct Apply {
        std::size_t first, last;
    };
    struct Measure {
        circuit::Qubit qubit;
        std::uint64_t bit;
    };
    struct Reset {
        circuit::Qubit qubit;
    };
    struct Prepare {
        std::vector<circuit::Qubit> qubits;
        /// Norm 1.
        std::vector<double> amplitudes;
    };
    /// To `target` unless the record has the bits `value` in `mask`.
    struct JumpUnless {
        std::uint64_t mask, value;
        std::size_t target;
    };
    struct Jump {
        std::size_t target;
    };
    using Instruction = std::variant<Apply, Measure, Reset, Prepare, JumpUnless, Jump>;

    std::vector<Instruction> list;
    std::vector<Primitive> primitives;
    double global_phase = 0;
    std::uint32_t num_qubits = 0;
    bool is_real = true;
    /// Number of a circuit's qubit among those in use, or kUnused.
    std::vector<circuit::Qubit> wire;
    /// Classical bits written, ascending; bit i of a record is clbits[i].
    std::vector<circuit::Clbit> clbits;
    /// Measurements that nothing follows, read off the last state.
    std::vector<Measure> final_measurements;

    static constexpr circuit::Qubit kUnused = ~circuit::Qubit{0};
};

/// keeps_all_qubits: number all qubits of the circuit, used or not. Throws as run_statevector does.
Instructions make_instructions(const circuit::Circuit& bound, bool keeps_all_qubits = false);

}  // namespace qdcnn::sim
