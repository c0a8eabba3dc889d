#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::model {

/// What an ansatz may depend on; each row says which it reads.
struct AnsatzShape {
    std::uint32_t qubits = 0;
    std::uint32_t layers = 1;
    /// Numbers read out at the end (classes).
    std::uint32_t outputs = 1;
};

/// A trainable block of gates. A new one is a file ansatz/<name>.cpp and a row in ansatz.cpp.
struct AnsatzRow {
    std::string_view name;
    std::string_view description;
    std::size_t (*parameters)(const AnsatzShape& shape);
    /// Adds the gates, and registers for bits it measures into, on qubits 0 .. shape.qubits - 1. angles:
    /// parameters(shape) of them, numbers or symbols.
    void (*append)(circuit::Circuit& circuit, const AnsatzShape& shape,
                   std::span<const circuit::Angle> angles);
};

std::span<const AnsatzRow> ansatz_table();
/// Throws Error(not_found) with "did you mean".
const AnsatzRow& find_ansatz(std::string_view name);

}  // namespace qdcnn::model
