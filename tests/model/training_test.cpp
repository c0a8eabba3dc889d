#include "qdcnn/model/training.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "model/toy_data.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/model/evaluation.h"
#include "qdcnn/model/model_file.h"
#include "support/plain_backend.h"

namespace qdcnn::model {
namespace {

TrainingRequest toy_request() {
    TrainingRequest request;
    request.model = "staged";
    request.seed = 5;
    request.epochs = 6;
    request.train = test::toy_data();
    request.dev = test::toy_dev();
    return request;
}

std::string trained_bytes(const TrainingRequest& request) {
    test::PlainBackend backend;
    const TrainingResult result = train(request, backend);
    return model_to_json({result.definition, result.record});
}

/// A folder of its own that goes when the test ends.
class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("qdcnn_model_" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

TEST(Training, LearnsThreeClasses) {
    TrainingRequest request = toy_request();
    request.epochs = 40;
    test::PlainBackend backend;
    const TrainingResult result = train(request, backend);
    EXPECT_EQ(result.definition.classes, (std::vector<std::string>{"cold", "grey", "warm"}));
    EXPECT_LT(result.record.train.loss, result.record.history.front().train.loss - 0.1);
    EXPECT_GT(result.record.train.accuracy, 0.7);
    EXPECT_EQ(result.record.history.size(), 40u);
    EXPECT_EQ(result.circuit_parameters, result.definition.parameters().size());
    EXPECT_GT(result.epoch_cpu_seconds, 0.0);
}

TEST(Training, SameSeedSameBytes) {
    EXPECT_EQ(trained_bytes(toy_request()), trained_bytes(toy_request()));
    TrainingRequest other = toy_request();
    other.seed = 6;
    EXPECT_NE(trained_bytes(toy_request()), trained_bytes(other));
}

TEST(Training, ShortLastBatchIsTaken) {
    TrainingRequest request = toy_request();  // 9 sentences in batches of 8
    std::size_t batches = 0;
    test::PlainBackend backend;
    train(request, backend, [&](const TrainingProgress& progress) { batches = progress.batches; });
    EXPECT_EQ(batches, 2u);
}

TEST(Training, InterruptedAndResumedEqualsUninterrupted) {
    const Folder folder;
    TrainingRequest request = toy_request();
    const std::string expected = trained_bytes(request);
    request.checkpoint = folder.file("m.json.checkpoint");
    request.resume = true;
    // Stops after every third batch, so that it stops in the middle of epochs and at their ends.
    std::size_t stops = 0;
    for (;;) {
        test::PlainBackend backend;
        std::size_t calls = 0;
        try {
            const TrainingResult result = train(request, backend, [&](const TrainingProgress&) {
                if (++calls == 3) interrupt().set(SIGINT);
            });
            EXPECT_EQ(model_to_json({result.definition, result.record}), expected);
            break;
        } catch (const Error& error) {
            interrupt().clear();
            ASSERT_EQ(error.kind(), ErrorKind::cancelled);
            ASSERT_TRUE(std::filesystem::exists(request.checkpoint));
            ASSERT_LT(++stops, 20u);
        }
    }
    interrupt().clear();
    EXPECT_GE(stops, 3u);
}

TEST(Training, ACheckpointOfAnotherRunIsRefused) {
    const Folder folder;
    TrainingRequest request = toy_request();
    request.checkpoint = folder.file("c.json");
    request.resume = true;
    test::PlainBackend backend;
    interrupt().set(SIGINT);
    EXPECT_THROW(train(request, backend), Error);
    interrupt().clear();
    request.seed = 77;
    try {
        train(request, backend);
        FAIL() << "resumed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("seed is 5, that asked for is 77"), std::string::npos)
            << error.what();
    }
    std::ofstream(request.checkpoint) << "{\"schema\": \"qdcnn.check";
    EXPECT_THROW(train(request, backend), Error);
}

TEST(Training, ADamagedCheckpointIsRefused) {
    const Folder folder;
    TrainingRequest request = toy_request();
    request.checkpoint = folder.file("d.json");
    request.resume = true;
    test::PlainBackend backend;
    std::size_t calls = 0;
    // Some batches into the second epoch.
    EXPECT_THROW(train(request, backend,
                       [&](const TrainingProgress& now) {
                           if (now.epoch == 1 && ++calls == 2) interrupt().set(SIGINT);
                       }),
                 Error);
    interrupt().clear();
    const nlohmann::json whole = read_json_file(request.checkpoint);
    ASSERT_EQ(whole.at("epoch"), 1);
    const std::vector<std::pair<const char*, nlohmann::json>> damages{
        {"/batch", 1000},     {"/batch", -1},       {"/best_epoch", 0},          {"/best_epoch", 2},
        {"/epoch", 0},        {"/epoch", -1},       {"/history/0/dev", nullptr}, {"/history/0/epoch", 7},
        {"/parameters", {1}}, {"/random", "1 2 3"}, {"/random", "1 0 0 0 0"}};
    for (const auto& [place, value] : damages) {
        nlohmann::json damaged = whole;
        damaged[nlohmann::json::json_pointer(place)] = value;
        std::ofstream(request.checkpoint) << damaged.dump();
        try {
            train(request, backend);
            ADD_FAILURE() << place << " " << value << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input)
                << place << " " << value << ": " << error.what();
        }
    }
}

TEST(Training, SelectsTheBestEpochByDevOrTheLast) {
    TrainingRequest request = toy_request();
    request.epochs = 15;
    test::PlainBackend backend;
    const TrainingResult by_dev = train(request, backend);
    EXPECT_EQ(by_dev.record.selection, "dev");
    const EpochRecord& chosen = by_dev.record.history[by_dev.record.selected_epoch - 1];
    for (const EpochRecord& epoch : by_dev.record.history) {
        EXPECT_LE(epoch.dev->accuracy, chosen.dev->accuracy);
        if (epoch.dev->accuracy == chosen.dev->accuracy) {
            EXPECT_GE(epoch.dev->loss, chosen.dev->loss);
        }
    }
    // The parameters kept are those of the chosen epoch.
    const auto model = make_model(by_dev.definition);
    EXPECT_NEAR(evaluate(*model, backend, *request.dev, {}).loss, chosen.dev->loss, 1e-12);

    request.test = request.dev;
    request.dev.reset();
    const TrainingResult last = train(request, backend);
    EXPECT_EQ(last.record.selection, "last");
    EXPECT_EQ(last.record.selected_epoch, 15u);
    EXPECT_FALSE(last.record.dev.has_value());
    EXPECT_TRUE(last.record.test.has_value());
}

TEST(Training, AForeignLabelIsRefusedFirst) {
    TrainingRequest request = toy_request();
    request.test = text::parse_dataset("warm fire\nhot fire\n", "test.txt");
    test::PlainBackend backend;
    try {
        train(request, backend);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_EQ(error.position()->file, "test.txt");
        EXPECT_EQ(error.position()->line, 2);
    }
}

TEST(Training, OneClassIsNone) {
    TrainingRequest request;
    request.model = "staged";
    request.train = text::parse_dataset("a b\na c\n", "one.txt");
    test::PlainBackend backend;
    EXPECT_THROW(train(request, backend), Error);
    request.train = test::toy_data();
    request.preset = "mcc";
    EXPECT_THROW(train(request, backend), Error);
    request.model = "stagd";
    EXPECT_THROW(train(request, backend), Error);
}

/// Answers nothing; a device without gradients.
class DeviceWithoutGradients final : public backend::Backend {
  public:
    const std::string& name() const override { return name_; }
    backend::Limits limits() const override { return {}; }
    std::unique_ptr<backend::Job<backend::SamplerResult>> run(std::vector<backend::SamplerPub>,
                                                              const backend::RunOptions&) override {
        return nullptr;
    }
    std::unique_ptr<backend::Job<backend::EstimatorResult>> run(std::vector<backend::EstimatorPub>,
                                                                const backend::RunOptions&) override {
        return nullptr;
    }

