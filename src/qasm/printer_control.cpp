#include <fmt/format.h>

#include <algorithm>

#include "program_printer.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/formula_text.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr std::string_view kDeferral = "qdcnn emit --defer-measurements";
constexpr std::string_view kUnrolling = "qdcnn emit --unroll TURNS";

std::vector<std::pair<Clbit, bool>> bits_of(const Condition& condition) {
    std::vector<std::pair<Clbit, bool>> bits;
    for (std::size_t i = 0; i < condition.bits.size(); ++i)
        bits.emplace_back(condition.bits[i], (condition.value >> i & 1) != 0);
    std::sort(bits.begin(), bits.end());
    bits.erase(std::unique(bits.begin(), bits.end()), bits.end());
    return bits;
}

/// A bit that is to be 0 and 1, or a value wider than the bits.
bool never_holds(const Condition& condition, std::span<const std::pair<Clbit, bool>> bits) {
    const auto contradiction = std::adjacent_find(
        bits.begin(), bits.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
    return contradiction != bits.end() ||
           (condition.bits.size() < 64 && condition.value >> condition.bits.size() != 0);
}

}  // namespace

std::string ProgramPrinter::clbit(Clbit bit) const {
    const Register& reg = register_of(names_.clbits, bit);
    if (reg.size == 1 && is_printed_variable(reg)) return reg.name;
    return fmt::format("{}[{}]", reg.name, bit - reg.offset);
}

std::string ProgramPrinter::bit_condition(std::pair<Clbit, bool> bit) const {
    if (bit.second) return clbit(bit.first);
    return dialect_.has_negation ? "!" + clbit(bit.first) : clbit(bit.first) + " == false";
}

std::string ProgramPrinter::and_condition(Bits bits) const {
    std::string text;
    for (const auto& bit : bits) {
        text += (text.empty() ? "" : " && ") + bit_condition(bit);
        // Braket joins truth values, not bits.
        if (bit.second && !dialect_.has_negation) text += " == true";
    }
    return text;
}

std::optional<std::string> ProgramPrinter::register_condition(Bits bits) const {
    if (!dialect_.has_register_conditions || bits.empty()) return {};
    const Register& reg = register_of(names_.clbits, bits[0].first);
    if (reg.size != bits.size() || reg.offset != bits[0].first ||
        bits.back().first - bits[0].first + 1 != bits.size())
        return {};
    std::uint64_t value = 0;
    std::string digits;
    for (std::size_t i = bits.size(); i-- > 0;) {
        value = value << 1 | (bits[i].second ? 1 : 0);
        digits += bits[i].second ? '1' : '0';
    }
    // Readers take numbers below 2^63.
    if (value >> 63 != 0 && !is_version_2()) return fmt::format("{} == \"{}\"", reg.name, digits);
    return fmt::format("{} == {}", reg.name, value);
}

void ProgramPrinter::block(std::string_view word, std::string_view condition,
                           const std::function<void()>& then_body, const std::function<void()>& else_body) {
    line(fmt::format("{} ({}) {{", word, condition));
    ++indent_;
    then_body();
    if (else_body) {
        close_block("} else {");
        ++indent_;
        else_body();
    }
    close_block("}");
}

std::string ProgramPrinter::formula(const Formula& formula, std::span<const Clbit> bits) const {
    return formula_text(formula, bits,
                        [&](std::span<const Clbit> run) { return bits_text(circuit_, clbit_names_, run); });
}

void ProgramPrinter::store(const Store& store) {
    if (!dialect_.has_expressions) refuse("an assignment to classical bits", &DialectRow::has_expressions);
    const std::string target = bits_text(circuit_, clbit_names_, store.targets);
    if (target[0] == '(') refuse("an assignment to bits of several registers", "Assign one after the other.");
    const bool is_number = store.bits.empty() && store.targets.size() > 1;
    line(fmt::format("{} = {};", target,
                     is_number            ? fmt::format("{}", store.formula.evaluate(0))
                     : store.bits.empty() ? (store.formula.evaluate(0) != 0 ? "true" : "false")
                                          : formula(store.formula, store.bits)));
}

