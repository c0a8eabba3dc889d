#pragma once

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/observable.h"

namespace qdcnn::test {

/// A few random Pauli strings with random coefficients on qubits below `qubits`.
inline circuit::Observable random_observable(std::uint32_t qubits, Random& random) {
    circuit::Observable observable;
    for (std::uint64_t count = 1 + random.below(3); count > 0; --count) {
        circuit::Observable::Term term{random.uniform(-2.0, 2.0), {}};
        for (circuit::Qubit qubit = 0; qubit < qubits; ++qubit)
            if (const std::uint64_t letter = random.below(5); letter < 3)
                term.paulis.emplace_back(qubit, static_cast<circuit::Pauli>(letter + 1));
        observable.terms.push_back(term);
    }
    return observable;
}

}  // namespace qdcnn::test
