#include "qdcnn/run/open_backend.h"

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/run/remote_backend.h"
#include "qdcnn/run/sampling_backend.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/sim/statevector.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/vendors/registry.h"

namespace qdcnn::run {
namespace {

const std::string kLocal = "local";
const std::string kLocalPrefix = "local:";
const std::string kRehearsal = "rehearsal";
const std::string kRehearsalPrefix = "rehearsal:";
constexpr const char* kRehearsalDevice = "ibm_torino";

std::unique_ptr<backend::Backend> onto(std::unique_ptr<backend::Backend> device,
                                       const TranspileChoice& transpile, Primitive primitive) {
    std::string name = device->name();
    if (primitive == Primitive::sampler) device = make_sampling_backend(std::move(device));
    return make_transpiling_backend(std::move(device), std::move(name), transpile);
}

std::unique_ptr<backend::Backend> open_local_device(const std::string& name, const OpenOptions& options) {
    const target::Target target = target::load_target(name.substr(kLocalPrefix.size()));
    auto simulator = sim::make_noisy_simulator(sim::noise_model_from_target(target, options.noise_scale));
    return make_transpiling_backend(sim::make_local_backend(std::move(simulator), name, target), name,
                                    options.transpile);
}

}  // namespace

Primitive primitive_of(const std::string& name) {
    if (name == "sampler") return Primitive::sampler;
    if (name == "estimator") return Primitive::estimator;
    throw Error(ErrorKind::usage, "unknown primitive \"" + name + "\"",
                suggestion(name, {"sampler", "estimator"}));
}

bool is_remote(const std::string& name) {
    if (name == kLocal || name.starts_with(kLocalPrefix)) return false;
    if (name == kRehearsal || name.starts_with(kRehearsalPrefix)) return true;
    std::vector<std::string> known{kLocal, kRehearsal};
    const std::size_t colon = name.find(':');
    for (const vendors::VendorRow& row : vendors::vendor_rows()) {
        if (colon != std::string::npos && name.substr(0, colon) == row.name) return true;
        known.push_back(std::string(row.name) +
                        (colon == std::string::npos ? ":least_busy" : name.substr(colon)));
    }
    for (const std::string& device : target::bundled_devices()) known.push_back(kLocalPrefix + device);
    throw Error(ErrorKind::not_found, "unknown backend \"" + name + "\"", suggestion(name, known));
}

std::string full_name(const std::string& name) {
    return name == kRehearsal ? kRehearsalPrefix + kRehearsalDevice : name;
}

std::unique_ptr<backend::Backend> open_backend(const std::string& name, const OpenOptions& options) {
    if (name == kLocal) return sim::make_local_backend();
    if (name.starts_with(kLocalPrefix)) return open_local_device(name, options);
    // An opener of the caller's may know vendors that no table does.
    if (!options.remote.place.open_service) is_remote(name);
    RemoteOptions remote = options.remote;
    remote.may_be_dynamic = remote.may_be_dynamic && options.primitive == Primitive::sampler;
    return make_device_backend(std::make_shared<RemoteDevice>(full_name(name), remote), options.transpile,
                               options.primitive);
}

std::unique_ptr<backend::Backend> open_backend(const std::string& name) {
    return open_backend(name, OpenOptions{});
}

std::unique_ptr<backend::Backend> make_device_backend(std::shared_ptr<RemoteDevice> device,
                                                      const TranspileChoice& transpile, Primitive primitive) {
    return onto(make_remote_backend(std::move(device)), transpile, primitive);
}

std::unique_ptr<backend::Backend> make_twin_backend(std::shared_ptr<RemoteDevice> device,
                                                    const TranspileChoice& transpile, Primitive primitive,
                                                    bool is_noisy, Quote& quote) {
    const target::Target& target = device->target();
    auto simulator = is_noisy ? sim::make_noisy_simulator(sim::noise_model_from_target(target))
                              : sim::make_statevector_simulator();
    auto local = sim::make_local_backend(std::move(simulator), kLocalPrefix + device->device(), target);
    return onto(make_quoting_backend(std::move(device), std::move(local), quote), transpile, primitive);
}

}  // namespace qdcnn::run
