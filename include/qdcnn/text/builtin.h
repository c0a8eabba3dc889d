#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/text/dataset.h"

namespace qdcnn::text {

struct ClassOfSentences {
    std::string label;
    std::vector<std::string> sentences;
};

/// A data set the product generates by itself. A new one is a grammar and a row in builtin.cpp.
///
/// food-it: is the sentence about food or about IT? Grammar, | for a choice and [] for what may be left out:
///     S -> Subject Verb [Kind] Object
///     Subject  student | sister | neighbour | friend | teacher | colleague | manager | guest
///     Verb     shares | improves | food: serves | grills | tastes | it: installs | updates | compiles
///     Kind     simple | food: fresh | it: secure
///     Object   food: soup | bread | salad | pizza | rice | stew
///              it: browser | server | script | database | kernel | router
/// 1,440 sentences of 31 words; none holds a word of the other topic.
///
/// scope: does the sentence end up positive? ("never good but bad")
///     S -> Mod Adj Conj Adj
///     Mod   never hardly not (they negate) | very truly quite
///     Conj  but yet however (the second adjective decides)
///           | though albeit although (the first one decides, turned by a negating Mod)
/// 5,184 sentences. Label 1: the deciding value is positive.
struct BuiltinRow {
    std::string_view name;
    std::string_view description;
    /// All sentences of the grammar, class by class.
    std::vector<ClassOfSentences> (*generate)();
    /// Sizes of the splits, half of each in either class.
    std::size_t train, dev, test;
};
std::span<const BuiltinRow> builtin_table();

/// "builtin:NAME[:train|dev|test]", without a split `train`. The splits are disjoint, balanced and always the
/// same for a seed. With the seed as it is, every word of dev and test
/// occurs in train. Throws Error(not_found) with "did you mean".
Dataset builtin_dataset(const std::string& name, std::uint64_t seed = 1);

}  // namespace qdcnn::text
