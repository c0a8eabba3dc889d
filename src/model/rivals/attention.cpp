#include "model/rivals/attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qdcnn::model {

using circuit::Angle;
using circuit::Circuit;
using circuit::Observable;
using circuit::Pauli;
using circuit::Qubit;

void append_attention_block(Circuit& circuit, Qubit first, std::uint32_t n, std::uint32_t depth,
                            std::span<const Angle> angles) {
    std::size_t next = 0;
    for (Qubit q = 0; q < n; ++q) circuit.rx(angles[next++], first + q);
    for (Qubit q = 0; q < n; ++q) circuit.ry(angles[next++], first + q);
    for (std::uint32_t layer = 0; layer < depth; ++layer) {
        for (Qubit q = 0; q < n; ++q) circuit.cx(first + q, first + (q + 1) % n);
        for (Qubit q = 0; q < n; ++q) circuit.ry(angles[next++], first + q);
    }
}

std::vector<Angle> angle_symbols(Circuit& circuit, const std::string& prefix, std::size_t count) {
    std::vector<Angle> angles;
    for (std::size_t k = 0; k < count; ++k)
        angles.push_back(circuit.parameter(fmt::format("{}_{}", prefix, k)));
    return angles;
}

ValueCircuits::ValueCircuits(std::uint32_t n, std::uint32_t encoder_depth, std::uint32_t depth) {
    const std::size_t data = std::size_t{n} * (encoder_depth + 2), weights = std::size_t{n} * (depth + 2);
    const std::string names[] = {"value-z", "value-y", "value-x"};
    for (std::size_t basis = 0; basis < 3; ++basis) {
        Circuit circuit(n);
        append_attention_block(circuit, 0, n, encoder_depth, angle_symbols(circuit, "word", data));
        append_attention_block(circuit, 0, n, depth, angle_symbols(circuit, "value", weights));
        // Turns the basis to Z, so that what is emitted and measured is what is meant.
        for (Qubit q = 0; q < n && basis == 1; ++q) circuit.rx(std::numbers::pi / 2, q);
        for (Qubit q = 0; q < n && basis == 2; ++q) circuit.h(q);
        circuits_.push_back(
            {names[basis], std::make_shared<const Circuit>(std::move(circuit)), {}, 0, data, weights, 0});
    }
    for (std::size_t k = 0; k < data; ++k) {
        const std::size_t at = k % (6 * n), basis = at / n % 3;
        const auto q = static_cast<Qubit>(at % n);
        Observable observable = Observable::z(q);
        if (at >= 3 * n)
            observable.terms[0].paulis = {{std::min(q, (q + 1) % n), Pauli::z},
                                          {std::max(q, (q + 1) % n), Pauli::z}};
        places_.push_back({basis, circuits_[basis].observables.size()});
        circuits_[basis].observables.push_back(std::move(observable));
    }
}

std::vector<Graph::Node> ValueCircuits::run(Graph& graph, std::size_t first,
                                            std::span<const Graph::Node> data, std::size_t weights,
                                            const RowOrigin& origin) const {
    std::vector<std::vector<Graph::Node>> outputs;
    for (std::size_t basis = 0; basis < 3; ++basis)
        outputs.push_back(graph.run(first + basis, data, weights, origin));
    std::vector<Graph::Node> values;
    for (const Place& place : places_) values.push_back(outputs[place.basis][place.observable]);
    return values;
}

std::vector<Graph::Node> attended_mean(Graph& graph, const std::vector<std::vector<Graph::Node>>& words,
                                       const std::vector<std::vector<Graph::Node>>& values,
                                       const std::vector<std::vector<Graph::Node>>& affinities) {
    const std::size_t length = words.size();
    // The mean takes word j as often as all rows attend to it together.
    std::vector<std::vector<Graph::Node>> shares(length);
    for (const auto& row : affinities) {
        const Graph::Node total = graph.sum(row);
        for (std::size_t j = 0; j < length; ++j) shares[j].push_back(graph.divide(row[j], total));
    }
    std::vector<Graph::Node> share;
    for (const auto& column : shares) share.push_back(graph.sum(column));
    std::vector<Graph::Node> mean;
    for (std::size_t i = 0; i < words.front().size(); ++i) {
        std::vector<Graph::Node> terms;
        for (std::size_t j = 0; j < length; ++j) {
            terms.push_back(words[j][i]);
            terms.push_back(graph.multiply(share[j], values[j][i]));
        }
        mean.push_back(graph.scale(graph.sum(terms), 1.0 / static_cast<double>(length)));
    }
    return mean;
}

double position_code(std::size_t t, std::size_t i, std::size_t width) {
    const double rate = std::pow(10'000.0, static_cast<double>(i / 2 * 2) / static_cast<double>(width));
    const double phase = static_cast<double>(t) / rate;
    return i % 2 == 0 ? std::sin(phase) : std::cos(phase);
}

}  // namespace qdcnn::model