void ProgramPrinter::loop(const While& loop) {
    if (!dialect_.has_loops) refuse("a loop on measured bits", &DialectRow::has_loops, kUnrolling);
    const Condition& condition = loop.condition;
    std::string text;
    if (!condition.formula.empty()) {
        if (!dialect_.has_expressions)
            refuse("a loop on an expression of several bits", &DialectRow::has_expressions, kUnrolling);
        text = formula(condition.formula, condition.bits);
    } else {
        const auto bits = bits_of(condition);
        if (never_holds(condition, bits)) return;
        if (bits.size() == 1)
            text = bit_condition(bits[0]);
        else if (const auto whole = register_condition(bits))
            text = *whole;
        else if (dialect_.has_and)
            text = and_condition(bits);
        else
            refuse("a loop on several bits that are no whole register", &DialectRow::has_and, kUnrolling);
    }
    block("while", text, [&] { body(loop.body); });
}

void ProgramPrinter::branch(const IfElse& branch) {
    if (!dialect_.has_branches) refuse("a branch on measured bits", &DialectRow::has_branches, kDeferral);
    std::function<void()> else_body;
    if (!branch.else_body.empty()) else_body = [&] { body(branch.else_body); };
    const auto then_body = [&] { body(branch.then_body); };
    if (!branch.condition.formula.empty()) {
        if (dialect_.has_expressions)
            return block("if", formula(branch.condition.formula, branch.condition.bits), then_body,
                         else_body);
        const auto plain = with_plain_conditions(branch);
        if (!plain) refuse("this condition on several bits", &DialectRow::has_expressions);
        return this->branch(*plain);
    }
    const auto bits = bits_of(branch.condition);
    if (never_holds(branch.condition, bits)) return body(branch.else_body);
    if (bits.empty()) return then_body();
    if (else_body && !dialect_.has_else) refuse("else", &DialectRow::has_else, kDeferral);
    std::optional<std::string> condition;
    if (bits.size() == 1 && dialect_.has_bit_conditions)
        condition = bit_condition(bits[0]);
    else
        condition = register_condition(bits);
    if (!condition && !dialect_.has_bit_conditions)
        refuse("a condition on bits that are no whole register", &DialectRow::has_bit_conditions, kDeferral);
    if (is_version_2()) return branch_version_2(branch, bits, *condition);
    if (!condition && dialect_.has_and) condition = and_condition(bits);
    if (!condition) return nested_branches(bits, branch);
    block("if", *condition, then_body, else_body);
}

/// One branch for each bit; the other body stands in each of them.
void ProgramPrinter::nested_branches(Bits bits, const IfElse& branch) {
    std::function<void()> else_body;
    if (!branch.else_body.empty()) else_body = [&] { body(branch.else_body); };
    block(
        "if", bit_condition(bits[0]),
        [&] {
            if (bits.size() == 1)
                body(branch.then_body);
            else
                nested_branches(bits.subspan(1), branch);
        },
        else_body);
}

void ProgramPrinter::branch_version_2(const IfElse& branch, Bits bits, const std::string& condition) {
    if (!prefix_.empty()) refuse("a branch within a branch", &DialectRow::has_else, kDeferral);
    // Every statement tests the condition anew.
    bool changes_condition = false;
    for_each_operation(branch.then_body, [&](const Operation& operation) {
        if (const auto* measure = std::get_if<Measure>(&operation.kind()))
            changes_condition |= std::any_of(bits.begin(), bits.end(),
                                             [&](const auto& bit) { return bit.first == measure->clbit; });
    });
    if (changes_condition && branch.then_body.size() > 1)
        refuse("a branch that measures into its own condition", &DialectRow::has_else, kDeferral);
    prefix_ = fmt::format("if ({}) ", condition);
    body(branch.then_body);
    prefix_.clear();
}

}  // namespace qdcnn::qasm
