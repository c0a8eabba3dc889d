#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// A perceptron with one hidden layer of H tanh units on the words at their L positions (of the longest
// training sentence; what stands beyond is not seen).
//   word at position  h = tanh(c + sum_t W[t][w_t]), H = 16       L V H + H + H K' + K' numbers
//   preset small      h = tanh(c + M (e[w_0] .. e[w_(L-1)])), one number a word, H = 3
//                                                                 V + L H + H + H K' + K'
// Sources: models.md, section 2, "word@position + MLP(16)"; real-corpus.md, section 3, "MLP, 3 hidden".

constexpr std::string_view kPresets[] = {"auto", "mc", "rp", "plain", "small", "small_plain"};

class Mlp final : public Network {
  public:
    Mlp(std::size_t positions, std::size_t vocabulary, std::size_t hidden, bool has_table,
        std::size_t outputs)
        : Network(tensors(positions, vocabulary, hidden, has_table, outputs)),
          positions_(positions),
          vocabulary_(vocabulary),
          hidden_(hidden),
          has_table_(has_table),
          outputs_(outputs) {}

    std::size_t length(std::size_t) const override { return positions_; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        std::vector<Graph::Node> units = has_table_ ? of_table(graph, words) : of_positions(graph, words);
        for (Graph::Node& unit : units) unit = graph.tanh(unit);
        return graph.linear(units, outputs_, at("output"), at("bias"));
    }

  private:
    static std::vector<NetworkTensor> tensors(std::size_t positions, std::size_t vocabulary,
                                              std::size_t hidden, bool has_table, std::size_t outputs) {
        std::vector<NetworkTensor> tensors;
        if (has_table) {
            tensors.push_back(
                {.name = "words", .shape = {vocabulary, 1}, .deviation = 0.3, .is_penalised = true});
            tensors.push_back({.name = "hidden", .shape = {hidden, positions}, .deviation = 1.0});
        } else {
            tensors.push_back({.name = "hidden",
                               .shape = {positions, vocabulary, hidden},
                               .deviation = 0.1,
                               .is_penalised = true});
        }
        tensors.push_back({.name = "hidden_bias", .shape = {hidden}});
        tensors.push_back({.name = "output", .shape = {outputs, hidden}, .deviation = 0.5});
        tensors.push_back({.name = "bias", .shape = {outputs}});
        return tensors;
    }

    std::vector<Graph::Node> of_positions(Graph& graph, std::span<const text::WordId> words) const {
        const std::size_t weights = at("hidden");
        std::vector<Graph::Node> units = parameters_of(graph, at("hidden_bias"), hidden_);
        for (std::size_t t = 0; t < words.size(); ++t)
            for (std::size_t h = 0; h < hidden_; ++h)
                units[h] = graph.add(units[h],
                                     graph.parameter(weights + (t * vocabulary_ + words[t]) * hidden_ + h));
        return units;
    }

    std::vector<Graph::Node> of_table(Graph& graph, std::span<const text::WordId> words) const {
        const std::size_t table = at("words");
        std::vector<Graph::Node> numbers;
        for (const text::WordId word : words) numbers.push_back(graph.parameter(table + word));
        return graph.linear(numbers, hidden_, at("hidden"), at("hidden_bias"));
    }

    std::size_t positions_, vocabulary_, hidden_;
    bool has_table_;
    std::size_t outputs_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary&,
                                const std::string& preset) {
    const bool is_small = preset.starts_with("small");
    return {{"positions", static_cast<double>(longest(train))},
            {"hidden", is_small ? 3.0 : 16.0},
            {"word_numbers", is_small ? 1.0 : 0.0}};
}

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"positions", "hidden", "word_numbers"});
    return std::make_unique<Mlp>(
        whole_hyperparameter(definition, "positions", 1, 1 << 20), definition.vocabulary.size(),
        whole_hyperparameter(definition, "hidden", 1, 1 << 12),
        whole_hyperparameter(definition, "word_numbers", 0, 1) == 1, outputs_of(definition));
}

}  // namespace

const NetworkKind kMlp{"mlp", "classical: a hidden layer of 16 on the word at each position", kPresets,
                       hyperparameters, make};

}  // namespace qdcnn::model
