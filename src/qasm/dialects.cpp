#include <string>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/qasm/printer.h"

namespace qdcnn::qasm {
namespace {

constexpr DialectRow kDialects[] = {
    {.dialect = Dialect::full,
     .name = "full",
     .description = "OpenQASM 3 with all that this program can say",
     .version = "3.0",
     .include = "stdgates.inc",
     .qubits = QubitStyle::registers,
     .has_parameters = true,
     .has_else = true,
     .has_and = true,
     .has_bit_conditions = true,
     .has_delay = true,
     .has_global_phase = true,
     .has_expressions = true},
    {.dialect = Dialect::qiskit,
     .name = "qiskit",
     .description = "what qiskit.qasm3.loads reads",
     .version = "3.0",
     .include = "stdgates.inc",
     .qubits = QubitStyle::registers,
     .has_parameters = true,
     .has_else = true,
     .has_and = false,
     .has_bit_conditions = true,
     .has_delay = true,
     .has_global_phase = true},
    {.dialect = Dialect::qiskit_isa,
     .name = "qiskit-isa",
     .description = "the same on physical qubits $n",
     .version = "3.0",
     .include = "stdgates.inc",
     .qubits = QubitStyle::physical,
     .has_parameters = true,
     .has_else = true,
     .has_and = false,
     .has_bit_conditions = true,
     .has_delay = true,
     .has_global_phase = true},
    {.dialect = Dialect::ibm,
     .name = "ibm",
     .description = "what IBM's REST interface takes: one register q as wide as the device",
     .version = "3.0",
     .include = "stdgates.inc",
     .qubits = QubitStyle::device_register,
     .has_parameters = true,
     .has_else = true,
     .has_and = false,
     .has_bit_conditions = true,
     .has_delay = true,
     .has_global_phase = false,
     .has_expressions = true},
    {.dialect = Dialect::qasm2,
     .name = "qasm2",
     .description = "OpenQASM 2 with the gates of the first qelib1.inc",
     .version = "2.0",
     .include = "qelib1.inc",
     .qubits = QubitStyle::registers,
     .has_parameters = false,
     .has_else = false,
     .has_and = false,
     .has_bit_conditions = false,
     .has_delay = false,
     .has_global_phase = false},
};

}  // namespace

std::span<const DialectRow> dialects() { return kDialects; }

const DialectRow& dialect_row(Dialect dialect) { return kDialects[static_cast<std::size_t>(dialect)]; }

Dialect dialect_of(const std::string& name) {
    std::vector<std::string> names;
    for (const DialectRow& row : kDialects) {
        if (row.name == name) return row.dialect;
        names.emplace_back(row.name);
    }
    throw Error(ErrorKind::usage, "there is no dialect \"" + name + "\"", suggestion(name, names));
}

}  // namespace qdcnn::qasm
