#include "model/coherent.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/recipes.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/text/tfidf.h"

namespace qdcnn::model {
namespace {

/// What a preset is not about is as in the first.
struct Preset {
    std::string_view name;
    double word_angles = 1;
    double reads_all = 1;
    double is_deferred = 0;
    CoherentParts parts = {};
    double word_dropout = 0.2;
    double angle_jitter = 0.1;
    double word_penalty = 0.001;
};

Preset ablation(std::string_view name, const CoherentParts& parts) {
    Preset preset{name};
    preset.parts = parts;
    return preset;
}

/// Source: real-corpus.md, section 3.
Preset scope(std::string_view name, bool entanglement, bool feed_forward) {
    Preset preset =
        ablation(name, {.sentence = false, .entanglement = entanglement, .feed_forward = feed_forward});
    preset.word_dropout = preset.angle_jitter = 0.0;
    preset.word_penalty = 0.0005;
    return preset;
}

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all{
        {"auto"},
        {"mc"},
        {"rp"},
        {.name = "two_angles", .word_angles = 2},
        {.name = "one_qubit", .reads_all = 0},
        {.name = "deferred", .is_deferred = 1},
        {.name = "plain", .word_dropout = 0.0, .angle_jitter = 0.0},
        ablation("no_pointwise", {.pointwise = false}),
        ablation("no_sentence", {.sentence = false}),
        ablation("sentence_only", {.words = false}),
        ablation("no_fusion", {.fusion = false}),
        ablation("no_cz", {.entanglement = false}),
        ablation("no_feed_forward", {.feed_forward = false}),
        ablation("no_coupling", {.entanglement = false, .feed_forward = false}),
        ablation("shared_kernels", {.channel_kernels = false}),
        scope("scope", true, false),
        scope("scope_feed_forward", false, true),
        scope("scope_no_coupling", false, false)};
    return all;
}

/// The parts by their names in a file, where they are left out when they are there.
struct PartName {
    const char* name;
    bool CoherentParts::*part;
};
constexpr std::array<PartName, 7> kParts{{{"word_qubits", &CoherentParts::words},
                                          {"pointwise", &CoherentParts::pointwise},
                                          {"sentence", &CoherentParts::sentence},
                                          {"fusion", &CoherentParts::fusion},
                                          {"entanglement", &CoherentParts::entanglement},
                                          {"feed_forward", &CoherentParts::feed_forward},
                                          {"channel_kernels", &CoherentParts::channel_kernels}}};

/// Source: coherent-model.md, section 3; two numbers a word are the channels' angles themselves, so they
/// start with the spread that A and B give to those.
void draw(const CoherentShape& shape, Tensor& tensor, Random& random) {
    auto fill = [&](double mean, double deviation) {
        for (double& value : tensor.values) value = random.normal(mean, deviation);
    };
    if (tensor.name == "circuit") fill(0.0, 0.2);
    // Two classes start from the qubit pooled into last. Rows of several classes have to differ: left to
    // chance.
    if (tensor.name == "readout") {
        if (shape.classes > 2) fill(0.0, 1.0);
        if (shape.classes == 2) tensor.values[shape.reads_all ? 5 : 0] = 3.0;
    }
    if (tensor.name == "word_scale") fill(1.0, 0.3);
    if (tensor.name == "word_shift") fill(0.0, 0.3);
    if (tensor.name == "sentence_scale") fill(1.0, 0.2);
    if (tensor.name == "words") {
        fill(0.0, shape.word_angles == 2 ? 0.3 : 0.1);
        // <UNK> and <PAD>.
        std::fill_n(tensor.values.begin(), 2 * shape.word_angles, 0.0);
    }
}

class Coherent final : public Model {
  public:
    Coherent(Definition definition, const CoherentShape& shape)
        : Model(std::move(definition)),
          numbers_(shape, this->definition().idf),
          template_(coherent_template(shape, shape.is_deferred)),
          deferred_(coherent_template(shape, true)) {}

    std::size_t rounds() const override { return 1; }
    std::size_t circuit_parameters() const override { return numbers_.shape().circuit_weights(); }
    std::unique_ptr<Inference> begin(std::span<const text::Tokens> sentences,
                                     const InferenceOptions& options) const override {
        return begin_coherent(definition(), numbers_, options.may_be_dynamic ? template_ : deferred_,
                              sentences);
    }
    std::unique_ptr<LossFunction> loss_function(backend::Backend& backend,
                                                std::span<const text::Tokens> sentences,
                                                std::span<const std::size_t> labels) const override {
        return coherent_loss(definition(), numbers_, backend.limits().is_dynamic ? template_ : deferred_,
                             backend, sentences, labels);
    }

  private:
    CoherentNumbers numbers_;
    CoherentTemplate template_, deferred_;
};

}  // namespace

