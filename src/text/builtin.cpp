#include "qdcnn/text/builtin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/text/tokens.h"

namespace qdcnn::text {
namespace {

constexpr std::array<std::string_view, 3> kSplits{"train", "dev", "test"};

using Words = std::vector<std::string_view>;

/// Every way to take one word from each list in order; an empty word takes nothing.
std::vector<std::string> all_phrases(const std::vector<Words>& lists) {
    std::vector<std::string> phrases{""};
    for (const Words& words : lists) {
        std::vector<std::string> longer;
        for (const std::string& phrase : phrases)
            for (const std::string_view word : words)
                longer.push_back(word.empty() || phrase.empty() ? phrase + std::string(word)
                                                                : fmt::format("{} {}", phrase, word));
        phrases = std::move(longer);
    }
    return phrases;
}

std::vector<ClassOfSentences> food_it() {
    const Words subject{"student", "sister",    "neighbour", "friend",
                        "teacher", "colleague", "manager",   "guest"};
    return {{"food", all_phrases({subject,
                                  {"shares", "improves", "serves", "grills", "tastes"},
                                  {"", "simple", "fresh"},
                                  {"soup", "bread", "salad", "pizza", "rice", "stew"}})},
            {"it", all_phrases({subject,
                                {"shares", "improves", "installs", "updates", "compiles"},
                                {"", "simple", "secure"},
                                {"browser", "server", "script", "database", "kernel", "router"}})}};
}

std::vector<ClassOfSentences> scope() {
    const Words negating{"not", "never", "hardly"}, plain{"very", "truly", "quite"};
    const Words second_decides{"but", "yet", "however"}, first_decides{"though", "albeit", "although"};
    const Words good{"good", "great", "lovely", "fine", "superb", "bright"};
    const Words bad{"bad", "awful", "nasty", "poor", "dreadful", "dull"};
    std::vector<ClassOfSentences> classes{{"0", {}}, {"1", {}}};
    for (const bool negates : {false, true})
        for (const bool second : {false, true})
            for (const bool first_is_good : {false, true})
                for (const bool second_is_good : {false, true}) {
                    const bool is_positive = second ? second_is_good : first_is_good != negates;
                    auto phrases =
                        all_phrases({negates ? negating : plain, first_is_good ? good : bad,
                                     second ? second_decides : first_decides, second_is_good ? good : bad});
                    auto& sentences = classes[is_positive].sentences;
                    sentences.insert(sentences.end(), phrases.begin(), phrases.end());
                }
    return classes;
}

constexpr std::array<BuiltinRow, 2> kTable{{
    {"food-it", "subject-verb-object phrases about food or about IT", food_it, 100, 30, 40},
    {"scope", "\"never good but bad\": which of two adjectives decides, and is it turned round?", scope, 100,
     100, 1000},
}};

/// A split takes its own run of each shuffled class, so that splits share no sentence; then the classes are
/// mixed.
Dataset take_split(const BuiltinRow& row, std::vector<ClassOfSentences> classes, std::size_t split,
                   std::uint64_t seed) {
    const std::array<std::size_t, 3> sizes{row.train, row.dev, row.test};
    std::size_t start = 0;
    for (std::size_t before = 0; before < split; ++before) start += sizes[before] / classes.size();
    Random random(seed);
    Dataset dataset{fmt::format("builtin:{}:{}", row.name, kSplits[split]), {}};
    for (ClassOfSentences& one : classes) {
        random.shuffle(one.sentences);
        for (std::size_t k = start; k < start + sizes[split] / classes.size(); ++k)
            dataset.examples.push_back({one.label, one.sentences[k], tokenise(one.sentences[k]), 0});
    }
    random.stream(split).shuffle(dataset.examples);
    return dataset;
}

}  // namespace

std::span<const BuiltinRow> builtin_table() { return kTable; }

Dataset builtin_dataset(const std::string& name, std::uint64_t seed) {
    std::string_view rest = name;
    if (rest.starts_with("builtin:")) rest.remove_prefix(8);
    const std::size_t colon = rest.find(':');
    const std::string set(rest.substr(0, colon));
    const std::string split(colon == std::string_view::npos ? "train" : rest.substr(colon + 1));
    std::vector<std::string> known;
    for (const BuiltinRow& row : kTable) known.emplace_back(row.name);
    const auto row =
        std::find_if(kTable.begin(), kTable.end(), [&](const BuiltinRow& one) { return one.name == set; });
    if (row == kTable.end())
        throw Error(ErrorKind::not_found, fmt::format("there is no built-in data set \"{}\"", set),
                    suggestion(set, known));
    const auto found = std::find(kSplits.begin(), kSplits.end(), split);
    if (found == kSplits.end())
        throw Error(ErrorKind::not_found,
                    fmt::format("the built-in data set {} has no split \"{}\"", set, split),
                    suggestion(split, {kSplits.begin(), kSplits.end()}));
    return take_split(*row, row->generate(), static_cast<std::size_t>(found - kSplits.begin()), seed);
}

}  // namespace qdcnn::text
