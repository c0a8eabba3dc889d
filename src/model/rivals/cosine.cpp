#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// One cosine of a weighted sum of word numbers: what a single qubit without any coupling can do.
//   logit_k = scale[k] * cos(phase + sum_t sum_j a[t][j] e[w_t][j]) + bias[k],  j = 0, 1
// 2 V + 2 L + 1 + 2 K' numbers; words beyond the longest training sentence are not seen. Source:
// real-corpus.md, section 3, "classical cos(sum of position-weighted numbers)".

constexpr std::size_t kNumbers = 2;

class Cosine final : public Network {
  public:
    Cosine(std::size_t positions, std::size_t vocabulary, std::size_t outputs)
        : Network(
              {{.name = "positions", .shape = {positions, kNumbers}, .deviation = 1.0},
               {.name = "phase", .shape = {1}, .deviation = 0.3},
               {.name = "scale", .shape = {outputs}, .mean = 3.0, .deviation = outputs > 1 ? 1.0 : 0.0},
               {.name = "bias", .shape = {outputs}},
               {.name = "words", .shape = {vocabulary, kNumbers}, .deviation = 0.3, .is_penalised = true}}),
          positions_(positions),
          outputs_(outputs) {}

    std::size_t length(std::size_t) const override { return positions_; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t table = at("words"), weights = at("positions");
        std::vector<Graph::Node> terms{graph.parameter(at("phase"))};
        for (std::size_t t = 0; t < words.size(); ++t)
            for (std::size_t j = 0; j < kNumbers; ++j)
                terms.push_back(graph.multiply(graph.parameter(weights + t * kNumbers + j),
                                               graph.parameter(table + words[t] * kNumbers + j)));
        const Graph::Node wave[] = {graph.cos(graph.sum(terms))};
        return graph.linear(wave, outputs_, at("scale"), at("bias"));
    }

  private:
    std::size_t positions_, outputs_;
};

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"positions"});
    return std::make_unique<Cosine>(whole_hyperparameter(definition, "positions", 1, 1 << 20),
                                    definition.vocabulary.size(), outputs_of(definition));
}

}  // namespace

const NetworkKind kCosine{"cosine", "classical: the cosine of a weighted sum of word numbers",
                          kNetworkPresets, longest_as_positions, make};

}  // namespace qdcnn::model
