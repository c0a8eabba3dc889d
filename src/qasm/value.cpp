#include "value.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <numbers>
#include <optional>

#include "qdcnn/base/suggest.h"
#include "word.h"

namespace qdcnn::qasm {

using circuit::Angle;

namespace {

/// A mistake of the text itself.
[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

/// A mistake that other values of a gate's angles need not make.
[[noreturn]] void fail_on_values(std::string message, Place place) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, {}, false, true};
}

/// Turns that differ by less are rounded apart, no more.
constexpr double kSameTurns = 1e-12;

[[noreturn]] void fail_not_affine(std::string_view what, Place place) {
    throw Failure{ErrorKind::unsupported,
                  fmt::format("{} of an input is not supported: angles must be affine in the inputs", what),
                  place,
                  "Give the input a value (--inputs, ReadOptions::inputs), or make the result an input."};
}

std::string_view symbol(BinaryOperator op) {
    switch (op) {
        case BinaryOperator::add:
            return "+";
        case BinaryOperator::subtract:
            return "-";
        case BinaryOperator::multiply:
            return "*";
        case BinaryOperator::divide:
            return "/";
        case BinaryOperator::modulo:
            return "%";
        case BinaryOperator::power:
            return "**";
        case BinaryOperator::equal:
            return "==";
        case BinaryOperator::not_equal:
            return "!=";
        case BinaryOperator::less:
            return "<";
        case BinaryOperator::less_equal:
            return "<=";
        case BinaryOperator::greater:
            return ">";
        case BinaryOperator::greater_equal:
            return ">=";
        case BinaryOperator::logical_and:
            return "&&";
        case BinaryOperator::logical_or:
            return "||";
        case BinaryOperator::bit_and:
            return "&";
        case BinaryOperator::bit_or:
            return "|";
        case BinaryOperator::bit_xor:
            return "^";
        case BinaryOperator::shift_left:
            return "<<";
        case BinaryOperator::shift_right:
            return ">>";
    }
    return "?";
}

/// The number, if it is one.
std::optional<double> number(const Value& value) {
    return std::visit(overloaded{
                          [](bool v) -> std::optional<double> { return v ? 1.0 : 0.0; },
                          [](std::int64_t v) -> std::optional<double> { return static_cast<double>(v); },
                          [](double v) -> std::optional<double> { return v; },
                          [](const Angle& v) -> std::optional<double> {
                              return v.is_bound() ? std::optional(v.constant()) : std::nullopt;
                          },
                          [](const Duration&) -> std::optional<double> { return {}; },
                          [](const Word& word) -> std::optional<double> {
                              const auto known = known_integer(word);
                              return known ? std::optional(static_cast<double>(*known)) : std::nullopt;
                          },
                      },
                      value);
}

double finite(double value, std::string_view what, Place place) {
    if (!std::isfinite(value)) fail_on_values(fmt::format("{} is not a finite number", what), place);
    return value;
}

std::int64_t integer_power(std::int64_t base, std::int64_t exponent, Place place) {
    std::int64_t result = 1;
    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result))
            fail_on_values("** overflows 64 bits", place);
        if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
            fail_on_values("** overflows 64 bits", place);
    }
    return result;
}

Value integer_arithmetic(BinaryOperator op, std::int64_t a, std::int64_t b, Place place) {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
        case BinaryOperator::add:
            overflow = __builtin_add_overflow(a, b, &result);
            break;
        case BinaryOperator::subtract:
            overflow = __builtin_sub_overflow(a, b, &result);
            break;
        case BinaryOperator::multiply:
            overflow = __builtin_mul_overflow(a, b, &result);
            break;
        case BinaryOperator::divide:
        case BinaryOperator::modulo:
            if (b == 0) fail_on_values(fmt::format("{} {} 0: division by zero", a, symbol(op)), place);
            if (b == -1) {
                overflow =
                    op == BinaryOperator::divide && __builtin_sub_overflow(std::int64_t{0}, a, &result);
                break;
            }
            result = op == BinaryOperator::divide ? a / b : a % b;
            break;
        case BinaryOperator::power:
            if (b < 0)
                return finite(std::pow(static_cast<double>(a), static_cast<double>(b)), "the power", place);
            return integer_power(a, b, place);
        case BinaryOperator::equal:
            return a == b;
        case BinaryOperator::not_equal:
            return a != b;
        case BinaryOperator::less:
            return a < b;
        case BinaryOperator::less_equal:
            return a <= b;
        case BinaryOperator::greater:
            return a > b;
        case BinaryOperator::greater_equal:
            return a >= b;
        case BinaryOperator::logical_and:
            return a != 0 && b != 0;
        case BinaryOperator::logical_or:
            return a != 0 || b != 0;
        case BinaryOperator::bit_and:
            return a & b;
        case BinaryOperator::bit_or:
            return a | b;
        case BinaryOperator::bit_xor:
            return a ^ b;
        case BinaryOperator::shift_left:
        case BinaryOperator::shift_right:
            if (a < 0 || b < 0) fail_on_values("a shift takes numbers that are not negative", place);
            if (op == BinaryOperator::shift_right) return b > 62 ? std::int64_t{0} : a >> b;
            if (b > 62 || (a >> (62 - b)) > 1)
                fail_on_values(fmt::format("{} << {} overflows 64 bits", a, b), place);
            return a << b;
    }
    if (overflow) fail_on_values(fmt::format("{} {} {} overflows 64 bits", a, symbol(op), b), place);
    return result;
}

