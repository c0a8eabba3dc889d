#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/read_options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/qasm/reader.h"

namespace qdcnn::cli {
namespace {

constexpr int kNotOk = 3;

nlohmann::ordered_json to_json(const qasm::Diagnostic& diagnostic) {
    return {{"file", diagnostic.position.file},     {"line", diagnostic.position.line},
            {"column", diagnostic.position.column}, {"kind", to_string(diagnostic.kind)},
            {"message", diagnostic.message},        {"hint", diagnostic.hint}};
}

void print(const qasm::Diagnostic& diagnostic, std::ostream& out) {
    out << fmt::format("{}:{}:{}: {}\n{}\n", diagnostic.position.file, diagnostic.position.line,
                       diagnostic.position.column, diagnostic.message, diagnostic.excerpt);
    if (!diagnostic.hint.empty()) out << "    hint: " << diagnostic.hint << '\n';
}

}  // namespace

Options check_options() {
    Options options("check",
                    "Reads an OpenQASM file and tells all its errors. Exit code 3 when there are any.");
    add_read_options(options);
    options.positional("IN.qasm", "the file");
    return options;
}

int run_check(const ParsedOptions& given, Console& console) {
    const std::string& path = given.words()[0];
    const auto diagnostics = qasm::check_qasm(read_file(path), path, GivenReadOptions(given));
    if (given.json()) {
        nlohmann::ordered_json answer{{"schema", "qdcnn.check/1"}, {"ok", diagnostics.empty()}};
        answer["diagnostics"] = nlohmann::ordered_json::array();
        for (const auto& diagnostic : diagnostics) answer["diagnostics"].push_back(to_json(diagnostic));
        console.out << to_text(answer) << '\n';
    } else {
        for (const auto& diagnostic : diagnostics) print(diagnostic, console.out);
        console.out << (diagnostics.empty() ? fmt::format("{}: no errors\n", path)
                                            : fmt::format("{}: {} error(s)\n", path, diagnostics.size()));
    }
    return diagnostics.empty() ? 0 : kNotOk;
}

}  // namespace qdcnn::cli
