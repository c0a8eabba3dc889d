#include <fmt/format.h>

#include <numbers>
#include <numeric>

#include "model/staged.h"
#include "qdcnn/model/ansatz.h"

namespace qdcnn::model {
namespace {

using circuit::Angle;
using circuit::Circuit;
using circuit::Observable;
using circuit::Qubit;

/// `count` parameters of the circuit: prefix_0, prefix_1, ...
std::vector<Angle> symbols(Circuit& circuit, const std::string& prefix, std::size_t count) {
    std::vector<Angle> angles;
    for (std::size_t k = 0; k < count; ++k)
        angles.push_back(circuit.parameter(fmt::format("{}_{}", prefix, k)));
    return angles;
}

void append_block(Circuit& circuit, std::string_view ansatz, const AnsatzShape& shape,
                  const std::string& tensor) {
    const AnsatzRow& row = find_ansatz(ansatz);
    row.append(circuit, shape, symbols(circuit, tensor, row.parameters(shape)));
}

void append_hadamards(Circuit& circuit) {
    for (Qubit q = 0; q < circuit.num_qubits(); ++q) circuit.h(q);
}

void append_angle_encoding(Circuit& circuit, const std::vector<Angle>& angles) {
    for (Qubit q = 0; q < circuit.num_qubits(); ++q) circuit.ry(angles[q], q);
}

std::vector<Observable> z_each(std::uint32_t qubits) {
    std::vector<Observable> observables;
    for (Qubit q = 0; q < qubits; ++q) observables.push_back(Observable::z(q));
    return observables;
}

StageTemplate finished(std::string name, Circuit circuit, std::vector<Observable> observables,
                       std::size_t data) {
    const std::size_t weights = circuit.parameters().size() - data;
    return {std::move(name), std::make_shared<const Circuit>(std::move(circuit)), std::move(observables),
            data, weights};
}

StageTemplate word_template(const StagedShape& shape) {
    Circuit circuit(shape.qubits);
    append_angle_encoding(circuit, symbols(circuit, "basis", shape.qubits));
    if (shape.embedding_hadamard) append_hadamards(circuit);
    append_block(circuit, "ry_ring", {.qubits = shape.qubits, .layers = shape.embedding_layers},
                 "word_embedding");
    return finished("word", std::move(circuit), z_each(shape.qubits), shape.qubits);
}

StageTemplate sentence_template(const StagedShape& shape) {
    Circuit circuit(shape.qubits);
    const std::size_t amplitudes = std::size_t{1} << shape.qubits;
    std::vector<Qubit> all(shape.qubits);
    std::iota(all.begin(), all.end(), Qubit{0});
    circuit.prepare(all, symbols(circuit, "amplitude", amplitudes));
    if (shape.embedding_hadamard) append_hadamards(circuit);
    append_block(circuit, "ry_ring", {.qubits = shape.qubits, .layers = shape.embedding_layers},
                 "sentence_embedding");
    return finished("sentence", std::move(circuit), z_each(shape.qubits), amplitudes);
}

StageTemplate conv_template(const StagedShape& shape, std::uint32_t layer) {
    const std::string name = fmt::format("conv{}", layer + 1);
    Circuit circuit(kKernelSize);
    append_hadamards(circuit);
    append_angle_encoding(circuit, symbols(circuit, "feature", kKernelSize));
    append_block(circuit, "ry_chain", {.qubits = kKernelSize, .layers = shape.conv_depth}, name);
    Observable sum;
    for (Qubit q = 0; q < kKernelSize; ++q) sum.terms.push_back({1.0, {{q, circuit::Pauli::z}}});
    return finished(name, std::move(circuit), {sum}, kKernelSize);
}

StageTemplate fc_template(const StagedShape& shape) {
    Circuit circuit(shape.qubits);
    append_angle_encoding(circuit, symbols(circuit, "feature", shape.qubits));
    append_block(circuit, "ry_head", {.qubits = shape.qubits, .outputs = shape.classes}, "fc");
    return finished("fc", std::move(circuit), z_each(shape.classes), shape.qubits);
}

}  // namespace

StagedTemplates::StagedTemplates(const StagedShape& shape)
    : word(word_template(shape)), sentence(sentence_template(shape)), fc(fc_template(shape)) {
    for (std::uint32_t layer = 0; layer < shape.conv_layers; ++layer)
        conv.push_back(conv_template(shape, layer));
}

void fill_basis_angles(text::WordId word, std::span<double> angles) {
    for (std::size_t bit = 0; bit < angles.size(); ++bit)
        angles[bit] = word >> bit & 1 ? std::numbers::pi : 0.0;
}

void fill_amplitudes(const StagedInput& input, std::span<double> row) {
    for (const auto& [word, amplitude] : input.amplitudes) row[word] = amplitude;
}

}  // namespace qdcnn::model
