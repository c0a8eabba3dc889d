#include <fmt/format.h>

#include <algorithm>

#include "model/recipes.h"
#include "model/rivals/rivals.h"
#include "model/staged.h"
#include "qdcnn/base/error.h"
#include "qdcnn/text/tfidf.h"

namespace qdcnn::model {
namespace {

// The published staged network as a graph, circuits and sizes as in staged.h, so that it too can be trained
// with words dropped, and its standard convolution:
//   qdconv  one kernel for all channels. Angles as staged: MC 19, RP 90. Under preset plain it is staged.
//   qconv   a kernel for each pair of channels, index c_in + c_out n, summed over c_in; the angles of the
//           next circuit are that sum over 3 n, for as published it turns many times round (preset plain).
//           Angles 2 r n + c d 3 n n + n + 1: MC 91, RP 666.
// Ablations of qdconv's fusion: word_only and sentence_only have one branch alone (.._plain: with the
// published recipe). Sizes: those of the presets mc and rp of staged, rp where there are more than 32 words;
// longer texts make the sequence longer. Sources: models.md, sections 0 and 1, "QConv".

struct Structure {
    StagedShape shape;
    bool is_depthwise = true;
    bool is_scaled = true;
    bool has_words = true;
    bool has_sentence = true;

    /// Whether the stage of that name, of staged's, is there.
    bool has(std::string_view stage) const {
        if (stage == "fc") return true;
        return stage == "sentence_embedding" ? has_sentence : has_words;
    }
};

NetworkCircuit circuit_of(const StageTemplate& from, std::size_t round, std::size_t amplitudes = 0) {
    return {from.name, from.circuit, from.observables, amplitudes, from.data, from.weights, round};
}

std::vector<NetworkCircuit> circuits_of(const Structure& structure) {
    const StagedTemplates templates(structure.shape);
    std::vector<NetworkCircuit> circuits;
    std::size_t round = 0;
    if (structure.has_words) circuits.push_back(circuit_of(templates.word, round));
    if (structure.has_sentence)
        circuits.push_back(circuit_of(templates.sentence, round, templates.sentence.data));
    if (structure.has_words)
        for (const StageTemplate& conv : templates.conv) circuits.push_back(circuit_of(conv, ++round));
    circuits.push_back(circuit_of(templates.fc, ++round));
    return circuits;
}

std::vector<NetworkTensor> tensors_of(const Structure& structure) {
    const std::size_t n = structure.shape.qubits;
    std::vector<NetworkTensor> tensors;
    for (TensorShape& tensor : structure.shape.tensors()) {
        if (!structure.has(tensor.name)) continue;
        if (!structure.is_depthwise && tensor.name.starts_with("conv"))
            tensor.shape.insert(tensor.shape.begin(), n * n);
        // Any angle is as likely as another, nearly: the published draw is uniform on the circle.
        tensors.push_back({.name = tensor.name, .shape = tensor.shape, .deviation = 2.0, .is_circuit = true});
    }
    return tensors;
}

class Qconv final : public Network {
  public:
    Qconv(const Structure& structure, const Definition& definition)
        : Network(tensors_of(structure), circuits_of(structure)),
          structure_(structure),
          shape_(structure.shape),
          idf_(definition.idf) {}

    std::size_t length(std::size_t) const override { return shape_.sequence_length; }

    std::vector<Graph::Node> logits(Graph& graph, std::span<const text::WordId> words) const override {
        std::vector<Graph::Node> fused;
        if (structure_.has_words) fused = branch_of_words(graph, words);
        if (structure_.has_sentence) {
            const std::vector<Graph::Node> whole = sentence(graph, words);
            for (std::size_t channel = 0; channel < whole.size(); ++channel)
                if (structure_.has_words)
                    fused[channel] = graph.add(fused[channel], whole[channel]);
                else
                    fused.push_back(whole[channel]);
        }
        return run(graph, "fc", fused, at("fc"));
    }

  private:
    /// The circuit of that stage.
    std::vector<Graph::Node> run(Graph& graph, std::string_view stage, std::span<const Graph::Node> data,
                                 std::size_t weights, const RowOrigin& origin = {}) const {
        const auto found = std::find_if(circuits().begin(), circuits().end(),
                                        [&](const NetworkCircuit& one) { return one.name == stage; });
        return graph.run(static_cast<std::size_t>(found - circuits().begin()), data, weights, origin);
    }

    std::vector<Graph::Node> branch_of_words(Graph& graph, std::span<const text::WordId> words) const {
        const std::size_t n = shape_.qubits;
        // features[channel][position]
        std::vector<std::vector<Graph::Node>> features(n);
        for (std::size_t t = 0; t < words.size(); ++t) {
            std::vector<double> angles(n);
            fill_basis_angles(words[t], angles);
            const auto values = run(graph, "word", constants(graph, angles), at("word_embedding"),
                                    {.word = {}, .position = static_cast<int>(t)});
            for (std::size_t channel = 0; channel < n; ++channel)
                features[channel].push_back(values[channel]);
        }
        for (std::uint32_t layer = 0; layer < shape_.conv_layers; ++layer)
            features = convolve(graph, features, layer);
        std::vector<Graph::Node> means;
        for (const auto& channel : features) means.push_back(graph.mean(channel));
        return means;
    }

