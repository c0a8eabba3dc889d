#pragma once

#include <memory>

#include "qdcnn/backend/backend.h"

namespace qdcnn::run {

/// Answers estimator PUBs by sampling, and passes sampler PUBs on: for devices whose raw shots one wants to
/// keep, and whose own estimator costs or mitigates otherwise. Observables that commute qubit by qubit share
/// one measurement; the rotations into its basis (in the target's native gates) and measurements of just the
/// qubits asked for, into a register of their own, are appended, parameters stay symbolic. A deviation is the
/// standard error of the mean over the shots; from exact distributions values are exact and deviations 0.
/// Owns `device`, whose name, target and limits it has.
std::unique_ptr<backend::Backend> make_sampling_backend(std::unique_ptr<backend::Backend> device);

}  // namespace qdcnn::run
