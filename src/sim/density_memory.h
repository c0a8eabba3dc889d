#pragma once

#include <cstdint>

namespace qdcnn::sim {

/// Throws Error(out_of_memory), saying how much is missing, unless that many states of n qubits fit, with
/// more_each bytes beside each.
void require_density_matrices(std::uint32_t qubits, double copies, double more_each = 0);

}  // namespace qdcnn::sim
