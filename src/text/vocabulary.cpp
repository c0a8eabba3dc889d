#include "qdcnn/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"

namespace qdcnn::text {

Vocabulary::Vocabulary() : Vocabulary(std::vector<std::string>{kUnknownToken, kPaddingToken}) {}

Vocabulary::Vocabulary(std::vector<std::string> entries) : entries_(std::move(entries)) {
    if (entries_.size() < 2 || entries_[0] != kUnknownToken || entries_[1] != kPaddingToken)
        throw Error(ErrorKind::invalid_input, "a vocabulary starts with \"<UNK>\" and \"<PAD>\"");
    for (std::size_t id = 0; id < entries_.size(); ++id) {
        if (entries_[id].empty())
            throw Error(ErrorKind::invalid_input, fmt::format("vocabulary entry {} is empty", id));
        if (!ids_.emplace(entries_[id], static_cast<WordId>(id)).second)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("\"{}\" stands twice in the vocabulary", entries_[id]));
    }
}

Vocabulary Vocabulary::of(std::span<const Tokens> sentences) {
    std::vector<std::pair<std::string, std::size_t>> counted;
    std::unordered_map<std::string, std::size_t> place;
    for (const Tokens& tokens : sentences)
        for (const std::string& token : tokens) {
            if (token == kUnknownToken || token == kPaddingToken) continue;
            const auto [found, is_first] = place.emplace(token, counted.size());
            if (is_first) counted.emplace_back(token, 0);
            ++counted[found->second].second;
        }
    std::stable_sort(counted.begin(), counted.end(),
                     [](const auto& left, const auto& right) { return left.second > right.second; });
    std::vector<std::string> entries{kUnknownToken, kPaddingToken};
    for (auto& [token, count] : counted) entries.push_back(std::move(token));
    return Vocabulary(std::move(entries));
}

WordId Vocabulary::id(std::string_view token) const {
    const auto found = ids_.find(std::string(token));
    return found == ids_.end() ? kUnknown : found->second;
}

std::vector<WordId> Vocabulary::ids(std::span<const std::string> tokens, std::size_t length) const {
    std::vector<WordId> result(length, kPadding);
    for (std::size_t t = 0; t < std::min(length, tokens.size()); ++t) result[t] = id(tokens[t]);
    return result;
}

}  // namespace qdcnn::text
