#pragma once

#include <cstdint>

#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

/// Bytes of one state of n qubits.
double density_bytes(std::uint32_t qubits, Precision precision);

/// Throws Error(out_of_memory), saying how much is missing, unless that many states of n qubits fit into what
/// is free, with more_each bytes beside each.
void require_density_matrices(std::uint32_t qubits, Precision precision, double copies, double more_each = 0);

/// The same against a limit instead, where that is above 0; the copies are then all there are.
void require_within_limit(std::uint32_t qubits, Precision precision, double copies, double limit);

}  // namespace qdcnn::sim
