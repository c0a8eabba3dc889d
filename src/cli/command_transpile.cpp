#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/transpile_tables.h"
#include "qdcnn/base/cpu_time.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/qasm/passes.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

/// out/bell.qasm -> out/bell.layout.json
std::string layout_path(const std::string& output) {
    constexpr std::string_view kEnding = ".qasm";
    const bool is_qasm = std::string_view(output).ends_with(kEnding);
    return output.substr(0, output.size() - (is_qasm ? kEnding.size() : 0)) + ".layout.json";
}

transpile::Options options_of(const ParsedOptions& given) {
    transpile::Options options;
    options.level = static_cast<int>(given.integer("level", 0, 3).value_or(options.level));
    options.seed = static_cast<std::uint64_t>(given.integer("seed", 0, INT64_MAX).value_or(0));
    options.time_limit = given.number("time-limit", 0, 1e9);
    options.threads = static_cast<int>(given.integer("threads", 1, 1024).value_or(options.threads));
    options.keeps_trace = given.has("explain");
    using transpile::ReadoutFolding;
    if (given.has("fold-always") && !given.has("measurement-aware"))
        throw Error(ErrorKind::usage, "--fold-always without --measurement-aware",
                    "It says how far that mode goes.");
    if (given.has("measurement-aware"))
        options.readout_folding = given.has("fold-always") ? ReadoutFolding::always : ReadoutFolding::weighed;
    if (const auto layout = given.text("layout")) options.initial_layout = read_layout(*layout);
    return options;
}

/// "c[0]" for every classical bit.
std::vector<std::string> bit_names(const circuit::Circuit& circuit) {
    std::vector<std::string> names;
    for (const circuit::Register& own : circuit.clbit_registers())
        for (std::uint32_t i = 0; i < own.size; ++i) names.push_back(fmt::format("{}[{}]", own.name, i));
    return names;
}

/// For each bit of the input's results, of which bits of the output it is the parity.
ordered_json readout_rows(const circuit::Circuit& input, const transpile::Result& result) {
    const transpile::ReadoutMap readout =
        result.readout ? *result.readout : transpile::plain_readout(input.num_clbits());
    const std::vector<std::string> asked = bit_names(input), read = bit_names(result.circuit);
    ordered_json rows = ordered_json::array();
    for (const circuit::Register& own : input.result_registers())
        for (circuit::Clbit bit = own.offset; bit < own.offset + own.size; ++bit) {
            ordered_json parity = ordered_json::array();
            for (const circuit::Clbit one : readout.values[bit].bits) parity.push_back(read[one]);
            rows.push_back({{"bit", asked[bit]}, {"parity_of", parity}, {"flip", readout.values[bit].flip}});
        }
    return rows;
}

ordered_json answer_for(const transpile::Result& result, double wall) {
    const circuit::CircuitMetrics figures = circuit::metrics(result.circuit);
    ordered_json answer{{"schema", "qdcnn.transpile/1"},
                        {"two_qubit_gates", figures.two_qubit_gates},
                        {"two_qubit_depth", figures.two_qubit_depth},
                        {"one_qubit_gates", figures.one_qubit_gates},
                        {"depth", figures.depth},
                        {"swaps", result.swaps},
                        {"log_success", nullptr},
                        {"initial_layout", result.initial_layout},
                        {"final_layout", result.final_layout},
                        {"readout", nullptr},
                        {"cpu_seconds", result.cpu_seconds},
                        {"wall_seconds", wall}};
    if (result.log_success) answer["log_success"] = *result.log_success;
    return answer;
}

/// In measurement-aware mode only the read-outs count, so measurements and branches on the way, which the
/// device cannot do, become controlled gates and measurements at the end.
circuit::Circuit for_device(circuit::Circuit circuit, const target::Target& device,
                            const transpile::Options& options) {
    const bool may_defer = options.readout_folding != transpile::ReadoutFolding::off;
    if (!may_defer || device.is_dynamic() || !circuit.is_dynamic()) return circuit;
    return qasm::with_measurements_deferred(circuit, device.num_qubits);
}

/// What every use but --passes needs.
void require(const ParsedOptions& given, bool compares) {
    if (given.words().empty())
        throw Error(ErrorKind::usage, "transpile needs IN.qasm", "See qdcnn transpile --help.");
    if (!given.has("target"))
        throw Error(ErrorKind::usage, "transpile needs --target", "qdcnn device list names them.");
    if (!compares && !given.has("output"))
        throw Error(ErrorKind::usage, "transpile needs --output", "-o OUT.qasm says where to write.");
}

}  // namespace

