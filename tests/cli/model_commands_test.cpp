// train, eval and predict against the contract.
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

json answer_of(const CliAnswer& answer) {
    EXPECT_EQ(answer.code, 0) << answer.err;
    return answer.code == 0 ? json::parse(answer.out) : json::object();
}

json error_of(const CliAnswer& answer) {
    EXPECT_NE(answer.code, 0);
    EXPECT_EQ(answer.out, "");
    return answer.code == 0 ? json::object() : json::parse(answer.err);
}

void expect_keys(const json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys) EXPECT_TRUE(object.contains(key)) << key;
}

class ModelCommands : public testing::Test {
  protected:
    /// Few epochs on the built-in data.
    json train(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"train",  "--data", "builtin:food-it", "--epochs", "3",
                                           "--seed", "1",      "--json",          "-o",       model_};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return answer_of(run_cli(arguments));
    }

    TemporaryFolder folder_;
    std::string model_ = folder_.file("model.json");
};

TEST_F(ModelCommands, TrainAnswersAsTheContractSays) {
    const json answer =
        train({"--dev", "builtin:food-it:dev", "--test", "builtin:food-it:test", "--model", "staged"});
    EXPECT_EQ(answer.at("schema"), "qdcnn.train/1");
    expect_keys(answer, {"model", "parameters", "circuit_parameters", "classes", "train", "dev", "test",
                         "epochs", "selected_epoch", "seed", "epoch_cpu_seconds", "cpu_seconds"});
    EXPECT_EQ(answer["model"], "staged");
    EXPECT_EQ(answer["classes"], (json{"food", "it"}));
    EXPECT_EQ(answer["train"]["n"], 100);
    EXPECT_EQ(answer["dev"]["n"], 30);
    EXPECT_EQ(answer["test"]["n"], 40);
    EXPECT_EQ(answer["epochs"], 3);
    EXPECT_EQ(answer["seed"], 1);
    EXPECT_GT(answer["epoch_cpu_seconds"].get<double>(), 0.0);
    EXPECT_GE(answer["cpu_seconds"].get<double>(), 3 * answer["epoch_cpu_seconds"].get<double>() * 0.99);
    EXPECT_FALSE(std::filesystem::exists(model_ + ".checkpoint"));
}

TEST_F(ModelCommands, WithoutDevTheLastEpochIsKept) {
    const json answer = train();
    EXPECT_TRUE(answer["dev"].is_null());
    EXPECT_TRUE(answer["test"].is_null());
    EXPECT_EQ(answer["selected_epoch"], 3);
}

TEST_F(ModelCommands, DevFractionSplitsTheTrainingData) {
    const json answer = train({"--dev-fraction", "0.2"});
    EXPECT_EQ(answer["train"]["n"], 80);
    EXPECT_EQ(answer["dev"]["n"], 20);
}

TEST_F(ModelCommands, SameSeedSameFile) {
    train();
    const std::string first = read_file(model_);
    train();
    EXPECT_EQ(read_file(model_), first);
}

TEST_F(ModelCommands, EvalAnswersAsTheContractSays) {
    const json trained = train({"--test", "builtin:food-it:test"});
    const json answer =
        answer_of(run_cli({"eval", "--model", model_, "--data", "builtin:food-it:test", "--json"}));
    EXPECT_EQ(answer.at("schema"), "qdcnn.eval/1");
    expect_keys(answer, {"accuracy", "interval", "n", "majority", "predictions", "circuits", "rounds",
                         "shots", "backend", "cpu_seconds"});
    EXPECT_EQ(answer["accuracy"], trained["test"]["accuracy"]);
    EXPECT_NEAR(answer["loss"].get<double>(), trained["test"]["loss"].get<double>(), 1e-12);
    EXPECT_EQ(answer["n"], 40);
    EXPECT_EQ(answer["majority"], 0.5);
    EXPECT_EQ(answer["backend"], "local");
    EXPECT_TRUE(answer["shots"].is_null());
    EXPECT_EQ(answer["rounds"], 1);
    EXPECT_EQ(answer["circuits"], 40);
    const json& one = answer["predictions"][0];
    expect_keys(one, {"text", "label", "predicted", "logits", "probabilities", "unknown_words"});
    EXPECT_EQ(one["logits"].size(), 2u);
}

