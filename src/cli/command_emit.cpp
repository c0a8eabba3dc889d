#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/emit_model.h"
#include "cli/read_options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/qasm/passes.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/qasm/translate.h"

namespace qdcnn::cli {
namespace {

qasm::Dialect dialect_for(const ParsedOptions& given, bool on_device) {
    if (const auto name = given.text("dialect")) return qasm::dialect_of(*name);
    return on_device ? qasm::Dialect::qiskit_isa : qasm::Dialect::qiskit;
}

std::size_t emit_sentence(const ParsedOptions& given, const std::string& output) {
    for (const char* option : {"verbatim", "defer-measurements", "unroll", "max-operations"})
        if (given.has(option))
            throw Error(ErrorKind::usage, fmt::format("--{} goes with a circuit, not with --model", option));
    if (!given.has("sentence"))
        throw Error(ErrorKind::usage, "--model is given without --sentence",
                    "Add --sentence \"some words\".");
    const auto target = given.text("target");
    return emit_model({.model = *given.text("model"),
                       .sentence = *given.text("sentence"),
                       .target = target,
                       .dialect = dialect_for(given, target.has_value()),
                       .as_templates = given.has("template"),
                       .folder = output});
}

void emit_file(const ParsedOptions& given, const std::string& output) {
    for (const char* option : {"sentence", "target", "template"})
        if (given.has(option))
            throw Error(ErrorKind::usage, fmt::format("--{} goes with --model, not with a circuit", option),
                        "To bring a circuit onto a device see qdcnn transpile.");
    const auto turns = given.integer("unroll", 1, qasm::kMostUnrolledTurns);
    const qasm::PrintOptions print{.dialect = dialect_for(given, false),
                                   .is_verbatim = given.has("verbatim")};
    const std::string& input = given.words()[0];
    const GivenReadOptions limits(given);
    if (!turns && !given.has("defer-measurements")) {
        const std::string text = read_file(input);
        write_file_atomic(output, [&](const WritePiece& write) {
            qasm::translate_qasm(text, input, print, write, limits);
        });
        return;
    }
    circuit::Circuit circuit = qasm::read_qasm_file(input, limits);
    if (turns) circuit = qasm::with_loops_unrolled(circuit, static_cast<std::uint32_t>(*turns));
    if (given.has("defer-measurements")) circuit = qasm::with_measurements_deferred(circuit);
    write_file_atomic(output, [&](const WritePiece& write) { qasm::print_qasm(circuit, print, write); });
}

}  // namespace

Options emit_options() {
    Options options("emit", "Writes a sentence's circuits as OpenQASM, or a circuit in another dialect.");
    options.value("model", "MODEL.json",
                  "the model file; writes r<round>-<stage>-<index>.qasm and manifest.json");
    options.value("sentence", "TEXT", "the sentence, with --model");
    options.value("target", "NAME|FILE", "transpiles the circuits to this device");
    options.flag("template", "unbound circuits with input float[64] parameters, one a stage");
    std::string names;
    for (const auto& row : qasm::dialects()) names += (names.empty() ? "" : ", ") + std::string(row.name);
    options.value("dialect", "NAME", names + " (default qiskit, with --target qiskit-isa)");
    options.flag("verbatim", "dialect braket: the gates in verbatim boxes on physical qubits");
    options.flag("defer-measurements",
                 "takes branches, resets and measurements on the way out of the circuit, with more qubits");
    options.value("unroll", "TURNS", "loops on measured bits as branches: what needs more turns ends early");
    add_read_options(options);
    options.value("output", "DIR|FILE", "a folder with --model, else a file", 'o').required();
    options.positional("IN.qasm", "a circuit, instead of --model", false, true);
    return options;
}

int run_emit(const ParsedOptions& given, Console& console) {
    if (given.has("model") == !given.words().empty())
        throw Error(ErrorKind::usage,
                    given.has("model") ? "both --model and a circuit are given" : "nothing to emit",
                    "Give --model with --sentence, or one circuit.");
    const std::string output = *given.text("output");
    std::size_t circuits = 1;
    if (given.has("model"))
        circuits = emit_sentence(given, output);
    else
        emit_file(given, output);
    if (given.json())
        console.out << to_text(nlohmann::ordered_json{
                           {"schema", "qdcnn.emit/1"}, {"circuits", circuits}, {"output", output}})
                    << '\n';
    else if (given.has("model"))
        console.out << fmt::format("wrote {} circuits and manifest.json to {}\n", circuits, output);
    else
        console.out << fmt::format("wrote {}\n", output);
    return 0;
}

}  // namespace qdcnn::cli
