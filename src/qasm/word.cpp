#include "word.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace qdcnn::qasm {

using namespace circuit;

namespace {

using W = WordOperator;

/// Formulas beyond are refused: they are evaluated and printed again and again.
constexpr std::size_t kMostSteps = 400;
/// Conditions on so many bits are tried out, to find those that need no formula.
constexpr std::size_t kMostTriedBits = 10;

[[noreturn]] void refuse(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::unsupported, std::move(message), place, std::move(hint)};
}

Word folded(Word word) {
    if (!word.bits.empty()) return word;
    return known_word(word.type, word.width(), word.formula.evaluate(0));
}

Word with_step(Word word, W op, unsigned width) {
    const auto last = static_cast<std::uint32_t>(word.formula.steps.size() - 1);
    word.formula.steps.push_back({op, static_cast<std::uint8_t>(width), last, 0, 0});
    return folded(std::move(word));
}

/// Where `run` stands in `bits`; appended when it does not.
std::size_t place_of(std::span<const Clbit> run, std::vector<Clbit>& bits) {
    const auto found = std::search(bits.begin(), bits.end(), run.begin(), run.end());
    const auto at = static_cast<std::size_t>(found - bits.begin());
    if (found == bits.end()) bits.insert(bits.end(), run.begin(), run.end());
    return at;
}

/// op(left, right), which are equally wide.
Word joined(W op, Word left, const Word& right, ScalarType type, unsigned width, Place place) {
    Word result{type, std::move(left.bits), std::move(left.formula)};
    const auto first = static_cast<std::uint32_t>(result.formula.steps.size());
    for (Formula::Step step : right.formula.steps) {
        step.left += first;
        step.right += first;
        if (step.op == W::input)
            step.value = place_of(std::span(right.bits).subspan(step.value, step.width), result.bits);
        result.formula.steps.push_back(step);
    }
    const auto last = static_cast<std::uint32_t>(result.formula.steps.size() - 1);
    result.formula.steps.push_back({op, static_cast<std::uint8_t>(width), first - 1, last, 0});
    if (result.bits.size() > 64)
        refuse("an expression on more than 64 classical bits is not supported", place,
               "Give variables narrower types such as uint[8].");
    if (result.formula.steps.size() > kMostSteps)
        refuse(fmt::format("an expression of more than {} operations on classical bits is not supported",
                           kMostSteps),
               place, "Keep parts of it in variables.");
    return folded(std::move(result));
}

bool is_signed(const Word& word) { return word.type == ScalarType::integer; }

/// An integer literal beside `other`, which is widened where the number needs it.
Word literal_beside(std::int64_t value, Word& other, bool is_comparison) {
    if (value < 0 && !is_signed(other)) {
        // Modulo 2^width it is a number of the other's kind; compared, it is below all of them.
        if (!is_comparison) return known_word(other.type, other.width(), static_cast<std::uint64_t>(value));
        other = converted(other, ScalarType::integer, std::min(64u, other.width() + 1));
    }
    const auto magnitude = static_cast<std::uint64_t>(value < 0 ? ~value : value);
    const unsigned needed = static_cast<unsigned>(std::bit_width(magnitude)) + (is_signed(other) ? 1 : 0);
    if (needed > other.width()) {
        const ScalarType type = is_signed(other) ? ScalarType::integer : ScalarType::unsigned_integer;
        other = converted(other, type, std::min(64u, needed));
    }
    return known_word(other.type, other.width(), static_cast<std::uint64_t>(value));
}

/// Both operands as words.
std::pair<Word, Word> words_of(const Value& left, const Value& right, bool is_comparison) {
    const auto word = [](const Value& value) -> std::optional<Word> {
        if (const auto* known = std::get_if<Word>(&value)) return *known;
        if (const auto* truth = std::get_if<bool>(&value)) return known_word(ScalarType::boolean, 1, *truth);
        return {};
    };
    std::optional<Word> a = word(left), b = word(right);
    if (!a) a = literal_beside(std::get<std::int64_t>(left), *b, is_comparison);
    if (!b) b = literal_beside(std::get<std::int64_t>(right), *a, is_comparison);
    return {std::move(*a), std::move(*b)};
}

