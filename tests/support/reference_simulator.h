#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"

namespace qdcnn::test {

/// A channel as Kraus operators on qubits; bit i of a matrix index is qubits[i].
struct KrausOnQubits {
    std::vector<circuit::Qubit> qubits;
    std::vector<circuit::Matrix> operators;
};

/// What the reference simulator does beside the circuit. Empty functions do nothing.
struct ReferenceNoise {
    /// Channels after every operation, those inside branches included (a branch itself is not asked for).
    std::function<std::vector<KrausOnQubits>(const circuit::Operation&)> after_operation = {};
    /// Channels after the top-level operation of that index.
    std::function<std::vector<KrausOnQubits>(std::size_t)> after_step = {};
    /// Empty, or for each qubit P(reads 1 | 0), P(reads 0 | 1). Feed-forward sees what was read.
    std::vector<std::pair<double, double>> readout = {};
};

/// One density matrix, not normalised, for each value of the classical bits (bit i of the key is classical
/// bit i).
struct ReferenceState {
    std::uint32_t num_qubits = 0;
    std::map<std::uint64_t, circuit::Matrix> branches;

    circuit::Matrix density_matrix() const;
    /// Probabilities of the classical bits, without those below 1e-300.
    std::map<std::uint64_t, double> records() const;
    double expectation(const circuit::Observable& observable) const;
};

/// The slow plain twin of the simulators: every operation is a whole 2^n x 2^n matrix. For a few qubits, at
/// most 64 classical bits.
ReferenceState reference_run(const circuit::Circuit& bound, const ReferenceNoise& noise = {});

/// The 2^n x 2^n matrix of `matrix` on `qubits`.
circuit::Matrix whole_matrix(const circuit::Matrix& matrix, const std::vector<circuit::Qubit>& qubits,
                             std::uint32_t num_qubits);

/// The 2^n x 2^n matrix of an observable.
circuit::Matrix whole_matrix(const circuit::Observable& observable, std::uint32_t num_qubits);

}  // namespace qdcnn::test
