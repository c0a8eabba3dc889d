// The staged model against numbers made elsewhere: small_reference.json (by small_reference.py, always) and
// the published model's reference files (where they lie beside the checkout).
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "model/staged.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/optimiser.h"
#include "qdcnn/text/tfidf.h"
#include "qdcnn/text/tokens.h"
#include "support/plain_backend.h"
#include "support/shared_files.h"

namespace qdcnn::model {
namespace {

constexpr double kTolerance = 1e-10;

/// What both kinds of file say of one network.
struct Case {
    Definition definition;
    nlohmann::json sentences;
    std::vector<std::size_t> labels;
    double loss;
    std::vector<double> gradient, after_step_1, after_step_2;
};

void set_tensors(Definition& definition, std::span<const double> values) {
    for (const TensorShape& tensor : staged_shape(definition).tensors())
        definition.tensors.push_back({tensor.name, tensor.shape, std::vector<double>(tensor.size())});
    ASSERT_EQ(definition.parameters().size(), values.size());
    definition.set_parameters(values);
}

text::Dataset dataset_of(const nlohmann::json& examples) {
    text::Dataset data{"small", {}};
    for (const auto& one : examples) {
        const std::string sentence = one["text"];
        data.examples.push_back({one["label"], sentence, text::tokenise(sentence), 0});
    }
    return data;
}

std::vector<Case> small_cases() {
    const auto file = read_json_file(std::string(QDCNN_SOURCE_DIR) + "/tests/model/small_reference.json");
    std::vector<Case> cases;
    for (const auto& one : file["cases"]) {
        Case result;
        result.definition = Definition{"staged",
                                       "auto",
                                       one["classes"],
                                       text::Vocabulary(one["vocabulary"].get<std::vector<std::string>>()),
                                       one["idf"],
                                       one["hyperparameters"],
                                       {}};
        set_tensors(result.definition, one["parameters"].get<std::vector<double>>());
        result.sentences = one["sentences"];
        for (const auto& sentence : one["sentences"]) {
            const auto& classes = result.definition.classes;
            result.labels.push_back(static_cast<std::size_t>(
                std::find(classes.begin(), classes.end(), sentence["label"]) - classes.begin()));
        }
        const auto& batch = one["batch"];
        result.loss = batch["loss"];
        result.gradient = batch["gradient"].get<std::vector<double>>();
        result.after_step_1 = batch["after_step_1"].get<std::vector<double>>();
        result.after_step_2 = batch["after_step_2"].get<std::vector<double>>();
        cases.push_back(std::move(result));
    }
    return cases;
}

/// Built as `train` would build it, from the public training file with the preset of that name.
std::optional<Case> published_case(const std::string& preset, const std::string& folder) {
    const auto reference = test::shared_file("reference/" + preset + ".json");
    const auto train = test::shared_file("data/" + folder + "/train.csv");
    if (!reference || !train) return std::nullopt;
    const auto file = read_json_file(*reference);
    Case result;
    Random random(1);
    result.definition = define_staged(text::read_dataset(*train), preset, random);
    const auto& vocabulary = file["vocabulary"];
    EXPECT_EQ(result.definition.vocabulary.size(), vocabulary.size());
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        EXPECT_EQ(result.definition.vocabulary.entries()[id], vocabulary[id]["token"]);
        EXPECT_NEAR(result.definition.idf[id], vocabulary[id]["idf"].get<double>(), 1e-14);
    }
    EXPECT_EQ(result.definition.hyperparameters.at("qubits"), file["n_qubits"].get<double>());
    const auto flat = file["parameters"]["flat"].get<std::vector<double>>();
    EXPECT_EQ(result.definition.parameters().size(), flat.size());
    result.definition.set_parameters(flat);
    result.sentences = file["sentences"];
    for (const auto& sentence : file["sentences"]) result.labels.push_back(sentence["label"]);
    const auto& batch = file["batch"];
    result.loss = batch["loss"];
    result.gradient = batch["gradient_flat"].get<std::vector<double>>();
    result.after_step_1 = batch["after_step_1"].get<std::vector<double>>();
    result.after_step_2 = batch["after_step_2"].get<std::vector<double>>();
    return result;
}

std::vector<text::Tokens> tokens_of(const Case& one) {
    std::vector<text::Tokens> tokens;
    for (const auto& sentence : one.sentences)
        tokens.push_back(text::tokenise(sentence["text"].get<std::string>()));
    return tokens;
}

void expect_near(std::span<const double> found, const nlohmann::json& expected, const std::string& what) {
    std::vector<double> numbers;
    const std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& value) {
        if (!value.is_array()) return numbers.push_back(value.get<double>());
        for (const auto& element : value) walk(element);
    };
    walk(expected);
    ASSERT_EQ(found.size(), numbers.size()) << what;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        EXPECT_NEAR(found[i], numbers[i], kTolerance) << what << " " << i;
}

