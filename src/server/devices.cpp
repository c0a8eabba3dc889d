#include "devices.h"

#include <cmath>
#include <limits>

#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;

/// The best pair's error, as the devices' list shows it.
json best_pair(const target::Target& target) {
    double best = std::numeric_limits<double>::infinity();
    json entry;
    for (const auto& [key, figures] : target.gates)
        if (key.second.size() == 2 && figures.error < best) {
            best = figures.error;
            entry = {{"value", best}, {"unit", ""}, {"gate", key.first}, {"qubits", key.second}};
        }
    return entry;
}

}  // namespace

Device::Device(const std::string& name_or_path, double noise_scale) {
    const auto documents = target::target_to_ibm(target::load_target(name_or_path));
    configuration_ = documents.configuration;
    properties_ = documents.properties;
    target_ = target::target_from_ibm(configuration_, properties_);
    simulator_ = sim::make_local_backend(
        sim::make_noisy_simulator(sim::noise_model_from_target(target_, noise_scale)), target_.name, target_);
}

json Device::summary(std::int64_t queue_length) const {
    json device{{"name", target_.name},
                {"status", {{"name", "online"}, {"reason", "available"}}},
                {"is_simulator", false},
                {"qubits", target_.num_qubits},
                {"physical_qubits", target_.num_qubits},
                {"queue_length", queue_length},
                {"processor_type", {{"family", "rehearsal"}, {"revision", "1"}}}};
    if (const json best = best_pair(target_); !best.is_null())
        device["performance_metrics"] = {{"two_q_error_best", best}};
    return device;
}

}  // namespace qdcnn::server
