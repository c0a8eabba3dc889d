#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "vendors/ibm/devices.h"

// GET /backends/{name}/configuration and /properties; dt and gate times in ns, delays in us.

namespace qdcnn::vendors::ibm {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kMicro = 1e-6;

// quantum.cloud.ibm.com/docs/guides/job-limits, where the configuration does not say; a job may execute ten
// million circuits and weigh 50 MB.
constexpr std::uint64_t kMaxShots = 100'000;
constexpr std::uint64_t kMaxPubs = 300;
constexpr std::uint64_t kMaxExecutions = 10'000'000;
constexpr std::uint64_t kMaxBytes = 50'000'000;
constexpr int kSubmitsPerMinute = 5;

/// Gates with an angle, but for those that every device does as a frame.
bool is_fractional(const std::string& name) {
    const circuit::GateRow* row = circuit::find_gate(name);
    return row && row->parameters > 0 && row->id != circuit::GateId::rz && row->id != circuit::GateId::p;
}

bool has(const JsonView& names, const char* wanted) {
    for (const std::string& name : names.texts())
        if (name == wanted) return true;
    return false;
}

/// Only gates known here: what a circuit cannot contain need not be native. `measure` and the like stand
/// among them on some devices.
nlohmann::json native_names(const JsonView& basis, bool has_fractional_gates) {
    nlohmann::json kept = nlohmann::json::array();
    for (const std::string& name : basis.texts())
        if (circuit::find_gate(name) && (has_fractional_gates || !is_fractional(name))) kept.push_back(name);
    return kept;
}

/// What the reader of targets wants of a device that has no calibration.
nlohmann::json empty_properties(std::int64_t qubits) {
    nlohmann::json lists = nlohmann::json::array();
    for (std::int64_t q = 0; q < qubits; ++q) lists.push_back(nlohmann::json::array());
    return {{"qubits", lists}, {"gates", nlohmann::json::array()}};
}

/// A gate with a coupling map of its own is out of order where that has a gap.
void close_gaps(const JsonView& gate, target::Target& target) {
    const circuit::GateRow* row = circuit::find_gate(gate.at("name").text());
    if (!row || !gate.has("coupling_map") || !gate.at("coupling_map").value().is_array()) return;
    const target::NativeGate* native = target.find_native(row->id);
    if (!native) return;
    std::set<std::vector<circuit::Qubit>> places;
    for (const JsonView& place : gate.at("coupling_map").elements()) {
        std::vector<circuit::Qubit> qubits;
        for (const JsonView& qubit : place.elements())
            qubits.push_back(static_cast<circuit::Qubit>(qubit.integer()));
        if (row->is_symmetric) std::sort(qubits.begin(), qubits.end());
        places.insert(std::move(qubits));
    }
    const auto close = [&](std::vector<circuit::Qubit> place) {
        std::vector<circuit::Qubit> sorted = place;
        if (row->is_symmetric) std::sort(sorted.begin(), sorted.end());
        if (!places.contains(sorted)) target.gates[{native->name, std::move(place)}].error = 1.0;
    };
    if (row->qubits == 2)
        for (const auto& [a, b] : target.edges) close({a, b});
    if (row->qubits == 1)
        for (circuit::Qubit q = 0; q < target.num_qubits; ++q) close({q});
}

std::uint64_t count_or(const JsonView& object, const char* key, std::uint64_t otherwise) {
    if (!object.has(key) || !object.at(key).value().is_number_integer()) return otherwise;
    const std::int64_t count = object.at(key).integer();
    return count > 0 ? static_cast<std::uint64_t>(count) : otherwise;
}

void read_delays(const JsonView& root, DeviceFacts& facts) {
    facts.default_rep_delay = root.number_if("default_rep_delay").value_or(kUnknown) * kMicro;
    if (!root.has("rep_delay_range") || !root.at("rep_delay_range").value().is_array()) return;
    const std::vector<double> range = root.at("rep_delay_range").numbers();
    if (range.size() == 2) facts.rep_delay_range = {range[0] * kMicro, range[1] * kMicro};
}

}  // namespace

DeviceFacts read_facts(const DeviceDocuments& documents, const std::string& device,
                       bool has_fractional_gates) {
    nlohmann::json configuration = parse_json(documents.configuration, "configuration");
    const JsonView root(configuration, "configuration");
    const JsonView basis = root.at("basis_gates");
    if (has_fractional_gates && !has(basis, "rx") && !has(basis, "rzz"))
        throw Error(ErrorKind::unsupported, fmt::format("{} has no fractional gates (rx, rzz)", device),
                    "Leave fractional gates out, or choose another device.");
    configuration["basis_gates"] = native_names(basis, has_fractional_gates);
    // A mock is described as the device it stands for.
    configuration["backend_name"] = device;
    nlohmann::json properties = parse_json(documents.properties, "properties");
    if (properties.empty()) properties = empty_properties(root.at("n_qubits").integer());

    DeviceFacts facts;
    facts.target = target::target_from_ibm(to_text(configuration), to_text(properties));
    if (root.has("gates"))
        for (const JsonView& gate : root.at("gates").elements()) close_gaps(gate, facts.target);
    facts.is_simulator = root.boolean_or("simulator", false);
    facts.limits = {.max_pubs = count_or(root, "max_experiments", kMaxPubs),
                    .max_shots = count_or(root, "max_shots", kMaxShots),
                    .max_executions = kMaxExecutions,
                    .max_content_bytes = kMaxBytes,
                    .submits_per_minute = kSubmitsPerMinute};
    read_delays(root, facts);
    return facts;
}

DeviceSummary read_device(const JsonView& device) {
    DeviceSummary summary{.name = device.at("name").text()};
    if (device.has("qubits") && device.at("qubits").value().is_number_integer())
        summary.qubits = static_cast<std::uint32_t>(std::max<std::int64_t>(0, device.at("qubits").integer()));
    if (device.has("status") && device.at("status").value().is_object())
        summary.status = device.at("status").text_or("name", "");
    summary.is_online = summary.status == "online";
    if (device.has("queue_length") && device.at("queue_length").value().is_number_integer())
        summary.queue_length = std::max<std::int64_t>(0, device.at("queue_length").integer());
    summary.is_simulator = device.boolean_or("is_simulator", false);
    return summary;
}

bool is_mock(const JsonView& device) { return device.text_or("class", "") == "mock"; }

}  // namespace qdcnn::vendors::ibm
