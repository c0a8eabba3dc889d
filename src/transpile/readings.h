#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::transpile {

using circuit::Qubit;

/// A product of Pauli matrices with a sign, which the end of a circuit reads. letters[q] of qubit q: bit 0
/// for X, bit 1 for Z; 0 I, 1 X, 2 Z, 3 Y.
struct Reading {
    std::vector<std::uint8_t> letters;
    bool is_negative = false;
};

/// What of a circuit's end the readings make superfluous.
enum class Absorption : std::uint8_t {
    /// Gates that no reading sees, and those behind which every reading has no more letters than before.
    free,
    /// Whatever turns the readings into others that can still be read together.
    all
};

struct AbsorbedEnd {
    std::vector<circuit::Operation> operations;
    /// On every qubit all of them have the same letter or none, so one-qubit gates and a read-out in Z read
    /// them all.
    std::vector<Reading> readings;
};

/// Goes backwards over the circuit and takes out gates that commute with all that follows and is kept, if
/// they take every reading to a Pauli product again: diagonal gates before Z, CX, swaps, X, what lies outside
/// the light cone. The joint distribution of the readings that come back, behind the operations that come
/// back, and of the bits measured on the way is that of the readings given behind the operations given.
/// Symbolic angles: only what holds for all of them. Barriers do not hold gates back.
///
/// readings: on every qubit all have the same letter or none.
AbsorbedEnd with_end_absorbed(std::vector<circuit::Operation> operations, std::vector<Reading> readings,
                              std::uint32_t num_qubits, Absorption absorption);

}  // namespace qdcnn::transpile
