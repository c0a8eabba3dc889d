#pragma once

#include <memory>
#include <string>

#include "qdcnn/backend/backend.h"
#include "qdcnn/run/transpiling_backend.h"

namespace qdcnn::run {

struct OpenOptions {
    /// Multiplies the strength of a device's noise (sim::noise_model_from_target).
    double noise_scale = 1.0;
    TranspileChoice transpile = {};
};

/// The backend of that name:
///     local              the noiseless simulator, exact unless shots are asked for
///     local:DEVICE       the same with the noise of a bundled device, circuits transpiled to it first
///     local:FILE         likewise for a device file (target::read_target)
/// Throws Error(not_found) for an unknown one, with "did you mean".
std::unique_ptr<backend::Backend> open_backend(const std::string& name, const OpenOptions& options = {});

}  // namespace qdcnn::run
