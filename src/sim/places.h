#pragma once

#include <cstdint>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/sim/noise_model.h"

namespace qdcnn::sim {

/// A qubit that nothing acts on has no place in a state: it is |0>.
constexpr circuit::Qubit kIdle = ~circuit::Qubit{0};

/// Where a state keeps the qubits of a circuit.
struct Places {
    /// By qubit; kIdle for those without a place.
    std::vector<circuit::Qubit> of_qubit;
    std::uint32_t count = 0;

    /// Every qubit at its own number.
    static Places all(std::uint32_t num_qubits);
    /// Places for the qubits that something acts on; an ideal measurement at the end (is_final) is no action.
    /// The lowest places, where sweeps are slowest, go to the qubits that pair least.
    static Places compact(const circuit::Circuit& circuit, const NoiseModel& noise,
                          const std::vector<bool>& is_final);
};

}  // namespace qdcnn::sim
