#include "cli/transpile_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <ostream>

#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/random.h"
#include "qdcnn/report/table.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/passes.h"
#include "qdcnn/transpile/schedule.h"

namespace qdcnn::cli {
namespace {

using circuit::Circuit;
using circuit::CircuitMetrics;
using nlohmann::ordered_json;
using report::Align;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::size_t size_of(const CircuitMetrics& figures) {
    return figures.two_qubit_gates + figures.one_qubit_gates;
}

ordered_json json_of(const CircuitMetrics& figures) {
    return {{"two_qubit_gates", figures.two_qubit_gates},
            {"two_qubit_depth", figures.two_qubit_depth},
            {"one_qubit_gates", figures.one_qubit_gates},
            {"depth", figures.depth}};
}

ordered_json number_or_null(double value) { return std::isnan(value) ? ordered_json() : ordered_json(value); }

std::string text_of(double value, const char* unit, double factor = 1.0) {
    return std::isnan(value) ? "-" : fmt::format("{:.4g}{}", value * factor, unit);
}

/// One line of a comparison. Gates and depths are whole but for means.
struct Line {
    std::string name;
    double two_qubit_gates = 0, two_qubit_depth = 0, depth = 0, size = 0;
    double success = kUnknown, duration = kUnknown, cpu_seconds = 0;

