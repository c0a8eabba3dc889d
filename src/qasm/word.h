#pragma once

#include <optional>
#include <variant>

#include "value.h"

// Numbers of a declared width: arithmetic wraps, and what depends on classical bits stays a formula.
namespace qdcnn::qasm {

/// An `int` or `uint` without a width has so many bits.
constexpr unsigned kDefaultWidth = 32;

Word known_word(ScalarType type, unsigned width, std::uint64_t value);
/// The bits, first one least significant. Throws Failure(unsupported) for more than 64.
Word word_of_bits(ScalarType type, std::vector<circuit::Clbit> bits, Place place);
/// Of a word that is known; in two's complement when it is an int.
std::optional<std::int64_t> known_integer(const Word& word);

/// Cut or extended by the source's sign; a bool is whether it is not 0.
Word converted(const Word& word, ScalarType type, unsigned width);

/// popcount, as wide as an int.
Word ones_of(const Word& word);

/// One of the operands is a Word, the other a bool, an integer or a Word.
Value apply_to_words(UnaryOperator op, const Word& operand, Place place);
Value apply_to_words(BinaryOperator op, const Value& left, const Value& right, Place place);

/// When the word is not 0: known, or a condition. A condition that all but one record of its bits fulfil
/// comes as its negation, which needs no formula; `is_negated` says so.
struct Test {
    std::variant<bool, circuit::Condition> outcome;
    bool is_negated = false;
};
Test test_of(const Word& word);
/// The condition alone, with a formula where it must have one.
circuit::Condition condition_of(const Word& word);

}  // namespace qdcnn::qasm