std::vector<circuit::Qubit> read_layout(const std::string& path) {
    const nlohmann::json document = read_json_file(path);
    const JsonView root(document, path);
    const JsonView list = document.is_object() ? root.at("initial_layout") : root;
    std::vector<circuit::Qubit> layout;
    for (const JsonView& entry : list.elements()) {
        const std::int64_t qubit = entry.integer();
        if (qubit < 0 || qubit > 0xffff'ffff) entry.fail(fmt::format("{} is no qubit", qubit));
        layout.push_back(static_cast<circuit::Qubit>(qubit));
    }
    return layout;
}

Options transpile_options() {
    Options options("transpile",
                    "Brings a circuit onto a device. Writes OUT.qasm on physical qubits and, beside it, "
                    "OUT.layout.json: the "
                    "answer of --json.");
    options.value("target", "NAME|FILE", "a bundled device (qdcnn device list) or a device file");
    options.value("level", "0..3", "effort: 0 none, 1 the default, 2 and 3 search longer");
    options.value("seed", "N", "same seed, same circuit (default 0)");
    options.value("time-limit", "S", "seconds after which no further trial starts");
    options.value("threads", "N", "layouts tried at once (default 1); the result is the same for any number");
    options.flag("measurement-aware",
                 "what the read-outs make superfluous goes; \"readout\" in the layout file tells how the "
                 "input's bits come from the output's");
    options.flag("fold-always", "measurement-aware: whatever the device's figures say of its read-outs");
    options.value("layout", "FILE", "where each qubit starts: [3, 4, ..] or a file with \"initial_layout\"");
    std::string names;
    for (const auto& row : qasm::dialects()) names += (names.empty() ? "" : ", ") + std::string(row.name);
    options.value("dialect", "NAME", names + " (default qiskit-isa: physical qubits $n)");
    options.flag("verbatim", "dialect braket: the gates in verbatim boxes");
    options.flag("explain", "what each pass did");
    options.flag("compare", "the levels 0 to 3 side by side; nothing is written");
    options.flag("bind", "one transpile with symbols beside one for each of 5 bindings; nothing is written");
    options.flag("passes", "lists the passes; nothing else is needed");
    options.value("output", "OUT.qasm", "where to write", 'o');
    options.positional("IN.qasm", "the circuit", /*many=*/false, /*optional=*/true);
    return options;
}

int run_transpile(const ParsedOptions& given, Console& console) {
    if (given.has("passes")) return print_passes(given, console);
    const bool compares = given.has("compare") || given.has("bind");
    require(given, compares);
    const auto dialect = qasm::dialect_of(given.text_or("dialect", "qiskit-isa"));
    const target::Target device = target::load_target(*given.text("target"));
    const transpile::Options options = options_of(given);
    const circuit::Circuit input = qasm::read_qasm_file(given.words()[0]);
    const circuit::Circuit circuit = for_device(input, device, options);
    if (given.has("compare")) return compare_levels(given, circuit, device, options, console);
    if (given.has("bind")) return compare_bindings(given, circuit, device, options, console);
    const auto manager = transpile::preset_pass_manager(options.level, device, options);
    const double start = wall_seconds();
    transpile::Result result = manager.run(circuit);
    const double wall = wall_seconds() - start;
    // Qubits that deferral adds are no qubits of the input.
    result.initial_layout.resize(input.num_qubits());
    result.final_layout.resize(input.num_qubits());
    const std::string output = *given.text("output");
    const qasm::PrintOptions print{
        .dialect = dialect, .device_qubits = device.num_qubits, .is_verbatim = given.has("verbatim")};
    write_file_atomic(output,
                      [&](const WritePiece& write) { qasm::print_qasm(result.circuit, print, write); });
    ordered_json answer = answer_for(result, wall);
    if (given.has("measurement-aware")) answer["readout"] = readout_rows(circuit, result);
    if (given.has("explain")) answer["passes"] = trace_json(result);
    // A pipe or a device has no file beside it.
    const bool has_layout_file = std::filesystem::is_regular_file(output);
    if (has_layout_file) write_file_atomic(layout_path(output), to_text(answer) + "\n");
    if (given.json()) {
        console.out << to_text(answer) << '\n';
        return 0;
    }
    if (given.has("explain")) print_trace(result, console.out);
    console.out << fmt::format("{} two-qubit gates (depth {}), {} one-qubit gates, depth {}, {} swaps\n",
                               answer["two_qubit_gates"].get<int>(), answer["two_qubit_depth"].get<int>(),
                               answer["one_qubit_gates"].get<int>(), answer["depth"].get<int>(),
                               result.swaps);
    if (result.log_success)
        console.out << fmt::format("estimated success {:.4g} by {}'s figures\n",
                                   std::exp(*result.log_success), device.name);
    if (result.readout)
        console.out << "the input's bits are parities of the output's: \"readout\" in the layout file\n";
    console.out << "wrote " << output << (has_layout_file ? " and " + layout_path(output) : "") << '\n';
    return 0;
}

}  // namespace qdcnn::cli
