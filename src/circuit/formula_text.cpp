#include "qdcnn/circuit/formula_text.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

namespace qdcnn::circuit {
namespace {

using W = WordOperator;

std::string_view symbol_of(const Formula::Step& step) {
    switch (step.op) {
        case W::bit_and:
            return step.width == 1 ? "&&" : "&";
        case W::bit_or:
            return step.width == 1 ? "||" : "|";
        case W::bit_xor:
            return "^";
        case W::add:
            return "+";
        case W::subtract:
            return "-";
        case W::multiply:
            return "*";
        case W::divide:
            return "/";
        case W::modulo:
            return "%";
        case W::shift_left:
            return "<<";
        case W::shift_right:
            return ">>";
        case W::equal:
            return "==";
        case W::less:
        case W::signed_less:
            return "<";
        default:
            return "";
    }
}

class Writer {
  public:
    Writer(const Formula& formula, std::span<const Clbit> bits, const NameBits& name)
        : formula_(formula), bits_(bits), name_(name) {}

    std::string text(std::uint32_t index, bool is_inner) const {
        const Formula::Step& step = formula_.steps[index];
        const auto operand = [&](std::uint32_t i) { return text(i, true); };
        switch (step.op) {
            case W::constant:
                return step.value >> 63 == 0 ? fmt::format("{}", step.value)
                                             : fmt::format("\"{:0{}b}\"", step.value, step.width);
            case W::input:
                return name_(bits_.subspan(step.value, step.width));
            case W::bit_not:
                if (step.width == 1 && formula_.steps[step.left].op == W::equal)
                    return wrapped(fmt::format("{} != {}", operand(formula_.steps[step.left].left),
                                               operand(formula_.steps[step.left].right)),
                                   is_inner);
                return (step.width == 1 ? "!" : "~") + operand(step.left);
            case W::count_ones:
                return fmt::format("uint[{}](popcount({}))", step.width, text(step.left, false));
            case W::resize:
                return fmt::format("uint[{}]({})", step.width, text(step.left, false));
            case W::sign_extend:
                return fmt::format("uint[{0}](int[{0}](int[{1}]({2})))", step.width,
                                   formula_.steps[step.left].width, text(step.left, false));
            case W::signed_less: {
                const unsigned width = formula_.steps[step.left].width;
                return wrapped(fmt::format("int[{0}]({1}) < int[{0}]({2})", width, text(step.left, false),
                                           text(step.right, false)),
                               is_inner);
            }
            default:
                break;
        }
        std::string left = operand(step.left);
        // A number alone has no width.
        if (formula_.steps[step.left].op == W::constant)
            left = fmt::format("uint[{}]({})", formula_.steps[step.left].width, left);
        return wrapped(fmt::format("{} {} {}", left, symbol_of(step), operand(step.right)), is_inner);
    }

  private:
    static std::string wrapped(std::string text, bool is_inner) { return is_inner ? "(" + text + ")" : text; }

    const Formula& formula_;
    std::span<const Clbit> bits_;
    const NameBits& name_;
};

/// When all bits are neighbours in one register.
std::optional<std::string> run_text(const Circuit& circuit, std::span<const std::string> names,
                                    std::span<const Clbit> bits) {
    const auto& registers = circuit.clbit_registers();
    for (std::size_t i = 1; i < bits.size(); ++i)
        if (bits[i] != bits[0] + i) return {};
    for (std::size_t r = 0; r < registers.size(); ++r) {
        const Register& of = registers[r];
        if (bits[0] < of.offset || bits[0] - of.offset >= of.size) continue;
        const Clbit first = bits[0] - of.offset;
        if (bits.size() > of.size - first) return {};
        if (bits.size() == of.size && (of.size > 1 || of.is_variable)) return names[r];
        if (bits.size() == 1) return fmt::format("{}[{}]", names[r], first);
        return fmt::format("{}[{}:{}]", names[r], first, first + bits.size() - 1);
    }
    return {};
}

}  // namespace

std::string bits_text(const Circuit& circuit, std::span<const std::string> names,
                      std::span<const Clbit> bits) {
    if (auto text = run_text(circuit, names, bits)) return *text;
    std::string text;
    for (std::size_t i = 0; i < bits.size(); ++i)
        text += fmt::format("{}uint[{}]({}){}", i == 0 ? "(" : " | ", bits.size(),
                            run_text(circuit, names, bits.subspan(i, 1)).value_or("?"),
                            i == 0 ? "" : fmt::format(" << {}", i));
    return text + ")";
}

std::string formula_text(const Formula& formula, std::span<const Clbit> bits, const NameBits& name) {
    return Writer(formula, bits, name).text(static_cast<std::uint32_t>(formula.steps.size() - 1), false);
}

std::string formula_text(const Circuit& circuit, std::span<const Clbit> bits, const Formula& formula) {
    std::vector<std::string> names;
    for (const Register& one : circuit.clbit_registers()) names.push_back(one.name);
    return formula_text(formula, bits,
                        [&](std::span<const Clbit> run) { return bits_text(circuit, names, run); });
}

}  // namespace qdcnn::circuit
