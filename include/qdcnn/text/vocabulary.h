#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace qdcnn::text {

using WordId = std::uint32_t;
using Tokens = std::vector<std::string>;

/// Tokens by id. Id 0 is <UNK>, which stands for every token that is not listed; id 1 is <PAD>, which fills a
/// short sentence.
class Vocabulary {
  public:
    static constexpr WordId kUnknown = 0;
    static constexpr WordId kPadding = 1;
    static constexpr const char* kUnknownToken = "<UNK>";
    static constexpr const char* kPaddingToken = "<PAD>";

    /// <UNK> and <PAD> alone.
    Vocabulary();
    /// Entries in order of their ids, as a model file lists them. Throws Error(invalid_input): the first two
    /// are not <UNK> and <PAD>, an entry is empty or stands twice.
    explicit Vocabulary(std::vector<std::string> entries);
    /// Of the training sentences: tokens by falling count, ties in the order in which they are first seen.
    static Vocabulary of(std::span<const Tokens> sentences);

    std::size_t size() const { return entries_.size(); }
    const std::vector<std::string>& entries() const { return entries_; }
    /// kUnknown when it is not listed.
    WordId id(std::string_view token) const;
    bool knows(std::string_view token) const { return id(token) != kUnknown; }
    /// The ids of exactly `length` tokens: padded at the end, or cut.
    std::vector<WordId> ids(std::span<const std::string> tokens, std::size_t length) const;

  private:
    std::vector<std::string> entries_;
    std::unordered_map<std::string, WordId> ids_;
};

}  // namespace qdcnn::text
