#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/read_options.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/report/drawing.h"

namespace qdcnn::cli {
namespace {

constexpr std::int64_t kNarrowest = 20, kWidest = 100'000;
constexpr std::size_t kDefaultWidth = 80, kDefaultColumns = 400, kSvgPixels = 900;

/// The terminal's columns: COLUMNS, else what the terminal says, else 80.
std::size_t terminal_width() {
    if (const char* columns = std::getenv("COLUMNS")) {
        const long width = std::strtol(columns, nullptr, 10);
        if (width >= kNarrowest && width <= kWidest) return static_cast<std::size_t>(width);
    }
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest) return size.ws_col;
    return kDefaultWidth;
}

}  // namespace

Options show_options() {
    Options options("show", "Draws a circuit as text, wrapped to the terminal, or as SVG.");
    options.value("width", "N", "columns of the text (default: the terminal's, else 80)");
    options.value("svg", "FILE",
                  "writes the drawing as SVG instead; --width is then in pixels (default 900)");
    options.value("limit", "N",
                  "draws only the first N columns of gates and says how many operations "
                  "are left out (default 400, 0: all)");
    options.flag("idle", "also qubits on which nothing happens");
    add_read_options(options);
    options.positional("IN.qasm", "the circuit");
    return options;
}

int run_show(const ParsedOptions& given, Console& console) {
    const std::string& path = given.words()[0];
    const auto width = given.integer("width", kNarrowest, kWidest);
    const circuit::Circuit circuit = qasm::read_qasm_file(path, GivenReadOptions(given));
    report::DrawingOptions drawing;
    drawing.max_columns = static_cast<std::size_t>(
        given.integer("limit", 0, INT64_MAX).value_or(static_cast<std::int64_t>(kDefaultColumns)));
    drawing.has_idle_wires = given.has("idle");
    const auto svg = given.text("svg");
    if (svg) {
        drawing.width = width ? static_cast<std::size_t>(*width) : kSvgPixels;
        write_file_atomic(*svg, report::draw_svg(circuit, path, drawing));
    }
    if (given.json()) {
        const circuit::CircuitMetrics figures = circuit::metrics(circuit);
        nlohmann::ordered_json answer{{"schema", "qdcnn.show/1"},
                                      {"qubits", circuit.num_qubits()},
                                      {"clbits", circuit.num_clbits()},
                                      {"parameters", circuit.parameters()},
                                      {"two_qubit_gates", figures.two_qubit_gates},
                                      {"one_qubit_gates", figures.one_qubit_gates},
                                      {"depth", figures.depth},
                                      {"svg", nullptr}};
        if (svg) answer["svg"] = *svg;
        console.out << to_text(answer) << '\n';
        return 0;
    }
    if (svg) {
        console.out << "wrote " << *svg << '\n';
        return 0;
    }
    drawing.width = width ? static_cast<std::size_t>(*width) : terminal_width();
    console.out << report::draw_text(circuit, drawing);
    return 0;
}

}  // namespace qdcnn::cli
