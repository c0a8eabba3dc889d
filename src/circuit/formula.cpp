#include "qdcnn/circuit/formula.h"

#include <fmt/format.h>

#include <bit>

#include "qdcnn/base/error.h"

namespace qdcnn::circuit {
namespace {

using W = WordOperator;

std::int64_t signed_value(std::uint64_t word, unsigned width) {
    const std::uint64_t sign = std::uint64_t{1} << (width - 1);
    return static_cast<std::int64_t>((word ^ sign) - sign);
}

std::uint64_t apply(const Formula::Step& step, std::uint64_t left, std::uint64_t right, unsigned from) {
    switch (step.op) {
        case W::constant:
        case W::input:
            return step.value;
        case W::bit_not:
            return ~left;
        case W::bit_and:
            return left & right;
        case W::bit_or:
            return left | right;
        case W::bit_xor:
            return left ^ right;
        case W::add:
            return left + right;
        case W::subtract:
            return left - right;
        case W::multiply:
            return left * right;
        case W::divide:
            return right == 0 ? 0 : left / right;
        case W::modulo:
            return right == 0 ? 0 : left % right;
        case W::shift_left:
            return right >= from ? 0 : left << right;
        case W::shift_right:
            return right >= from ? 0 : left >> right;
        case W::equal:
            return left == right;
        case W::less:
            return left < right;
        case W::signed_less:
            return signed_value(left, from) < signed_value(right, from);
        case W::count_ones:
            return static_cast<std::uint64_t>(std::popcount(left));
        case W::resize:
            return left;
        case W::sign_extend:
            return static_cast<std::uint64_t>(signed_value(left, from));
    }
    return 0;
}

enum class Operands { none, one, two };

Operands operands(W op) {
    switch (op) {
        case W::constant:
        case W::input:
            return Operands::none;
        case W::bit_not:
        case W::count_ones:
        case W::resize:
        case W::sign_extend:
            return Operands::one;
        default:
            return Operands::two;
    }
}

}  // namespace

std::uint64_t Formula::evaluate(std::uint64_t inputs) const {
    std::vector<std::uint64_t> values(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        const std::uint64_t value =
            step.op == W::input ? inputs >> step.value
                                : apply(step, values[step.left], values[step.right], steps[step.left].width);
        values[i] = value & low_bits(step.width);
    }
    return values.back();
}

void check(const Formula& formula, std::size_t inputs) {
    const auto fail = [](std::size_t step, const char* what) {
        throw Error(ErrorKind::invalid_input, fmt::format("step {} of a formula {}", step, what));
    };
    for (std::size_t i = 0; i < formula.steps.size(); ++i) {
        const Formula::Step& step = formula.steps[i];
        if (step.width < 1 || step.width > 64) fail(i, "is not 1 to 64 bits wide");
        const Operands count = operands(step.op);
        if (step.op == W::input && (step.value >= inputs || inputs - step.value < step.width))
            fail(i, "reads an input that is not there");
        if (count == Operands::none) continue;
        if (step.left >= i || (count == Operands::two && step.right >= i)) fail(i, "uses a later step");
        const unsigned left = formula.steps[step.left].width;
        if (count == Operands::two && formula.steps[step.right].width != left)
            fail(i, "joins operands of different widths");
        const bool is_comparison = step.op == W::equal || step.op == W::less || step.op == W::signed_less;
        const bool is_free = step.op == W::resize || step.op == W::sign_extend || step.op == W::count_ones;
        if (!is_free && step.width != (is_comparison ? 1 : left)) fail(i, "has not its operands' width");
    }
}

}  // namespace qdcnn::circuit
