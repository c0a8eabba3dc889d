#include <algorithm>

#include "model/rivals/attention.h"
#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// Quantum self-attention (QSANN; Li, Zhao, Wang, 2022), one layer. A word's vector x of d = n (De + 2)
// numbers is encoded by the attention block; query and key are <Z_0> after a trained block each, the value d
// Pauli strings after a third:
//   alpha_sj ~ exp(-(q_s - k_j)^2), rows normalised;  y_s = x_s + sum_j alpha_sj v_j
//   logits: linear in the mean of y over the words.
// Angles 3 n (D + 2), numbers that and V d + d K' + K'. Up to 32 words n = 2, De = D = 1 (MC 18 angles, 25
// with the read-out), else n = 4, De = 4, D = 5 (RP 84, 109). As published it does not know the words' order;
// preset positions adds the sine and cosine code to x. Departures: cross-entropy for the squared error, the
// pairs among the Pauli strings. Words beyond the longest training sentence are cut. Source: models.md,
// section 2.

constexpr std::string_view kPresets[] = {"auto", "mc", "rp", "plain", "positions"};
constexpr std::size_t kQuery = 0, kKey = 1, kValue = 2;

struct Shape {
    std::uint32_t qubits, encoder_depth, depth;
    bool has_positions;
    std::size_t length, vocabulary, outputs;

    std::size_t width() const { return std::size_t{qubits} * (encoder_depth + 2); }
    std::size_t weights() const { return std::size_t{qubits} * (depth + 2); }
};

NetworkCircuit attention_circuit(const Shape& shape, const std::string& name) {
    circuit::Circuit circuit(shape.qubits);
    append_attention_block(circuit, 0, shape.qubits, shape.encoder_depth,
                           angle_symbols(circuit, "word", shape.width()));
    append_attention_block(circuit, 0, shape.qubits, shape.depth,
                           angle_symbols(circuit, name, shape.weights()));
    return {name,
            std::make_shared<const circuit::Circuit>(std::move(circuit)),
            {circuit::Observable::z(0)},
            0,
            shape.width(),
            shape.weights(),
            0};
}

std::vector<NetworkCircuit> circuits_of(const Shape& shape, const ValueCircuits& values) {
    std::vector<NetworkCircuit> circuits{attention_circuit(shape, "query"), attention_circuit(shape, "key")};
    circuits.insert(circuits.end(), values.circuits().begin(), values.circuits().end());
    return circuits;
}

class Qsann final : public Network {
  public:
    explicit Qsann(const Shape& shape)
        : Qsann(shape, ValueCircuits(shape.qubits, shape.encoder_depth, shape.depth)) {}

    std::size_t length(std::size_t tokens) const override { return std::min(tokens, shape_.length); }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t width = shape_.width(), table = at("words");
        std::vector<std::vector<Graph::Node>> vectors, values;
        std::vector<Graph::Node> queries, keys;
        for (std::size_t t = 0; t < words.size(); ++t) {
            vectors.push_back(parameters_of(graph, table + words[t] * width, width));
            for (std::size_t i = 0; i < width && shape_.has_positions; ++i)
                vectors.back()[i] = graph.shift(vectors.back()[i], position_code(t, i, width));
            const RowOrigin origin{.word = {}, .position = static_cast<int>(t)};
            queries.push_back(graph.run(kQuery, vectors[t], at("query"), origin).front());
            keys.push_back(graph.run(kKey, vectors[t], at("key"), origin).front());
            values.push_back(values_.run(graph, kValue, vectors[t], at("value"), origin));
        }
        std::vector<std::vector<Graph::Node>> affinities;
        for (const Graph::Node query : queries) {
            affinities.emplace_back();
            for (const Graph::Node key : keys) {
                const Graph::Node apart = graph.subtract(query, key);
                affinities.back().push_back(graph.exp(graph.scale(graph.multiply(apart, apart), -1.0)));
            }
        }
        return graph.linear(attended_mean(graph, vectors, values, affinities), shape_.outputs, at("output"),
                            at("bias"));
    }

  private:
    Qsann(const Shape& shape, ValueCircuits values)
        : Network(tensors(shape), circuits_of(shape, values)), shape_(shape), values_(std::move(values)) {}

    static std::vector<NetworkTensor> tensors(const Shape& shape) {
        std::vector<NetworkTensor> tensors;
        for (const char* name : {"query", "key", "value"})
            tensors.push_back(
                {.name = name, .shape = {shape.weights()}, .deviation = 0.5, .is_circuit = true});
        tensors.push_back({.name = "output", .shape = {shape.outputs, shape.width()}, .deviation = 0.5});
        tensors.push_back({.name = "bias", .shape = {shape.outputs}});
        tensors.push_back({.name = "words",
                           .shape = {shape.vocabulary, shape.width()},
                           .deviation = 0.3,
                           .is_penalised = true});
        return tensors;
    }

    Shape shape_;
    ValueCircuits values_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary& vocabulary,
                                const std::string& preset) {
    const bool is_small = takes_small_structure(vocabulary, preset);
    return {{"qubits", is_small ? 2.0 : 4.0},
            {"encoder_depth", is_small ? 1.0 : 4.0},
            {"depth", is_small ? 1.0 : 5.0},
            {"positions", preset == "positions" ? 1.0 : 0.0},
            {"sequence_length", static_cast<double>(longest(train))}};
}

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"qubits", "encoder_depth", "depth", "positions", "sequence_length"});
    return std::make_unique<Qsann>(
        Shape{.qubits = whole_hyperparameter(definition, "qubits", 2, 12),
              .encoder_depth = whole_hyperparameter(definition, "encoder_depth", 0, 64),
              .depth = whole_hyperparameter(definition, "depth", 0, 64),
              .has_positions = whole_hyperparameter(definition, "positions", 0, 1) == 1,
              .length = whole_hyperparameter(definition, "sequence_length", 1, 1 << 20),
              .vocabulary = definition.vocabulary.size(),
              .outputs = outputs_of(definition)});
}

/// As in the one public log of it (models.md, section 1, "QSANN + fixed sinusoidal position code").
TrainingSettings published(const Definition&) {
    return {.optimiser = "adam", .learning_rate = 0.005, .batch = 30, .epochs = 300};
}

}  // namespace

const NetworkKind kQsann{"qsann",  "rival: quantum self-attention, a bag of words as published",
                         kPresets, hyperparameters,
                         make,     published};

}  // namespace qdcnn::model
