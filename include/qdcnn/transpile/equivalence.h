#pragma once

#include <cstdint>
#include <span>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/transpile/pass_manager.h"

namespace qdcnn::transpile {

struct Equivalence {
    /// distance below 1e-7.
    bool equal = false;
    /// Largest difference over all inputs; at least 1 when the classical records do not fit.
    double distance = 0;
};

/// Whether a transpiled circuit does what the original does, up to layout and global phase.
/// Random product states on the virtual qubits are run through both, all other physical qubits start and have
/// to end in |0>; parameter values[k] is bound to parameter k of both. A circuit with Prepare starts in
/// |0..0>.
///
/// Without branches, resets or measurements in the middle, the final states are compared as vectors (distance
/// |a - e^(i phase) b|, a phase for each outcome of the measured qubits) and every classical bit has to come
/// from the same virtual qubit. A dynamic circuit is followed along every outcome; for each classical record
/// the unnormalised mixture that is left is compared through its overlaps with random states (times the
/// dimension, so that the figure does not shrink with width).
///
/// inputs: how many random states. Cost: 2^(touched physical qubits), and one state for each live record.
/// Throws Error(out_of_memory) when that does not fit, Error(invalid_input) for a wrong number of values.
Equivalence check_equivalence(const circuit::Circuit& original, const Result& result,
                              std::span<const double> values, std::uint64_t seed = 1, int inputs = 3);

}  // namespace qdcnn::transpile
