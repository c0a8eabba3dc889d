#include <algorithm>

#include "model/rivals/rivals.h"

namespace qdcnn::model {
namespace {

// A classical network of the shape and size of `coherent`: depthwise separable, two channels, two layers,
// tanh, read out by position, one number a word and the same sentence feature.
//   x[t][c] = A[c] e[w_t] + B[c]
//   layer:    d[t][c] = k[c][0] x[t][c] + k[c][1] x[t+1][c] + l[c];  y[t][c] = tanh(P d[t] + q)
//   into layer 2 goes y + u[c] * sum_t g_t e[w_t], g as in coherent.h
// V + 28 + 2 + 2 (L - 2) K' + K' numbers (MC 54, RP 133), L >= 3 positions (of the longest training sentence;
// words beyond are not seen). Source: coherent-model.md, section 5.

constexpr std::size_t kChannels = 2, kLayers = 2, kKernel = 2;

class Twin final : public Network {
  public:
    Twin(std::size_t positions, std::size_t outputs, std::vector<double> idf)
        : Network(tensors(positions, outputs, idf.size())),
          positions_(positions),
          outputs_(outputs),
          idf_(std::move(idf)) {}

    std::size_t length(std::size_t) const override { return positions_; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t table = at("words"), scale = at("word_scale"), shift = at("word_shift");
        std::vector<std::vector<Graph::Node>> x;
        for (const text::WordId word : words) {
            x.emplace_back();
            for (std::size_t c = 0; c < kChannels; ++c)
                x.back().push_back(
                    graph.add(graph.multiply(graph.parameter(scale + c), graph.parameter(table + word)),
                              graph.parameter(shift + c)));
        }
        x = layer(graph, x, 0);
        const Graph::Node mean = sentence(graph, words);
        for (auto& position : x)
            for (std::size_t c = 0; c < kChannels; ++c)
                position[c] =
                    graph.add(position[c], graph.multiply(graph.parameter(at("sentence_scale") + c), mean));
        x = layer(graph, x, 1);
        std::vector<Graph::Node> all;
        for (const auto& position : x) all.insert(all.end(), position.begin(), position.end());
        return graph.linear(all, outputs_, at("output"), at("bias"));
    }

  private:
    static std::vector<NetworkTensor> tensors(std::size_t positions, std::size_t outputs,
                                              std::size_t vocabulary) {
        const std::size_t features = kChannels * (positions - kLayers * (kKernel - 1));
        return {{.name = "word_scale", .shape = {kChannels}, .mean = 1.0, .deviation = 0.3},
                {.name = "word_shift", .shape = {kChannels}, .deviation = 0.3},
                {.name = "depthwise", .shape = {kLayers, kChannels, kKernel}, .deviation = 0.7},
                {.name = "depthwise_bias", .shape = {kLayers, kChannels}},
                {.name = "pointwise", .shape = {kLayers, kChannels, kChannels}, .deviation = 0.7},
                {.name = "pointwise_bias", .shape = {kLayers, kChannels}},
                {.name = "sentence_scale", .shape = {kChannels}, .mean = 1.0, .deviation = 0.2},
                {.name = "output", .shape = {outputs, features}, .deviation = 0.7},
                {.name = "bias", .shape = {outputs}},
                {.name = "words", .shape = {vocabulary, 1}, .deviation = 0.1, .is_penalised = true}};
    }

    std::vector<std::vector<Graph::Node>> layer(Graph& graph,
                                                const std::vector<std::vector<Graph::Node>>& from,
                                                std::size_t index) const {
        const std::size_t kernels = at("depthwise") + index * kChannels * kKernel,
                          kernel_bias = at("depthwise_bias") + index * kChannels,
                          mix = at("pointwise") + index * kChannels * kChannels,
                          mix_bias = at("pointwise_bias") + index * kChannels;
        std::vector<std::vector<Graph::Node>> to;
        for (std::size_t t = 0; t + 1 < from.size(); ++t) {
            std::vector<Graph::Node> channels;
            for (std::size_t c = 0; c < kChannels; ++c) {
                const Graph::Node window[] = {from[t][c], from[t + 1][c]};
                channels.push_back(graph.linear(window, 1, kernels + c * kKernel, kernel_bias + c).front());
            }
            to.push_back(graph.linear(channels, kChannels, mix, mix_bias));
            for (Graph::Node& node : to.back()) node = graph.tanh(node);
        }
        return to;
    }

    Graph::Node sentence(Graph& graph, std::span<const text::WordId> words) const {
        const std::size_t table = at("words");
        double total = 0.0;
        for (const text::WordId word : words) total += weight(word);
        std::vector<Graph::Node> terms;
        for (const text::WordId word : words)
            if (weight(word) > 0.0)
                terms.push_back(graph.scale(graph.parameter(table + word), weight(word) / total));
        return graph.sum(terms);
    }

    double weight(text::WordId word) const { return word == text::Vocabulary::kPadding ? 0.0 : idf_[word]; }

    std::size_t positions_, outputs_;
    std::vector<double> idf_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary&, const std::string&) {
    return {{"positions", static_cast<double>(std::max<std::size_t>(3, longest(train)))}};
}

std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"positions"});
    return std::make_unique<Twin>(whole_hyperparameter(definition, "positions", 3, 1 << 20),
                                  outputs_of(definition), definition.idf);
}

}  // namespace

const NetworkKind kTwin{"twin", "classical: a depthwise separable network of the size of coherent",
                        kNetworkPresets, hyperparameters, make};

}  // namespace qdcnn::model
