#include <algorithm>
#include <cmath>

#include "model/rivals/attention.h"
#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// Quantum transformer (rdisipio/qtransformer), one block of 2 heads, E = 8 numbers a word, F = 8, n_q = 1:
//   x_t = words[w_t] + sine and cosine code; query, key, value and output projections: a circuit each on E
//   qubits, RX(x_i), n_q times (RX each, ring of CNOT), <Z_i>;
//   softmax(q k / sqrt(E / heads)); x = norm(x + attention); x = norm(x + linear(relu(linear(x))));
//   logits: linear in the mean over the words.
// Angles 4 E n_q; numbers that and V E + 4 E (norms) + 2 E F + F + E + K' (E + 1). Words beyond the longest
// training sentence are cut. Source: models.md, section 2, "QTF".

constexpr std::size_t kWidth = 8, kHeads = 2, kFeedForward = 8, kLayers = 1;
constexpr std::size_t kHead = kWidth / kHeads;
constexpr double kNormFloor = 1e-5;
constexpr const char* kProjections[] = {"query", "key", "value", "merge"};
constexpr std::size_t kQuery = 0, kKey = 1, kValue = 2, kMerge = 3;

std::vector<NetworkCircuit> circuits_of() {
    std::vector<NetworkCircuit> circuits;
    for (const char* name : kProjections) {
        circuit::Circuit circuit(kWidth);
        const auto data = angle_symbols(circuit, "x", kWidth);
        const auto weights = angle_symbols(circuit, name, kWidth * kLayers);
        NetworkCircuit one{
            .name = name, .circuit = nullptr, .observables = {}, .data = kWidth, .weights = kWidth * kLayers};
        for (circuit::Qubit q = 0; q < kWidth; ++q) circuit.rx(data[q], q);
        for (std::size_t layer = 0; layer < kLayers; ++layer) {
            for (circuit::Qubit q = 0; q < kWidth; ++q) circuit.rx(weights[layer * kWidth + q], q);
            for (circuit::Qubit q = 0; q < kWidth; ++q) circuit.cx(q, (q + 1) % kWidth);
        }
        for (circuit::Qubit q = 0; q < kWidth; ++q) one.observables.push_back(circuit::Observable::z(q));
        one.circuit = std::make_shared<const circuit::Circuit>(std::move(circuit));
        one.round = circuits.size() == kMerge ? 1 : 0;
        circuits.push_back(std::move(one));
    }
    return circuits;
}

std::vector<NetworkTensor> tensors_of(std::size_t vocabulary, std::size_t outputs) {
    std::vector<NetworkTensor> tensors;
    for (const char* name : kProjections)
        tensors.push_back({.name = name, .shape = {kLayers, kWidth}, .deviation = 0.5, .is_circuit = true});
    for (const char* name : {"norm1", "norm2"}) {
        tensors.push_back({.name = name, .shape = {kWidth}, .mean = 1.0});
        tensors.push_back({.name = std::string(name) + "_bias", .shape = {kWidth}});
    }
    tensors.push_back({.name = "expand", .shape = {kFeedForward, kWidth}, .deviation = 0.35});
    tensors.push_back({.name = "expand_bias", .shape = {kFeedForward}});
    tensors.push_back({.name = "contract", .shape = {kWidth, kFeedForward}, .deviation = 0.35});
    tensors.push_back({.name = "contract_bias", .shape = {kWidth}});
    tensors.push_back({.name = "output", .shape = {outputs, kWidth}, .deviation = 0.35});
    tensors.push_back({.name = "bias", .shape = {outputs}});
    tensors.push_back(
        {.name = "words", .shape = {vocabulary, kWidth}, .deviation = 0.5, .is_penalised = true});
    return tensors;
}

class Qtransformer final : public Network {
  public:
    Qtransformer(std::size_t longest, std::size_t vocabulary, std::size_t outputs)
        : Network(tensors_of(vocabulary, outputs), circuits_of()), longest_(longest), outputs_(outputs) {}

