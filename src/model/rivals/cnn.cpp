#include <algorithm>
#include <bit>

#include "model/recipes.h"
#include "model/rivals/rivals.h"
#include "qdcnn/text/tfidf.h"

namespace qdcnn::model {
namespace {

// The published network's classical counterparts, n = max(3, ceil(log2 V)) channels:
//   x_t = E[w_t]; convolutions over 3 positions with ReLU, one of them up to 32 words, else two; mean over
//   positions; + S tfidf + s; logits of every class by a linear layer.
// cnn: each channel of each; dcnn: one kernel for all channels, each for itself. Numbers, c convolutions:
//   V n + (V + 1) n + K n + K + c (3 n n + n)   cnn: MC 287, RP 1703
//   V n + (V + 1) n + K n + K + c (3 + 1)      dcnn: MC 211, RP 1403
// Source: models.md, sections 1 and 2, "classical twins", after the authors' stored weights.

constexpr std::size_t kKernel = 3;
struct Shape {
    std::size_t vocabulary, classes, channels, layers, length;
    bool is_depthwise;
};

std::vector<NetworkTensor> tensors_of(const Shape& shape) {
    const std::size_t n = shape.channels;
    std::vector<NetworkTensor> tensors{
        {.name = "words", .shape = {shape.vocabulary, n}, .deviation = 1.0, .is_penalised = true},
        {.name = "sentence", .shape = {n, shape.vocabulary}, .deviation = 0.1},
        {.name = "sentence_bias", .shape = {n}}};
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        const std::string name = "conv" + std::to_string(layer + 1);
        if (shape.is_depthwise) {
            tensors.push_back({.name = name, .shape = {kKernel}, .deviation = 0.5});
            tensors.push_back({.name = name + "_bias", .shape = {1}});
        } else {
            tensors.push_back({.name = name, .shape = {n, n * kKernel}, .deviation = 0.3});
            tensors.push_back({.name = name + "_bias", .shape = {n}});
        }
    }
    tensors.push_back({.name = "output", .shape = {shape.classes, n}, .deviation = 0.3});
    tensors.push_back({.name = "bias", .shape = {shape.classes}});
    return tensors;
}

class Cnn final : public Network {
  public:
    Cnn(const Shape& shape, std::vector<double> idf)
        : Network(tensors_of(shape)), shape_(shape), idf_(std::move(idf)) {}

    std::size_t length(std::size_t) const override { return shape_.length; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        const std::size_t n = shape_.channels, table = at("words");
        std::vector<std::vector<Graph::Node>> positions;
        for (const text::WordId word : words) positions.push_back(parameters_of(graph, table + word * n, n));
        for (std::size_t layer = 0; layer < shape_.layers; ++layer)
            positions = convolve(graph, positions, "conv" + std::to_string(layer + 1));
        std::vector<Graph::Node> features = sentence(graph, words);
        for (std::size_t channel = 0; channel < n; ++channel) {
            std::vector<Graph::Node> line;
            for (const auto& position : positions) line.push_back(position[channel]);
            features[channel] = graph.add(features[channel], graph.mean(line));
        }
        return graph.linear(features, shape_.classes, at("output"), at("bias"));
    }

  private:
    std::vector<std::vector<Graph::Node>> convolve(Graph& graph,
                                                   const std::vector<std::vector<Graph::Node>>& from,
                                                   const std::string& name) const {
        const std::size_t n = shape_.channels, weights = at(name), bias = at(name + "_bias");
        std::vector<std::vector<Graph::Node>> to;
        for (std::size_t t = 0; t + kKernel <= from.size(); ++t) {
            std::vector<Graph::Node> outputs;
            for (std::size_t channel = 0; shape_.is_depthwise && channel < n; ++channel) {
                const Graph::Node window[] = {from[t][channel], from[t + 1][channel], from[t + 2][channel]};
                outputs.push_back(graph.linear(window, 1, weights, bias).front());
            }
            if (!shape_.is_depthwise) {
                std::vector<Graph::Node> window;
                for (std::size_t k = 0; k < kKernel; ++k)
                    window.insert(window.end(), from[t + k].begin(), from[t + k].end());
                outputs = graph.linear(window, n, weights, bias);
            }
            for (Graph::Node& output : outputs) output = graph.relu(output);
            to.push_back(std::move(outputs));
        }
        return to;
    }

    std::vector<Graph::Node> sentence(Graph& graph, std::span<const text::WordId> words) const {
        const std::vector<double> tfidf = text::tfidf(words, idf_);
        std::vector<Graph::Node> features = parameters_of(graph, at("sentence_bias"), shape_.channels);
        const std::size_t weights = at("sentence");
        for (std::size_t word = 0; word < tfidf.size(); ++word) {
            if (tfidf[word] == 0.0) continue;
            for (std::size_t channel = 0; channel < features.size(); ++channel)
                features[channel] = graph.add(
                    features[channel],
                    graph.scale(graph.parameter(weights + channel * tfidf.size() + word), tfidf[word]));
        }
        return features;
    }

    Shape shape_;
    std::vector<double> idf_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary& vocabulary,
                                const std::string&) {
    const double layers = has_few_words(vocabulary) ? 1 : 2;
    const std::size_t bits = std::bit_width(vocabulary.size() - 1);
    return {{"channels", static_cast<double>(std::max<std::size_t>(3, bits))},
            {"conv_layers", layers},
            {"sequence_length", std::max(static_cast<double>(longest(train)), 1 + 2 * layers)}};
}

template <bool IsDepthwise>
std::unique_ptr<Network> make(const Definition& definition) {
    check_hyperparameters(definition, {"channels", "conv_layers", "sequence_length"});
    Shape shape{.vocabulary = definition.vocabulary.size(),
                .classes = definition.classes.size(),
                .channels = whole_hyperparameter(definition, "channels", 1, 1 << 10),
                .layers = whole_hyperparameter(definition, "conv_layers", 1, 8),
                .length = 0,
                .is_depthwise = IsDepthwise};
    shape.length = whole_hyperparameter(definition, "sequence_length",
                                        static_cast<std::uint32_t>(1 + 2 * shape.layers), 1 << 20);
    return std::make_unique<Cnn>(shape, definition.idf);
}

/// As the authors trained their circuits and these.
TrainingSettings published(const Definition& definition) {
    return published_recipe(has_few_words(definition.vocabulary));
}

}  // namespace

const NetworkKind kCnn{
    "cnn",           "classical: convolution over words and channels, the published comparison",
    kNetworkPresets, hyperparameters,
    make<false>,     published};
const NetworkKind kDepthwiseCnn{
    "dcnn",          "classical: the same with one depthwise kernel for all channels",
    kNetworkPresets, hyperparameters,
    make<true>,      published};

}  // namespace qdcnn::model
