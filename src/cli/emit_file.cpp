#include "cli/emit_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "qdcnn/base/files.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"

namespace qdcnn::cli {

int emit_file(const ParsedOptions& given, Console& console) {
    const qasm::Dialect dialect = qasm::dialect_of(given.text_or("dialect", "full"));
    const std::string output = *given.text("output");
    const circuit::Circuit circuit = qasm::read_qasm_file(given.words()[0]);
    write_file_atomic(output, qasm::print_qasm(circuit, {.dialect = dialect}));
    if (given.json()) {
        const nlohmann::ordered_json answer{{"schema", "qdcnn.emit/1"},
                                            {"dialect", qasm::dialect_row(dialect).name},
                                            {"qubits", circuit.num_qubits()},
                                            {"operations", circuit.operations().size()},
                                            {"output", output}};
        console.out << answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    } else {
        console.out << fmt::format("{}: {} qubits, {} operations, dialect {}\n", output, circuit.num_qubits(),
                                   circuit.operations().size(), qasm::dialect_row(dialect).name);
    }
    return 0;
}

}  // namespace qdcnn::cli
