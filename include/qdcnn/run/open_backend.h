#pragma once

#include <memory>
#include <string>

#include "qdcnn/backend/backend.h"
#include "qdcnn/run/remote_device.h"
#include "qdcnn/run/transpiling_backend.h"

namespace qdcnn::run {

/// Who turns shots into expectation values.
enum class Primitive : std::uint8_t {
    sampler,   ///< we do, from the shots of every basis; they are kept, and what it costs is known before
    estimator  ///< the vendor does, with what it offers against errors
};

/// Throws Error(usage) with "did you mean".
Primitive primitive_of(const std::string& name);

struct OpenOptions {
    /// Multiplies the strength of a device's noise (sim::noise_model_from_target). Local devices only.
    double noise_scale = 1.0;
    TranspileChoice transpile = {};
    /// The rest: vendors' devices only.
    RemoteOptions remote = {};
    Primitive primitive = Primitive::sampler;
};

/// The backend of that name:
///     local              the noiseless simulator, exact unless shots are asked for
///     local:DEVICE       the same with the noise of a bundled device, circuits transpiled to it first
///     local:FILE         likewise for a device file (target::read_target)
///     VENDOR:DEVICE      a vendor's machine, circuits transpiled to it first, jobs under the journal
///     VENDOR:least_busy  the one online with the shortest queue
///     rehearsal[:DEVICE] VENDOR:DEVICE where options.remote.place opens the vendor "rehearsal" (the room
///                        server does: server/rehearsal_service.h); ibm_torino when no device is named
/// Throws Error(not_found) for an unknown one, with "did you mean"; what RemoteDevice throws.
std::unique_ptr<backend::Backend> open_backend(const std::string& name, const OpenOptions& options);
std::unique_ptr<backend::Backend> open_backend(const std::string& name);

/// Whether the name is that of a machine away from here, or of the rehearsal. Throws Error(not_found) for a
/// name that is neither that nor local, with "did you mean".
bool is_remote(const std::string& name);

/// "rehearsal" with its default device; other names as they are.
std::string full_name(const std::string& name);

/// Any circuit and any observable onto an open device.
std::unique_ptr<backend::Backend> make_device_backend(std::shared_ptr<RemoteDevice> device,
                                                      const TranspileChoice& transpile, Primitive primitive);

/// The device's local twin: the same transpiled PUBs, split alike and with the same seeds, on the noisy
/// simulator of the device's calibration (is_noisy; else on the noiseless one). What the device would cost
/// for them is added to `quote`, which outlives it.
std::unique_ptr<backend::Backend> make_twin_backend(std::shared_ptr<RemoteDevice> device,
                                                    const TranspileChoice& transpile, Primitive primitive,
                                                    bool is_noisy, Quote& quote);

}  // namespace qdcnn::run
