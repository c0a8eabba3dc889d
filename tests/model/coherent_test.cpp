// The coherent model against the golden numbers of its definition, against a slow simulator and against
// finite differences.
#include "model/coherent.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "model/toy_data.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "qdcnn/model/training.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "support/plain_backend.h"
#include "support/shared_files.h"

namespace qdcnn::model {
namespace {

// A trained RP model on "quality that vehicle increase": data angles, then the circuit's weights.
const std::vector<double> kAngles{-1.354702, -0.564634, -0.612824, -0.007089, -0.562128, 0.031010,  -1.518293,
                                  -0.687578, 0.596001,  0.950524,  -0.372296, -0.405657, -0.074581, -0.595572,
                                  -0.438984, -0.250445, -0.330138, 0.728190,  0.400142,  0.888646,  0.660894,
                                  0.099525,  0.656950,  -0.069003, 0.832290,  -0.034681, 0.040125};
// <Z> of qubit 5 and its derivatives by these.
constexpr double kValue = 0.6156377;
const std::vector<double> kDerivatives{
    -0.003469, 0.000075, 0.004038,  -0.003256, 0.432785, 0.038054,  -0.425618, 0.027255,  -0.002884,
    0.000018,  0.512420, -0.093340, -0.003235, 0.038048, 0.419081,  0.062143,  0.278794,  0.016077,
    0.264885,  0.000106, 0.033652,  0.326501,  0.033758, -0.180355, -0.004017, -0.076515, -0.008719};

backend::EstimatorPub golden_pub(bool is_deferred) {
    const CoherentTemplate from = coherent_template({.reads_all = false}, is_deferred);
    return {from.circuit, from.observables, backend::ParameterMatrix(kAngles)};
}

double value_on(backend::Backend& backend, const backend::EstimatorPub& pub) {
    return backend.run(std::vector{pub}, {})->result().pubs.front().values.front();
}

TEST(CoherentCircuit, HasTheGatesOfItsDefinition) {
    const auto dynamic = coherent_template({}, false).circuit;
    std::size_t branches = 0, measurements = 0, resets = 0;
    circuit::for_each_operation(dynamic->operations(), [&](const circuit::Operation& operation) {
        branches += std::holds_alternative<circuit::IfElse>(operation.kind());
        measurements += std::holds_alternative<circuit::Measure>(operation.kind());
        resets += std::holds_alternative<circuit::Reset>(operation.kind());
        if (const auto* gate = std::get_if<circuit::Gate>(&operation.kind());
            gate && gate->qubits.size() == 2) {
            EXPECT_EQ(std::max(gate->qubits[0], gate->qubits[1]) - std::min(gate->qubits[0], gate->qubits[1]),
                      1u);
        }
    });
    EXPECT_EQ(dynamic->num_qubits(), 8u);
    EXPECT_EQ(branches, 3u);
    EXPECT_EQ(measurements, 3u);
    EXPECT_EQ(resets, 2u);
    const auto figures = circuit::metrics(*dynamic);
    EXPECT_EQ(figures.two_qubit_gates, 14u);
    EXPECT_EQ(figures.two_qubit_depth, 5u);
    EXPECT_EQ(figures.one_qubit_gates, 34u + 3u);

    const auto deferred = coherent_template({}, true).circuit;
    EXPECT_EQ(deferred->num_qubits(), 10u);
    EXPECT_TRUE(deferred->is_unitary());
    EXPECT_EQ(circuit::metrics(*deferred).two_qubit_gates, 20u);
    EXPECT_EQ(circuit::metrics(*deferred).two_qubit_depth, 8u);
}

TEST(CoherentCircuit, GoldenValueAndDerivatives) {
    const auto local = sim::make_local_backend();
    std::vector<circuit::ParameterIndex> all(kAngles.size());
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<circuit::ParameterIndex>(k);
    for (const bool is_deferred : {false, true}) {
        SCOPED_TRACE(is_deferred);
        const backend::EstimatorPub pub = golden_pub(is_deferred);
        EXPECT_NEAR(value_on(*local, pub), kValue, 1e-6);
        const auto compiled = local->differentiable(pub.circuit, pub.observables, all);
        std::vector<double> value(1), one{1.0}, gradient(all.size());
        compiled->forward(pub.parameters, value);
        compiled->backward(one, gradient);
        EXPECT_NEAR(value[0], kValue, 1e-6);
        for (std::size_t k = 0; k < all.size(); ++k) EXPECT_NEAR(gradient[k], kDerivatives[k], 1e-5) << k;
    }
}

TEST(CoherentCircuit, DynamicEqualsDeferredOnEveryQubitRead) {
    const auto local = sim::make_local_backend();
    test::PlainBackend plain;
    const CoherentTemplate dynamic = coherent_template({}, false), deferred = coherent_template({}, true);
    Random random(11);
    backend::ParameterMatrix angles(4, kAngles.size());
    for (std::size_t r = 0; r < angles.rows(); ++r)
        for (double& angle : angles.row(r)) angle = random.uniform(-4.0, 4.0);
    const auto left =
        local->run(std::vector<backend::EstimatorPub>{{dynamic.circuit, dynamic.observables, angles}}, {})
            ->result()
            .pubs.front();
    const auto right =
        plain.run(std::vector<backend::EstimatorPub>{{deferred.circuit, deferred.observables, angles}}, {})
            ->result()
            .pubs.front();
    ASSERT_EQ(left.values.size(), 32u);
    for (std::size_t i = 0; i < left.values.size(); ++i)
        EXPECT_NEAR(left.values[i], right.values[i], 1e-10) << i;
}

/// Of section 6: p is the probability of a Pauli that is not the identity.
std::unique_ptr<backend::Backend> noisy(double scale) {
    sim::NoiseModel noise;
    noise.add_error("ry", sim::depolarizing(scale * 3e-4 * 4.0 / 3.0));
    const auto two = sim::depolarizing(scale * 5e-3 * 16.0 / 15.0, 2);
    noise.add_error("cz", two).add_error("cx", two);
    const double flip = scale * 0.015;
    noise.set_readout({flip, flip});
    noise.add_error("reset", sim::Channel::of(sim::ChannelId::bit_flip, {flip}));
    return sim::make_local_backend(sim::make_noisy_simulator(noise), "noisy");
}

TEST(CoherentCircuit, GoldenValuesUnderNoise) {
    EXPECT_NEAR(value_on(*noisy(0.0), golden_pub(false)), kValue, 1e-6);
    EXPECT_NEAR(value_on(*noisy(1.0), golden_pub(false)), 0.5798, 1e-3);
    EXPECT_NEAR(value_on(*noisy(4.0), golden_pub(false)), 0.4814, 1e-3);
}

/// Short and long sentences, one word, unknown words once the model knows only the others.
text::Dataset two_classes() {
    return text::parse_dataset(
        "a red fox runs\na red dog runs home at night\na fox sleeps\nb blue sea calms\nb sea\n"
        "b blue ice calms the deep sea for a very long time\na dog runs\nb ice calms\n",
        "two.txt");
}

struct Case {
    std::unique_ptr<Model> model;
    std::vector<text::Tokens> tokens;
    std::vector<std::size_t> labels;
};

Case case_of(const text::Dataset& data, const std::string& preset) {
    Random random(3);
    Case result{make_model(find_model("coherent").define(data, preset, random)), {}, {}};
    for (const auto& example : data.examples) result.tokens.push_back(example.tokens);
    result.tokens.back() = {"never", "seen"};
    result.labels = label_indices(data, result.model->classes());
    return result;
}

TEST(CoherentLoss, GradientAgreesWithFiniteDifferences) {
    const auto local = sim::make_local_backend();
    for (const char* preset : {"auto", "two_angles", "one_qubit", "deferred", "three classes"}) {
        SCOPED_TRACE(preset);
        const bool three = std::string(preset) == "three classes";
        const Case given = case_of(three ? test::toy_data() : two_classes(), three ? "auto" : preset);
        const auto loss = given.model->loss_function(*local, given.tokens, given.labels);
        auto parameters = given.model->definition().parameters();
        // <UNK> and <PAD> away from 0, the sentence's numbers away from 1.
        Random random(5);
        for (double& value : parameters) value += random.normal(0.0, 0.1);
        std::vector<double> gradient(parameters.size()), ignored(parameters.size());
        const std::vector<std::size_t> batch{0, 5, 7, 1};
        for (const bool is_drawn : {false, true}) {
            if (is_drawn) loss->draw(Random(8));
            loss->gradient(parameters, batch, gradient);
            for (std::size_t k = 0; k < parameters.size(); ++k) {
                const double kept = parameters[k], h = 1e-5;
                parameters[k] = kept + h;
                const double up = loss->gradient(parameters, batch, ignored);
                parameters[k] = kept - h;
                const double down = loss->gradient(parameters, batch, ignored);
                parameters[k] = kept;
                EXPECT_NEAR(gradient[k], (up - down) / (2 * h), 1e-8) << "parameter " << k << ' ' << is_drawn;
            }
        }
    }
}

TEST(CoherentLoss, AVeryLongTextIsDoneInParts) {
    const auto local = sim::make_local_backend();
    Case given = case_of(two_classes(), "auto");
    given.tokens.clear();
    for (const std::size_t words : {2101, 3}) {
        given.tokens.emplace_back();
        for (std::size_t k = 0; k < words; ++k) given.tokens.back().push_back(k % 3 ? "fox" : "sea");
    }
    given.labels = {0, 1};
    const auto loss = given.model->loss_function(*local, given.tokens, given.labels);
    auto parameters = given.model->definition().parameters();
    std::vector<double> gradient(parameters.size()), ignored(parameters.size());
    const std::vector<std::size_t> batch{0, 1};
    loss->gradient(parameters, batch, gradient);
    for (const std::size_t k : {std::size_t{0}, std::size_t{20}, parameters.size() - 3}) {
        const double kept = parameters[k], h = 1e-5;
        parameters[k] = kept + h;
        const double up = loss->gradient(parameters, batch, ignored);
        parameters[k] = kept - h;
        const double down = loss->gradient(parameters, batch, ignored);
        parameters[k] = kept;
        EXPECT_NEAR(gradient[k], (up - down) / (2 * h), 1e-8) << k;
    }
    const auto inference = given.model->begin(given.tokens);
    EXPECT_EQ(inference->round().front().pub.parameters.rows(), 526u + 1u);
}

TEST(CoherentLoss, ChanceDropsWordsButNeverPadding) {
    const auto local = sim::make_local_backend();
    Case given = case_of(two_classes(), "auto");
    Definition certain = given.model->definition();
    certain.hyperparameters["word_dropout"] = 1.0 - 1e-16;
    certain.hyperparameters["angle_jitter"] = 0.0;
    const auto model = make_model(certain);
    const auto dropped = model->loss_function(*local, given.tokens, given.labels);
    dropped->draw(Random(1));
    // What a sentence of as many unknown words gives.
    std::vector<text::Tokens> unknown;
    for (const auto& tokens : given.tokens) unknown.emplace_back(tokens.size(), "unheard");
    const auto expected = model->loss_function(*local, unknown, given.labels);
    std::vector<double> left(certain.parameters().size()), right(left);
    const std::vector<std::size_t> batch{0, 2, 4, 5};
    EXPECT_NEAR(dropped->gradient(certain.parameters(), batch, left),
                expected->gradient(certain.parameters(), batch, right), 1e-14);
    for (std::size_t k = 0; k < left.size(); ++k) EXPECT_NEAR(left[k], right[k], 1e-14);
    // Logits leave nothing to chance.
    EXPECT_EQ(dropped->logits(certain.parameters()),
              given.model->loss_function(*local, given.tokens, given.labels)->logits(certain.parameters()));
}

TEST(CoherentModel, InferenceGivesTheLogitsOfTheLossInBothForms) {
    const auto local = sim::make_local_backend();
    test::PlainBackend plain;
    for (const char* preset : {"auto", "two_angles", "one_qubit"}) {
        SCOPED_TRACE(preset);
        const Case given = case_of(two_classes(), preset);
        const auto logits = given.model->loss_function(*local, given.tokens, given.labels)
                                ->logits(given.model->definition().parameters());
        std::vector<std::string> sentences;
        for (const auto& tokens : given.tokens) {
            sentences.emplace_back();
            for (const auto& token : tokens) sentences.back() += token + ' ';
        }
        // The plain backend takes the deferred form.
        for (backend::Backend* backend :
             {static_cast<backend::Backend*>(local.get()), static_cast<backend::Backend*>(&plain)}) {
            RunCounts counts;
            const auto predictions = predict(*given.model, *backend, sentences, {}, &counts);
            EXPECT_EQ(counts.rounds, 1u);
            EXPECT_EQ(counts.circuits, 4u * 1 + 2 + 3 + 1 + 1) << "a window of four words each";
            for (std::size_t s = 0; s < sentences.size(); ++s) {
                EXPECT_EQ(predictions[s].logits[0], 0.0);
                EXPECT_NEAR(predictions[s].logits[1], logits[2 * s + 1], 1e-10);
            }
        }
    }
}

TEST(CoherentModel, WrongStructureIsNamed) {
    Random random(1);
    const Definition good = find_model("coherent").define(two_classes(), "auto", random);
    EXPECT_EQ(model_to_json({model_from_json(model_to_json({good, {}}), "m.json").definition, {}}),
              model_to_json({good, {}}));
    EXPECT_EQ(good.parameters().size(), 17u + 8 + 1 + 8 + good.vocabulary.size());
    auto expect_refused = [](Definition bad, const std::string& name) {
        try {
            make_model(std::move(bad));
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
        }
    };
    Definition bad = good;
    bad.hyperparameters["word_angles"] = 3;
    expect_refused(bad, "word_angles");
    bad = good;
    bad.hyperparameters["word_dropout"] = 1.0;
    expect_refused(bad, "word_dropout");
    bad = good;
    bad.hyperparameters["reads_all"] = 0;
    expect_refused(bad, "readout");
    EXPECT_THROW(find_model("coherent").define(two_classes(), "one", random), Error);
    EXPECT_THROW(find_model("coherent").define(test::toy_data(), "one_qubit", random), Error);
}

TrainingRequest request_of(const std::string& data) {
    TrainingRequest request;
    request.model = "coherent";
    request.train = text::load_dataset(data);
    return request;
}

std::string trained_bytes(const TrainingRequest& request) {
    const auto local = sim::make_local_backend();
    const TrainingResult result = train(request, *local);
    return model_to_json({result.definition, result.record});
}

TEST(CoherentTraining, LearnsTheBuiltInTopics) {
    TrainingRequest request = request_of("builtin:food-it:train");
    request.test = text::load_dataset("builtin:food-it:test");
    const auto local = sim::make_local_backend();
    const TrainingResult result = train(request, *local);
    EXPECT_GE(result.record.test->accuracy, 0.97);
    EXPECT_EQ(result.record.settings.restarts, 3u);
    EXPECT_EQ(result.record.history.size(), 60u);
    EXPECT_EQ(result.circuit_parameters, 17u);
}

TEST(CoherentTraining, LearnsThreeClasses) {
    TrainingRequest request;
    request.model = "coherent";
    request.train = test::toy_data();
    request.test = test::toy_dev();
    const auto local = sim::make_local_backend();
    const TrainingResult result = train(request, *local);
    EXPECT_EQ(result.record.train.accuracy, 1.0);
    EXPECT_EQ(result.record.test->accuracy, 1.0);
}

TEST(CoherentTraining, OneOfThreeRestartsIsKept) {
    TrainingRequest request = request_of("builtin:food-it:train");
    request.epochs = 3;
    request.seed = 2;
    const auto local = sim::make_local_backend();
    std::vector<double> losses;
    std::size_t epochs = 0;
    const TrainingResult result = train(request, *local, [&](const TrainingProgress& now) {
        if (now.batch == 0 && now.epoch % 3 == 0) losses.push_back(now.last->train.loss);
        epochs = now.epochs;
    });
    EXPECT_EQ(epochs, 9u);
    EXPECT_EQ(losses.size(), 3u);
    EXPECT_EQ(result.record.train.loss, losses[result.record.selected_restart]);
    const auto model = make_model(result.definition);
    std::vector<text::Tokens> tokens;
    for (const auto& example : request.train.examples) tokens.push_back(example.tokens);
    const auto loss = model->loss_function(*local, tokens, label_indices(request.train, model->classes()));
    EXPECT_GT(loss->selection_loss(result.definition.parameters()), result.record.train.loss)
        << "sentences with an unknown word are harder";
}

TEST(CoherentTraining, SameSeedSameBytesAlsoWhenResumed) {
    TrainingRequest request = request_of("builtin:food-it:train");
    request.dev = text::load_dataset("builtin:food-it:dev");
    request.epochs = 2;
    request.seed = 5;
    const std::string expected = trained_bytes(request);
    EXPECT_EQ(trained_bytes(request), expected);
    TrainingRequest other = request;
    other.seed = 6;
    EXPECT_NE(trained_bytes(other), expected);

    const auto path =
        std::filesystem::temp_directory_path() / ("qdcnn_coherent_" + std::to_string(::getpid()) + ".json");
    request.checkpoint = path.string();
    request.resume = true;
    std::size_t stops = 0;
    for (bool is_done = false; !is_done;) {
        const auto local = sim::make_local_backend();
        std::size_t calls = 0;
        try {
            const TrainingResult result = train(request, *local, [&](const TrainingProgress&) {
                if (++calls == 5) interrupt().set(SIGINT);
            });
            EXPECT_EQ(model_to_json({result.definition, result.record}), expected);
            is_done = true;
        } catch (const Error& error) {
            interrupt().clear();
            ASSERT_EQ(error.kind(), ErrorKind::cancelled);
            ASSERT_LT(++stops, 40u);
        }
    }
    interrupt().clear();
    EXPECT_GE(stops, 4u) << "three restarts of two epochs of seven batches";
    std::filesystem::remove(path);
}

TEST(CoherentTraining, ReachesItsFiguresOnThePublicFiles) {
    const auto local = sim::make_local_backend();
    for (const char* folder : {"MC", "RP"}) {
        const auto train_file = test::shared_file(std::string("data/") + folder + "/train.csv");
        const auto test_file = test::shared_file(std::string("data/") + folder + "/test.csv");
        if (!train_file || !test_file) {
            std::printf("no public %s files beside the checkout: LearnsTheBuiltInTopics stands for them\n",
                        folder);
            continue;
        }
        double mean = 0.0;
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            TrainingRequest request = request_of(*train_file);
            request.test = text::load_dataset(*test_file);
            request.seed = seed;
            mean += train(request, *local).record.test->accuracy / 5.0;
        }
        EXPECT_GE(mean, 0.98) << folder;
    }
}

}  // namespace
}  // namespace qdcnn::model
