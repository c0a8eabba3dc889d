#include <algorithm>

#include "model/rivals/attention.h"
#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// Quantum recurrent network (Li et al., arXiv 2302.03244): h = 3 history qubits and e = 1 data qubit. A word:
// reset the data qubit, RY(its number), then a block on all m = h + e: RX, RZ, RX each, D times a ring of RZZ
// and RY each. Words of a sentence follow each other on the same qubits; logits are linear in <Z> of all.
// Angles of a block m (3 + 2 D), D = 1: 20, the same block for every word; preset unshared: one a word, 80
// for T = 4 words, as in the one public code. Numbers: that, V, K' m + K'. Exactly T words are taken, T =
// those of the longest training sentence, at most 8: more are cut, fewer padded. Departures: a trained number
// a word for the word's rank, the read-out of all qubits for <Z_0>. Source: models.md, section 2.

constexpr std::string_view kPresets[] = {"auto", "mc", "rp", "plain", "unshared"};
constexpr std::uint32_t kHistory = 3, kQubits = 4, kDepth = 1;
constexpr std::size_t kBlock = kQubits * (3 + 2 * kDepth);
constexpr std::size_t kMostWords = 8;

void append_block(circuit::Circuit& circuit, std::span<const circuit::Qubit> qubits,
                  std::span<const circuit::Angle> angles) {
    std::size_t next = 0;
    for (const auto q : qubits) circuit.rx(angles[next++], q);
    for (const auto q : qubits) circuit.rz(angles[next++], q);
    for (const auto q : qubits) circuit.rx(angles[next++], q);
    for (std::uint32_t layer = 0; layer < kDepth; ++layer) {
        for (std::size_t i = 0; i < qubits.size(); ++i)
            circuit.gate(circuit::GateId::rzz, {qubits[i], qubits[(i + 1) % qubits.size()]},
                         {angles[next++]});
        for (const auto q : qubits) circuit.ry(angles[next++], q);
    }
}

/// has_resets: one data qubit for all words; else one a word.
circuit::Circuit recurrent_circuit(std::size_t words, bool is_shared, bool has_resets) {
    circuit::Circuit circuit(kHistory + (has_resets ? 1 : static_cast<std::uint32_t>(words)));
    const auto data = angle_symbols(circuit, "word", words);
    const auto weights = angle_symbols(circuit, "block", is_shared ? kBlock : kBlock * words);
    for (std::size_t t = 0; t < words; ++t) {
        const circuit::Qubit own = kHistory + (has_resets ? 0 : static_cast<circuit::Qubit>(t));
        if (has_resets && t > 0) circuit.reset(own);
        circuit.ry(data[t], own);
        const circuit::Qubit qubits[] = {0, 1, 2, own};
        append_block(circuit, qubits, std::span(weights).subspan(is_shared ? 0 : t * kBlock, kBlock));
    }
    return circuit;
}

std::vector<NetworkCircuit> circuits_of(std::size_t words, bool is_shared) {
    NetworkCircuit one{
        .name = "sentence",
        .circuit = std::make_shared<const circuit::Circuit>(recurrent_circuit(words, is_shared, true)),
        .observables = {},
        .data = words,
        .weights = is_shared ? kBlock : kBlock * words,
        .static_circuit =
            std::make_shared<const circuit::Circuit>(recurrent_circuit(words, is_shared, false))};
    for (circuit::Qubit q = 0; q < kQubits; ++q) {
        const auto last = static_cast<circuit::Qubit>(q + (q == kHistory ? words - 1 : 0));
        one.observables.push_back(circuit::Observable::z(q));
        one.static_observables.push_back(circuit::Observable::z(last));
    }
    return {one};
}

class Qrnn final : public Network {
  public:
    Qrnn(std::size_t words, bool is_shared, std::size_t vocabulary, std::size_t outputs)
        : Network({{.name = "block",
                    .shape = {is_shared ? 1 : words, kBlock},
                    .deviation = 0.5,
                    .is_circuit = true},
                   {.name = "output", .shape = {outputs, kQubits}, .deviation = 1.0},
                   {.name = "bias", .shape = {outputs}},
                   {.name = "words", .shape = {vocabulary, 1}, .deviation = 0.5, .is_penalised = true}},
                  circuits_of(words, is_shared)),
          words_(words),
          outputs_(outputs) {}

    std::size_t length(std::size_t) const override { return words_; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t table = at("words");
        std::vector<Graph::Node> angles;
        for (const text::WordId word : words) angles.push_back(graph.parameter(table + word));
        return graph.linear(graph.run(0, angles, at("block")), outputs_, at("output"), at("bias"));
    }

  private:
    std::size_t words_, outputs_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary&,
                                const std::string& preset) {
    return {{"sequence_length", static_cast<double>(std::min(kMostWords, longest(train)))},
            {"shared", preset == "unshared" ? 0.0 : 1.0}};
}

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"sequence_length", "shared"});
    return std::make_unique<Qrnn>(whole_hyperparameter(definition, "sequence_length", 1, kMostWords),
                                  whole_hyperparameter(definition, "shared", 0, 1) == 1,
                                  definition.vocabulary.size(), outputs_of(definition));
}

/// As in its paper; the public code has 0.005.
TrainingSettings published(const Definition&) {
    return {.optimiser = "adam", .learning_rate = 0.03, .batch = 16, .epochs = 100};
}

}  // namespace

const NetworkKind kQrnn{"qrnn",   "rival: quantum recurrent network, three history qubits",
                        kPresets, hyperparameters,
                        make,     published};

}  // namespace qdcnn::model
