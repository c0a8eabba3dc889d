#pragma once

#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::circuit {

/// Applies a bound gate to a state of 2^n amplitudes, in place. The plain, slow form for checks and
/// synthesis; the room sim has the fast ones.
void apply_gate(const Gate& gate, std::span<Complex> state);

/// The same for any matrix on the listed qubits (bit i of its index is qubits[i]).
void apply_matrix(const Matrix& matrix, std::span<const Qubit> qubits, std::span<Complex> state);

/// The circuit's 2^n x 2^n matrix, global phase included. Throws Error(unsupported) unless is_unitary(),
/// Error(invalid_input) when parameters are unbound, Error(out_of_memory) when it does not fit.
Matrix unitary_of(const Circuit& circuit);

}  // namespace qdcnn::circuit
