// study, and what commands say of models without circuits.
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/files.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

class StudyCommand : public testing::Test {
  protected:
    void SetUp() override {
        make_folders(folder_.file("pets"));
        write_file_atomic(
            folder_.file("pets") + "/train.csv",
            "label,text\ncat,purrs softly\ncat,purrs loudly\ndog,barks loudly\ndog,barks softly\n");
        write_file_atomic(folder_.file("pets") + "/test.csv", "label,text\ncat,purrs\ndog,barks\n");
    }

    CliAnswer study(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{
            "study", folder_.file("pets"), "--seeds", "2",  "--folds",
            "2",     "--epochs",           "2",       "-o", folder_.file("out")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cli(arguments);
    }

    TemporaryFolder folder_;
};

TEST_F(StudyCommand, WritesOneTableInThreeForms) {
    const CliAnswer answer = study({"--models", "linear,majority"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_EQ(answer.out, read_file(folder_.file("out") + "/study.txt"));
    for (const char* part : {"pets", "linear", "majority", "95 % interval", "published rule", "McNemar"})
        EXPECT_NE(answer.out.find(part), std::string::npos) << part;
    const std::string csv = read_file(folder_.file("out") + "/study.csv");
    EXPECT_TRUE(csv.starts_with("task,model,part,parameters,")) << csv;
    // A line for each model and part.
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 2 * 2);
    const json written = json::parse(read_file(folder_.file("out") + "/study.json"));
    EXPECT_EQ(written["schema"], "qdcnn.study/1");
    EXPECT_EQ(written["entries"].size(), 2u);
    const json majority = written["entries"][1];
    EXPECT_EQ(majority["official"]["mean"], 0.5);
    EXPECT_EQ(majority["official"]["sentences"], 2);
    EXPECT_EQ(majority["cv"]["sentences"], 6);
    EXPECT_TRUE(majority["published_rule"].is_null());
    EXPECT_EQ(written["comparisons"].size(), 2u);
    EXPECT_EQ(written["missing"], 0);
}

TEST_F(StudyCommand, GoesOnInShards) {
    const json half = json::parse(study({"--models", "majority", "--shard", "1/2", "--json"}).out);
    EXPECT_EQ(half["missing"], 2);
    const json whole = json::parse(study({"--models", "majority", "--shard", "2/2", "--json"}).out);
    EXPECT_EQ(whole["missing"], 0);
}

TEST_F(StudyCommand, SaysWhatWasWrong) {
    const auto error_of = [&](std::vector<std::string> more) {
        const CliAnswer answer = study(std::move(more));
        EXPECT_EQ(answer.code, 2) << answer.err;
        return answer.err;
    };
    EXPECT_NE(error_of({"--shard", "3/2"}).find("3/2"), std::string::npos);
    EXPECT_NE(error_of({"--shard", "one"}).find("one"), std::string::npos);
    EXPECT_NE(error_of({"--scale", "0:1:2"}).find("--noise"), std::string::npos);
    EXPECT_NE(error_of({"--noise", "iqm_garnet", "--scale", "2:1:2"}).find("2:1:2"), std::string::npos);
    EXPECT_NE(error_of({"--models", "coherent:no_pz"}).find("no_pz"), std::string::npos);
    const CliAnswer unknown = study({"--models", "coherrent"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_NE(unknown.err.find("coherent"), std::string::npos);
}

TEST_F(StudyCommand, PredictsUnderNoiseAndShots) {
    const json answer =
        json::parse(study({"--models", "qrnn,linear", "--noise", "iqm_garnet,ibm_torino", "--scale", "0:2:2",
                           "--shots", "50", "--device", "ionq_forte", "--json"})
                        .out);
    const json& quantum = answer["entries"][0];
    ASSERT_EQ(quantum["conditions"].size(), 1u + 2u * 2u);
    EXPECT_TRUE(quantum["conditions"][0]["device"].is_null());
    EXPECT_EQ(quantum["conditions"][0]["shots"], 50);
    EXPECT_EQ(quantum["conditions"][4]["device"], "ibm_torino");
    EXPECT_EQ(quantum["conditions"][4]["scale"], 2.0);
    EXPECT_EQ(quantum["conditions"][4]["accuracy"]["seeds"], 2);
    EXPECT_EQ(quantum["conditions"][4]["margin"]["seeds"], 2);
    EXPECT_EQ(quantum["devices"][0]["device"], "ionq_forte");
    EXPECT_GT(quantum["devices"][0]["seconds_per_shot"], 1e-3);
    EXPECT_TRUE(answer["entries"][1]["conditions"].empty());
    EXPECT_TRUE(answer["entries"][1]["devices"].empty());

    const std::string csv = read_file(folder_.file("out") + "/study.csv");
    EXPECT_NE(csv.find(",iqm_garnet,2,50,"), std::string::npos) << csv;
    const std::string text = read_file(folder_.file("out") + "/study.txt");
    EXPECT_NE(text.find("ibm_torino x 2, 50 shots"), std::string::npos) << text;
    const std::string page = read_file(folder_.file("out") + "/study.html");
    for (const char* part : {"Test accuracy on ibm_torino", "Mean margin on iqm_garnet", "McNemar, test",
                             "Cross-validation, mean over the seeds", "Gates on two qubits, on ionq_forte"})
        EXPECT_NE(page.find(part), std::string::npos) << part;
}

TEST_F(StudyCommand, ClassicalModelsHaveNoCircuits) {
    const std::string model = folder_.file("linear.json"), data = folder_.file("pets") + "/test.csv";
    ASSERT_EQ(run_cli({"train", "--data", folder_.file("pets") + "/train.csv", "--model", "linear",
                       "--epochs", "2", "-o", model})
                  .code,
              0);
    EXPECT_EQ(run_cli({"eval", "--model", model, "--data", data}).code, 0);
    const std::vector<std::vector<std::string>> refused{
        {"emit", "--model", model, "--sentence", "purrs", "-o", folder_.file("circuits")},
        {"sweep", "--model", model, "--data", data, "--target", "iqm_garnet", "-o", folder_.file("sweep")},
        {"eval", "--model", model, "--data", data, "--backend", "local:iqm_garnet"},
        {"predict", "--model", model, "--backend", "local:iqm_garnet", "purrs"}};
    for (const auto& arguments : refused) {
        const CliAnswer answer = run_cli(arguments);
        EXPECT_EQ(answer.code, 3) << arguments.front();
        EXPECT_NE(answer.err.find("linear is classical, it has no circuit"), std::string::npos) << answer.err;
    }
    EXPECT_FALSE(exists(folder_.file("circuits")));
    EXPECT_FALSE(exists(folder_.file("sweep")));
}

}  // namespace
}  // namespace qdcnn::test