std::vector<TensorShape> CoherentShape::tensors() const {
    std::vector<TensorShape> tensors;
    if (circuit_weights() > 0) tensors.push_back({"circuit", {circuit_weights()}});
    tensors.push_back({"readout", {outputs(), observables()}});
    tensors.push_back({"bias", {outputs()}});
    if (word_angles == 1 && parts.words) {
        tensors.push_back({"word_scale", {2}});
        tensors.push_back({"word_shift", {2}});
    }
    if (parts.sentence) {
        tensors.push_back({"sentence_scale", {2, word_angles}});
        tensors.push_back({"sentence_shift", {2}});
    }
    tensors.push_back({"words", {vocabulary, word_angles}});
    return tensors;
}

CoherentShape coherent_shape(const Definition& definition) {
    std::vector<std::string> optional;
    for (const PartName& part : kParts) optional.emplace_back(part.name);
    check_hyperparameters(
        definition, {"word_angles", "reads_all", "deferred", "word_dropout", "angle_jitter", "word_penalty"},
        optional);
    CoherentShape shape;
    shape.vocabulary = definition.vocabulary.size();
    shape.classes = definition.classes.size();
    shape.word_angles = whole_hyperparameter(definition, "word_angles", 1, 2);
    shape.reads_all = whole_hyperparameter(definition, "reads_all", 0, 1) == 1;
    shape.is_deferred = whole_hyperparameter(definition, "deferred", 0, 1) == 1;
    shape.word_dropout = share_hyperparameter(definition, "word_dropout", 1.0);
    shape.angle_jitter = share_hyperparameter(definition, "angle_jitter", 1e3);
    shape.word_penalty = share_hyperparameter(definition, "word_penalty", 1e3);
    for (const PartName& part : kParts)
        if (definition.hyperparameters.count(part.name) > 0)
            shape.parts.*part.part = whole_hyperparameter(definition, part.name, 0, 1) == 1;
    if (!shape.parts.words && !shape.parts.sentence)
        throw Error(ErrorKind::invalid_input,
                    "hyperparameters.word_qubits and sentence are both 0: the circuit would be empty");
    if (!shape.reads_all && shape.classes != 2)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("hyperparameters.reads_all is 0: one qubit tells 2 classes apart, not {}",
                                shape.classes));
    return shape;
}

std::span<const std::string_view> coherent_presets() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const Preset& preset : presets()) all.push_back(preset.name);
        return all;
    }();
    return names;
}

Definition define_coherent(const text::Dataset& train, const std::string& preset, Random& random) {
    Definition definition = definition_of_data("coherent", preset, train);
    const Preset& chosen = *std::find_if(presets().begin(), presets().end(),
                                         [&](const Preset& one) { return one.name == preset; });
    definition.hyperparameters = {
        {"word_angles", chosen.word_angles},   {"reads_all", chosen.reads_all},
        {"deferred", chosen.is_deferred},      {"word_dropout", chosen.word_dropout},
        {"angle_jitter", chosen.angle_jitter}, {"word_penalty", chosen.word_penalty}};
    for (const PartName& part : kParts)
        if (!(chosen.parts.*part.part)) definition.hyperparameters[part.name] = 0;
    std::vector<std::vector<text::WordId>> ids;
    for (const text::Example& example : train.examples)
        ids.push_back(definition.vocabulary.ids(example.tokens, example.tokens.size()));
    definition.idf = text::inverse_document_frequencies(definition.vocabulary.size(), ids);
    const CoherentShape shape = coherent_shape(definition);
    for (const TensorShape& tensor : shape.tensors()) {
        definition.tensors.push_back({tensor.name, tensor.shape, std::vector<double>(tensor.size(), 0.0)});
        draw(shape, definition.tensors.back(), random);
    }
    return definition;
}

TrainingSettings coherent_settings(const Definition&) { return word_dropout_recipe(); }

std::unique_ptr<Model> make_coherent(Definition definition) {
    const CoherentShape shape = coherent_shape(definition);
    check_tensors(definition, shape.tensors());
    return std::make_unique<Coherent>(std::move(definition), shape);
}

CoherentTemplate coherent_template(const CoherentShape& shape, bool is_deferred) {
    const bool has_more_qubits = is_deferred && shape.parts.sentence;
    circuit::Circuit circuit(has_more_qubits ? 10 : 8);
    std::vector<circuit::Angle> angles;
    for (std::size_t k = 0; k < shape.data_angles(); ++k)
        angles.push_back(circuit.parameter(fmt::format("data_{}", k)));
    for (std::size_t k = 0; k < shape.circuit_weights(); ++k)
        angles.push_back(circuit.parameter(fmt::format("circuit_{}", k)));
    append_coherent_parts(circuit, shape.parts, angles, is_deferred);
    CoherentTemplate result{std::make_shared<const circuit::Circuit>(std::move(circuit)), {}};
    if (!shape.reads_all) {
        result.observables = {circuit::Observable::z(5)};
        return result;
    }
    // In the order of the line; without resets the sentence qubits are 9 (left) and 8 (right).
    for (circuit::Qubit q = 0; q < 8; ++q)
        result.observables.push_back(circuit::Observable::z(has_more_qubits && q == 1   ? 9
                                                            : has_more_qubits && q == 6 ? 8
                                                                                        : q));
    return result;
}

}  // namespace qdcnn::model
