#pragma once

#include <vector>

#include "one_qubit_run.h"
#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

/// Canonical form on physical qubits to native two-qubit gates with any one-qubit gates between. Each pair
/// gets the gates, and the direction, of least error there; an rzz with a swap right behind it on its pair is
/// made as one. consolidate: so is every run of bound gates on one pair where that costs less than its gates
/// one by one. Throws Error(unsupported) when the device has no entangling gate there that this room knows a
/// way to.
std::vector<Operation> with_native_pairs(std::vector<Operation> operations, const target::Target& target,
                                         bool consolidate = true);

/// Any one-qubit gates to native ones. Runs are merged by Euler decomposition; z rotations are carried along
/// as a frame and come out as native z rotations, as phases of the native pulses, or, where the device has
/// neither left to use, as two pulses. Symbolic angles stay symbolic. Throws Error(unsupported) when the
/// native one-qubit gates do not suffice.
std::vector<Operation> with_native_one_qubit_gates(std::vector<Operation> operations,
                                                   const target::Target& target);

/// Whether an angle is one of those the range allows; a symbolic one only where all are.
bool is_in_range(const target::AngleRange& range, const Angle& angle);

}  // namespace qdcnn::transpile
