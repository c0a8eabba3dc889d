#include <algorithm>
#include <numbers>

#include "model/rivals/attention.h"
#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// Quantum mixed-state self-attention (QMSAN; arXiv 2403.02871, abstract): query and key stay quantum. A
// word's vector x of d = n (De + 2) numbers is encoded after a fixed code of its position, RY(pi t / L) on
// each qubit; query and key are the mixed states of qubit 0 after a trained block each. Their similarity
// tr(rho_q rho_k) is measured for each pair of words on two registers side by side by the destructive swap
// test (CNOT, H; (1 + Z_k + Z_q - Z_k Z_q) / 2 in <Z>):
//   alpha_sj ~ tr(rho_s rho_j), rows normalised;  y_s = x_s + sum_j alpha_sj v_j, v as in QSANN
//   logits: linear in the mean of y over the words.
// n = 2, De = D = 1: angles 3 n (D + 2) = 18; numbers that and V d + d K' + K'. Of the paper the abstract was
// read: block, sizes and position code are QSANN's and ours. Words beyond the longest training sentence (L)
// are cut. Source: models.md, section 2.

constexpr std::uint32_t kQubits = 2, kEncoderDepth = 1, kDepth = 1;
constexpr std::size_t kWidth = kQubits * (kEncoderDepth + 2), kWeights = kQubits * (kDepth + 2);
constexpr std::size_t kSimilarity = 0, kValue = 1;

/// Data: position angle and vector of the query's word, then of the key's.
NetworkCircuit similarity_circuit() {
    circuit::Circuit circuit(2 * kQubits);
    const char* names[] = {"query", "key"};
    std::vector<std::vector<circuit::Angle>> data;
    for (const char* name : names)
        data.push_back(angle_symbols(circuit, std::string(name) + "_word", 1 + kWidth));
    for (circuit::Qubit side = 0; side < 2; ++side) {
        const circuit::Qubit first = side * kQubits;
        for (circuit::Qubit q = 0; q < kQubits; ++q) circuit.ry(data[side][0], first + q);
        append_attention_block(circuit, first, kQubits, kEncoderDepth, std::span(data[side]).subspan(1));
        append_attention_block(circuit, first, kQubits, kDepth,
                               angle_symbols(circuit, names[side], kWeights));
    }
    circuit.cx(0, kQubits).h(0);
    const circuit::Observable swap{{{0.5, {}},
                                    {0.5, {{0, circuit::Pauli::z}}},
                                    {0.5, {{kQubits, circuit::Pauli::z}}},
                                    {-0.5, {{0, circuit::Pauli::z}, {kQubits, circuit::Pauli::z}}}}};
    return {"similarity",
            std::make_shared<const circuit::Circuit>(std::move(circuit)),
            {swap},
            0,
            2 * (1 + kWidth),
            2 * kWeights,
            0};
}

std::vector<NetworkCircuit> circuits_of(const ValueCircuits& values) {
    std::vector<NetworkCircuit> circuits{similarity_circuit()};
    circuits.insert(circuits.end(), values.circuits().begin(), values.circuits().end());
    return circuits;
}

class Qmsan final : public Network {
  public:
    Qmsan(std::size_t longest, std::size_t vocabulary, std::size_t outputs)
        : Qmsan(longest, vocabulary, outputs, ValueCircuits(kQubits, kEncoderDepth, kDepth)) {}

    std::size_t length(std::size_t tokens) const override { return std::min(tokens, longest_); }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t table = at("words");
        std::vector<std::vector<Graph::Node>> vectors, values, affinities;
        for (std::size_t t = 0; t < words.size(); ++t) {
            vectors.push_back(parameters_of(graph, table + words[t] * kWidth, kWidth));
            values.push_back(values_.run(graph, kValue, vectors[t], at("value"), origin(t)));
        }
        for (std::size_t s = 0; s < words.size(); ++s) {
            affinities.emplace_back();
            for (std::size_t j = 0; j < words.size(); ++j) {
                std::vector<Graph::Node> data;
                for (const std::size_t t : {s, j}) {
                    data.push_back(graph.constant(std::numbers::pi * static_cast<double>(t) /
                                                  static_cast<double>(longest_)));
                    data.insert(data.end(), vectors[t].begin(), vectors[t].end());
                }
                // The floor keeps a row of orthogonal states from dividing by 0.
                affinities.back().push_back(
                    graph.shift(graph.run(kSimilarity, data, at("attention"), origin(s)).front(), 1e-6));
            }
        }
        return graph.linear(attended_mean(graph, vectors, values, affinities), outputs_, at("output"),
                            at("bias"));
    }

  private:
    Qmsan(std::size_t longest, std::size_t vocabulary, std::size_t outputs, ValueCircuits values)
        : Network({{.name = "attention", .shape = {2, kWeights}, .deviation = 0.5, .is_circuit = true},
                   {.name = "value", .shape = {kWeights}, .deviation = 0.5, .is_circuit = true},
                   {.name = "output", .shape = {outputs, kWidth}, .deviation = 0.5},
                   {.name = "bias", .shape = {outputs}},
                   {.name = "words", .shape = {vocabulary, kWidth}, .deviation = 0.3, .is_penalised = true}},
                  circuits_of(values)),
          longest_(longest),
          outputs_(outputs),
          values_(std::move(values)) {}

    static RowOrigin origin(std::size_t t) { return {.word = {}, .position = static_cast<int>(t)}; }

    std::size_t longest_, outputs_;
    ValueCircuits values_;
};

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"sequence_length"});
    return std::make_unique<Qmsan>(whole_hyperparameter(definition, "sequence_length", 1, 1 << 20),
                                   definition.vocabulary.size(), outputs_of(definition));
}

}  // namespace

const NetworkKind kQmsan{"qmsan", "rival: self-attention by the overlap of mixed states", kNetworkPresets,
                         longest_as_sequence_length, make};

}  // namespace qdcnn::model
