#include "support/random_circuit.h"

#include <fmt/format.h>

#include <algorithm>

namespace qdcnn::test {

using namespace circuit;

namespace {

Gate random_gate(const RandomCircuitShape& shape, std::vector<Angle>& parameters, Random& random) {
    const int largest = std::min<int>(shape.largest_gate, static_cast<int>(shape.qubits));
    const GateRow* row = nullptr;
    do {
        row = &gate_table()[random.below(gate_table().size())];
    } while (row->qubits > largest || (shape.real && !row->is_real));
    std::vector<Qubit> qubits(shape.qubits);
    for (Qubit q = 0; q < shape.qubits; ++q) qubits[q] = q;
    random.shuffle(qubits);
    qubits.resize(static_cast<std::size_t>(row->qubits));
    Gate gate{row->id, QubitList(qubits), {}};
    for (int k = 0; k < row->parameters; ++k) {
        Angle angle(random.uniform(-4.0, 4.0));
        if (!parameters.empty() && random.uniform() < 0.5)
            angle = angle + parameters[random.below(parameters.size())] * random.uniform(-2.0, 2.0);
        gate.angles.push_back(angle);
    }
    return gate;
}

}  // namespace

Circuit random_circuit(const RandomCircuitShape& shape, Random& random) {
    Circuit circuit(shape.qubits, shape.dynamic ? shape.qubits : 0);
    std::vector<Angle> parameters;
    for (std::uint32_t k = 0; k < shape.parameters; ++k)
        parameters.push_back(circuit.parameter(fmt::format("t{}", k)));
    for (std::size_t step = 0; step < shape.gates; ++step) {
        const double kind = shape.dynamic ? random.uniform() : 1.0;
        const auto qubit = static_cast<Qubit>(random.below(shape.qubits));
        if (kind < 0.1) {
            circuit.measure(qubit, static_cast<Clbit>(random.below(shape.qubits)));
        } else if (kind < 0.15) {
            circuit.reset(qubit);
        } else if (kind < 0.25) {
            const auto bit = static_cast<Clbit>(random.below(shape.qubits));
            IfElse branch{{{bit}, random.below(2)}, {random_gate(shape, parameters, random)}, {}};
            if (random.below(2)) branch.else_body.push_back(random_gate(shape, parameters, random));
            circuit.add(branch);
        } else {
            circuit.add(random_gate(shape, parameters, random));
        }
    }
    return circuit;
}

}  // namespace qdcnn::test
