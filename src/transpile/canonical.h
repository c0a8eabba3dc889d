#pragma once

#include <vector>

#include "one_qubit_run.h"

namespace qdcnn::transpile {

// The form the passes between reading and native gates work on: one-qubit gates of any kind, rzz, swap,
// iswap. Every other two-qubit gate of the table is one rzz between one-qubit gates, so an edge's own gate is
// chosen late and gates of different names on one pair merge.

/// The gate in canonical form, up to a global phase, appended in order of time.
void append_canonical(const Gate& gate, std::vector<Operation>& out);

/// Whether an rzz of this angle is maximally entangling: pi/2 or -pi/2. No symbolic angle is.
bool is_quarter(const Angle& angle);

/// All operations, bodies of branches too. Prepare must be lowered before.
std::vector<Operation> canonical(std::vector<Operation> operations);

/// Merges one-qubit gates, adds the angles of rzz on one pair that only commuting gates separate (z
/// rotations, bit flips, other rzz), joins two rzz of which only one qubit sees something else between,
/// brings an rzz to the swap behind it on its pair, and drops those that come to nothing, until nothing
/// changes. Takes and gives canonical form.
std::vector<Operation> with_interactions_merged(std::vector<Operation> operations, std::uint32_t num_qubits);

/// Without gates that no outcome depends on: diagonal ones whose qubits are all measured or reset next, and
/// any whose qubits are all reset next. only_records: nothing but the classical bits counts, so the end of
/// the circuit is as a reset of every qubit.
std::vector<Operation> without_unseen_gates(std::vector<Operation> operations, std::uint32_t num_qubits,
                                            bool only_records);

/// A swap that follows an rzz on its pair, one-qubit gates between, moved to stand right behind it, so that
/// both are translated as one (2 or 3 entangling gates in place of 4 or 5).
std::vector<Operation> with_swaps_joined(std::vector<Operation> operations, std::uint32_t num_qubits);

}  // namespace qdcnn::transpile
