#pragma once

#include <set>
#include <string>
#include <vector>

#include "qdcnn/qasm/printer.h"

namespace qdcnn::qasm {

/// The names a printed program uses for a circuit's registers and parameters, same order as the circuit's.
struct PrintedNames {
    std::vector<std::string> qubit_registers;
    std::vector<std::string> clbit_registers;
    std::vector<std::string> parameters;
    /// A comment line for each that is not the circuit's own.
    std::vector<std::string> remarks;
};

PrintedNames printed_names(const circuit::Circuit& circuit, const DialectRow& dialect);

/// How the dialect's include file (or the language) calls the gate; empty when it must be defined.
std::string_view native_name(circuit::GateId gate, const DialectRow& dialect);

/// Whether the gate is written out by its definition at each use: some readers' include file declares its
/// name and some do not, so that neither using nor defining the name is safe.
bool is_written_out(circuit::GateId gate, const DialectRow& dialect);

}  // namespace qdcnn::qasm
