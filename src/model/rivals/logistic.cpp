#include <algorithm>

#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// Logistic regression. With K' = outputs, V words and L = words of the longest training sentence:
//   word at position  logit = b + sum_t w[t][w_t]   L V K' + K' numbers; what stands beyond L is not seen
//   preset bag        logit = b + sum_t w[w_t]        V K' + K'
// The weights are penalised (ridge). Source: models.md, section 2, "classical sanity rows".

constexpr std::string_view kPresets[] = {"auto", "mc", "rp", "plain", "bag"};

class Logistic final : public Network {
  public:
    Logistic(std::size_t positions, std::size_t vocabulary, std::size_t outputs)
        : Network({{.name = "weights",
                    .shape = {std::max<std::size_t>(1, positions), vocabulary, outputs},
                    .is_penalised = true},
                   {.name = "bias", .shape = {outputs}}}),
          positions_(positions),
          vocabulary_(vocabulary),
          outputs_(outputs) {}

    std::size_t length(std::size_t tokens) const override { return positions_ == 0 ? tokens : positions_; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        std::vector<Graph::Node> logits = parameters_of(graph, at("bias"), outputs_);
        for (std::size_t t = 0; t < words.size(); ++t)
            for (std::size_t k = 0; k < outputs_; ++k) {
                const std::size_t row = (positions_ == 0 ? 0 : t * vocabulary_) + words[t];
                logits[k] = graph.add(logits[k], graph.parameter(row * outputs_ + k));
            }
        return logits;
    }

  private:
    std::size_t positions_, vocabulary_, outputs_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary&,
                                const std::string& preset) {
    return {{"positions", preset == "bag" ? 0.0 : static_cast<double>(longest(train))}};
}

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"positions"});
    return std::make_unique<Logistic>(whole_hyperparameter(definition, "positions", 0, 1 << 20),
                                      definition.vocabulary.size(), outputs_of(definition));
}

}  // namespace

const NetworkKind kLogistic{"logistic", "classical: logistic regression on the word at each position",
                            kPresets, hyperparameters, make};

}  // namespace qdcnn::model