/// As wide as the wider one; signed when the wider ones are.
ScalarType balance(Word& a, Word& b) {
    const unsigned width = std::max(a.width(), b.width());
    ScalarType type = ScalarType::unsigned_integer;
    if (a.type == b.type)
        type = a.type;
    else if ((is_signed(a) && b.width() < a.width()) || (is_signed(b) && a.width() < b.width()))
        type = ScalarType::integer;
    else if (width == 1 && !is_signed(a) && !is_signed(b))
        type = ScalarType::bit;
    const auto widened = [&](const Word& word) {
        if (word.width() == width) return word;
        return converted(word, is_signed(word) ? ScalarType::integer : ScalarType::unsigned_integer, width);
    };
    a = widened(a);
    b = widened(b);
    return type;
}

Word negated(const Word& truth) { return with_step(truth, W::bit_not, 1); }

Word truth_of(const Word& word) { return converted(word, ScalarType::boolean, 1); }

Word compared(BinaryOperator op, Word a, Word b, Place place) {
    const bool by_sign = balance(a, b) == ScalarType::integer;
    const auto less = [&](const Word& left, const Word& right) {
        return joined(by_sign ? W::signed_less : W::less, left, right, ScalarType::boolean, 1, place);
    };
    switch (op) {
        case BinaryOperator::equal:
            return joined(W::equal, a, b, ScalarType::boolean, 1, place);
        case BinaryOperator::not_equal:
            return negated(joined(W::equal, a, b, ScalarType::boolean, 1, place));
        case BinaryOperator::less:
            return less(a, b);
        case BinaryOperator::greater:
            return less(b, a);
        case BinaryOperator::less_equal:
            return negated(less(b, a));
        default:
            return negated(less(a, b));
    }
}

Word logical(BinaryOperator op, const Word& left, const Word& right, Place place) {
    const bool is_and = op == BinaryOperator::logical_and;
    const Word a = truth_of(left), b = truth_of(right);
    for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)})
        if (one->is_known()) return (*known_integer(*one) != 0) == is_and ? *other : *one;
    return joined(is_and ? W::bit_and : W::bit_or, a, b, ScalarType::boolean, 1, place);
}

Word shifted(BinaryOperator op, const Word& left, const Word& right, Place place) {
    if (is_signed(left) && op == BinaryOperator::shift_right)
        refuse(">> of an int is not supported", place, "Convert it to uint or bit.");
    const W shift = op == BinaryOperator::shift_left ? W::shift_left : W::shift_right;
    const ScalarType type = left.type == ScalarType::boolean ? ScalarType::bit : left.type;
    if (right.is_known()) {
        const std::int64_t places = known_integer(right).value_or(64);
        if (places < 0)
            throw Failure{ErrorKind::invalid_input, "a shift takes numbers that are not negative", place};
        if (places >= left.width()) return known_word(type, left.width(), 0);
        // A narrow word cannot hold every count below its own width; a constant of its width can.
        if (left.width() < 7 && (static_cast<std::uint64_t>(places) >> left.width()) != 0)
            return known_word(type, left.width(), 0);
        const Word count = known_word(left.type, left.width(), static_cast<std::uint64_t>(places));
        return joined(shift, left, count, type, left.width(), place);
    }
    // Compared at a width that holds both.
    const unsigned width = std::max(left.width(), right.width());
    const Word wide = converted(left, ScalarType::unsigned_integer, width);
    const Word count = converted(right, ScalarType::unsigned_integer, width);
    return converted(joined(shift, wide, count, ScalarType::unsigned_integer, width, place), type,
                     left.width());
}

