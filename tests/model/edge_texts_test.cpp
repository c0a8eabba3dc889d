// Texts at the edges, for every row of the models table: one word, ten thousand, all unknown, no Latin
// letters, uneven labels, no word at all.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "qdcnn/base/error.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/training.h"
#include "qdcnn/sim/local_backend.h"

namespace qdcnn::model {
namespace {

TrainingResult trained(const ModelRow& row, const std::string& text) {
    TrainingRequest request;
    request.model = row.name;
    request.train = text::parse_dataset(text, "edges.txt");
    request.epochs = 2;
    const auto backend = sim::make_local_backend();
    return train(request, *backend);
}

/// Three labels, one of them five times, of one to four words.
const std::string kUneven =
    "да жук летит\nда жук жук летит\nда 猫 летит\nда café\nда жук 猫\nнет 猫 спит тихо\nможет naïve жук\n";

void expect_sound(const Prediction& prediction, std::size_t classes) {
    ASSERT_EQ(prediction.logits.size(), classes);
    for (const double logit : prediction.logits)
        EXPECT_TRUE(std::isfinite(logit)) << prediction.text.substr(0, 40);
    EXPECT_NEAR(std::accumulate(prediction.probabilities.begin(), prediction.probabilities.end(), 0.0), 1.0,
                1e-12);
}

TEST(EdgeTexts, EveryModelTakesThem) {
    std::string long_text;
    for (int k = 0; k < 5000; ++k) long_text += "жук спит ";
    const std::vector<std::string> sentences{"жук", long_text, "ничего этого нет здесь", "猫 café naïve",
                                             "new"};
    const auto backend = sim::make_local_backend();
    for (const ModelRow& row : model_table()) {
        SCOPED_TRACE(row.name);
        const auto model = make_model(trained(row, kUneven).definition);
        EXPECT_EQ(model->classes().size(), 3u);
        const auto predictions = predict(*model, *backend, sentences, {});
        for (const Prediction& prediction : predictions) expect_sound(prediction, 3);
        EXPECT_TRUE(predictions[0].unknown_words.empty());
        EXPECT_EQ(predictions[2].unknown_words,
                  (std::vector<std::string>{"ничего", "этого", "нет", "здесь"}));
        EXPECT_TRUE(predictions[3].unknown_words.empty());
        // A text of unknown words alone is that of as many <UNK>, whatever they are called.
        EXPECT_EQ(predictions[4].logits,
                  predict(*model, *backend, std::vector<std::string>{"other"}, {})[0].logits);
    }
}

TEST(EdgeTexts, EveryModelLearnsFromTextsOfOneWord) {
    const auto backend = sim::make_local_backend();
    for (const ModelRow& row : model_table()) {
        SCOPED_TRACE(row.name);
        const auto model = make_model(trained(row, "a x\nb y\na x\nb z\n").definition);
        for (const Prediction& prediction :
             predict(*model, *backend, std::vector<std::string>{"x", "y z x", "q"}, {}))
            expect_sound(prediction, 2);
    }
}

TEST(EdgeTexts, NoModelIsMadeOfNothing) {
    const auto backend = sim::make_local_backend();
    for (const ModelRow& row : model_table()) {
        SCOPED_TRACE(row.name);
        // No words at all, then no sentences at all.
        for (const std::size_t sentences : {2, 0}) {
            TrainingRequest request;
            request.model = row.name;
            request.epochs = 1;
            request.train.name = "nothing";
            for (std::size_t s = 0; s < sentences; ++s) {
                request.train.examples.emplace_back();
                request.train.examples.back().label = s == 0 ? "a" : "b";
            }
            try {
                train(request, *backend);
                ADD_FAILURE() << "trained on " << sentences << " sentences without words";
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), ErrorKind::invalid_input) << error.what();
            }
        }
        const auto model = make_model(trained(row, "a x\nb y\n").definition);
        for (const char* empty : {"", " \t ", ".,;!"})
            EXPECT_THROW(predict(*model, *backend, std::vector<std::string>{empty}, {}), Error) << empty;
    }
}

}  // namespace
}  // namespace qdcnn::model
