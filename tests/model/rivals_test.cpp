// Every row of the models table: gradients against finite differences; of the rivals the number of
// parameters against the published formula, and that they come back from their files.
#include <gtest/gtest.h>

#include <algorithm>

#include "model/network.h"
#include "qdcnn/base/error.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/training.h"
#include "qdcnn/sim/local_backend.h"
#include "support/plain_backend.h"

namespace qdcnn::model {
namespace {

/// `words` different words in sentences of four, so that the vocabulary has two entries more.
text::Dataset data_of_words(int words) {
    std::string text;
    for (int first = 0; first < words; first += 4) {
        text += std::to_string(first / 4 % 2);
        for (int k = 0; k < 4; ++k) text += " w" + std::to_string(std::min(first + k, words - 1));
        text += "\n";
    }
    return text::parse_dataset(text, "words.txt");
}

/// As large as MC and RP are.
text::Dataset like_mc() { return data_of_words(17); }
text::Dataset like_rp() { return data_of_words(96); }

text::Dataset few_words(int classes) {
    return text::parse_dataset(
        classes == 2 ? "0 a b c\n1 c b a\n0 a d\n1 b d a c\n" : "0 a b c\n1 c b a\n2 a d\n1 b d a c\n",
        "few.txt");
}

struct Counted {
    std::string name;
    std::string preset;
    /// Of the published formulas, for 19 and 98 vocabulary entries: all numbers, and angles of gates.
    std::size_t mc, rp, circuit_mc = 0, circuit_rp = 0;
};

class Counts : public testing::TestWithParam<Counted> {};

TEST_P(Counts, FollowThePublishedFormula) {
    const Counted& expected = GetParam();
    Random random(1);
    const ModelRow& row = find_model(expected.name);
    const auto mc = row.make(row.define(like_mc(), expected.preset, random));
    const auto rp = row.make(row.define(like_rp(), expected.preset, random));
    EXPECT_EQ(mc->definition().parameters().size(), expected.mc);
    EXPECT_EQ(rp->definition().parameters().size(), expected.rp);
    EXPECT_EQ(mc->circuit_parameters(), expected.circuit_mc);
    EXPECT_EQ(rp->circuit_parameters(), expected.circuit_rp);
}

INSTANTIATE_TEST_SUITE_P(
    Rivals, Counts,
    testing::Values(
        Counted{"logistic", "auto", 4 * 19 + 1, 4 * 98 + 1}, Counted{"logistic", "bag", 19 + 1, 98 + 1},
        Counted{"linear", "auto", 24, 103}, Counted{"cosine", "auto", 2 * 19 + 2 * 4 + 3, 2 * 98 + 2 * 4 + 3},
        Counted{"mlp", "auto", 4 * 19 * 16 + 33, 4 * 98 * 16 + 33},
        Counted{"mlp", "small", 19 + 12 + 3 + 4, 98 + 12 + 3 + 4}, Counted{"cnn", "auto", 287, 1703},
        Counted{"dcnn", "auto", 211, 1403}, Counted{"twin", "auto", 54, 133},
        // 25 and 109 are published without the word vectors.
        Counted{"qsann", "auto", 25 + 19 * 6, 109 + 98 * 24, 18, 84},
        Counted{"qsann", "positions", 25 + 19 * 6, 109 + 98 * 24, 18, 84},
        Counted{"qrnn", "auto", 20 + 19 + 5, 20 + 98 + 5, 20, 20},
        Counted{"qrnn", "unshared", 80 + 19 + 5, 80 + 98 + 5, 80, 80},
        Counted{"qdconv", "auto", 19, 90, 19, 90},
        Counted{"qdconv", "word_only", 5 + 3 + 6, 35 + 12 + 8, 5 + 3 + 6, 35 + 12 + 8},
        Counted{"qdconv", "sentence_only", 5 + 6, 35 + 8, 5 + 6, 35 + 8},
        Counted{"qconv", "auto", 91, 666, 91, 666},
        Counted{"qmsan", "auto", 25 + 19 * 6, 25 + 98 * 6, 18, 18},
        Counted{"qtransformer", "auto", 32 + 19 * 8 + 32 + 144 + 9, 32 + 98 * 8 + 32 + 144 + 9, 32, 32}),
    [](const auto& one) { return one.param.name + "_" + one.param.preset; });

/// Parameters away from the kinks and symmetric points of the first ones.
std::vector<double> shaken(const Model& model, Random& random) {
    std::vector<double> parameters = model.definition().parameters();
    for (double& value : parameters) value += random.normal(0.0, 0.3);
    return parameters;
}

void expect_gradient(const std::string& name, const std::string& preset, int classes) {
    SCOPED_TRACE(name + " " + preset + " " + std::to_string(classes));
    const text::Dataset data = few_words(classes);
    Random random(7);
    const ModelRow& row = find_model(name);
    const auto model = row.make(row.define(data, preset, random));
    const auto backend = sim::make_local_backend();
    std::vector<text::Tokens> tokens;
    for (const text::Example& example : data.examples) tokens.push_back(example.tokens);
    const auto loss = model->loss_function(*backend, tokens, label_indices(data, model->classes()));
    if (!loss) return;  // majority has nothing to train
    std::vector<double> parameters = shaken(*model, random);
    const std::vector<std::size_t> batch{0, 1, 2, 3};
    for (const bool is_drawn : {false, true}) {
        if (is_drawn) loss->draw(Random(3));
        std::vector<double> gradient(parameters.size()), ignored(parameters.size());
        loss->gradient(parameters, batch, gradient);
        double largest = 0.0;
        for (std::size_t k = 0; k < parameters.size(); ++k) {
            const double kept = parameters[k], step = 1e-5;
            parameters[k] = kept + step;
            const double up = loss->gradient(parameters, batch, ignored);
            parameters[k] = kept - step;
            const double down = loss->gradient(parameters, batch, ignored);
            parameters[k] = kept;
            EXPECT_NEAR(gradient[k], (up - down) / (2 * step), 1e-7) << "parameter " << k;
            largest = std::max(largest, std::abs(gradient[k]));
        }
        EXPECT_GT(largest, 1e-3);
    }
}

TEST(AllModels, GradientsAreThoseOfFiniteDifferences) {
    for (const ModelRow& row : model_table())
        for (const std::string_view preset : row.presets) {
            expect_gradient(std::string(row.name), std::string(preset), 2);
            if (preset == "auto") expect_gradient(std::string(row.name), std::string(preset), 3);
        }
}

TEST(AllModels, ComeBackFromTheirFilesAndPredictAsTheyWereTrained) {
    const text::Dataset data = few_words(2);
    const auto backend = sim::make_local_backend();
    for (const ModelRow& row : model_table()) {
        SCOPED_TRACE(row.name);
        TrainingRequest request;
        request.model = row.name;
        request.train = data;
        request.epochs = 2;
        const TrainingResult result = train(request, *backend);
        const std::string text = model_to_json({result.definition, result.record});
        const auto model = make_model(model_from_json(text, "model.json").definition);
        const Evaluation evaluation = evaluate(*model, *backend, data, {});
        EXPECT_NEAR(evaluation.loss, result.record.train.loss, 1e-9);
        EXPECT_EQ(evaluation.counts.rounds, model->rounds());
    }
}

TEST(AllModels, TakeTextsOfOneWordOfManyAndOfUnknownOnes) {
    const auto backend = sim::make_local_backend();
    std::string many;
    for (int k = 0; k < 300; ++k) many += "a z ";
    for (const ModelRow& row : model_table()) {
        SCOPED_TRACE(row.name);
        Random random(2);
        const auto model = row.make(row.define(few_words(3), "auto", random));
        const std::vector<std::string> sentences{"a", "z", "z y x w v u", many};
        for (const Prediction& one : predict(*model, *backend, sentences, {})) {
            double sum = 0.0;
            for (const double share : one.probabilities) sum += share;
            EXPECT_NEAR(sum, 1.0, 1e-12);
        }
    }
}

TEST(Rivals, AreTheSameOnASlowSimulator) {
    // Without measurement on the way, which the slow one has not.
    const std::vector<std::string> sentences{"a b c", "d c", "c z a b"};
    for (const ModelRow& row : model_table()) {
        SCOPED_TRACE(row.name);
        Random random(4);
        const auto model = row.make(row.define(few_words(2), "auto", random));
        model->set_parameters(shaken(*model, random));
        test::PlainBackend plain;
        const auto fast = sim::make_local_backend();
        const auto slow = predict(*model, plain, sentences, {}),
                   quick = predict(*model, *fast, sentences, {});
        for (std::size_t s = 0; s < sentences.size(); ++s)
            for (std::size_t k = 0; k < 2; ++k)
                EXPECT_NEAR(slow[s].logits[k], quick[s].logits[k], 1e-9) << sentences[s];
    }
}

TEST(Rivals, QdconvIsStaged) {
    // Two ways of writing one network: the same logits and gradients from the same angles.
    const text::Dataset data = few_words(2);
    Random random(6);
    const auto staged = find_model("staged").make(find_model("staged").define(data, "mc", random));
    Definition definition = find_model("qdconv").define(data, "mc", random);
    definition.idf = staged->definition().idf;
    const auto qdconv = make_model(definition);
    qdconv->set_parameters(staged->definition().parameters());
    const auto backend = sim::make_local_backend();
    std::vector<text::Tokens> tokens;
    for (const text::Example& example : data.examples) tokens.push_back(example.tokens);
    const auto labels = label_indices(data, staged->classes());
    const auto left = staged->loss_function(*backend, tokens, labels);
    const auto right = qdconv->loss_function(*backend, tokens, labels);
    const auto parameters = staged->definition().parameters();
    const auto expected = left->logits(parameters), found = right->logits(parameters);
    for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(found[k], expected[k], 1e-12);
    std::vector<double> by_left(parameters.size()), by_right(parameters.size());
    const std::vector<std::size_t> batch{0, 1, 2, 3};
    left->gradient(parameters, batch, by_left);
    right->gradient(parameters, batch, by_right);
    for (std::size_t k = 0; k < parameters.size(); ++k) EXPECT_NEAR(by_right[k], by_left[k], 1e-12);
}

TEST(Rivals, RefuseWhatNeedsCircuits) {
    Random random(1);
    const ModelRow& row = find_model("logistic");
    const auto model = row.make(row.define(few_words(2), "auto", random));
    try {
        require_circuits(*model);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
        EXPECT_NE(std::string(error.what()).find("classical, it has no circuit"), std::string::npos);
    }
    const ModelRow& other = find_model("coherent");
    EXPECT_NO_THROW(require_circuits(*other.make(other.define(few_words(2), "auto", random))));
}

TEST(Rivals, RefuseFilesThatDoNotFitTogether) {
    Random random(1);
    const ModelRow& row = find_model("twin");
    Definition good = row.define(few_words(2), "auto", random);
    auto expect_refused = [&](Definition definition, const std::string& part) {
        try {
            row.make(std::move(definition));
            ADD_FAILURE() << part;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        }
    };
    Definition bad = good;
    bad.hyperparameters["positions"] = 2;
    expect_refused(bad, "hyperparameters.positions");
    bad = good;
    bad.hyperparameters["word_dropout"] = 1;
    expect_refused(bad, "hyperparameters.word_dropout");
    bad = good;
    bad.hyperparameters.erase("penalty");
    expect_refused(bad, "penalty");
    bad = good;
    bad.tensors.pop_back();
    expect_refused(bad, "tensors");
}

}  // namespace
}  // namespace qdcnn::model