    static Line of(std::string name, const Circuit& made, const target::Target& device, double cpu_seconds) {
        const CircuitMetrics figures = circuit::metrics(made);
        const auto log_success = transpile::log_success(made, device);
        const auto timing = transpile::timing_of(made, device);
        return {std::move(name),
                static_cast<double>(figures.two_qubit_gates),
                static_cast<double>(figures.two_qubit_depth),
                static_cast<double>(figures.depth),
                static_cast<double>(size_of(figures)),
                log_success ? std::exp(*log_success) : kUnknown,
                timing ? timing->duration : kUnknown,
                cpu_seconds};
    }
};

void print_lines(const ParsedOptions& given, const char* schema, const char* key,
                 const std::vector<Line>& lines, Console& console) {
    if (given.json()) {
        ordered_json rows = ordered_json::array();
        for (const Line& line : lines)
            rows.push_back({{"name", line.name},
                            {"two_qubit_gates", line.two_qubit_gates},
                            {"two_qubit_depth", line.two_qubit_depth},
                            {"depth", line.depth},
                            {"size", line.size},
                            {"success", number_or_null(line.success)},
                            {"duration", number_or_null(line.duration)},
                            {"cpu_seconds", line.cpu_seconds}});
        console.out << to_text(ordered_json{{"schema", schema}, {key, std::move(rows)}}) << '\n';
        return;
    }
    report::Table table{{{"", Align::left},
                         {"two-qubit gates", Align::right},
                         {"their depth", Align::right},
                         {"depth", Align::right},
                         {"size", Align::right},
                         {"success", Align::right},
                         {"duration", Align::right},
                         {"CPU", Align::right}},
                        {}};
    for (const Line& line : lines)
        table.rows.push_back({line.name, text_of(line.two_qubit_gates, ""), text_of(line.two_qubit_depth, ""),
                              text_of(line.depth, ""), text_of(line.size, ""), text_of(line.success, ""),
                              text_of(line.duration, " us", 1e6), text_of(line.cpu_seconds, " ms", 1e3)});
    console.out << report::to_text(table);
}

Line mean_of(std::string name, const std::vector<Line>& lines, double cpu_seconds) {
    Line mean{.name = std::move(name), .success = 0, .duration = 0, .cpu_seconds = cpu_seconds};
    for (const auto member : {&Line::two_qubit_gates, &Line::two_qubit_depth, &Line::depth, &Line::size,
                              &Line::success, &Line::duration}) {
        double sum = 0;
        for (const Line& line : lines) sum += line.*member;
        mean.*member = sum / static_cast<double>(lines.size());
    }
    return mean;
}

}  // namespace

int print_passes(const ParsedOptions& given, Console& console) {
    ordered_json rows = ordered_json::array();
    report::Table table{{{"pass", Align::left}, {"levels", Align::left}, {"what it does", Align::left}}, {}};
    const target::Target device = target::load_target(given.text_or("target", "ibm_torino"));
    for (const transpile::PassRow& row : transpile::pass_table()) {
        ordered_json levels = ordered_json::array();
        std::string text;
        for (int level = 0; level <= 3; ++level) {
            const auto names = transpile::preset_pass_manager(level, device).passes();
            if (std::find(names.begin(), names.end(), row.name) == names.end()) continue;
            levels.push_back(level);
            text += (text.empty() ? "" : " ") + std::to_string(level);
        }
        rows.push_back({{"name", row.name}, {"levels", levels}, {"summary", row.summary}});
        table.rows.push_back(
            {std::string(row.name), text.empty() ? "asked for" : text, std::string(row.summary)});
    }
    if (given.json())
        console.out << to_text(ordered_json{{"schema", "qdcnn.transpile_passes/1"}, {"passes", rows}})
                    << '\n';
    else
        console.out << report::to_text(table);
    return 0;
}

ordered_json trace_json(const transpile::Result& result) {
    ordered_json rows = ordered_json::array();
    for (const transpile::PassTrace& pass : result.trace)
        rows.push_back({{"name", pass.name},
                        {"before", json_of(pass.before)},
                        {"after", json_of(pass.after)},
                        {"seconds", pass.seconds}});
    return rows;
}

void print_trace(const transpile::Result& result, std::ostream& out) {
    report::Table table{{{"pass", Align::left},
                         {"two-qubit gates", Align::right},
                         {"depth", Align::right},
                         {"size", Align::right},
                         {"ms", Align::right}},
                        {}};
    auto change = [](std::size_t before, std::size_t after) {
        return before == after ? fmt::format("{}", after) : fmt::format("{} -> {}", before, after);
    };
    for (const transpile::PassTrace& pass : result.trace)
        table.rows.push_back({pass.name, change(pass.before.two_qubit_gates, pass.after.two_qubit_gates),
                              change(pass.before.depth, pass.after.depth),
                              change(size_of(pass.before), size_of(pass.after)),
                              fmt::format("{:.3f}", pass.seconds * 1e3)});
    out << report::to_text(table);
}

int compare_levels(const ParsedOptions& given, const Circuit& circuit, const target::Target& device,
                   const transpile::Options& options, Console& console) {
    std::vector<Line> lines;
    for (int level = 0; level <= 3; ++level) {
        const transpile::Result result = transpile::preset_pass_manager(level, device, options).run(circuit);
        lines.push_back(Line::of(fmt::format("level {}", level), result.circuit, device, result.cpu_seconds));
    }
    print_lines(given, "qdcnn.transpile_levels/1", "levels", lines, console);
    return 0;
}

int compare_bindings(const ParsedOptions& given, const Circuit& circuit, const target::Target& device,
                     const transpile::Options& options, Console& console) {
    constexpr std::size_t kBindings = 5;
    if (circuit.parameters().empty())
        throw Error(ErrorKind::usage, "--bind: the circuit has no parameters", "Nothing waits to be bound.");
    const auto manager = transpile::preset_pass_manager(options.level, device, options);
    const transpile::Result symbolic = manager.run(circuit);
    Random random(options.seed);
    std::vector<Line> afterwards, beforehand;
    double binding = 0, transpiling = 0;
    for (std::size_t k = 0; k < kBindings; ++k) {
        std::vector<double> values(circuit.parameters().size());
        for (double& value : values) value = random.uniform(-std::numbers::pi, std::numbers::pi);
        const double start = thread_cpu_seconds();
        const Circuit bound = symbolic.circuit.bind(values);
        binding += thread_cpu_seconds() - start;
        afterwards.push_back(Line::of("", bound, device, 0));
        const transpile::Result result = manager.run(circuit.bind(values));
        transpiling += result.cpu_seconds;
        beforehand.push_back(Line::of("", result.circuit, device, 0));
    }
    print_lines(given, "qdcnn.transpile_bindings/1", "forms",
                {mean_of(fmt::format("transpiled once, bound {} times", kBindings), afterwards,
                         symbolic.cpu_seconds + binding),
                 mean_of(fmt::format("bound, transpiled {} times", kBindings), beforehand, transpiling)},
                console);
    return 0;
}

}  // namespace qdcnn::cli
