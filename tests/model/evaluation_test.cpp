#include "qdcnn/model/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "model/toy_data.h"
#include "qdcnn/base/error.h"
#include "qdcnn/model/models.h"
#include "support/plain_backend.h"

namespace qdcnn::model {
namespace {

std::unique_ptr<Model> toy_model() {
    Random random(9);
    return make_model(find_model("staged").define(test::toy_data(), "auto", random));
}

TEST(Evaluation, ARoundIsOneCallAndWordsRunOnce) {
    const auto model = toy_model();
    test::PlainBackend backend;
    const text::Dataset data = test::toy_data();
    const Evaluation evaluation = evaluate(*model, backend, data, {});
    EXPECT_EQ(backend.calls, model->rounds());
    EXPECT_EQ(evaluation.counts.rounds, 3u);
    // 7 words and <PAD>, 9 sentences, 9 x 4 channels x 1 window, 9 heads.
    std::set<std::string> words;
    for (const auto& example : data.examples) words.insert(example.tokens.begin(), example.tokens.end());
    EXPECT_EQ(evaluation.counts.circuits, words.size() + 1 + 9 + 36 + 9);
    EXPECT_EQ(backend.circuits, evaluation.counts.circuits);
    EXPECT_EQ(evaluation.counts.shots, 0u);
}

TEST(Evaluation, AgreesWithOneSentenceAtATimeAndWithTheLoss) {
    const auto model = toy_model();
    test::PlainBackend backend;
    const text::Dataset data = test::toy_data();
    const Evaluation together = evaluate(*model, backend, data, {});
    std::vector<text::Tokens> tokens;
    for (const auto& example : data.examples) tokens.push_back(example.tokens);
    const auto loss = model->loss_function(backend, tokens, label_indices(data, model->classes()));
    const auto logits = loss->logits(model->definition().parameters());
    for (std::size_t s = 0; s < tokens.size(); ++s) {
        const std::vector<std::string> one{data.examples[s].text};
        const Prediction alone = predict(*model, backend, one, {})[0];
        for (std::size_t c = 0; c < 3; ++c) {
            EXPECT_NEAR(together.predictions[s].logits[c], alone.logits[c], 1e-13);
            EXPECT_NEAR(logits[s * 3 + c], alone.logits[c], 1e-13);
        }
        EXPECT_NEAR(std::accumulate(alone.probabilities.begin(), alone.probabilities.end(), 0.0), 1.0, 1e-14);
        EXPECT_EQ(alone.predicted, model->classes()[alone.predicted_class]);
    }
}

TEST(Evaluation, CountsAddUp) {
    const auto model = toy_model();
    test::PlainBackend backend;
    const Evaluation evaluation = evaluate(*model, backend, test::toy_data(), {});
    std::size_t all = 0, right = 0;
    for (std::size_t label = 0; label < 3; ++label)
        for (std::size_t guess = 0; guess < 3; ++guess) {
            all += evaluation.confusion[label][guess];
            if (label == guess) right += evaluation.confusion[label][guess];
        }
    EXPECT_EQ(all, 9u);
    EXPECT_EQ(evaluation.accuracy, static_cast<double>(right) / 9.0);
    EXPECT_NEAR(evaluation.majority, 1.0 / 3.0, 1e-15);
    EXPECT_LE(evaluation.interval.low, evaluation.accuracy);
    EXPECT_GE(evaluation.interval.high, evaluation.accuracy);
}

TEST(Evaluation, UnknownWordsTakeThePlaceOfUnk) {
    const auto model = toy_model();
    test::PlainBackend backend;
    const std::vector<std::string> sentences{"red tepid tepid", "red <UNK> <UNK>", "lukewarm"};
    const auto predictions = predict(*model, backend, sentences, {});
    EXPECT_EQ(predictions[0].unknown_words, (std::vector<std::string>{"tepid"}));
    EXPECT_EQ(predictions[0].logits, predictions[1].logits);
    EXPECT_EQ(predictions[2].unknown_words, (std::vector<std::string>{"lukewarm"}));
}

TEST(Evaluation, ASentenceWithoutWordsIsRefused) {
    const auto model = toy_model();
    test::PlainBackend backend;
    const std::vector<std::string> sentences{"red", " ?! "};
    try {
        predict(*model, backend, sentences, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("sentence 2"), std::string::npos);
    }
}

TEST(Wilson, AgreesWithKnownIntervals) {
    // models.md, section 3.
    EXPECT_NEAR(wilson_interval(30, 30).low, 0.886, 5e-4);
    EXPECT_EQ(wilson_interval(30, 30).high, 1.0);
    EXPECT_NEAR(wilson_interval(30, 31).low, 0.838, 5e-4);
    EXPECT_NEAR(wilson_interval(30, 31).high, 0.994, 5e-4);
    EXPECT_NEAR(wilson_interval(19, 31).low, 0.44, 5e-3);
    EXPECT_EQ(wilson_interval(0, 5).low, 0.0);
}

}  // namespace
}  // namespace qdcnn::model
