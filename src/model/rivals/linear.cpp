#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// The linear twin of `coherent`: one number a word, one weight a position.
//   logit_k = b[k] + sum_t a[k][t] e[w_t]
// V + L K' + K' numbers (MC 24, RP 103); words beyond the longest training sentence are not seen. Source:
// coherent-model.md, section 5.

class Linear final : public Network {
  public:
    Linear(std::size_t positions, std::size_t vocabulary, std::size_t outputs)
        : Network({{.name = "positions", .shape = {outputs, positions}, .deviation = 1.0},
                   {.name = "bias", .shape = {outputs}},
                   {.name = "words", .shape = {vocabulary, 1}, .deviation = 0.1, .is_penalised = true}}),
          positions_(positions),
          outputs_(outputs) {}

    std::size_t length(std::size_t) const override { return positions_; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t table = at("words");
        std::vector<Graph::Node> numbers;
        for (const text::WordId word : words) numbers.push_back(graph.parameter(table + word));
        return graph.linear(numbers, outputs_, at("positions"), at("bias"));
    }

  private:
    std::size_t positions_, outputs_;
};

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"positions"});
    return std::make_unique<Linear>(whole_hyperparameter(definition, "positions", 1, 1 << 20),
                                    definition.vocabulary.size(), outputs_of(definition));
}

}  // namespace

const NetworkKind kLinear{"linear",
                          "classical: the linear twin of coherent, one number a word, one weight a position",
                          kNetworkPresets, longest_as_positions, make};

}  // namespace qdcnn::model