Value real_arithmetic(BinaryOperator op, double a, double b, Place place) {
    switch (op) {
        case BinaryOperator::add:
            return finite(a + b, "the sum", place);
        case BinaryOperator::subtract:
            return finite(a - b, "the difference", place);
        case BinaryOperator::multiply:
            return finite(a * b, "the product", place);
        case BinaryOperator::divide:
            if (b == 0) fail_on_values(fmt::format("{} / 0: division by zero", a), place);
            return finite(a / b, "the quotient", place);
        case BinaryOperator::modulo:
            if (b == 0) fail_on_values(fmt::format("{} % 0: division by zero", a), place);
            return std::fmod(a, b);
        case BinaryOperator::power:
            return finite(std::pow(a, b), fmt::format("{} ** {}", a, b), place);
        case BinaryOperator::equal:
            return a == b;
        case BinaryOperator::not_equal:
            return a != b;
        case BinaryOperator::less:
            return a < b;
        case BinaryOperator::less_equal:
            return a <= b;
        case BinaryOperator::greater:
            return a > b;
        case BinaryOperator::greater_equal:
            return a >= b;
        case BinaryOperator::logical_and:
            return a != 0 && b != 0;
        case BinaryOperator::logical_or:
            return a != 0 || b != 0;
        case BinaryOperator::bit_and:
        case BinaryOperator::bit_or:
        case BinaryOperator::bit_xor:
        case BinaryOperator::shift_left:
        case BinaryOperator::shift_right:
            break;
    }
    fail(fmt::format("operator {} takes whole numbers", symbol(op)), place);
}

Angle checked(Angle angle, Place place) {
    finite(angle.constant(), "the angle", place);
    for (const auto& term : angle.terms()) finite(term.coefficient, "a coefficient of the angle", place);
    return angle;
}

bool is_comparison(BinaryOperator op) {
    return op >= BinaryOperator::equal && op <= BinaryOperator::greater_equal;
}

Value angle_arithmetic(BinaryOperator op, const Value& left, const Value& right, Place place) {
    const auto a = number(left), b = number(right);
    switch (op) {
        case BinaryOperator::add:
            return checked(to_angle(left, "a sum", place) + to_angle(right, "a sum", place), place);
        case BinaryOperator::subtract:
            return checked(to_angle(left, "a difference", place) - to_angle(right, "a difference", place),
                           place);
        case BinaryOperator::multiply:
            if (a) return checked(std::get<Angle>(right) * *a, place);
            if (b) return checked(std::get<Angle>(left) * *b, place);
            fail_not_affine("a product", place);
        case BinaryOperator::divide: {
            if (!b) fail_not_affine("a quotient", place);
            if (*b == 0) fail_on_values("division by zero", place);
            // Term by term divided, so that theta/3 is the nearest double to a third.
            Angle result(std::get<Angle>(left).constant() / *b);
            for (const auto& term : std::get<Angle>(left).terms())
                result = result + Angle::of_parameter(term.parameter, term.coefficient / *b);
            return checked(result, place);
        }
        default:
            break;
    }
    fail_not_affine(fmt::format("operator {}", symbol(op)), place);
}

/// Of an angle whose value is known; it counts modulo a turn.
bool is_known_angle(const Value& value) {
    const auto* angle = std::get_if<Angle>(&value);
    return angle != nullptr && angle->is_bound();
}

