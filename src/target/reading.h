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

/// Throws Error(invalid_input) with the path and "did you mean" when the object has another key than these.
void require_known_keys(const JsonView& object, const std::vector<std::string>& known);

/// How many qubits the gate acts on whose figures stand at the key `name`: a native gate of the target under
/// its own name, "measure" or "reset". Throws Error(invalid_input) with the path for any other.
std::size_t width_of(const std::string& name, const JsonView& figures, const Target& target);

/// Throws Error(invalid_input) with the path unless these are `width` qubits, all different.
void check_place(const std::vector<Qubit>& qubits, std::size_t width, const std::string& gate,
                 const JsonView& place);

/// Sorts the edges, keeps one of each pair when every native two-qubit gate is symmetric and both directions
/// have the same figures, takes T2 down to 2 T1, and refuses figures out of range.
void finish_target(Target& target);

Target target_from_own_form(const JsonView& root);
Target target_from_benchmark_form(const JsonView& root);

}  // namespace qdcnn::target
