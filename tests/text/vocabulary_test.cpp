#include "qdcnn/text/vocabulary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/text/tfidf.h"

namespace qdcnn::text {
namespace {

TEST(Vocabulary, CountsFallTiesInOrderFirstSeen) {
    const std::vector<Tokens> sentences{{"b", "a", "c"}, {"c", "b", "d"}, {"c"}};
    const Vocabulary vocabulary = Vocabulary::of(sentences);
    EXPECT_EQ(vocabulary.entries(), (std::vector<std::string>{"<UNK>", "<PAD>", "c", "b", "a", "d"}));
    EXPECT_EQ(vocabulary.id("a"), 4u);
    EXPECT_EQ(vocabulary.id("z"), Vocabulary::kUnknown);
    EXPECT_FALSE(vocabulary.knows("z"));
}

TEST(Vocabulary, ReservedTokensInTextAreNotCountedTwice) {
    const std::vector<Tokens> sentences{{"<PAD>", "a", "<UNK>"}};
    EXPECT_EQ(Vocabulary::of(sentences).size(), 3u);
}

TEST(Vocabulary, PadsAndCuts) {
    const std::vector<Tokens> sentences{{"x", "y"}};
    const Vocabulary vocabulary = Vocabulary::of(sentences);
    const Tokens text{"y", "new", "x"};
    EXPECT_EQ(vocabulary.ids(text, 5), (std::vector<WordId>{3, 0, 2, 1, 1}));
    EXPECT_EQ(vocabulary.ids(text, 2), (std::vector<WordId>{3, 0}));
}

TEST(Vocabulary, RefusesListsThatAreNone) {
    EXPECT_THROW(Vocabulary({"<PAD>", "<UNK>"}), Error);
    EXPECT_THROW(Vocabulary({"<UNK>", "<PAD>", "a", "a"}), Error);
    EXPECT_THROW(Vocabulary({"<UNK>", "<PAD>", ""}), Error);
}

TEST(Tfidf, FollowsTheFormulaByHand) {
    const std::vector<std::vector<WordId>> sentences{{2, 3, 1}, {2, 2, 1}};
    const auto idf = inverse_document_frequencies(4, sentences);
    EXPECT_DOUBLE_EQ(idf[0], 1.0);
    EXPECT_DOUBLE_EQ(idf[1], 1.0);
    EXPECT_DOUBLE_EQ(idf[2], std::log(3.0 / 3.0) + 1.0);
    EXPECT_DOUBLE_EQ(idf[3], std::log(3.0 / 2.0) + 1.0);
    const std::vector<WordId> sentence{3, 3, 2, 1};
    const auto values = tfidf(sentence, idf);
    // Counts: UNK 1, PAD 0, 1, 2; their sum 4.
    std::vector<double> expected{1.0 / 4, 0.0, 1.0 / 4 * idf[2], 2.0 / 4 * idf[3]};
    const double largest = expected[3] + 1e-5;
    double norm = 0.0;
    for (double& value : expected) {
        value /= largest;
        norm += value * value;
    }
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(values[i], expected[i] / (std::sqrt(norm) + 1e-5), 1e-15);
}

}  // namespace
}  // namespace qdcnn::text
