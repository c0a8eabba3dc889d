#pragma once

#include <span>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"

namespace qdcnn::sim {

/// The circuit without what no observable can see: from the last operation to the first, those are kept that
/// touch a qubit which an observable, or an operation kept after them, acts on, or that write a classical bit
/// which is read later. Right under any noise that acts on the operations' own qubits, because what is left
/// out preserves the trace. A branch or a loop is kept whole. Qubits keep their numbers.
circuit::Circuit light_cone(const circuit::Circuit& circuit,
                            std::span<const circuit::Observable> observables);

}  // namespace qdcnn::sim
