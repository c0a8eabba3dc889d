#pragma once

#include <cstdint>
#include <span>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::sim {

/// DensityMatrix::prepare on bare coefficients, double or float. amplitudes: 2^qubits.size(), of any norm but
/// 0.
template <typename Real>
void prepare_coefficients(std::span<Real> r, std::uint32_t num_qubits, std::span<const circuit::Qubit> qubits,
                          std::span<const double> amplitudes);

}  // namespace qdcnn::sim