/// At least one of the numbers a and b is that of an angle.
Value known_angle_arithmetic(BinaryOperator op, const Value& left, const Value& right, double a, double b,
                             Place place) {
    const double x = turns_of(a), y = turns_of(b);
    switch (op) {
        case BinaryOperator::add:
        case BinaryOperator::subtract:
        case BinaryOperator::multiply:
            return Angle(std::get<double>(real_arithmetic(op, a, b, place)));
        case BinaryOperator::divide:
            if (!is_known_angle(right)) return Angle(std::get<double>(real_arithmetic(op, a, b, place)));
            if (!is_known_angle(left)) return real_arithmetic(op, a, b, place);
            if (y == 0) fail_on_values("division by an angle of 0", place);
            return static_cast<std::int64_t>(std::min(9e15, std::floor(x / y + kSameTurns)));
        case BinaryOperator::equal:
        case BinaryOperator::not_equal:
        case BinaryOperator::less:
        case BinaryOperator::less_equal:
        case BinaryOperator::greater:
        case BinaryOperator::greater_equal:
            return real_arithmetic(op, x, std::abs(x - y) < kSameTurns ? x : y, place);
        case BinaryOperator::logical_and:
        case BinaryOperator::logical_or:
            return real_arithmetic(op, is_known_angle(left) ? x : a, is_known_angle(right) ? y : b, place);
        default:
            return real_arithmetic(op, a, b, place);
    }
}

Value duration_arithmetic(BinaryOperator op, const Value& left, const Value& right, Place place) {
    const auto* a = std::get_if<Duration>(&left);
    const auto* b = std::get_if<Duration>(&right);
    if (a != nullptr && b != nullptr && a->unit == b->unit) {
        if (op == BinaryOperator::add)
            return Duration{finite(a->value + b->value, "the sum", place), a->unit};
        if (op == BinaryOperator::subtract)
            return Duration{finite(a->value - b->value, "the difference", place), a->unit};
    }
    if (a != nullptr && b != nullptr && a->unit != b->unit)
        fail("durations in dt and in seconds do not mix", place);
    // A quotient is a number; durations compare as numbers do.
    if (a != nullptr && b != nullptr && (op == BinaryOperator::divide || is_comparison(op)))
        return real_arithmetic(op, a->value, b->value, place);
    const auto factor = number(a != nullptr ? right : left);
    const Duration* duration = a != nullptr ? a : b;
    if (factor && op == BinaryOperator::multiply)
        return Duration{finite(duration->value * *factor, "the product", place), duration->unit};
    if (factor && a != nullptr && op == BinaryOperator::divide) {
        if (*factor == 0) fail_on_values("division by zero", place);
        return Duration{finite(a->value / *factor, "the quotient", place), a->unit};
    }
    fail(fmt::format("operator {} does not take {} and {}", symbol(op), type_name(left), type_name(right)),
         place);
}

/// The bits move by `count`, those that leave at one end come in at the other.
Value rotated(std::string_view name, const Value& value, std::int64_t count, Place place) {
    const auto* word = std::get_if<Word>(&value);
    if (word == nullptr || word->type == ScalarType::boolean || word->type == ScalarType::integer)
        fail(fmt::format("function {} takes a bit register or a uint, not {}", name, type_name(value)),
             place);
    const auto width = static_cast<std::int64_t>(word->width());
    std::int64_t up = (count % width + width) % width;
    if (name == "rotr") up = (width - up) % width;
    if (up == 0) return value;
    const auto shifted = [&](BinaryOperator op, std::int64_t by) {
        return apply_to_words(op, value, by, place);
    };
    return apply_to_words(BinaryOperator::bit_or, shifted(BinaryOperator::shift_left, up),
                          shifted(BinaryOperator::shift_right, width - up), place);
}

struct FunctionRow {
    std::string_view name;
    double (*function)(double);
};

constexpr FunctionRow kFunctions[] = {
    {"sin", [](double x) { return std::sin(x); }},      {"cos", [](double x) { return std::cos(x); }},
    {"tan", [](double x) { return std::tan(x); }},      {"arcsin", [](double x) { return std::asin(x); }},
    {"arccos", [](double x) { return std::acos(x); }},  {"arctan", [](double x) { return std::atan(x); }},
    {"exp", [](double x) { return std::exp(x); }},      {"log", [](double x) { return std::log(x); }},
    {"ln", [](double x) { return std::log(x); }},       {"sqrt", [](double x) { return std::sqrt(x); }},
    {"ceiling", [](double x) { return std::ceil(x); }}, {"floor", [](double x) { return std::floor(x); }},
};

}  // namespace

double turns_of(double angle) {
    const double turns = std::remainder(angle / (2 * std::numbers::pi), 1.0);
    const double positive = turns < 0 ? turns + 1 : turns;
    return positive > 1 - kSameTurns || positive < kSameTurns ? 0 : positive;
}