Word divided(BinaryOperator op, Word a, Word b, Place place) {
    const bool by_sign = balance(a, b) == ScalarType::integer;
    if (!b.is_known()) refuse("a division by what is measured is not supported", place);
    if (*known_integer(b) == 0)
        throw Failure{ErrorKind::invalid_input, "division by zero", place, {}, false, true};
    if (!by_sign)
        return joined(op == BinaryOperator::divide ? W::divide : W::modulo, a, b,
                      ScalarType::unsigned_integer, a.width(), place);
    if (!a.is_known()) refuse("a division of an int that is measured is not supported", place, "Use uint.");
    const std::int64_t x = *known_integer(a), y = *known_integer(b);
    // The one quotient that overflows wraps.
    const std::int64_t value =
        y == -1 ? (op == BinaryOperator::divide ? 0 - x : 0) : (op == BinaryOperator::divide ? x / y : x % y);
    return known_word(ScalarType::integer, a.width(), static_cast<std::uint64_t>(value));
}

Word power(const Word& base, const Word& exponent, Place place) {
    if (!exponent.is_known()) refuse("a power by what is measured is not supported", place);
    const std::int64_t count = *known_integer(exponent);
    if (count < 0) refuse("a negative power of what is measured is not supported", place);
    Word result = known_word(base.type, base.width(), 1);
    for (unsigned bit = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(count)));
         bit-- > 0;) {
        result = joined(W::multiply, result, result, base.type, base.width(), place);
        if (count >> bit & 1) result = joined(W::multiply, result, base, base.type, base.width(), place);
    }
    return result;
}

}  // namespace

Word known_word(ScalarType type, unsigned width, std::uint64_t value) {
    return {type, {}, {{{W::constant, static_cast<std::uint8_t>(width), 0, 0, value & low_bits(width)}}}};
}

Word word_of_bits(ScalarType type, std::vector<Clbit> bits, Place place) {
    if (bits.size() > 64)
        refuse(fmt::format("an expression on {} classical bits is not supported", bits.size()), place,
               "At most 64 bits.");
    const auto width = static_cast<std::uint8_t>(bits.size());
    return {type, std::move(bits), {{{W::input, width, 0, 0, 0}}}};
}

std::optional<std::int64_t> known_integer(const Word& word) {
    if (!word.is_known()) return {};
    const std::uint64_t value = word.formula.steps.back().value;
    const std::uint64_t sign = std::uint64_t{1} << (word.width() - 1);
    if (is_signed(word)) return static_cast<std::int64_t>((value ^ sign) - sign);
    return static_cast<std::int64_t>(value);
}

Word converted(const Word& word, ScalarType type, unsigned width) {
    Word result = word;
    if (type == ScalarType::boolean && word.width() > 1) {
        const Word zero = known_word(word.type, word.width(), 0);
        return negated(joined(W::equal, word, zero, ScalarType::boolean, 1, {}));
    }
    if (width != word.width())
        result =
            with_step(result, is_signed(word) && width > word.width() ? W::sign_extend : W::resize, width);
    result.type = type;
    return result;
}

Word ones_of(const Word& word) {
    Word result = with_step(word, W::count_ones, kDefaultWidth);
    result.type = ScalarType::unsigned_integer;
    return result;
}

Value apply_to_words(UnaryOperator op, const Word& operand, Place place) {
    switch (op) {
        case UnaryOperator::logical_not:
            return negated(truth_of(operand));
        case UnaryOperator::bit_not:
            return with_step(operand, W::bit_not, operand.width());
        case UnaryOperator::negate:
            return joined(W::subtract, known_word(operand.type, operand.width(), 0), operand, operand.type,
                          operand.width(), place);
    }
    return operand;
}

