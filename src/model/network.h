#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/definition_checks.h"
#include "model/graph.h"
#include "qdcnn/model/models.h"

namespace qdcnn::model {

/// A tensor of a network and what its first values are drawn from.
struct NetworkTensor {
    std::string name;
    std::vector<std::size_t> shape;
    double mean = 0.0;
    double deviation = 0.0;
    /// Angles of gates.
    bool is_circuit = false;
    /// Its sum of squares is part of the training loss. A table of words by row is: the rows of <UNK> and
    /// <PAD> then start at `mean`.
    bool is_penalised = false;

    std::size_t size() const { return TensorShape{name, shape}.size(); }
};

/// A rival: how logits come of words, as a graph. Training, evaluation and files are the same for all.
class Network {
  public:
    Network(std::vector<NetworkTensor> tensors, std::vector<NetworkCircuit> circuits = {});
    virtual ~Network() = default;

    const std::vector<NetworkTensor>& tensors() const { return tensors_; }
    const std::vector<NetworkCircuit>& circuits() const { return circuits_; }
    /// Where the tensor starts among all parameters. There is one of that name.
    std::size_t at(std::string_view tensor) const;
    /// How many words of a text of `tokens` words it looks at: more is cut, fewer are padded.
    virtual std::size_t length(std::size_t tokens) const { return tokens; }
    /// words: as many as `length` says. One node a class; two classes have one, the second's, beside 0.
    virtual std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const = 0;

  private:
    std::vector<NetworkTensor> tensors_;
    /// Of each tensor.
    std::vector<std::size_t> offsets_;
    std::vector<NetworkCircuit> circuits_;
};

/// Nodes of `count` parameters from `first` on.
std::vector<Graph::Node> parameters_of(Graph& graph, std::size_t first, std::size_t count);

/// Rows of logits: one for two classes, else one a class.
std::size_t outputs_of(const Definition& definition);
/// Words of the longest sentence.
std::size_t longest(const text::Dataset& data);

using Hyperparameters = std::map<std::string, double>;

/// Up to 32 words the published settings are those of the small task (MC), beyond them those of the larger
/// (RP).
bool has_few_words(const text::Vocabulary& vocabulary);
/// The same, unless the preset is mc or rp itself.
bool takes_small_structure(const text::Vocabulary& vocabulary, const std::string& preset);

/// NetworkKind::hyperparameters of networks that have but one, as long as the longest training sentence.
Hyperparameters longest_as_positions(const text::Dataset& train, const text::Vocabulary& vocabulary,
                                     const std::string& preset);
Hyperparameters longest_as_sequence_length(const text::Dataset& train, const text::Vocabulary& vocabulary,
                                           const std::string& preset);

/// The data of a rival's row in the models table. Every one has beside its own hyper-parameters
/// word_dropout (chance that a training presentation takes a word for <UNK>) and penalty (times the sum of
/// squares of the penalised tensors, added to the training loss), and a preset "plain" (or that ends so)
/// without both.
struct NetworkKind {
    std::string_view name;
    std::string_view description;
    std::span<const std::string_view> presets;
    /// Those of the structure.
    Hyperparameters (*hyperparameters)(const text::Dataset& train, const text::Vocabulary& vocabulary,
                                       const std::string& preset);
    /// Checks them, which are all that the definition has here; throws Error(invalid_input).
    std::unique_ptr<Network> (*make)(const Definition& definition);
    /// Of the preset "plain", where the network was published with a recipe of its own; else that of all.
    TrainingSettings (*published)(const Definition& definition) = nullptr;
};

/// auto, mc, rp, plain.
inline constexpr std::string_view kNetworkPresets[] = {"auto", "mc", "rp", "plain"};

Definition define_network(const NetworkKind& kind, const text::Dataset& train, const std::string& preset,
                          Random& random);
TrainingSettings network_settings(const NetworkKind& kind, const Definition& definition);
std::unique_ptr<Model> make_network(const NetworkKind& kind, Definition definition);

/// The row of a kind.
template <const NetworkKind& Kind>
ModelRow network_row() {
    return {Kind.name,
            Kind.description,
            Kind.presets,
            [](const text::Dataset& train, const std::string& preset, Random& random) {
                return define_network(Kind, train, preset, random);
            },
            [](const Definition& definition) { return network_settings(Kind, definition); },
            [](Definition definition) { return make_network(Kind, std::move(definition)); }};
}

}  // namespace qdcnn::model