TEST_F(ModelCommands, ShotsAreSeededAndNearTheExactValues) {
    train();
    auto eval = [&](const char* seed) {
        return answer_of(run_cli({"eval", "--model", model_, "--data", "builtin:food-it:test", "--shots",
                                  "4000", "--seed", seed, "--json"}));
    };
    const json one = eval("1"), again = eval("1"), other = eval("2");
    EXPECT_EQ(one["predictions"], again["predictions"]);
    EXPECT_NE(one["predictions"], other["predictions"]);
    EXPECT_EQ(one["shots"], 4000);
    const json exact =
        answer_of(run_cli({"eval", "--model", model_, "--data", "builtin:food-it:test", "--json"}));
    double far = 0.0;
    for (std::size_t s = 0; s < 40; ++s)
        far += std::abs(one["predictions"][s]["logits"][1].get<double>() -
                        exact["predictions"][s]["logits"][1].get<double>());
    EXPECT_GT(far / 40, 1e-4) << "shots must be felt";
    EXPECT_LT(far / 40, 0.1);
}

TEST_F(ModelCommands, PredictAnswersAsTheContractSays) {
    train();
    const json answer = answer_of(
        run_cli({"predict", "--model", model_, "--json", "sister grills bread", "student paints bread"}));
    EXPECT_EQ(answer.at("schema"), "qdcnn.predict/1");
    ASSERT_EQ(answer["predictions"].size(), 2u);
    EXPECT_FALSE(answer["predictions"][0].contains("label"));
    EXPECT_EQ(answer["predictions"][0]["unknown_words"], json::array());
    EXPECT_EQ(answer["predictions"][1]["unknown_words"], (json{"paints"}));
    const CliAnswer plain = run_cli({"predict", "--model", model_, "sister grills bread"});
    EXPECT_NE(plain.out.find("P(food)"), std::string::npos);
    EXPECT_EQ(plain.err, "");
}

TEST_F(ModelCommands, ANoisyDeviceTakesTheSameModel) {
    train();
    const json answer = answer_of(run_cli({"eval", "--model", model_, "--data", "builtin:food-it:test",
                                           "--backend", "local:ibm_torino", "--json"}));
    EXPECT_EQ(answer["backend"], "local:ibm_torino");
    EXPECT_EQ(answer["n"], 40);
}

TEST_F(ModelCommands, BadInputIsOneErrorAndNoFile) {
    const std::string bad = folder_.write("bad.csv", "label,text\n1,good one\n0\n");
    const std::string empty = folder_.write("empty.csv", "label,text\n1,good one\n0,...\n");
    const std::string good = folder_.write("good.csv", "label,text\n1,good one\n0,bad one\n");
    const std::string foreign = folder_.write("foreign.csv", "label,text\n1,good one\n2,bad one\n");
    struct Bad {
        std::vector<std::string> arguments;
        int code;
        const char* kind;
        const char* part;
        int line;
    };
    const Bad table[] = {
        {{"train", "--data", folder_.file("none.csv")}, 3, "not_found", "none.csv", 0},
        {{"train", "--data", bad}, 3, "parse", "fields", 3},
        {{"train", "--data", empty}, 3, "invalid_input", "no word", 3},
        {{"train", "--data", good, "--test", foreign}, 3, "invalid_input", "label \"2\"", 3},
        {{"train", "--data", good, "--dev", foreign}, 3, "invalid_input", "label \"2\"", 3},
        {{"train", "--data", "builtin:food"}, 3, "not_found", "food", 0},
        {{"train", "--data", good, "--model", "stagd"}, 3, "not_found", "stagd", 0},
        {{"train", "--data", good, "--preset", "cm"}, 2, "usage", "cm", 0},
        {{"train", "--data", good, "--epochs", "0"}, 2, "usage", "epochs", 0},
        {{"train", "--data", good, "--dev", good, "--dev-fraction", "0.5"}, 2, "usage", "--dev", 0},
    };
    for (const Bad& row : table) {
        std::vector<std::string> arguments = row.arguments;
        arguments.insert(arguments.end(), {"-o", model_, "--json"});
        const CliAnswer answer = run_cli(arguments);
        const json error = error_of(answer);
        EXPECT_EQ(answer.code, row.code) << answer.err;
        EXPECT_EQ(error["kind"], row.kind) << answer.err;
        EXPECT_NE(error["message"].get<std::string>().find(row.part), std::string::npos) << answer.err;
        if (row.line > 0) {
            EXPECT_EQ(error["position"]["line"], row.line) << answer.err;
        }
        EXPECT_FALSE(std::filesystem::exists(model_)) << "something was written";
    }
}

