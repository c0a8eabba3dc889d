#pragma once

#include <string>
#include <vector>

#include "qdcnn/qasm/printer.h"

namespace qdcnn::qasm {

/// The registers and parameters of a printed program.
struct PrintedNames {
    /// The circuit's, under their printed names, those of size 0 too; of qubits only in style registers.
    std::vector<circuit::Register> qubits;
    /// Likewise, or one over all bits where the dialect has one register only.
    std::vector<circuit::Register> clbits;
    std::vector<std::string> parameters;
    /// A comment line for each that is not the circuit's own.
    std::vector<std::string> remarks;
};

PrintedNames printed_names(const circuit::Circuit& circuit, const DialectRow& dialect, QubitStyle style);

}  // namespace qdcnn::qasm
