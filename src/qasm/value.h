#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "ast.h"

namespace qdcnn::qasm {

struct Duration {
    double value;
    circuit::TimeUnit unit;
};

/// A boolean, bit, integer or unsigned_integer of a certain width. It may depend on classical bits; with none
/// it is known and its formula a constant.
struct Word {
    ScalarType type;
    /// The formula's inputs.
    std::vector<circuit::Clbit> bits;
    circuit::Formula formula;

    bool is_known() const { return bits.empty(); }
    unsigned width() const { return formula.width(); }
};

/// What an expression is worth when the circuit is built: numbers without a width (literals, constants), an
/// Angle affine in the inputs, or a word.
using Value = std::variant<bool, std::int64_t, double, circuit::Angle, Duration, Word>;

/// "an integer", "a duration", ...
std::string type_name(const Value& value);

// All of these throw Failure at `place`: operands that do not go together, a division by zero, an overflow, a
// result that is not finite, a product of inputs (which is not affine).

Value apply_operator(UnaryOperator op, const Value& operand, Place place);
/// Two integers are divided as integers unless `real_division`, which is version 2's rule.
Value apply_operator(BinaryOperator op, const Value& left, const Value& right, bool real_division,
                     Place place);
Value call_function(std::string_view name, std::span<const Value> arguments, Place place);
/// Of radians, 0 up to 1.
double turns_of(double angle);
/// The nearest angle of so many bits. What is no known angle comes back as it is.
Value rounded_angle(const Value& value, unsigned width);
/// As a declaration or a cast does it. An angle keeps its turns, on which controlled rotations depend, but
/// compares modulo one; bits are the binary digits of its turns.
Value convert(const Value& value, ScalarType type, Place place);
/// Nothing when the number fits an int or uint of so many bits.
void require_bits(std::int64_t value, ScalarType type, std::int64_t width, Place place);

/// For places that need a certain type; `what` is what it is for, as in "the size of a register".
std::int64_t to_integer(const Value& value, std::string_view what, Place place);
circuit::Angle to_angle(const Value& value, std::string_view what, Place place);

}  // namespace qdcnn::qasm
