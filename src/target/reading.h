#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/base/json.h"
#include "qdcnn/target/target.h"

namespace qdcnn::target {

/// The row of a vendor's gate name. Throws Error(unsupported) with the path and "did you mean".
const circuit::GateRow& gate_row_of(const JsonView& name);

/// A number, or NaN for null.
double number_or_unknown(const JsonView& value);

/// The pair, checked against the number of qubits. Throws Error(invalid_input) with the path.
std::pair<Qubit, Qubit> read_edge(const JsonView& pair, std::uint32_t num_qubits);

/// "3" or "3,4" as qubits.
std::vector<Qubit> read_qubits_key(const JsonView& object, const std::string& key, std::uint32_t num_qubits);

/// Sorts the edges, keeps one of each pair when every native two-qubit gate is symmetric and both directions
/// have the same figures, takes T2 down to 2 T1, and refuses figures out of range.
void finish_target(Target& target);

Target target_from_own_form(const JsonView& root);
Target target_from_benchmark_form(const JsonView& root);

}  // namespace qdcnn::target
