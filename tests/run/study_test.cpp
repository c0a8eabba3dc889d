#include "qdcnn/run/study.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "support/temporary_folder.h"

namespace qdcnn::run {
namespace {

StudyTask small_task() {
    return {"small",
            text::parse_dataset("0 cold ice\n1 warm fire\n0 cold blue ice\n1 warm red fire\n0 ice\n1 fire\n"
                                "0 blue\n1 red\n",
                                "train"),
            {},
            text::parse_dataset("0 cold blue\n1 red fire\n0 ice ice\n1 warm warm\n", "test")};
}

StudyRequest request_in(const std::string& folder) {
    StudyRequest request;
    request.tasks = {small_task()};
    request.rows = {study_row("linear"), study_row("logistic:auto+bag"), study_row("majority")};
    request.seeds = 3;
    request.folds = 2;
    request.epochs = 8;
    request.folder = folder;
    return request;
}

/// What does not depend on the time taken.
std::string numbers_of(const StudyResult& result) {
    std::string text;
    for (const StudyEntry& entry : result.entries)
        for (const auto* scores : {&entry.official, &entry.cv}) {
            text += entry.task + entry.row + std::to_string(entry.parameters);
            for (const auto& seed : (*scores)->right) {
                for (const bool right : seed) text += right ? '1' : '0';
                text += ' ';
            }
        }
    for (const StudyComparison& one : result.comparisons)
        text += one.first + one.second + std::to_string(one.p) + std::to_string(one.difference);
    return text;
}

TEST(Study, GivesEveryRowItsScores) {
    const test::TemporaryFolder folder;
    const StudyResult result = study(request_in(folder.path()));
    ASSERT_EQ(result.entries.size(), 3u);
    EXPECT_EQ(result.cells, 3u * 2u * 3u);
    EXPECT_EQ(result.missing, 0u);
    for (const StudyEntry& entry : result.entries) {
        ASSERT_TRUE(entry.official && entry.cv);
        EXPECT_EQ(entry.official->sentences, 4u);
        EXPECT_EQ(entry.cv->sentences, 12u);
        EXPECT_EQ(entry.official->accuracy.n, 3u);
        EXPECT_EQ(entry.circuits, 0u);
    }
    EXPECT_GT(result.entries[0].cv->accuracy.mean, 0.6);
    const StudyEntry& majority = result.entries[2];
    EXPECT_EQ(majority.official->accuracy.mean, 0.5);
    EXPECT_EQ(majority.cv->accuracy.mean, 0.5);
    EXPECT_FALSE(majority.published_rule);
    EXPECT_GE(result.entries[0].published_rule->mean, result.entries[0].official->accuracy.mean);
    EXPECT_EQ(result.comparisons.size(), 3u * 2u);
}

TEST(Study, DependsNeitherOnThreadsNorOnShardsNorOnWhatWasThere) {
    const test::TemporaryFolder one, many;
    StudyRequest request = request_in(one.path());
    const std::string expected = numbers_of(study(request));
    StudyRequest parts = request_in(many.path());
    parts.threads = 3;
    parts.shards = 2;
    const StudyResult half = study(parts);
    EXPECT_EQ(half.missing, 9u);
    EXPECT_TRUE(half.comparisons.empty());
    parts.shard = 1;
    const StudyResult whole = study(parts);
    EXPECT_EQ(whole.missing, 0u);
    EXPECT_EQ(numbers_of(whole), expected);
    std::size_t done_again = 0;
    EXPECT_EQ(numbers_of(study(request, [&](auto...) { ++done_again; })), expected);
    EXPECT_EQ(done_again, 0u);
}

TEST(Study, RefusesCellsOfOtherSettings) {
    const test::TemporaryFolder folder;
    StudyRequest request = request_in(folder.path());
    study(request);
    request.epochs = 9;
    try {
        study(request);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("other data or settings"), std::string::npos);
    }
}

TEST(Study, TestSentencesDecideNothing) {
    const test::TemporaryFolder one, other;
    StudyRequest request = request_in(one.path());
    request.rows = {study_row("linear")};
    request.folds = 0;
    const auto scores = study(request).entries.front();
    // Other test labels: every answer that was right is wrong, so the trained model was the same.
    request.folder = other.path();
    for (text::Example& example : request.tasks[0].test->examples)
        example.label = example.label == "0" ? "1" : "0";
    const auto turned = study(request).entries.front();
    for (std::size_t seed = 0; seed < 3; ++seed)
        for (std::size_t s = 0; s < 4; ++s)
            EXPECT_NE(scores.official->right[seed][s], turned.official->right[seed][s]);
    EXPECT_EQ(scores.train->mean, turned.train->mean);
}

TEST(Study, CountsTheCircuitsOfASentence) {
    const test::TemporaryFolder folder;
    StudyRequest request = request_in(folder.path());
    request.rows = {study_row("coherent")};
    request.seeds = 1;
    request.folds = 0;
    request.epochs = 1;
    const StudyEntry entry = study(request).entries.front();
    EXPECT_EQ(entry.circuits, 1u);
    EXPECT_EQ(entry.rounds, 1u);
    EXPECT_EQ(entry.qubits, 8u);
    EXPECT_EQ(entry.two_qubit_gates, 14u);
    EXPECT_EQ(entry.two_qubit_depth, 5u);
    EXPECT_EQ(entry.circuit_parameters, 17u);
}

TEST(Study, NoiseAtScaleZeroIsNoNoise) {
    const test::TemporaryFolder folder;
    StudyRequest request = request_in(folder.path());
    request.rows = {study_row("coherent"), study_row("linear")};
    request.seeds = 2;
    request.folds = 0;
    request.epochs = 4;
    request.conditions = {{"iqm_garnet", 0.0}, {"iqm_garnet", 4.0}, {"", 1.0, 5}};
    request.devices = {"iqm_garnet", "ionq_forte"};
    const StudyResult result = study(request);
    const StudyEntry& entry = result.entries.front();
    ASSERT_EQ(entry.conditions.size(), 3u);
    EXPECT_EQ(result.cells, 2u * (1u + 3u) + 2u);
    EXPECT_NEAR(entry.conditions[0].margin.mean, entry.margin->mean, 1e-9);
    EXPECT_EQ(entry.conditions[0].scores.right, entry.official->right);
    EXPECT_LT(std::abs(entry.conditions[1].margin.mean), 0.95 * std::abs(entry.margin->mean));
    EXPECT_GT(std::abs(entry.conditions[2].margin.mean - entry.margin->mean), 1e-3);
    ASSERT_EQ(entry.devices.size(), 2u);
    EXPECT_EQ(entry.devices[0].two_qubit_gates, 14u);
    // Without feed-forward the deferred form.
    EXPECT_EQ(entry.devices[1].two_qubit_gates, 20u);
    EXPECT_TRUE(result.entries[1].conditions.empty());
}

TEST(Study, AConditionNeedsNoOfficialCellBefore) {
    const test::TemporaryFolder one, other;
    StudyRequest request = request_in(one.path());
    request.rows = {study_row("qrnn")};
    request.seeds = 1;
    request.folds = 0;
    request.epochs = 1;
    request.conditions = {{"", 1.0, 20}};
    const auto whole = study(request).entries.front();
    // The shard has the second cell alone, the condition's.
    request.folder = other.path();
    request.shards = 2;
    request.shard = 1;
    const StudyResult part = study(request);
    EXPECT_EQ(part.missing, 0u);
    EXPECT_EQ(part.entries.front().conditions.front().scores.right, whole.conditions.front().scores.right);
    EXPECT_EQ(part.entries.front().official->right, whole.official->right);
}

TEST(StudyTexts, AreRead) {
    const StudyRow row = study_row("coherent:auto+two_angles@RP");
    EXPECT_EQ(row.model, "coherent");
    EXPECT_EQ(row.name, "coherent:auto+two_angles");
    EXPECT_EQ(row.presets, (std::vector<std::string>{"auto", "two_angles"}));
    EXPECT_EQ(row.only_task, "RP");
    EXPECT_THROW(study_row("coherrent"), Error);
    EXPECT_THROW(study_row("coherent:otto"), Error);
    EXPECT_EQ(study_task("builtin:scope").train.examples.size(), 100u);
    EXPECT_EQ(study_task("builtin:scope").generated, "builtin:scope");

    const test::TemporaryFolder folder;
    write_file_atomic(folder.path() + "/train.csv", "label,text\n0,a b\n1,c d\n");
    write_file_atomic(folder.path() + "/x.csv", "label,text\n0,a c\n");
    EXPECT_FALSE(study_task(folder.path()).test);
    const StudyTask named =
        study_task("X:train=" + folder.path() + "/train.csv,test=" + folder.path() + "/x.csv");
    EXPECT_EQ(named.name, "X");
    EXPECT_EQ(named.test->examples.size(), 1u);
    EXPECT_FALSE(named.dev);
    EXPECT_THROW(study_task("X:train=" + folder.path() + "/train.csv,toast=y"), Error);
}

TEST(Study, DrawsGeneratedDataAfreshForEverySeed) {
    const test::TemporaryFolder folder;
    StudyRequest request = request_in(folder.path());
    request.tasks = {study_task("builtin:food-it")};
    request.rows = {study_row("linear")};
    request.seeds = 2;
    request.folds = 0;
    request.epochs = 1;
    const StudyEntry entry = study(request).entries.front();
    EXPECT_FALSE(entry.dev);
    EXPECT_NE(entry.official->right[0], entry.official->right[1]);
}

TEST(Study, KeepsARowToItsTask) {
    const test::TemporaryFolder folder;
    StudyRequest request = request_in(folder.path());
    request.tasks.push_back(small_task());
    request.tasks.back().name = "other";
    request.rows = {study_row("majority"), study_row("linear@other")};
    request.folds = 0;
    const StudyResult result = study(request);
    ASSERT_EQ(result.entries.size(), 3u);
    EXPECT_EQ(result.entries[2].task, "other");
    EXPECT_EQ(result.entries[2].row, "linear");
    request.rows = {study_row("linear@nowhere")};
    EXPECT_THROW(study(request), Error);
}

}  // namespace
}  // namespace qdcnn::run
