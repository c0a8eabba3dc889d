#pragma once

#include <cstdint>
#include <vector>

namespace qdcnn::circuit {

/// How a step of a formula comes from earlier ones. Both operands of a binary operator are as wide as each
/// other; all but the comparisons, which are one bit wide, are as wide as their operands.
enum class WordOperator : std::uint8_t {
    /// `value`.
    constant,
    /// Inputs value .. value + width - 1.
    input,
    bit_not,
    bit_and,
    bit_or,
    bit_xor,
    /// Modulo 2^width.
    add,
    subtract,
    multiply,
    /// Unsigned; by zero they give zero.
    divide,
    modulo,
    /// 0 once the right operand reaches the width.
    shift_left,
    shift_right,
    equal,
    less,
    /// In two's complement.
    signed_less,
    count_ones,
    /// Cut, or filled with zeros or with the sign, to `width`.
    resize,
    sign_extend
};

/// A number of 1 to 64 bits computed from up to 64 input bits: steps that use earlier steps, the last one
/// being the result. Which bits the inputs are stands beside it (Condition, Store). Empty: no formula.
struct Formula {
    struct Step {
        WordOperator op = WordOperator::constant;
        std::uint8_t width = 1;
        /// Indices of earlier steps; `right` of binary operators only.
        std::uint32_t left = 0, right = 0;
        std::uint64_t value = 0;
        bool operator==(const Step&) const = default;
    };
    std::vector<Step> steps;

    bool empty() const { return steps.empty(); }
    unsigned width() const { return steps.back().width; }
    /// Bit i of `inputs` is input i.
    std::uint64_t evaluate(std::uint64_t inputs) const;
    bool operator==(const Formula&) const = default;
};

/// 2^width - 1, for 0 to 64.
constexpr std::uint64_t low_bits(unsigned width) {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

/// Throws Error(invalid_input): a step that uses a later one, a width that is none or does not fit its
/// operands, an input at or past `inputs`.
void check(const Formula& formula, std::size_t inputs);

}  // namespace qdcnn::circuit
