#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>

#include "qdcnn/base/error.h"
#include "reading.h"

// The form "format": 1 describes ranges of angles in words. What the words mean stands here; anything else is
// refused.

namespace qdcnn::target {
namespace {

constexpr double kPi = std::numbers::pi;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "pi", "2*pi", "pi/2", "-pi", "0.25".
std::optional<double> read_value(std::string_view text) {
    text = trimmed(text);
    double factor = 1.0, divisor = 1.0;
    if (!text.empty() && text.front() == '-') {
        factor = -1.0;
        text.remove_prefix(1);
    }
    const auto pi = text.find("pi");
    try {
        std::size_t used = 0;
        if (pi == std::string_view::npos) {
            factor *= std::stod(std::string(text), &used);
            return used == text.size() ? std::optional(factor) : std::nullopt;
        }
        if (pi > 0) {
            if (text[pi - 1] != '*') return std::nullopt;
            factor *= std::stod(std::string(text.substr(0, pi - 1)), &used);
            if (used != pi - 1) return std::nullopt;
        }
        const std::string_view rest = text.substr(pi + 2);
        if (!rest.empty()) {
            if (rest.front() != '/') return std::nullopt;
            divisor = std::stod(std::string(rest.substr(1)), &used);
            if (used != rest.size() - 1) return std::nullopt;
        }
    } catch (const std::exception&) {
        return std::nullopt;
    }
    return factor * kPi / divisor;
}

/// "0 <= theta <= pi/2"
std::optional<AngleRange> read_inequality(std::string_view text) {
    const auto first = text.find("<=");
    const auto second = text.rfind("<=");
    if (first == std::string_view::npos || first == second) return std::nullopt;
    const auto low = read_value(text.substr(0, first)), high = read_value(text.substr(second + 2));
    if (!low || !high) return std::nullopt;
    return AngleRange{*low, *high, {}};
}

/// "theta: 0 to 0.25 turn"
std::optional<AngleRange> read_turns(std::string_view text) {
    const auto colon = text.find(':'), to = text.find(" to "), turn = text.rfind(" turn");
    if (colon == std::string_view::npos || to == std::string_view::npos || turn == std::string_view::npos)
        return {};
    const auto low = read_value(text.substr(colon + 1, to - colon - 1));
    const auto high = read_value(text.substr(to + 4, turn - to - 4));
    if (!low || !high) return std::nullopt;
    return AngleRange{*low * 2 * kPi, *high * 2 * kPi, {}};
}

/// "one of +-pi/2, +-pi"
std::optional<AngleRange> read_choice(std::string_view text) {
    constexpr std::string_view kStart = "one of ";
    if (!text.starts_with(kStart)) return std::nullopt;
    text.remove_prefix(kStart.size());
    AngleRange range;
    while (!text.empty()) {
        const auto comma = text.find(',');
        std::string_view item = trimmed(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
        const bool both = item.starts_with("+-");
        const auto value = read_value(both ? item.substr(2) : item);
        if (!value) return std::nullopt;
        range.allowed.push_back(*value);
        if (both) range.allowed.push_back(-*value);
    }
    return range;
}

AngleRange read_range_words(const JsonView& view) {
    const std::string words = view.text();
    const std::string_view text = trimmed(words);
    // A bare name of an angle, or a word "any" behind it, is no limit. "any, up to .. after folding" is
    // IonQ's zz, which takes either sign up to a full entangling quarter turn.
    if (text.find("after folding") != std::string_view::npos) return AngleRange{-kPi / 2, kPi / 2, {}};
    if (text == "any" || text.ends_with(" any")) return {};
    if (text == "phi" || text == "phi0" || text == "phi1" || text == "theta" || text == "lambda") return {};
    for (const auto& read : {read_inequality, read_turns, read_choice})
        if (const auto range = read(text)) return *range;
    throw Error(ErrorKind::unsupported,
                fmt::format("{}: \"{}\" is no range of angles known here", view.path(), words),
                "Known: any, \"0 <= theta <= pi/2\", \"theta: 0 to 0.25 turn\", \"one of +-pi/2, +-pi\".");
}

NativeGate read_native(const JsonView& view) {
    NativeGate native;
    native.name = view.at("name").text();
    const auto& row = gate_row_of(view.at("name"));
    native.gate = row.id;
    native.is_virtual = view.boolean_or("virtual", false);
    const JsonView params = view.at("params");
    if (params.size() != static_cast<std::size_t>(row.parameters))
        params.fail(
            fmt::format("gate {} takes {} angle(s), found {}", native.name, row.parameters, params.size()));
    for (const JsonView& words : params.elements()) native.ranges.push_back(read_range_words(words));
    return native;
}

GateProperties read_figures(const JsonView& view) {
    GateProperties figures;
    if (view.has("error")) figures.error = number_or_unknown(view.at("error"));
    if (view.has("duration_s")) figures.duration = number_or_unknown(view.at("duration_s"));
    return figures;
}

void read_qubits(const JsonView& root, Target& target) {
    if (!root.has("qubits") && !root.has("measure")) return;
    target.qubits.resize(target.num_qubits);
    if (root.has("qubits")) {
        if (root.at("qubits").size() != target.num_qubits)
            root.at("qubits").fail(
                fmt::format("expected {} entries, found {}", target.num_qubits, root.at("qubits").size()));
        for (std::size_t q = 0; q < target.num_qubits; ++q) {
            const JsonView own = root.at("qubits").at(q);
            if (own.has("t1_s")) target.qubits[q].t1 = number_or_unknown(own.at("t1_s"));
            if (own.has("t2_s")) target.qubits[q].t2 = number_or_unknown(own.at("t2_s"));
        }
    }
    if (!root.has("measure")) return;
    for (const std::string& key : root.at("measure").keys()) {
        const auto on = read_qubits_key(root.at("measure"), key, target.num_qubits);
        check_place(on, 1, "measure", root.at("measure").at(key));
        const GateProperties figures = read_figures(root.at("measure").at(key));
        target.qubits[on[0]].readout_error = figures.error;
        target.qubits[on[0]].readout_duration = figures.duration;
    }
}

void read_gates(const JsonView& root, Target& target) {
    if (root.has("gates"))
        for (const std::string& name : root.at("gates").keys()) {
            const JsonView places = root.at("gates").at(name);
            const std::size_t width = width_of(name, places, target);
            for (const std::string& key : places.keys()) {
                auto on = read_qubits_key(places, key, target.num_qubits);
                check_place(on, width, name, places.at(key));
                target.gates[{name, std::move(on)}] = read_figures(places.at(key));
            }
        }
    for (const auto& [column, member] : {std::pair("default_error", &GateProperties::error),
                                         std::pair("default_duration_s", &GateProperties::duration)}) {
        if (!root.has(column)) continue;
        for (const std::string& name : root.at(column).keys()) {
            const JsonView figure = root.at(column).at(name);
            width_of(name, figure, target);
            target.defaults[name].*member = figure.number();
        }
    }
}

}  // namespace

Target target_from_benchmark_form(const JsonView& root) {
    if (root.at("format").integer() != 1)
        root.at("format").fail(fmt::format("expected format 1, found {}", root.at("format").integer()));
    Target target;
    target.name = root.at("name").text();
    target.vendor = root.text_or("vendor", "");
    target.source = root.text_or("source", "");
    const std::int64_t qubits = root.at("num_qubits").integer();
    if (qubits < 1 || qubits > 100000)
        root.at("num_qubits").fail(fmt::format("{} is no number of qubits", qubits));
    target.num_qubits = static_cast<std::uint32_t>(qubits);
    const std::string kind = root.at("error_kind").text();
    if (kind == "depolarizing_parameter")
        target.error_kind = ErrorKindOfTarget::depolarizing_parameter;
    else if (kind != "average_gate_infidelity")
        root.at("error_kind")
            .fail("expected average_gate_infidelity or depolarizing_parameter, found " + kind);

    const JsonView native = root.at("native");
    for (const char* group : {"one_qubit", "two_qubit"})
        for (const JsonView& gate : native.at(group).elements())
            target.native_gates.push_back(read_native(gate));
    // IQM's prx goes with a frame of virtual z rotations; the form says so in a note only.
    bool iqm_rotation = false;
    for (const NativeGate& gate : target.native_gates) iqm_rotation = iqm_rotation || gate.name == "prx";
    target.has_virtual_z = native.boolean_or("virtual_z", iqm_rotation && !target.find_native(GateId::rz));

    target.all_to_all = root.boolean_or("all_to_all", false);
    for (const JsonView& edge : root.at("edges").elements()) {
        const auto [a, b] = read_edge(edge, target.num_qubits);
        target.edges.emplace_back(a, b);
    }
    if (!target.all_to_all && !root.boolean_or("directed", false)) {
        const auto listed = target.edges;
        for (const auto& [a, b] : listed) target.edges.emplace_back(b, a);
    }
    read_qubits(root, target);
    read_gates(root, target);
    auto made_by = [&](std::string_view vendor) {
        return std::string_view(target.vendor).starts_with(vendor);
    };
    const bool is_able = made_by("IBM") || made_by("IQM") || made_by("Quantinuum");
    target.has_mid_circuit_measurement = root.boolean_or("mid_circuit_measurement", is_able);
    target.has_feed_forward = root.boolean_or("feed_forward", is_able);
    target.has_reset = root.boolean_or("reset", is_able);
    return target;
}

}  // namespace qdcnn::target
