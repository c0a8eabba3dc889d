#pragma once

#include <cstdint>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::qasm {

/// What takes constructs out of a circuit that a dialect cannot say. The printer never runs these by itself.

/// The same circuit without branches, resets and measurements on the way: every measurement stands at the
/// end, gates in branches are controlled by the qubits that hold the bits, and a qubit that is used after its
/// measurement or reset hands over to a further one, in a register "deferred" behind the circuit's own. The
/// joint distribution of the bits is the circuit's. Throws Error(unsupported) for loops (unroll them first),
/// assignments, a Prepare in a branch, conditions that take more than 64 branches on single bits, more than
/// max_qubits qubits.
circuit::Circuit with_measurements_deferred(const circuit::Circuit& circuit,
                                            std::uint32_t max_qubits = 1'000'000);

/// Nested deeper than this many turns, a reader would refuse it.
inline constexpr std::uint32_t kMostUnrolledTurns = 200;

/// Every loop as `turns` branches one in the other. Outcomes that need more turns leave the loop early, so
/// the result is the same circuit only where none does. Throws Error(invalid_input) for no turns, more
/// than kMostUnrolledTurns, and for a result of more than five million operations.
circuit::Circuit with_loops_unrolled(const circuit::Circuit& circuit, std::uint32_t turns);

}  // namespace qdcnn::qasm