Value apply_to_words(BinaryOperator op, const Value& left, const Value& right, Place place) {
    const bool is_comparison = op == BinaryOperator::equal || op == BinaryOperator::not_equal ||
                               op == BinaryOperator::less || op == BinaryOperator::less_equal ||
                               op == BinaryOperator::greater || op == BinaryOperator::greater_equal;
    const bool is_shift = op == BinaryOperator::shift_left || op == BinaryOperator::shift_right;
    if ((is_shift || op == BinaryOperator::power) && std::holds_alternative<Word>(left)) {
        // The right side does not widen the left one.
        const auto* count = std::get_if<Word>(&right);
        const auto* number = std::get_if<std::int64_t>(&right);
        const Word by = count != nullptr
                            ? *count
                            : known_word(ScalarType::integer, 64,
                                         static_cast<std::uint64_t>(number != nullptr ? *number : 1));
        const Word& of = std::get<Word>(left);
        return is_shift ? shifted(op, of, by, place) : power(of, by, place);
    }
    auto [a, b] = words_of(left, right, is_comparison);
    if (is_comparison) return compared(op, std::move(a), std::move(b), place);
    W word_operator{};
    switch (op) {
        case BinaryOperator::logical_and:
        case BinaryOperator::logical_or:
            return logical(op, a, b, place);
        case BinaryOperator::shift_left:
        case BinaryOperator::shift_right:
            return shifted(op, a, b, place);
        case BinaryOperator::divide:
        case BinaryOperator::modulo:
            return divided(op, std::move(a), std::move(b), place);
        case BinaryOperator::power:
            return power(a, b, place);
        case BinaryOperator::add:
            word_operator = W::add;
            break;
        case BinaryOperator::subtract:
            word_operator = W::subtract;
            break;
        case BinaryOperator::multiply:
            word_operator = W::multiply;
            break;
        case BinaryOperator::bit_and:
            word_operator = W::bit_and;
            break;
        case BinaryOperator::bit_or:
            word_operator = W::bit_or;
            break;
        default:
            word_operator = W::bit_xor;
            break;
    }
    const ScalarType type = balance(a, b);
    const unsigned width = a.width();
    return joined(word_operator, std::move(a), b, type, width, place);
}

Test test_of(const Word& given) {
    const Word word = converted(given, ScalarType::boolean, 1);
    if (word.is_known()) return {*known_integer(word) != 0};
    Condition condition{word.bits, 1, word.formula};
    if (word.bits.size() <= kMostTriedBits) {
        const std::uint64_t count = std::uint64_t{1} << word.bits.size();
        std::uint64_t held = 0, last_held = 0, last_failed = 0;
        for (std::uint64_t record = 0; record < count; ++record) {
            const bool does_hold = word.formula.evaluate(record) != 0;
            held += does_hold;
            (does_hold ? last_held : last_failed) = record;
        }
        if (held == 0 || held == count) return {held != 0};
        if (held == 1) return {Condition{word.bits, last_held}};
        if (held == count - 1) return {Condition{word.bits, last_failed}, true};
        return {std::move(condition)};
    }
    // A wide register compared with a number.
    const auto& steps = word.formula.steps;
    const bool is_negated = steps.back().op == W::bit_not;
    const Formula::Step& step = is_negated ? steps[steps.back().left] : steps.back();
    if (step.op == W::equal && steps.size() == (is_negated ? 4u : 3u))
        for (const auto& [bits, number] :
             {std::pair(step.left, step.right), std::pair(step.right, step.left)})
            if (steps[bits].op == W::input && steps[bits].width == word.bits.size() &&
                steps[number].op == W::constant)
                return {Condition{word.bits, steps[number].value}, is_negated};
    return {std::move(condition)};
}

Condition condition_of(const Word& word) {
    Test test = test_of(word);
    if (!test.is_negated) return std::get<Condition>(std::move(test.outcome));
    const Word truth = converted(word, ScalarType::boolean, 1);
    return {truth.bits, 1, truth.formula};
}

}  // namespace qdcnn::qasm
