#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "sim/program.h"

namespace qdcnn::sim {

/// A bound circuit without loops as a flat list: branches become jumps. Qubits are numbered among those in
/// use, classical bits among those written.
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
    /// To `target` unless the formula is not 0; its input i is set when the record has a bit of inputs[i].
    struct JumpUnlessFormula {
        std::vector<std::uint64_t> inputs;
        circuit::Formula formula;
        std::size_t target;
    };
    /// Bit i of the formula goes to the bit targets[i] of the record.
    struct Store {
        std::vector<std::uint64_t> inputs;
        circuit::Formula formula;
        std::vector<std::uint64_t> targets;
    };
    using Instruction =
        std::variant<Apply, Measure, Reset, Prepare, JumpUnless, Jump, JumpUnlessFormula, Store>;

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