/// Runs the rounds and compares every stage's values.
void check_stages(const Case& one) {
    const auto model = make_staged(one.definition);
    const StagedShape shape = staged_shape(one.definition);
    test::PlainBackend backend;
    const auto tokens = tokens_of(one);
    const auto inference = model->begin(tokens, {.share_words = false});
    for (std::size_t round = 0; !inference->is_done(); ++round) {
        std::vector<backend::EstimatorPub> pubs;
        std::vector<std::string> names;
        for (const Stage& stage : inference->round()) {
            pubs.push_back(stage.pub);
            names.push_back(stage.name);
        }
        const auto head = pubs[0].parameters;
        const auto result = backend.run(pubs, {})->result();
        std::vector<std::vector<double>> values;
        for (std::size_t i = 0; i < pubs.size(); ++i) {
            const auto& found = result[i].values;
            values.push_back(found);
            const std::size_t size = found.size() / tokens.size();
            for (std::size_t s = 0; s < tokens.size(); ++s) {
                const auto part = std::span(found).subspan(s * size, size);
                const auto& sentence = one.sentences[s];
                if (names[i] == "word") expect_near(part, sentence["word_embedding_output"], "word");
                if (names[i] == "sentence")
                    expect_near(part, sentence["sentence_embedding_output"], "sentence");
                if (names[i].starts_with("conv"))
                    expect_near(part, sentence["conv_output"][round - 1], names[i]);
                if (names[i] == "fc") {
                    expect_near(head.row(s).first(shape.qubits), sentence["fused"], "fused");
                    expect_near(part, sentence["logits"], "logits");
                }
            }
        }
        inference->accept(values);
    }
    EXPECT_EQ(backend.calls, model->rounds());
    const std::size_t expected =
        shape.sequence_length + 2 +
        shape.qubits * (shape.windows(0) + (shape.conv_layers > 1 ? shape.windows(1) : 0));
    EXPECT_EQ(backend.circuits, expected * tokens.size());
}

void check_inputs(const Case& one) {
    const StagedShape shape = staged_shape(one.definition);
    const auto tokens = tokens_of(one);
    for (std::size_t s = 0; s < tokens.size(); ++s) {
        const StagedInput input = staged_input(one.definition, shape, tokens[s]);
        EXPECT_EQ(input.words, one.sentences[s]["token_ids"].get<std::vector<text::WordId>>());
        std::vector<double> amplitudes(one.definition.vocabulary.size(), 0.0);
        fill_amplitudes(input, amplitudes);
        expect_near(amplitudes, one.sentences[s]["tfidf_raw"], "tfidf");
    }
}

void check_training(const Case& one) {
    const auto model = make_staged(one.definition);
    test::PlainBackend backend;
    const auto tokens = tokens_of(one);
    const auto loss = model->loss_function(backend, tokens, one.labels);
    std::vector<std::size_t> batch(tokens.size());
    for (std::size_t s = 0; s < batch.size(); ++s) batch[s] = s;
    auto parameters = one.definition.parameters();
    std::vector<double> gradient(parameters.size());
    const auto optimiser = find_optimiser("adam_inside").make(0.05, parameters.size());
    EXPECT_NEAR(loss->gradient(parameters, batch, gradient), one.loss, kTolerance);
    expect_near(gradient, one.gradient, "gradient");
    optimiser->step(parameters, gradient);
    expect_near(parameters, one.after_step_1, "first step");
    loss->gradient(parameters, batch, gradient);
    optimiser->step(parameters, gradient);
    expect_near(parameters, one.after_step_2, "second step");
}

TEST(StagedModel, SmallReferenceInputsAndStages) {
    for (const Case& one : small_cases()) {
        check_inputs(one);
        check_stages(one);
    }
}

TEST(StagedModel, SmallReferenceGradientAndAdam) {
    for (const Case& one : small_cases()) check_training(one);
}

TEST(StagedModel, SmallReferenceVocabularyAndIdf) {
    const auto file = read_json_file(std::string(QDCNN_SOURCE_DIR) + "/tests/model/small_reference.json");
    for (const auto& one : file["cases"]) {
        const text::Dataset train = dataset_of(one["train"]);
        std::vector<text::Tokens> sentences;
        for (const auto& example : train.examples) sentences.push_back(example.tokens);
        const auto vocabulary = text::Vocabulary::of(sentences);
        EXPECT_EQ(vocabulary.entries(), one["vocabulary"].get<std::vector<std::string>>());
        EXPECT_EQ(train.labels(), one["classes"].get<std::vector<std::string>>());
        std::vector<std::vector<text::WordId>> ids;
        for (const auto& tokens : sentences)
            ids.push_back(vocabulary.ids(tokens, one["hyperparameters"]["sequence_length"]));
        expect_near(text::inverse_document_frequencies(vocabulary.size(), ids), one["idf"], "idf");
    }
}

class PublishedModel : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(PublishedModel, StagesGradientAndAdam) {
    const auto one = published_case(GetParam().first, GetParam().second);
    if (!one) {
        std::printf(
            "the published model's reference files are not here; small_reference.json covers the same\n");
        return;
    }
    check_inputs(*one);
    check_stages(*one);
    check_training(*one);
}

INSTANTIATE_TEST_SUITE_P(Files, PublishedModel,
                         testing::Values(std::pair{"mc", "MC"}, std::pair{"rp", "RP"}));

}  // namespace
}  // namespace qdcnn::model
