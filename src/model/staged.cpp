#include "model/staged.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numbers>

#include "model/recipes.h"
#include "qdcnn/base/error.h"
#include "qdcnn/text/tfidf.h"

namespace qdcnn::model {
namespace {

// A vocabulary of 65,536 words. Beyond it 2^n amplitudes a sentence take more memory and time than the model
// is worth.
constexpr std::uint32_t kMostQubits = 16;
constexpr std::uint32_t kMost = 1 << 20;

/// Vocabularies above this take RP's deeper embedding under the preset `auto`.
constexpr std::size_t kSmallVocabulary = 32;

std::uint32_t least_qubits(std::size_t vocabulary, std::size_t classes) {
    const auto bits = static_cast<std::uint32_t>(std::bit_width(vocabulary - 1));
    return std::max({kKernelSize, bits, static_cast<std::uint32_t>(classes) + 1});
}

bool has_rp_structure(const Definition& definition) {
    return definition.preset == "rp" ||
           (definition.preset == "auto" && definition.vocabulary.size() > kSmallVocabulary);
}

class Staged final : public Model {
  public:
    Staged(Definition definition, const StagedShape& shape)
        : Model(std::move(definition)), shape_(shape), templates_(shape) {}

    std::size_t rounds() const override { return 2 + shape_.conv_layers; }
    std::size_t circuit_parameters() const override { return definition().parameters().size(); }
    std::unique_ptr<Inference> begin(std::span<const text::Tokens> sentences,
                                     const InferenceOptions& options) const override {
        return begin_staged(definition(), shape_, templates_, sentences, options);
    }
    std::unique_ptr<LossFunction> loss_function(backend::Backend& backend,
                                                std::span<const text::Tokens> sentences,
                                                std::span<const std::size_t> labels) const override {
        return staged_loss(definition(), shape_, templates_, backend, sentences, labels);
    }

  private:
    StagedShape shape_;
    StagedTemplates templates_;
};

}  // namespace

std::vector<TensorShape> StagedShape::tensors() const {
    std::vector<TensorShape> tensors{{"word_embedding", {embedding_layers, qubits}},
                                     {"sentence_embedding", {embedding_layers, qubits}}};
    for (std::uint32_t layer = 1; layer <= conv_layers; ++layer)
        tensors.push_back({fmt::format("conv{}", layer), {conv_depth, kKernelSize}});
    tensors.push_back({"fc", {fc_parameters()}});
    return tensors;
}

StagedShape staged_shape(const Definition& definition) {
    check_hyperparameters(definition, {"qubits", "sequence_length", "embedding_layers", "embedding_hadamard",
                                       "kernel_size", "conv_layers", "conv_depth"});
    auto whole = [&](const char* name, std::uint32_t low, std::uint32_t high) {
        return whole_hyperparameter(definition, name, low, high);
    };
    StagedShape shape;
    shape.classes = static_cast<std::uint32_t>(definition.classes.size());
    shape.qubits =
        whole("qubits", least_qubits(definition.vocabulary.size(), definition.classes.size()), kMostQubits);
    shape.embedding_layers = whole("embedding_layers", 1, kMost);
    shape.embedding_hadamard = whole("embedding_hadamard", 0, 1) == 1;
    whole("kernel_size", kKernelSize, kKernelSize);
    shape.conv_layers = whole("conv_layers", 1, kMost);
    shape.conv_depth = whole("conv_depth", 1, kMost);
    shape.sequence_length = whole("sequence_length", (kKernelSize - 1) * shape.conv_layers + 1, 4 * kMost);
    return shape;
}

Definition define_staged(const text::Dataset& train, const std::string& preset, Random& random) {
    Definition definition = definition_of_data("staged", preset, train);
    const std::uint32_t qubits = least_qubits(definition.vocabulary.size(), definition.classes.size());
    if (qubits > kMostQubits)
        throw Error(ErrorKind::unsupported,
                    fmt::format("{} words and {} classes need {} qubits, the staged model takes up to {}",
                                definition.vocabulary.size(), definition.classes.size(), qubits, kMostQubits),
                    "Take fewer sentences, or fewer classes.");
    std::size_t longest = 0;
    for (const text::Example& example : train.examples) longest = std::max(longest, example.tokens.size());
    const bool rp = has_rp_structure(definition);
    const bool two_convolutions = preset == "auto" ? longest >= 5 : rp;
    const std::size_t length = preset == "auto" ? std::max<std::size_t>(longest, kKernelSize) : rp ? 5 : 6;
    definition.hyperparameters = {{"qubits", qubits},
                                  {"sequence_length", static_cast<double>(length)},
                                  {"embedding_layers", rp ? 5 : 1},
                                  {"embedding_hadamard", rp ? 1 : 0},
                                  {"kernel_size", kKernelSize},
                                  {"conv_layers", two_convolutions ? 2 : 1},
                                  {"conv_depth", rp ? 2 : 1}};

    std::vector<std::vector<text::WordId>> ids;
    for (const text::Example& example : train.examples)
        ids.push_back(definition.vocabulary.ids(example.tokens, length));
    definition.idf = text::inverse_document_frequencies(definition.vocabulary.size(), ids);

    for (const TensorShape& tensor : staged_shape(definition).tensors()) {
        definition.tensors.push_back({tensor.name, tensor.shape, std::vector<double>(tensor.size())});
        for (double& value : definition.tensors.back().values)
            value = random.uniform(0.0, 2.0 * std::numbers::pi);
    }
    return definition;
}

TrainingSettings staged_settings(const Definition& definition) {
    return published_recipe(!has_rp_structure(definition));
}

std::unique_ptr<Model> make_staged(Definition definition) {
    const StagedShape shape = staged_shape(definition);
    check_tensors(definition, shape.tensors());
    return std::make_unique<Staged>(std::move(definition), shape);
}

StagedInput staged_input(const Definition& definition, const StagedShape& shape, const text::Tokens& tokens) {
    StagedInput input;
    input.words = definition.vocabulary.ids(tokens, shape.sequence_length);
    const std::vector<double> values = text::tfidf(input.words, definition.idf);
    for (std::size_t id = 0; id < values.size(); ++id)
        if (values[id] != 0.0) input.amplitudes.emplace_back(static_cast<text::WordId>(id), values[id]);
    return input;
}

}  // namespace qdcnn::model