    static std::vector<Graph::Node> constants(Graph& graph, std::span<const double> values) {
        std::vector<Graph::Node> nodes;
        for (const double value : values) nodes.push_back(graph.constant(value));
        return nodes;
    }

    std::vector<Graph::Node> sentence(Graph& graph, std::span<const text::WordId> words) const {
        std::vector<double> amplitudes(std::size_t{1} << shape_.qubits, 0.0);
        const std::vector<double> tfidf = text::tfidf(words, idf_);
        std::copy(tfidf.begin(), tfidf.end(), amplitudes.begin());
        return run(graph, "sentence", constants(graph, amplitudes), at("sentence_embedding"));
    }

    std::vector<std::vector<Graph::Node>> convolve(Graph& graph,
                                                   const std::vector<std::vector<Graph::Node>>& from,
                                                   std::uint32_t layer) const {
        const std::string stage = fmt::format("conv{}", layer + 1);
        const std::size_t n = shape_.qubits, weights = at(stage);
        std::vector<std::vector<Graph::Node>> to(n);
        for (std::size_t out = 0; out < n; ++out)
            for (std::size_t t = 0; t < shape_.windows(layer); ++t) {
                std::vector<Graph::Node> terms;
                for (std::size_t in = 0; in < n; ++in) {
                    if (structure_.is_depthwise && in != out) continue;
                    const std::size_t kernel = structure_.is_depthwise ? 0 : in + out * n;
                    terms.push_back(
                        run(graph, stage, std::span(from[in]).subspan(t, kKernelSize),
                            weights + kernel * shape_.conv_parameters(),
                            {.word = {}, .channel = static_cast<int>(in), .position = static_cast<int>(t)})
                            .front());
                }
                to[out].push_back(graph.sum(terms));
                if (structure_.is_scaled)
                    to[out].back() = graph.scale(to[out].back(), 1.0 / static_cast<double>(kKernelSize * n));
            }
        return to;
    }

    Structure structure_;
    StagedShape shape_;
    std::vector<double> idf_;
};

Hyperparameters hyperparameters(const text::Dataset& train, const text::Vocabulary& vocabulary,
                                const std::string& preset) {
    const bool is_small = takes_small_structure(vocabulary, preset);
    Random ignored(0);
    auto all = define_staged(train, is_small ? "mc" : "rp", ignored).hyperparameters;
    all["sequence_length"] = std::max(all["sequence_length"], static_cast<double>(longest(train)));
    all["scaled"] = preset == "plain" ? 0.0 : 1.0;
    if (preset.starts_with("word_only")) all["sentence"] = 0.0;
    if (preset.starts_with("sentence_only")) all["words"] = 0.0;
    return all;
}

template <bool IsDepthwise>
std::unique_ptr<Network> make(const Definition& definition) {
    Definition as_staged = definition;
    if (as_staged.hyperparameters.erase("scaled") == 0) check_hyperparameters(definition, {"scaled"});
    // The sum over one channel needs no scale.
    Structure structure{.shape = {},
                        .is_depthwise = IsDepthwise,
                        .is_scaled = whole_hyperparameter(definition, "scaled", 0, 1) == 1 && !IsDepthwise};
    for (const auto& [name, is_there] :
         {std::pair("words", &structure.has_words), std::pair("sentence", &structure.has_sentence)})
        if (as_staged.hyperparameters.erase(name) > 0)
            *is_there = whole_hyperparameter(definition, name, 0, 1) == 1;
    if (!structure.has_words && !structure.has_sentence)
        throw Error(ErrorKind::invalid_input,
                    "hyperparameters.words and sentence are both 0: nothing would be read");
    structure.shape = staged_shape(as_staged);
    return std::make_unique<Qconv>(structure, definition);
}

TrainingSettings published(const Definition& definition) {
    return published_recipe(has_few_words(definition.vocabulary));
}

constexpr std::string_view kQdconvPresets[] = {
    "auto", "mc", "rp", "plain", "word_only", "sentence_only", "word_only_plain", "sentence_only_plain"};

}  // namespace

const NetworkKind kQdconv{"qdconv",       "the network staged, trained with words dropped",
                          kQdconvPresets, hyperparameters,
                          make<true>,     published};
const NetworkKind kQconv{
    "qconv",         "rival: standard quantum convolution in the place of staged's depthwise one",
    kNetworkPresets, hyperparameters,
    make<false>,     published};

}  // namespace qdcnn::model
