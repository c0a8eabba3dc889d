// Prints the tables that README.md takes from the rows: qdcnn_tables NAME. Called by tools/readme_tables.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/circuit/gates.h"
#include "qdcnn/qasm/printer.h"

namespace {

using namespace qdcnn;

std::string gates() {
    std::string text = "| gate | also | qubits | angles | properties |\n|---|---|---|---|---|\n";
    for (const circuit::GateRow& row : circuit::gate_table()) {
        std::vector<std::string> properties;
        if (row.is_diagonal) properties.emplace_back("diagonal");
        if (row.is_symmetric) properties.emplace_back("symmetric");
        if (row.is_real) properties.emplace_back("real");
        if (row.in_stdgates) properties.emplace_back("stdgates");
        text += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, fmt::join(row.aliases, ", "),
                            row.qubits, row.parameters, fmt::join(properties, ", "));
    }
    return text;
}

std::string exit_codes() {
    std::map<int, std::vector<std::string>> kinds;
    for (int k = 0; k <= static_cast<int>(ErrorKind::internal); ++k) {
        const auto kind = static_cast<ErrorKind>(k);
        kinds[exit_code(kind)].emplace_back(to_string(kind));
    }
    std::string text = "| code | kinds of error |\n|---|---|\n| 0 | |\n";
    for (const auto& [code, names] : kinds)
        text += fmt::format("| {} | {} |\n", code, fmt::join(names, ", "));
    return text;
}

std::string dialects() {
    std::string text = "| dialect | for |\n|---|---|\n";
    for (const qasm::DialectRow& row : qasm::dialects())
        text += fmt::format("| `{}` | {} |\n", row.name, row.description);
    return text;
}

struct TableRow {
    const char* name;
    std::string (*text)();
};
constexpr TableRow kTables[] = {{"gates", gates}, {"exit-codes", exit_codes}, {"dialects", dialects}};

}  // namespace

int main(int argc, char** argv) {
    const std::string name = argc == 2 ? argv[1] : "";
    std::vector<std::string> known;
    for (const TableRow& row : kTables) {
        if (name == row.name) {
            std::fputs(row.text().c_str(), stdout);
            return 0;
        }
        known.emplace_back(row.name);
    }
    fmt::print(stderr, "no table '{}'. {}\n", name, suggestion(name, known));
    return 2;
}
