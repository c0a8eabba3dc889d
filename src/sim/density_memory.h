#pragma once

#include <cstdint>

namespace qdcnn::sim {

/// Throws Error(out_of_memory), saying how much is missing, unless that many states of n qubits fit.
void require_density_matrices(std::uint32_t qubits, double copies);

}  // namespace qdcnn::sim
