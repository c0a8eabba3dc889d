#pragma once

#include <functional>
#include <span>
#include <string>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::circuit {

/// Names the run of classical bits that an input of a formula reads.
using NameBits = std::function<std::string(std::span<const Clbit>)>;

/// "c", "c[0]", "c[1:3]": the bits of one register, in its order, by the names given for the circuit's
/// registers (same order); else the single bits put together as "(uint[2](c[1]) | uint[2](d[0]) << 1)".
std::string bits_text(const Circuit& circuit, std::span<const std::string> register_names,
                      std::span<const Clbit> bits);

/// The formula as an OpenQASM expression; bits[i] is input i. Bits count as unsigned numbers.
std::string formula_text(const Formula& formula, std::span<const Clbit> bits, const NameBits& name);
/// By the circuit's own names.
std::string formula_text(const Circuit& circuit, std::span<const Clbit> bits, const Formula& formula);

}  // namespace qdcnn::circuit