Value rounded_angle(const Value& value, unsigned width) {
    if (!is_known_angle(value) || width > 52) return value;
    const double steps = std::ldexp(1.0, static_cast<int>(width));
    return Angle(std::round(*number(value) / (2 * std::numbers::pi) * steps) / steps * 2 * std::numbers::pi);
}

std::string type_name(const Value& value) {
    return std::visit(
        overloaded{
            [](bool) { return "a truth value"; },
            [](std::int64_t) { return "an integer"; },
            [](double) { return "a number"; },
            [](const Angle& angle) { return angle.is_bound() ? "an angle" : "an expression of inputs"; },
            [](const Duration&) { return "a duration"; },
            [](const Word& word) { return word.is_known() ? "an integer" : "a measured value"; },
        },
        value);
}

Value apply_operator(UnaryOperator op, const Value& operand, Place place) {
    if (const auto* word = std::get_if<Word>(&operand)) return apply_to_words(op, *word, place);
    switch (op) {
        case UnaryOperator::negate:
            return std::visit(overloaded{
                                  [](bool v) -> Value { return std::int64_t{v ? -1 : 0}; },
                                  // A literal is below 2^63, so its negation fits.
                                  [&](std::int64_t v) -> Value {
                                      return integer_arithmetic(BinaryOperator::subtract, 0, v, place);
                                  },
                                  [](double v) -> Value { return -v; },
                                  [](const Angle& v) -> Value { return -v; },
                                  [](const Duration& v) -> Value {
                                      return Duration{-v.value, v.unit};
                                  },
                                  [](const Word& v) -> Value { return v; },
                              },
                              operand);
        case UnaryOperator::logical_not:
            if (const auto value = number(operand))
                return is_known_angle(operand) ? turns_of(*value) == 0 : *value == 0;
            fail(fmt::format("operator ! does not take {}", type_name(operand)), place);
        case UnaryOperator::bit_not:
            if (const auto* value = std::get_if<std::int64_t>(&operand)) return ~*value;
            fail(fmt::format("operator ~ does not take {}", type_name(operand)), place);
    }
    fail("unknown operator", place);
}

Value apply_operator(BinaryOperator op, const Value& left, const Value& right, bool real_division,
                     Place place) {
    if (std::holds_alternative<Duration>(left) || std::holds_alternative<Duration>(right))
        return duration_arithmetic(op, left, right, place);
    const auto is_word = [](const Value& value) { return std::holds_alternative<Word>(value); };
    const auto is_real = [](const Value& value) {
        return std::holds_alternative<double>(value) || std::holds_alternative<Angle>(value);
    };
    if ((is_word(left) || is_word(right)) && !is_real(left) && !is_real(right))
        return apply_to_words(op, left, right, place);
    for (const Value* value : {&left, &right})
        if (is_word(*value) && !std::get<Word>(*value).is_known())
            throw Failure{ErrorKind::unsupported,
                          fmt::format("operator {} on a measured value and {} is not supported", symbol(op),
                                      type_name(value == &left ? right : left)),
                          place, "Integers and bits may depend on measurements, other numbers not."};
    const auto a = number(left), b = number(right);
    if (!a || !b) return angle_arithmetic(op, left, right, place);
    if (is_known_angle(left) || is_known_angle(right))
        return known_angle_arithmetic(op, left, right, *a, *b, place);
    const auto integer = [](const Value& value) -> std::optional<std::int64_t> {
        if (const auto* v = std::get_if<bool>(&value)) return *v ? 1 : 0;
        if (const auto* v = std::get_if<std::int64_t>(&value)) return *v;
        return {};
    };
    const auto i = integer(left), j = integer(right);
    if (i && j && !(real_division && (op == BinaryOperator::divide || op == BinaryOperator::power)))
        return integer_arithmetic(op, *i, *j, place);
    return real_arithmetic(op, *a, *b, place);
}