TEST_F(ModelCommands, BadModelsAndBackendsAreNamed) {
    train();
    const std::string text = read_file(model_);
    const std::string cut = folder_.write("cut.json", text.substr(0, text.size() / 2));
    json document = json::parse(text);
    document["schema"] = "qdcnn.model/9";
    const std::string other = folder_.write("other.json", document.dump());
    auto error = [&](const std::string& model, const std::string& backend) {
        const CliAnswer answer =
            run_cli({"predict", "--model", model, "--backend", backend, "--json", "sister"});
        EXPECT_EQ(answer.code, 3);
        return error_of(answer);
    };
    EXPECT_EQ(error(cut, "local")["kind"], "parse");
    EXPECT_EQ(error(other, "local")["kind"], "unsupported");
    EXPECT_NE(error(other, "local")["hint"], "");
    EXPECT_EQ(error(folder_.file("none.json"), "local")["kind"], "not_found");
    EXPECT_NE(error(model_, "local:ibm_torin")["hint"].get<std::string>().find("ibm_torino"),
              std::string::npos);
    EXPECT_NE(error(model_, "locl")["hint"].get<std::string>().find("local"), std::string::npos);
    const CliAnswer empty = run_cli({"predict", "--model", model_, "--json", " .. "});
    EXPECT_EQ(empty.code, 3);
    EXPECT_EQ(error_of(empty)["kind"], "invalid_input");
}

TEST_F(ModelCommands, AnUnwritableOutputIsRefusedBeforeTheWork) {
    const CliAnswer answer =
        run_cli({"train", "--data", "builtin:food-it", "-o", folder_.file("no/such/m.json")});
    EXPECT_EQ(answer.code, 10);
    EXPECT_NE(answer.err.find("no/such"), std::string::npos);
}

TEST_F(ModelCommands, AnInterruptKeepsTheCheckpointAndResumeEndsTheSame) {
    train({"--dev", "builtin:food-it:dev"});
    const std::string expected = read_file(model_);
    std::filesystem::remove(model_);
    const std::vector<std::string> arguments{
        "train", "--data", "builtin:food-it",     "--epochs", "3", "--seed", "1", "-o",
        model_,  "--dev",  "builtin:food-it:dev", "--resume"};
    interrupt().set(SIGTERM);
    const CliAnswer stopped = run_cli(arguments);
    interrupt().clear();
    EXPECT_EQ(stopped.code, 143);
    EXPECT_NE(stopped.err.find("--resume"), std::string::npos) << stopped.err;
    EXPECT_TRUE(std::filesystem::exists(model_ + ".checkpoint"));
    EXPECT_FALSE(std::filesystem::exists(model_));
    EXPECT_EQ(run_cli(arguments).code, 0);
    EXPECT_EQ(read_file(model_), expected);
    EXPECT_FALSE(std::filesystem::exists(model_ + ".checkpoint"));
}

TEST_F(ModelCommands, TheMajorityClassIsAModelToo) {
    const json answer = train({"--model", "majority", "--test", "builtin:food-it:test"});
    EXPECT_EQ(answer["circuit_parameters"], 0);
    EXPECT_EQ(answer["test"]["accuracy"], 0.5);
    EXPECT_EQ(answer_of(run_cli(
                  {"eval", "--model", model_, "--data", "builtin:food-it:test", "--json"}))["circuits"],
              0);
}

TEST_F(ModelCommands, TrainsThroughShotsAndNoise) {
    const auto train = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments{"train",
                                           "--data",
                                           "builtin:food-it:train",
                                           "--model",
                                           "qrnn",
                                           "--epochs",
                                           "1",
                                           "--restarts",
                                           "1",
                                           "--batch",
                                           "50",
                                           "-o",
                                           folder_.file("shots.json"),
                                           "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cli(arguments);
    };
    const json shots = json::parse(train({"--shots", "20"}).out);
    EXPECT_EQ(shots["gradient"], "parameter-shift");
    EXPECT_EQ(shots["shots"], 20);
    const json noisy = json::parse(train({"--backend", "local:iqm_garnet", "--gradient", "spsa",
                                          "--optimiser", "sgd", "--schedule", "power"})
                                       .out);
    EXPECT_EQ(noisy["gradient"], "spsa");
    EXPECT_EQ(noisy["optimiser"], "sgd");
    EXPECT_EQ(noisy["backend"], "local:iqm_garnet");
    EXPECT_TRUE(noisy["shots"].is_null());
    EXPECT_EQ(json::parse(read_file(folder_.file("shots.json")))["training"]["gradient"], "spsa");
    EXPECT_EQ(train({"--gradient", "adjiont"}).code, 2);
    EXPECT_EQ(train({"--gradient", "adjoint", "--shots", "20"}).code, 3);
    EXPECT_EQ(train({"--optimiser", "adamm"}).code, 3);
    const CliAnswer remote = train({"--backend", "ibm:ibm_torino"});
    EXPECT_EQ(remote.code, 3);
    EXPECT_NE(remote.err.find("local:DEVICE"), std::string::npos) << remote.err;
}

}  // namespace
}  // namespace qdcnn::test
