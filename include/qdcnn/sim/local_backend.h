#pragma once

#include <memory>
#include <optional>
#include <string>

#include "qdcnn/backend/backend.h"
#include "qdcnn/sim/simulator.h"

namespace qdcnn::sim {

/// The noiseless local backend, named "local".
///
/// Sampler: without shots the exact distribution of each row, with shots seeded samples of it (row r of PUB p
/// draws from its own stream, so results do not depend on the thread count). Estimator: without shots exact
/// values; with shots, observables that commute qubit by qubit share one set of that many shots, and
/// deviations hold the standard error of the mean. Differentiable: exact values and adjoint gradients,
/// through measurements, resets and branches too, which become qubits of their own (up to 63 qubits in all,
/// and memory bounds them earlier). Error(unsupported): a Prepare inside a branch or on a qubit in use.
/// The simulator's own arithmetic rounds alike on all x86-64 processors; the C library's sines and cosines
/// need not, so values from different machines may differ in the last bits.
std::unique_ptr<backend::Backend> make_local_backend();

/// The same interface on another simulator. With a noisy one expectation values are those of infinitely many
/// shots: basis rotations (in the target's native gates where there is one) and measurements are appended, so
/// read-out errors count; there is no Differentiable then (null). With a target, circuits must not be wider
/// than it.
std::unique_ptr<backend::Backend> make_local_backend(std::shared_ptr<const Simulator> simulator,
                                                     std::string name,
                                                     std::optional<target::Target> target = {});

}  // namespace qdcnn::sim