Value call_function(std::string_view name, std::span<const Value> arguments, Place place) {
    const auto expect_arguments = [&](std::size_t count) {
        if (arguments.size() != count)
            fail(fmt::format("function {} takes {} argument(s), not {}", name, count, arguments.size()),
                 place);
    };
    if (name == "mod" || name == "pow") {
        expect_arguments(2);
        return apply_operator(name == "mod" ? BinaryOperator::modulo : BinaryOperator::power, arguments[0],
                              arguments[1], false, place);
    }
    if (name == "popcount") {
        expect_arguments(1);
        if (const auto* word = std::get_if<Word>(&arguments[0])) return ones_of(*word);
        const std::int64_t value = to_integer(arguments[0], "popcount", place);
        return static_cast<std::int64_t>(std::popcount(static_cast<std::uint64_t>(value)));
    }
    if (name == "rotl" || name == "rotr") {
        expect_arguments(2);
        return rotated(name, arguments[0], to_integer(arguments[1], "the count of a rotation", place), place);
    }
    for (const FunctionRow& row : kFunctions) {
        if (row.name != name) continue;
        expect_arguments(1);
        const auto argument = number(arguments[0]);
        if (!argument) {
            if (std::holds_alternative<Angle>(arguments[0])) fail_not_affine(name, place);
            fail(fmt::format("function {} does not take {}", name, type_name(arguments[0])), place);
        }
        const double value = finite(row.function(*argument), fmt::format("{}({})", name, *argument), place);
        if ((name == "ceiling" || name == "floor") && std::abs(value) < 9e15)
            return static_cast<std::int64_t>(value);
        return value;
    }
    std::vector<std::string> known{"mod", "pow", "popcount", "rotl", "rotr", "sizeof"};
    for (const FunctionRow& row : kFunctions) known.emplace_back(row.name);
    throw Failure{ErrorKind::unsupported, fmt::format("function {} is not known", name), place,
                  suggestion(std::string(name), known)};
}

Value convert(const Value& value, ScalarType type, Place place) {
    const auto plain = number(value);
    switch (type) {
        case ScalarType::boolean:
            if (plain) return is_known_angle(value) ? turns_of(*plain) != 0 : *plain != 0;
            break;
        case ScalarType::integer:
        case ScalarType::unsigned_integer: {
            if (!plain) break;
            if (std::abs(*plain) >= 9.2e18)
                fail_on_values(fmt::format("{} does not fit 64 bits", *plain), place);
            const std::int64_t whole = std::holds_alternative<std::int64_t>(value)
                                           ? std::get<std::int64_t>(value)
                                           : static_cast<std::int64_t>(*plain);
            if (type == ScalarType::unsigned_integer && whole < 0)
                fail_on_values(fmt::format("{} is negative", whole), place);
            return whole;
        }
        case ScalarType::real:
            if (plain) return *plain;
            if (std::holds_alternative<Angle>(value)) return value;
            break;
        case ScalarType::angle:
            if (const auto* word = std::get_if<Word>(&value);
                word != nullptr && word->is_known() && word->type == ScalarType::bit)
                return Angle(std::ldexp(*plain, -static_cast<int>(word->width())) * 2 * std::numbers::pi);
            if (plain) return Angle(*plain);
            if (std::holds_alternative<Angle>(value)) return value;
            break;
        case ScalarType::bit:
            if (plain) return *plain != 0;
            break;
        case ScalarType::duration:
            if (std::holds_alternative<Duration>(value)) return value;
            break;
    }
    fail(fmt::format("{} cannot be converted to this type", type_name(value)), place);
}

void require_bits(std::int64_t value, ScalarType type, std::int64_t width, Place place) {
    const bool is_signed = type == ScalarType::integer;
    const std::int64_t digits = width - (is_signed ? 1 : 0);
    // What lies beyond the bits: 0, or -1 in every bit of a negative number.
    if (digits >= 63 || value >> digits == 0 || (is_signed && value >> digits == -1)) return;
    fail_on_values(type == ScalarType::boolean ? fmt::format("{} does not fit bool", value)
                                               : fmt::format("{} does not fit {}[{}]", value,
                                                             is_signed                 ? "int"
                                                             : type == ScalarType::bit ? "bit"
                                                                                       : "uint",
                                                             width),
                   place);
}

std::int64_t to_integer(const Value& value, std::string_view what, Place place) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
    if (const auto* word = std::get_if<Word>(&value)) {
        if (const auto known = known_integer(*word)) return *known;
        throw Failure{ErrorKind::unsupported, fmt::format("{} cannot depend on a measurement", what), place};
    }
    fail(fmt::format("{} must be an integer, not {}", what, type_name(value)), place);
}

Angle to_angle(const Value& value, std::string_view what, Place place) {
    if (const auto* angle = std::get_if<Angle>(&value)) return *angle;
    if (const auto plain = number(value)) return *plain;
    if (std::holds_alternative<Word>(value))
        throw Failure{ErrorKind::unsupported, fmt::format("{} cannot depend on a measurement", what), place,
                      "Branch on the bits instead."};
    fail(fmt::format("{} must be an angle, not {}", what, type_name(value)), place);
}

}  // namespace qdcnn::qasm
