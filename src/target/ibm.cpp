#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "reading.h"

// Field names and units: IBM Quantum REST API, GET /backends/{name}/configuration and /properties.

namespace qdcnn::target {
namespace {

constexpr double kNano = 1e-9;
constexpr double kMicro = 1e-6;

/// Seconds of a figure with its own unit.
double in_seconds(const JsonView& figure) {
    const std::string unit = figure.text_or("unit", "");
    const double value = figure.at("value").number();
    if (unit == "ns") return value * kNano;
    if (unit == "us" || unit == "µs") return value * kMicro;
    if (unit == "ms") return value * 1e-3;
    if (unit == "s") return value;
    figure.fail(fmt::format("\"{}\" is no unit of time known here (ns, us, ms, s)", unit));
}

void read_qubit(const JsonView& figures, QubitProperties& qubit) {
    for (const JsonView& figure : figures.elements()) {
        const std::string name = figure.at("name").text();
        if (figure.at("value").value().is_null()) continue;
        if (name == "T1") qubit.t1 = in_seconds(figure);
        if (name == "T2") qubit.t2 = in_seconds(figure);
        if (name == "readout_length") qubit.readout_duration = in_seconds(figure);
        if (name == "readout_error") qubit.readout_error = figure.at("value").number();
        if (name == "prob_meas0_prep1") qubit.prob_meas0_prep1 = figure.at("value").number();
        if (name == "prob_meas1_prep0") qubit.prob_meas1_prep0 = figure.at("value").number();
        if (name == "operational") qubit.is_operational = figure.at("value").number() != 0;
    }
}

GateProperties read_gate(const JsonView& parameters) {
    GateProperties figures;
    bool is_operational = true;
    for (const JsonView& figure : parameters.elements()) {
        const std::string name = figure.at("name").text();
        if (figure.at("value").value().is_null()) continue;
        if (name == "gate_error") figures.error = figure.at("value").number();
        if (name == "gate_length") figures.duration = in_seconds(figure);
        if (name == "operational") is_operational = figure.at("value").number() != 0;
    }
    if (!is_operational) figures.error = 1.0;
    return figures;
}

NativeGate native_gate(const JsonView& name) {
    NativeGate native;
    native.name = name.text();
    const auto& row = gate_row_of(name);
    native.gate = row.id;
    native.ranges.resize(static_cast<std::size_t>(row.parameters));
    native.is_virtual = row.id == GateId::rz;
    // The fractional rzz takes no other angle (docs.quantum.ibm.com, "Fractional gates").
    if (row.id == GateId::rzz) native.ranges[0] = {0.0, std::numbers::pi / 2, {}};
    return native;
}

void read_configuration(const JsonView& root, Target& target) {
    target.name = root.at("backend_name").text();
    target.vendor = "IBM";
    const std::int64_t qubits = root.at("n_qubits").integer();
    if (qubits < 1 || qubits > 100000)
        root.at("n_qubits").fail(fmt::format("{} is no number of qubits", qubits));
    target.num_qubits = static_cast<std::uint32_t>(qubits);
    if (root.has("dt") && !root.at("dt").value().is_null()) target.dt = root.at("dt").number() * kNano;
    for (const JsonView& name : root.at("basis_gates").elements())
        target.native_gates.push_back(native_gate(name));
    if (root.has("coupling_map") && !root.at("coupling_map").value().is_null())
        for (const JsonView& edge : root.at("coupling_map").elements())
            target.edges.push_back(read_edge(edge, target.num_qubits));
    else
        target.all_to_all = true;
    target.has_mid_circuit_measurement = true;
    if (!root.has("supported_instructions")) return;
    const auto supported = root.at("supported_instructions").texts();
    auto supports = [&](const char* name) {
        return std::find(supported.begin(), supported.end(), name) != supported.end();
    };
    target.has_feed_forward = supports("if_else");
    target.has_reset = supports("reset");
}

void read_properties(const JsonView& root, Target& target) {
    target.date = root.text_or("last_update_date", "");
    target.source =
        fmt::format("IBM backend properties of {}, version {}", root.text_or("backend_name", target.name),
                    root.text_or("backend_version", "unknown"));
    const JsonView qubits = root.at("qubits");
    if (qubits.size() != target.num_qubits)
        qubits.fail(fmt::format("expected {} qubits as in the configuration, found {}", target.num_qubits,
                                qubits.size()));
    target.qubits.resize(target.num_qubits);
    for (std::size_t q = 0; q < qubits.size(); ++q) read_qubit(qubits.at(q), target.qubits[q]);
    for (const JsonView& gate : root.at("gates").elements()) {
        const std::string name = gate.at("gate").text();
        const bool is_native = std::any_of(target.native_gates.begin(), target.native_gates.end(),
                                           [&](const NativeGate& native) { return native.name == name; });
        if (!is_native && name != "reset") continue;
        std::vector<Qubit> on;
        for (const JsonView& qubit : gate.at("qubits").elements()) {
            const std::int64_t index = qubit.integer();
            if (index < 0 || index >= target.num_qubits)
                qubit.fail(fmt::format("qubit {} is outside the device of {}", index, target.num_qubits));
            on.push_back(static_cast<Qubit>(index));
        }
        target.gates[{name, on}] = read_gate(gate.at("parameters"));
    }
}

}  // namespace

Target target_from_ibm(const std::string& configuration_json, const std::string& properties_json) {
    Target target;
    const nlohmann::json configuration = parse_json(configuration_json, "configuration.json");
    read_configuration(JsonView(configuration, "configuration"), target);
    const nlohmann::json properties = parse_json(properties_json, "properties.json");
    read_properties(JsonView(properties, "properties"), target);
    finish_target(target);
    return target;
}

}  // namespace qdcnn::target
