#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "qdcnn/base/json.h"
#include "qdcnn/target/devices.h"

// Field names and units: IBM Quantum REST API, GET /backends/{name}/configuration and /properties.

namespace qdcnn::target {
namespace {

using nlohmann::json;
using Pairs = std::set<std::pair<Qubit, Qubit>>;

constexpr double kNano = 1e-9;
constexpr double kMicro = 1e-6;
constexpr const char* kVersion = "1.0.0";

std::string date_of(const Target& target) {
    return target.date.empty() ? "1970-01-01T00:00:00+00:00" : target.date;
}

/// Pairs on which the gate acts, in the directions it has.
Pairs pairs_of(const Target& target, const NativeGate& native) {
    Pairs pairs;
    const bool is_symmetric = circuit::gate_row(native.gate).is_symmetric;
    for (const auto& [a, b] : target.edges) {
        pairs.insert({a, b});
        if (is_symmetric) pairs.insert({b, a});
    }
    if (target.all_to_all)
        for (Qubit a = 0; a < target.num_qubits; ++a)
            for (Qubit b = 0; b < target.num_qubits; ++b)
                if (a != b) pairs.insert({a, b});
    return pairs;
}

/// On which qubits the gate acts, each as a list.
std::vector<std::vector<Qubit>> places_of(const Target& target, const NativeGate& native) {
    std::vector<std::vector<Qubit>> places;
    if (circuit::gate_row(native.gate).qubits == 1)
        for (Qubit qubit = 0; qubit < target.num_qubits; ++qubit) places.push_back({qubit});
    else
        for (const auto& [a, b] : pairs_of(target, native)) places.push_back({a, b});
    return places;
}

json configuration_of(const Target& target) {
    json names = json::array(), gates = json::array(), supported = json::array();
    Pairs coupling;
    for (const NativeGate& native : target.native_gates) {
        const auto& row = circuit::gate_row(native.gate);
        names.push_back(native.name);
        supported.push_back(native.name);
        json parameters = json::array();
        for (int k = 0; k < row.parameters; ++k) parameters.push_back(fmt::format("p{}", k));
        gates.push_back({{"name", native.name},
                         {"parameters", parameters},
                         {"qasm_def", fmt::format("gate {} q {{ }}", native.name)},
                         {"coupling_map", places_of(target, native)}});
        if (row.qubits == 2) coupling.merge(pairs_of(target, native));
    }
    supported.push_back("measure");
    supported.push_back("delay");
    if (target.has_reset) supported.push_back("reset");
    if (target.has_feed_forward) supported.push_back("if_else");
    json document{
        {"backend_name", target.name},
        {"backend_version", kVersion},
        {"n_qubits", target.num_qubits},
        {"basis_gates", names},
        {"gates", gates},
        {"local", false},
        {"simulator", false},
        {"conditional", false},
        {"open_pulse", false},
        {"memory", true},
        {"max_shots", 100000},
        {"max_experiments", 300},
        {"coupling_map", target.all_to_all ? json() : json(coupling)},
        {"supported_instructions", supported},
        {"supported_features", {"qasm3"}},
        {"rep_delay_range", {0.0, 500.0}},
        {"default_rep_delay", 250.0},
        {"n_registers", 1},
        {"online_date", date_of(target)},
        {"description", target.source},
        {"timing_constraints",
         {{"acquire_alignment", 1}, {"granularity", 1}, {"min_length", 1}, {"pulse_alignment", 1}}}};
    if (!std::isnan(target.dt)) document["dt"] = document["dtm"] = target.dt / kNano;
    return document;
}

class PropertiesWriter {
  public:
    explicit PropertiesWriter(const Target& target) : target_(target) {}

    json document() const {
        json qubits = json::array(), gates = json::array();
        for (Qubit qubit = 0; qubit < target_.num_qubits; ++qubit) qubits.push_back(figures_of(qubit));
        for (const NativeGate& native : target_.native_gates)
            for (const auto& place : places_of(target_, native))
                gates.push_back(gate(native.name, place, circuit::gate_row(native.gate).qubits));
        if (target_.has_reset)
            for (Qubit qubit = 0; qubit < target_.num_qubits; ++qubit) {
                const GateProperties figures = target_.properties_of("reset", {qubit});
                if (!std::isnan(figures.error) || !std::isnan(figures.duration))
                    gates.push_back(gate("reset", {qubit}, 1));
            }
        return {{"backend_name", target_.name},
                {"backend_version", kVersion},
                {"last_update_date", date_of(target_)},
                {"qubits", qubits},
                {"gates", gates},
                {"general", json::array()}};
    }

  private:
    /// What is not known is left out.
    void add(json& list, const char* name, double value, const char* unit) const {
        if (!std::isnan(value))
            list.push_back({{"date", date_of(target_)}, {"name", name}, {"unit", unit}, {"value", value}});
    }

    json figures_of(Qubit qubit) const {
        json list = json::array();
        const QubitProperties figures = target_.qubits.empty() ? QubitProperties() : target_.qubits[qubit];
        const GateProperties measure = target_.properties_of("measure", {qubit});
        add(list, "T1", figures.t1 / kMicro, "us");
        add(list, "T2", figures.t2 / kMicro, "us");
        add(list, "readout_error", std::isnan(figures.readout_error) ? measure.error : figures.readout_error,
            "");
        add(list, "prob_meas0_prep1", figures.prob_meas0_prep1, "");
        add(list, "prob_meas1_prep0", figures.prob_meas1_prep0, "");
        add(list, "readout_length",
            (std::isnan(figures.readout_duration) ? measure.duration : figures.readout_duration) / kNano,
            "ns");
        if (!figures.is_operational) add(list, "operational", 0, "");
        return list;
    }

    json gate(const std::string& name, const std::vector<Qubit>& on, int qubits) const {
        GateProperties figures = target_.properties_of(name, on);
        const bool is_broken = figures.error == 1.0;
        const double dimension = qubits == 1 ? 2 : 4;
        // average infidelity = lambda (d - 1) / d
        if (target_.error_kind == ErrorKindOfTarget::depolarizing_parameter && !is_broken)
            figures.error *= (dimension - 1) / dimension;
        json list = json::array();
        add(list, "gate_error", figures.error, "");
        add(list, "gate_length", figures.duration / kNano, "ns");
        if (is_broken) add(list, "operational", 0, "");
        return {{"gate", name},
                {"name", fmt::format("{}{}", name, fmt::join(on, "_"))},
                {"qubits", on},
                {"parameters", list}};
    }

    const Target& target_;
};

}  // namespace

IbmDocuments target_to_ibm(const Target& target) {
    return {to_text(configuration_of(target)), to_text(PropertiesWriter(target).document())};
}

}  // namespace qdcnn::target
