#pragma once

#include <span>
#include <vector>

#include "qdcnn/circuit/gates.h"

namespace qdcnn::sim {

/// A channel as p times the identity and a rest: rho -> p rho + sum K rho K^dagger. p is the largest for
/// which the rest is completely positive, 1 / <I|C^+|I> with C the Choi matrix and |I> that of the identity
/// (0 where the Kraus operators do not span it). Source: the largest p with C - p |I><I| >= 0, by the Schur
/// complement.
struct ChannelParts {
    double identity = 0;
    /// sum K^dagger K = 1 - identity.
    std::vector<circuit::Matrix> rest;
    /// Where every K is a unitary times a number: its square. Empty otherwise.
    std::vector<double> weights;
};

/// map: 4 x 4 or 16 x 16 on Pauli coefficients (see pauli_map.h).
ChannelParts parts_of(std::span<const double> map);

}  // namespace qdcnn::sim
