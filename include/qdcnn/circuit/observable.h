#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::circuit {

enum class Pauli : std::uint8_t { x = 1, y = 2, z = 3 };

/// A product of Pauli matrices on distinct qubits, sorted by qubit; empty is the identity.
using PauliString = std::vector<std::pair<Qubit, Pauli>>;

/// A real combination of Pauli strings.
struct Observable {
    struct Term {
        double coefficient;
        PauliString paulis;
    };
    std::vector<Term> terms;

    static Observable z(Qubit qubit) { return {{{1.0, {{qubit, Pauli::z}}}}}; }
};

/// Reads "Z0 Z2 + 0.5 X1 - 2" (factors by blanks or *). Throws Error(parse) with the column: an unknown
/// letter, a qubit twice in one term.
Observable parse_observable(const std::string& text);

/// The form parse_observable reads.
std::string to_string(const Observable& observable);

/// The observable with qubit q on layout[q]. Throws Error(invalid_input) when a qubit is outside the layout.
Observable map_qubits(const Observable& observable, const std::vector<Qubit>& layout);

}  // namespace qdcnn::circuit
