#include "qdcnn/text/builtin.h"

#include <gtest/gtest.h>

#include <set>

#include "qdcnn/base/error.h"

namespace qdcnn::text {
namespace {

class EveryBuiltin : public testing::TestWithParam<std::size_t> {
  protected:
    const BuiltinRow& row() const { return builtin_table()[GetParam()]; }
    Dataset split(const std::string& name, std::uint64_t seed = 1) const {
        return builtin_dataset("builtin:" + std::string(row().name) + ":" + name, seed);
    }
};

TEST_P(EveryBuiltin, IsBalancedAndOfTheStatedSize) {
    const std::pair<const char*, std::size_t> sizes[] = {
        {"train", row().train}, {"dev", row().dev}, {"test", row().test}};
    for (const auto& [name, size] : sizes) {
        const Dataset data = split(name);
        EXPECT_EQ(data.examples.size(), size) << name;
        ASSERT_EQ(data.labels().size(), 2u);
        const auto first =
            std::count_if(data.examples.begin(), data.examples.end(),
                          [&](const Example& example) { return example.label == data.labels()[0]; });
        EXPECT_EQ(static_cast<std::size_t>(first) * 2, size) << name;
    }
}

TEST_P(EveryBuiltin, SplitsAreDisjointAndKnowTheirWords) {
    std::set<std::string> seen, words;
    for (const char* name : {"train", "dev", "test"})
        for (const Example& example : split(name).examples) {
            EXPECT_TRUE(seen.insert(example.text).second) << example.text;
            for (const std::string& token : example.tokens) {
                if (std::string(name) == "train") words.insert(token);
                EXPECT_TRUE(words.count(token)) << token;
            }
        }
}

TEST_P(EveryBuiltin, IsTheSameForASeed) {
    EXPECT_EQ(split("test").hash(), split("test").hash());
    EXPECT_NE(split("test").hash(), split("test", 2).hash());
    EXPECT_EQ(builtin_dataset("builtin:" + std::string(row().name)).hash(), split("train").hash());
}

INSTANTIATE_TEST_SUITE_P(Table, EveryBuiltin, testing::Range(std::size_t{0}, builtin_table().size()));

TEST(Builtin, FoodItSentencesKeepToTheirTopic) {
    const std::set<std::string> food{"grills", "serves", "tastes", "fresh", "soup",
                                     "bread",  "salad",  "pizza",  "rice",  "stew"};
    for (const Example& example : builtin_dataset("builtin:food-it:test").examples) {
        const bool has_food =
            std::any_of(example.tokens.begin(), example.tokens.end(), [&](auto& t) { return food.count(t); });
        EXPECT_EQ(has_food, example.label == "food") << example.text;
    }
}

TEST(Builtin, ScopeFollowsItsRule) {
    const std::set<std::string> good{"good", "great", "lovely", "fine", "superb", "bright"},
        negating{"never", "hardly", "not"}, second{"but", "yet", "however"};
    std::set<bool> rules;
    for (const Example& example : builtin_dataset("builtin:scope:test").examples) {
        const auto& t = example.tokens;
        ASSERT_EQ(t.size(), 4u);
        const bool positive =
            second.count(t[2]) ? good.count(t[3]) > 0 : (good.count(t[1]) > 0) != (negating.count(t[0]) > 0);
        EXPECT_EQ(example.label, positive ? "1" : "0") << example.text;
        rules.insert(second.count(t[2]) > 0);
    }
    EXPECT_EQ(rules.size(), 2u);
}

TEST(Builtin, UnknownNamesAreSuggested) {
    try {
        builtin_dataset("builtin:food-ti");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.hint().find("food-it"), std::string::npos);
    }
    EXPECT_THROW(builtin_dataset("builtin:scope:tests2"), Error);
}

}  // namespace
}  // namespace qdcnn::text
