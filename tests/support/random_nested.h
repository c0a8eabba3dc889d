#pragma once

#include "support/random_circuit.h"

namespace qdcnn::test {

/// A circuit whose branches hold measurements, resets and branches of their own, on conditions of one to
/// three bits. Angles may be affine in one parameter t0.
inline circuit::Circuit random_nested_circuit(std::uint32_t qubits, std::size_t steps, Random& random) {
    using namespace circuit;
    RandomCircuitShape shape{.qubits = qubits, .gates = 1, .largest_gate = 2, .parameters = 1};
    Circuit circuit(qubits, 3);
    circuit.parameter("t0");
    std::function<std::vector<Operation>(std::size_t, int)> body = [&](std::size_t count, int depth) {
        std::vector<Operation> operations;
        for (std::size_t i = 0; i < count; ++i) {
            const auto qubit = static_cast<Qubit>(random.below(qubits));
            const double kind = random.uniform();
            if (kind < 0.2) {
                operations.push_back(Measure{qubit, static_cast<Clbit>(random.below(3))});
            } else if (kind < 0.3) {
                operations.push_back(Reset{qubit});
            } else if (kind < 0.5 && depth < 3) {
                std::vector<Clbit> bits{0, 1, 2};
                random.shuffle(bits);
                bits.resize(1 + random.below(3));
                IfElse branch{{bits, random.below(std::uint64_t{1} << bits.size())}, body(2, depth + 1), {}};
                if (random.below(2)) branch.else_body = body(2, depth + 1);
                operations.push_back(branch);
            } else {
                operations.push_back(random_circuit(shape, random).operations()[0]);
            }
        }
        return operations;
    };
    for (const Operation& operation : body(steps, 0)) circuit.add(operation);
    return circuit;
}

}  // namespace qdcnn::test
