#pragma once

#include <optional>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

/// When the operations of a circuit on physical qubits run, each as soon as its qubits and the bits it reads
/// are there, by the target's figures. Figures it does not know count as no time; a branch takes its longer
/// arm, a loop one turn.
struct Timing {
    /// Seconds from the start to the end of the last operation.
    double duration = 0;
    /// Sum over the qubits of their waiting times between their first and last operations, in units of their
    /// decoherence times: t / T1 + t / T2, halved (half, for about half of what decays is seen as an error).
    double idle_cost = 0;
};

/// Nothing when the target has no duration for any of the operations.
std::optional<Timing> timing_of(const circuit::Circuit& circuit, const target::Target& target);

}  // namespace qdcnn::transpile
