#pragma once

// The networks' circuits as the transpiler meets them: the shapes of the published staged model and of the
// coherent one-circuit model, with random angles.

#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/circuit.h"

namespace qdcnn::test {

struct EmbeddingShape {
    std::uint32_t qubits;
    int layers;
    /// Angles are parameters w0, w1, ..
    bool symbolic = false;
};

/// Layers of RY on every qubit and a ring of CX over growing offsets, measured.
inline void add_embedding(circuit::Circuit& circuit, const EmbeddingShape& shape, Random& random) {
    int next = 0;
    for (int layer = 0; layer < shape.layers; ++layer) {
        for (circuit::Qubit q = 0; q < shape.qubits; ++q)
            circuit.ry(
                shape.symbolic ? circuit.parameter("w" + std::to_string(next++)) : random.uniform(-3.0, 3.0),
                q);
        for (circuit::Qubit q = 0; q < shape.qubits; ++q)
            circuit.cx(q, (q + 1 + static_cast<std::uint32_t>(layer) % (shape.qubits - 1)) % shape.qubits);
    }
    circuit.measure_all();
}

inline circuit::Circuit word_circuit(const EmbeddingShape& shape, std::uint32_t word, Random& random) {
    circuit::Circuit circuit(shape.qubits);
    for (circuit::Qubit q = 0; q < shape.qubits; ++q)
        if (word >> q & 1) circuit.x(q);
    for (circuit::Qubit q = 0; q < shape.qubits; ++q) circuit.h(q);
    add_embedding(circuit, shape, random);
    return circuit;
}

inline circuit::Circuit sentence_circuit(const EmbeddingShape& shape, Random& random) {
    circuit::Circuit circuit(shape.qubits);
    std::vector<circuit::Qubit> qubits;
    for (circuit::Qubit q = 0; q < shape.qubits; ++q) qubits.push_back(q);
    std::vector<circuit::Angle> amplitudes(std::size_t{1} << shape.qubits);
    for (int word = 0; word < 4; ++word)
        amplitudes[random.below(amplitudes.size())] = random.uniform(0.2, 1.0);
    circuit.prepare(qubits, amplitudes);
    add_embedding(circuit, shape, random);
    return circuit;
}

inline circuit::Circuit convolution_circuit(int depth, Random& random) {
    circuit::Circuit circuit(3);
    for (circuit::Qubit q = 0; q < 3; ++q) circuit.h(q).ry(random.uniform(-1.0, 1.0), q);
    for (int layer = 0; layer < depth; ++layer) {
        circuit.cx(0, 1).cx(1, 2);
        for (circuit::Qubit q = 0; q < 3; ++q) circuit.ry(random.uniform(-3.0, 3.0), q);
    }
    circuit.measure_all();
    return circuit;
}

inline circuit::Circuit linear_circuit(std::uint32_t qubits, std::uint32_t classes, Random& random) {
    circuit::Circuit circuit(qubits, classes);
    for (circuit::Qubit q = 0; q < qubits; ++q) circuit.ry(random.uniform(-1.0, 1.0), q);
    for (std::uint32_t step = 0; step <= qubits; ++step) {
        circuit.ry(random.uniform(-3.0, 3.0), step % qubits);
        circuit.cx(step % qubits, (step % qubits + classes) % qubits);
    }
    for (std::uint32_t k = 0; k < classes; ++k) circuit.measure(k, k);
    return circuit;
}

/// The coherent model's sentence circuit: 8 qubits on a line, 14 CZ, three measured pools, two resets.
inline circuit::Circuit coherent_circuit(Random& random) {
    circuit::Circuit c;
    c.add_qubits("q", 8);
    c.add_clbits("pool", 3);
    c.add_clbits("out", 1);
    auto angle = [&] { return random.uniform(-1.5, 1.5); };
    auto kernel = [&](circuit::Qubit a, circuit::Qubit b) { c.ry(angle(), a).ry(angle(), b).cz(a, b); };
    auto pool = [&](circuit::Qubit from, circuit::Clbit bit, circuit::Qubit to) {
        const double turn = angle();
        c.ry(angle(), from).measure(from, bit);
        c.if_else({{bit}, 1}, [&](circuit::Circuit& body) { body.ry(turn, to); });
    };
    for (const auto& [a, b] : {std::pair(1, 2), std::pair(5, 6), std::pair(3, 4), std::pair(1, 0),
                               std::pair(2, 3), std::pair(5, 4), std::pair(6, 7)})
        kernel(static_cast<circuit::Qubit>(a), static_cast<circuit::Qubit>(b));
    pool(1, 0, 2);
    pool(6, 1, 5);
    kernel(3, 4);
    kernel(2, 3);
    kernel(5, 4);
    c.reset(6).reset(1);
    kernel(7, 6);
    kernel(0, 1);
    kernel(6, 5);
    kernel(1, 2);
    pool(2, 2, 5);
    c.measure(5, 3);
    return c;
}

inline std::vector<std::pair<std::string, circuit::Circuit>> model_circuits() {
    Random random(2024);
    std::vector<std::pair<std::string, circuit::Circuit>> all;
    all.emplace_back("mc_word", word_circuit({.qubits = 5, .layers = 1}, 13, random));
    all.emplace_back("mc_sentence", sentence_circuit({.qubits = 5, .layers = 1}, random));
    all.emplace_back("mc_conv", convolution_circuit(1, random));
    all.emplace_back("mc_linear", linear_circuit(5, 2, random));
    all.emplace_back("rp_word", word_circuit({.qubits = 7, .layers = 5}, 83, random));
    all.emplace_back("rp_word_symbolic",
                     word_circuit({.qubits = 7, .layers = 5, .symbolic = true}, 22, random));
    all.emplace_back("rp_sentence", sentence_circuit({.qubits = 7, .layers = 5}, random));
    all.emplace_back("rp_conv", convolution_circuit(2, random));
    all.emplace_back("rp_linear", linear_circuit(7, 2, random));
    all.emplace_back("coherent", coherent_circuit(random));
    return all;
}

}  // namespace qdcnn::test
