#include "qdcnn/model/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::model {
namespace {

TEST(Summary, IsThatOfTheValues) {
    const Summary summary = summarise(std::vector<double>{1.0, 4.0, 2.5, 2.5});
    EXPECT_EQ(summary.n, 4u);
    EXPECT_DOUBLE_EQ(summary.mean, 2.5);
    EXPECT_DOUBLE_EQ(summary.deviation, std::sqrt(4.5 / 3.0));
    EXPECT_EQ(summary.smallest, 1.0);
    EXPECT_EQ(summary.largest, 4.0);
    EXPECT_EQ(summarise(std::vector<double>{7.0}).deviation, 0.0);
    EXPECT_EQ(summarise({}).n, 0u);
}

TEST(McNemar, IsTheExactBinomialTail) {
    // models.md, section 3: 6-0 is p = .031, 5-0 p = .063.
    EXPECT_NEAR(mcnemar({6, 0}), 0.03125, 1e-12);
    EXPECT_NEAR(mcnemar({0, 5}), 0.0625, 1e-12);
    EXPECT_NEAR(mcnemar({1, 7}), 2.0 * 9.0 / 256.0, 1e-12);
    EXPECT_EQ(mcnemar({4, 4}), 1.0);
    EXPECT_EQ(mcnemar({0, 0}), 1.0);
    EXPECT_LT(mcnemar({900, 1100}), 1e-4);
}

TEST(McNemar, CountsWhatOnlyOneHasRight) {
    const Discordance found = compare({true, true, false, false, true}, {true, false, true, false, false});
    EXPECT_EQ(found.only_first, 2u);
    EXPECT_EQ(found.only_second, 1u);
}

TEST(CombinedP, IsTwiceTheMedian) {
    EXPECT_DOUBLE_EQ(combined_p({0.5, 0.01, 0.02}), 0.04);
    EXPECT_DOUBLE_EQ(combined_p({0.01, 0.03}), 0.04);
    EXPECT_EQ(combined_p({0.9, 0.8}), 1.0);
    EXPECT_EQ(combined_p({}), 1.0);
}

text::Dataset unbalanced() {
    std::string text;
    for (int k = 0; k < 11; ++k) text += "a word" + std::to_string(k) + "\n";
    for (int k = 0; k < 6; ++k) text += "b word" + std::to_string(k) + "\n";
    return text::parse_dataset(text, "unbalanced.txt");
}

TEST(Folds, SpreadEveryLabelEvenly) {
    const text::Dataset data = unbalanced();
    const auto folds = stratified_folds(data, 5, Random(3));
    std::vector<int> sizes(5), of_b(5);
    for (std::size_t i = 0; i < folds.size(); ++i) {
        ++sizes.at(folds[i]);
        of_b[folds[i]] += data.examples[i].label == "b";
    }
    for (std::size_t fold = 0; fold < 5; ++fold) {
        EXPECT_GE(sizes[fold], 3);
        EXPECT_LE(sizes[fold], 4);
        EXPECT_GE(of_b[fold], 1);
        EXPECT_LE(of_b[fold], 2);
    }
    EXPECT_EQ(folds, stratified_folds(data, 5, Random(3)));
    EXPECT_NE(folds, stratified_folds(data, 5, Random(4)));
}

TEST(Folds, RefuseWhatCannotBeDivided) {
    EXPECT_THROW(stratified_folds(unbalanced(), 1, Random(1)), Error);
    EXPECT_THROW(stratified_folds(unbalanced(), 18, Random(1)), Error);
    const text::Dataset single = text::parse_dataset("a x\na y\nb z\n", "single.txt");
    try {
        stratified_folds(single, 2, Random(1));
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("\"b\""), std::string::npos);
    }
}

}  // namespace
}  // namespace qdcnn::model