    std::size_t length(std::size_t tokens) const override { return std::min(tokens, longest_); }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t table = at("words");
        std::vector<std::vector<Graph::Node>> x;
        for (std::size_t t = 0; t < words.size(); ++t) {
            x.push_back(parameters_of(graph, table + words[t] * kWidth, kWidth));
            for (std::size_t i = 0; i < kWidth; ++i)
                x[t][i] = graph.shift(x[t][i], position_code(t, i, kWidth));
        }
        const auto attended = attention(graph, x);
        std::vector<Graph::Node> mean;
        for (std::size_t t = 0; t < x.size(); ++t) {
            const auto merged = graph.run(kMerge, attended[t], at("merge"), origin(t));
            auto y = norm(graph, sum(graph, x[t], merged), "norm1");
            auto hidden = graph.linear(y, kFeedForward, at("expand"), at("expand_bias"));
            for (Graph::Node& node : hidden) node = graph.relu(node);
            y = norm(graph, sum(graph, y, graph.linear(hidden, kWidth, at("contract"), at("contract_bias"))),
                     "norm2");
            mean = t == 0 ? y : sum(graph, mean, y);
        }
        for (Graph::Node& node : mean) node = graph.scale(node, 1.0 / static_cast<double>(x.size()));
        return graph.linear(mean, outputs_, at("output"), at("bias"));
    }

  private:
    static RowOrigin origin(std::size_t t) { return {.word = {}, .position = static_cast<int>(t)}; }

    static std::vector<Graph::Node> sum(Graph& graph, std::span<const Graph::Node> left,
                                        std::span<const Graph::Node> right) {
        std::vector<Graph::Node> result;
        for (std::size_t i = 0; i < left.size(); ++i) result.push_back(graph.add(left[i], right[i]));
        return result;
    }

    std::vector<std::vector<Graph::Node>> attention(Graph& graph,
                                                    const std::vector<std::vector<Graph::Node>>& x) const {
        std::vector<std::vector<Graph::Node>> queries, keys, values, result(x.size());
        for (std::size_t t = 0; t < x.size(); ++t) {
            queries.push_back(graph.run(kQuery, x[t], at("query"), origin(t)));
            keys.push_back(graph.run(kKey, x[t], at("key"), origin(t)));
            values.push_back(graph.run(kValue, x[t], at("value"), origin(t)));
        }
        for (std::size_t s = 0; s < x.size(); ++s)
            for (std::size_t head = 0; head < kHeads; ++head) {
                std::vector<Graph::Node> scores;
                for (std::size_t j = 0; j < x.size(); ++j)
                    scores.push_back(graph.scale(graph.dot(part(queries[s], head), part(keys[j], head)),
                                                 1.0 / std::sqrt(static_cast<double>(kHead))));
                const auto shares = graph.softmax(scores);
                for (std::size_t i = 0; i < kHead; ++i) {
                    std::vector<Graph::Node> terms;
                    for (std::size_t j = 0; j < x.size(); ++j)
                        terms.push_back(graph.multiply(shares[j], values[j][head * kHead + i]));
                    result[s].push_back(graph.sum(terms));
                }
            }
        return result;
    }

    static std::span<const Graph::Node> part(std::span<const Graph::Node> all, std::size_t head) {
        return all.subspan(head * kHead, kHead);
    }

    /// Layer normalisation over a word's numbers.
    std::vector<Graph::Node> norm(Graph& graph, std::vector<Graph::Node> x, const std::string& name) const {
        const Graph::Node mean = graph.mean(x);
        for (Graph::Node& node : x) node = graph.subtract(node, mean);
        const Graph::Node variance = graph.scale(graph.dot(x, x), 1.0 / kWidth);
        const Graph::Node spread = graph.sqrt(graph.shift(variance, kNormFloor));
        const std::size_t gain = at(name), bias = at(name + "_bias");
        for (std::size_t i = 0; i < kWidth; ++i)
            x[i] = graph.add(graph.multiply(graph.divide(x[i], spread), graph.parameter(gain + i)),
                             graph.parameter(bias + i));
        return x;
    }

    std::size_t longest_, outputs_;
};

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"sequence_length"});
    return std::make_unique<Qtransformer>(whole_hyperparameter(definition, "sequence_length", 1, 1 << 20),
                                          definition.vocabulary.size(), outputs_of(definition));
}

/// The repository's learning rate and batch; it says nothing of the epochs for these data.
TrainingSettings published(const Definition&) {
    return {.optimiser = "adam", .learning_rate = 0.001, .batch = 32, .epochs = 300};
}

}  // namespace

const NetworkKind kQtransformer{"qtransformer",
                                "rival: transformer with quantum projections",
                                kNetworkPresets,
                                longest_as_sequence_length,
                                make,
                                published};

}  // namespace qdcnn::model
