#pragma once

#include <string>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::test {

/// A noise operation of the form "sim-circuit/1".
struct WorkloadNoise {
    enum class Kind { depolarizing, relaxation };
    Kind kind;
    /// Acts after this many of the circuit's top-level operations; several at one position in the order of
    /// the list.
    std::size_t position = 0;
    std::vector<circuit::Qubit> qubits;
    /// Depolarizing: rho -> (1 - p) rho + p Tr_qubits(rho) x I / 2^k.
    double probability = 0;
    /// Relaxation for `time`: amplitude damping exp(-time / t1), coherences exp(-time / t2).
    double t1 = 0, t2 = 0, time = 0;

    /// Bit i of an index is qubits[i].
    std::vector<circuit::Matrix> kraus() const;
};

struct SimWorkload {
    std::string name;
    /// Gates, measurements, resets and branches; the classical register is "c".
    circuit::Circuit circuit;
    std::vector<WorkloadNoise> noise;
    /// Empty, or for each qubit P(reads 1 | 0), P(reads 0 | 1).
    std::vector<std::pair<double, double>> readout;
};

/// Reads a file of the form "sim-circuit/1": n, cbits, readout and ops in order. Throws Error.
SimWorkload read_sim_workload(const std::string& path);

}  // namespace qdcnn::test
