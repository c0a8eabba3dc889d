#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "reading.h"

namespace qdcnn::target {
namespace {

constexpr const char* kSchema = "qdcnn.target/1";

/// The figures a qubit has, by their key; read and written alike.
struct QubitColumn {
    const char* key;
    double QubitProperties::*member;
};
constexpr QubitColumn kQubitColumns[] = {
    {"t1", &QubitProperties::t1},
    {"t2", &QubitProperties::t2},
    {"readout_error", &QubitProperties::readout_error},
    {"prob_meas1_prep0", &QubitProperties::prob_meas1_prep0},
    {"prob_meas0_prep1", &QubitProperties::prob_meas0_prep1},
    {"readout_duration", &QubitProperties::readout_duration},
};

/// One value for each of `count` things: a list, or one value for all.
std::vector<double> read_column(const JsonView& object, const std::string& key, std::size_t count) {
    if (!object.has(key)) return std::vector<double>(count, std::numeric_limits<double>::quiet_NaN());
    const JsonView column = object.at(key);
    if (!column.value().is_array()) return std::vector<double>(count, number_or_unknown(column));
    if (column.size() != count)
        column.fail(fmt::format("expected {} values, found {}", count, column.size()));
    std::vector<double> values;
    for (const JsonView& value : column.elements()) values.push_back(number_or_unknown(value));
    return values;
}

AngleRange read_range(const JsonView& view) {
    AngleRange range;
    if (view.value().is_null()) return range;
    if (view.value().is_object()) {
        require_known_keys(view, {"allowed"});
        range.allowed = view.at("allowed").numbers();
        if (range.allowed.empty()) view.fail("a gate that allows no angle is no gate");
        return range;
    }
    if (view.size() != 2) view.fail("expected null, [low, high] or {\"allowed\": [..]}");
    if (!view.at(0).value().is_null()) range.low = view.at(0).number();
    if (!view.at(1).value().is_null()) range.high = view.at(1).number();
    if (!(range.low <= range.high))
        view.fail(fmt::format("the range from {} to {} is empty", range.low, range.high));
    return range;
}

NativeGate read_native(const JsonView& view) {
    require_known_keys(view, {"name", "virtual", "ranges"});
    NativeGate native;
    native.name = view.at("name").text();
    const auto& row = gate_row_of(view.at("name"));
    native.gate = row.id;
    native.is_virtual = view.boolean_or("virtual", false);
    native.ranges.resize(static_cast<std::size_t>(row.parameters));
    if (!view.has("ranges")) return native;
    const JsonView ranges = view.at("ranges");
    if (ranges.size() != native.ranges.size())
        ranges.fail(fmt::format("gate {} takes {} angle(s), found {} range(s)", native.name, row.parameters,
                                ranges.size()));
    for (std::size_t k = 0; k < native.ranges.size(); ++k) native.ranges[k] = read_range(ranges.at(k));
    return native;
}

std::vector<std::vector<Qubit>> read_places(const JsonView& on, const std::string& gate, std::size_t width,
                                            const Target& target) {
    std::vector<std::vector<Qubit>> places;
    if (on.value().is_string() && on.text() == "qubits") {
        for (Qubit q = 0; q < target.num_qubits; ++q) places.push_back({q});
    } else if (on.value().is_string() && on.text() == "edges") {
        for (const auto& [a, b] : target.edges) places.push_back({a, b});
    } else if (on.value().is_array()) {
        for (const JsonView& place : on.elements()) {
            std::vector<Qubit> qubits;
            for (const JsonView& qubit : place.elements()) {
                const std::int64_t index = qubit.integer();
                if (index < 0 || index >= target.num_qubits)
                    qubit.fail(fmt::format("qubit {} is outside the device of {}", index, target.num_qubits));
                qubits.push_back(static_cast<Qubit>(index));
            }
            check_place(qubits, width, gate, place);
            places.push_back(std::move(qubits));
        }
    } else {
        on.fail("expected \"qubits\", \"edges\" or a list of qubit lists");
    }
    if (!places.empty()) check_place(places.front(), width, gate, on);
    return places;
}

void read_qubit_columns(const JsonView& view, Target& target) {
    std::vector<std::string> known{"faulty"};
    for (const QubitColumn& column : kQubitColumns) known.emplace_back(column.key);
    require_known_keys(view, known);
    target.qubits.resize(target.num_qubits);
    for (const auto& [key, member] : kQubitColumns) {
        const auto values = read_column(view, key, target.num_qubits);
        for (std::size_t q = 0; q < values.size(); ++q) target.qubits[q].*member = values[q];
    }
    if (!view.has("faulty")) return;
    for (const JsonView& qubit : view.at("faulty").elements()) {
        const std::int64_t index = qubit.integer();
        if (index < 0 || index >= target.num_qubits)
            qubit.fail(fmt::format("qubit {} is outside the device of {}", index, target.num_qubits));
        target.qubits[static_cast<std::size_t>(index)].is_operational = false;
    }
}

std::string number_text(double value) { return std::isnan(value) ? "null" : fmt::format("{}", value); }

std::string column_text(const std::vector<double>& values) {
    auto same = [&](double value) {
        return value == values.front() || (std::isnan(value) && std::isnan(values.front()));
    };
    if (!values.empty() && std::all_of(values.begin(), values.end(), same))
        return number_text(values.front());
    std::string text = "[";
    for (std::size_t i = 0; i < values.size(); ++i) text += (i ? ", " : "") + number_text(values[i]);
    return text + "]";
}

std::string range_text(const AngleRange& range) {
    if (!range.allowed.empty()) {
        std::string text;
        for (const double value : range.allowed) text += (text.empty() ? "" : ", ") + number_text(value);
        return "{\"allowed\": [" + text + "]}";
    }
    if (std::isinf(range.low) && std::isinf(range.high)) return "null";
    auto end = [](double value) { return std::isinf(value) ? std::string("null") : number_text(value); };
    return fmt::format("[{}, {}]", end(range.low), end(range.high));
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string native_text(const NativeGate& native) {
    std::string text = fmt::format("{{\"name\": {}", quoted(native.name));
    if (native.is_virtual) text += ", \"virtual\": true";
    std::string ranges;
    bool any = true;
    for (const AngleRange& range : native.ranges) {
        ranges += (ranges.empty() ? "" : ", ") + range_text(range);
        any = any && range_text(range) == "null";
    }
    if (!any) text += ", \"ranges\": [" + ranges + "]";
    return text + "}";
}

/// Figures of one gate, place by place.
struct GateColumns {
    std::vector<std::vector<Qubit>> places;
    std::vector<double> errors;
    std::vector<double> durations;
};

std::string gate_text(const GateColumns& columns, const Target& target) {
    std::vector<std::vector<Qubit>> qubits, edges;
    for (Qubit q = 0; q < target.num_qubits; ++q) qubits.push_back({q});
    for (const auto& [a, b] : target.edges) edges.push_back({a, b});
    std::string on;
    if (columns.places == qubits) {
        on = "\"qubits\"";
    } else if (columns.places == edges) {
        on = "\"edges\"";
    } else {
        on = "[";
        for (const auto& place : columns.places) {
            on += on.size() > 1 ? ", [" : "[";
            for (std::size_t i = 0; i < place.size(); ++i) on += fmt::format("{}{}", i ? ", " : "", place[i]);
            on += "]";
        }
        on += "]";
    }
    return fmt::format("{{\"on\": {},\n   \"error\": {},\n   \"duration\": {}}}", on,
                       column_text(columns.errors), column_text(columns.durations));
}

}  // namespace

Target target_from_own_form(const JsonView& root) {
    const std::string schema = root.at("schema").text();
    if (schema != kSchema)
        root.at("schema").fail(fmt::format("expected \"{}\", found \"{}\"", kSchema, schema));
    require_known_keys(root, {"schema", "name", "vendor", "source", "date", "num_qubits", "error_kind", "dt",
                              "virtual_z", "mid_circuit_measurement", "feed_forward", "reset", "native",
                              "all_to_all", "edges", "qubits", "gates", "defaults"});
    Target target;
    target.name = root.at("name").text();
    target.vendor = root.text_or("vendor", "");
    target.source = root.text_or("source", "");
    target.date = root.text_or("date", "");
    const std::int64_t qubits = root.at("num_qubits").integer();
    if (qubits < 1 || qubits > 100000)
        root.at("num_qubits").fail(fmt::format("{} is no number of qubits", qubits));
    target.num_qubits = static_cast<std::uint32_t>(qubits);
    const std::string kind = root.text_or("error_kind", "average_gate_infidelity");
    if (kind == "depolarizing_parameter")
        target.error_kind = ErrorKindOfTarget::depolarizing_parameter;
    else if (kind != "average_gate_infidelity")
        root.at("error_kind")
            .fail("expected average_gate_infidelity or depolarizing_parameter, found " + kind);
    target.dt = root.number_or("dt", target.dt);
    target.has_virtual_z = root.boolean_or("virtual_z", false);
    target.has_mid_circuit_measurement = root.boolean_or("mid_circuit_measurement", false);
    target.has_feed_forward = root.boolean_or("feed_forward", false);
    target.has_reset = root.boolean_or("reset", false);
    for (const JsonView& native : root.at("native").elements())
        target.native_gates.push_back(read_native(native));
    target.all_to_all = root.boolean_or("all_to_all", false);
    if (!target.all_to_all)
        for (const JsonView& edge : root.at("edges").elements())
            target.edges.push_back(read_edge(edge, target.num_qubits));
    if (root.has("qubits")) read_qubit_columns(root.at("qubits"), target);
    if (root.has("gates"))
        for (const std::string& name : root.at("gates").keys()) {
            const JsonView gate = root.at("gates").at(name);
            const std::size_t width = width_of(name, gate, target);
            require_known_keys(gate, {"on", "error", "duration"});
            const auto places = read_places(gate.at("on"), name, width, target);
            const auto errors = read_column(gate, "error", places.size());
            const auto durations = read_column(gate, "duration", places.size());
            for (std::size_t i = 0; i < places.size(); ++i)
                target.gates[{name, places[i]}] = {errors[i], durations[i]};
        }
    if (root.has("defaults"))
        for (const std::string& name : root.at("defaults").keys()) {
            const JsonView figures = root.at("defaults").at(name);
            width_of(name, figures, target);
            require_known_keys(figures, {"error", "duration"});
            target.defaults[name] = {read_column(figures, "error", 1)[0],
                                     read_column(figures, "duration", 1)[0]};
        }
    return target;
}

std::string target_to_json(const Target& target) {
    std::string text =
        fmt::format("{{\n \"schema\": \"{}\",\n \"name\": {},\n", kSchema, quoted(target.name));
    auto add = [&](const char* key, const std::string& value) {
        text += fmt::format(" \"{}\": {},\n", key, value);
    };
    auto add_text = [&](const char* key, const std::string& value) {
        if (!value.empty()) add(key, quoted(value));
    };
    auto add_flag = [&](const char* key, bool value) {
        if (value) add(key, "true");
    };
    add_text("vendor", target.vendor);
    add_text("source", target.source);
    add_text("date", target.date);
    add("num_qubits", fmt::format("{}", target.num_qubits));
    if (target.error_kind == ErrorKindOfTarget::depolarizing_parameter)
        add_text("error_kind", "depolarizing_parameter");
    if (!std::isnan(target.dt)) add("dt", number_text(target.dt));
    add_flag("virtual_z", target.has_virtual_z);
    add_flag("mid_circuit_measurement", target.has_mid_circuit_measurement);
    add_flag("feed_forward", target.has_feed_forward);
    add_flag("reset", target.has_reset);
    add_flag("all_to_all", target.all_to_all);
    if (!target.all_to_all) {
        std::string edges;
        for (const auto& [a, b] : target.edges)
            edges += fmt::format("{}[{}, {}]", edges.empty() ? "" : ", ", a, b);
        add("edges", "[" + edges + "]");
    }
    if (!target.qubits.empty()) {
        std::string columns, faulty;
        for (const auto& [key, member] : kQubitColumns) {
            std::vector<double> values;
            for (const QubitProperties& qubit : target.qubits) values.push_back(qubit.*member);
            if (std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); }))
                continue;
            columns += fmt::format("{}\n  \"{}\": {}", columns.empty() ? "" : ",", key, column_text(values));
        }
        for (std::size_t q = 0; q < target.qubits.size(); ++q)
            if (!target.qubits[q].is_operational)
                faulty += fmt::format("{}{}", faulty.empty() ? "" : ", ", q);
        if (!faulty.empty())
            columns += fmt::format("{}\n  \"faulty\": [{}]", columns.empty() ? "" : ",", faulty);
        add("qubits", "{" + columns + "}");
    }
    std::map<std::string, GateColumns> gates;
    for (const auto& [key, properties] : target.gates) {
        GateColumns& columns = gates[key.first];
        columns.places.push_back(key.second);
        columns.errors.push_back(properties.error);
        columns.durations.push_back(properties.duration);
    }
    std::string list;
    for (const auto& [name, columns] : gates)
        list +=
            fmt::format("{}\n  {}: {}", list.empty() ? "" : ",", quoted(name), gate_text(columns, target));
    if (!list.empty()) add("gates", "{" + list + "}");
    list.clear();
    for (const auto& [name, figures] : target.defaults)
        list += fmt::format("{}\n  {}: {{\"error\": {}, \"duration\": {}}}", list.empty() ? "" : ",",
                            quoted(name), number_text(figures.error), number_text(figures.duration));
    if (!list.empty()) add("defaults", "{" + list + "}");
    list.clear();
    for (const NativeGate& native : target.native_gates)
        list += (list.empty() ? "\n  " : ",\n  ") + native_text(native);
    return text + " \"native\": [" + list + "]\n}\n";
}

}  // namespace qdcnn::target