  private:
    std::string name_ = "plain device";
};

TEST(Training, ABackendWithoutGradientsIsRefusedByName) {
    DeviceWithoutGradients backend;
    try {
        train(toy_request(), backend);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
        EXPECT_NE(std::string(error.what()).find("plain device"), std::string::npos);
    }
}

TEST(Training, MajorityNeedsNoEpoch) {
    TrainingRequest request;
    request.model = "majority";
    request.train = text::parse_dataset("a x\na y\nb z\n", "m.txt");
    request.test = request.train;
    test::PlainBackend backend;
    const TrainingResult result = train(request, backend);
    EXPECT_EQ(result.record.selected_epoch, 0u);
    EXPECT_NEAR(result.record.test->accuracy, 2.0 / 3.0, 1e-15);
    EXPECT_EQ(result.circuit_parameters, 0u);
    EXPECT_EQ(backend.calls, 0u);
}

TEST(StagedLoss, GradientAgreesWithFiniteDifferences) {
    const text::Dataset data = test::toy_data();
    for (const char* preset : {"auto", "mc", "rp"}) {
        Random random(3);
        const auto model = make_model(find_model("staged").define(data, preset, random));
        std::vector<text::Tokens> tokens;
        for (const auto& example : data.examples) tokens.push_back(example.tokens);
        test::PlainBackend backend;
        const auto loss = model->loss_function(backend, tokens, label_indices(data, model->classes()));
        auto parameters = model->definition().parameters();
        std::vector<double> gradient(parameters.size()), ignored(parameters.size());
        const std::vector<std::size_t> batch{0, 4, 8, 5};
        loss->gradient(parameters, batch, gradient);
        for (int check = 0; check < 6; ++check) {
            const std::size_t k = random.below(parameters.size());
            const double kept = parameters[k], h = 1e-5;
            parameters[k] = kept + h;
            const double up = loss->gradient(parameters, batch, ignored);
            parameters[k] = kept - h;
            const double down = loss->gradient(parameters, batch, ignored);
            parameters[k] = kept;
            EXPECT_NEAR(gradient[k], (up - down) / (2 * h), 1e-8) << preset << " parameter " << k;
        }
    }
}

TEST(StagedModel, StructureOfThePresets) {
    Random random(1);
    const text::Dataset data = test::toy_data();
    const auto mc = find_model("staged").define(data, "mc", random).hyperparameters;
    EXPECT_EQ(mc.at("sequence_length"), 6);
    EXPECT_EQ(mc.at("conv_layers"), 1);
    const auto rp = find_model("staged").define(data, "rp", random).hyperparameters;
    EXPECT_EQ(rp.at("embedding_layers"), 5);
    EXPECT_EQ(rp.at("sequence_length"), 5);
    EXPECT_EQ(rp.at("conv_layers"), 2);
    const auto automatic = find_model("staged").define(data, "auto", random).hyperparameters;
    EXPECT_EQ(automatic.at("sequence_length"), 3) << "the longest sentence has two words, a window three";
    EXPECT_EQ(automatic.at("conv_layers"), 1);
    EXPECT_EQ(automatic.at("qubits"), 4) << "9 entries need 4 bits";

    std::string many, classes;
    for (int i = 0; i < 40; ++i) many += (i % 2 ? "a v w x y w" : "b v w x y u") + std::to_string(i) + "\n";
    const auto large =
        find_model("staged").define(text::parse_dataset(many, "f"), "auto", random).hyperparameters;
    EXPECT_EQ(large.at("embedding_layers"), 5);
    EXPECT_EQ(large.at("conv_layers"), 2);
    EXPECT_EQ(large.at("qubits"), 6);
    for (int i = 0; i < 6; ++i) classes += std::to_string(i) + " w\n";
    const auto wide = find_model("staged").define(text::parse_dataset(classes, "f"), "auto", random);
    EXPECT_EQ(wide.hyperparameters.at("qubits"), 7) << "one more than classes";
}

}  // namespace
}  // namespace qdcnn::model
