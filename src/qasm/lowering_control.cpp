#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "lowering.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail_unsupported(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::unsupported, std::move(message), place, std::move(hint)};
}

constexpr std::size_t kWidestTest = 64;

std::uint64_t count_operations(const std::vector<Operation>& operations) {
    std::uint64_t count = 0;
    for_each_operation(operations, [&](const Operation&) { ++count; });
    return count;
}

}  // namespace

struct BitTest {
    using Pointer = std::unique_ptr<BitTest>;
    /// The bits, first one least significant, spell the value.
    struct Spelled {
        std::vector<Clbit> bits;
        std::uint64_t value;
    };
    struct Not {
        Pointer inner;
    };
    struct Both {
        Pointer left, right;
    };
    struct Differ {
        Pointer left, right;
    };
    std::variant<Spelled, Not, Both, Differ> kind;
};

namespace {

using Test = std::variant<bool, std::unique_ptr<BitTest>>;

Test make(decltype(BitTest::kind) kind) { return std::make_unique<BitTest>(BitTest{std::move(kind)}); }

Test negated(Test test) {
    if (const auto* known = std::get_if<bool>(&test)) return !*known;
    auto& pointer = std::get<1>(test);
    if (auto* twice = std::get_if<BitTest::Not>(&pointer->kind)) return std::move(twice->inner);
    if (auto* spelled = std::get_if<BitTest::Spelled>(&pointer->kind);
        spelled != nullptr && spelled->bits.size() == 1) {
        spelled->value ^= 1;
        return test;
    }
    return make(BitTest::Not{std::move(pointer)});
}

Test both(Test left, Test right) {
    if (const auto* known = std::get_if<bool>(&left)) return *known ? std::move(right) : Test(false);
    if (const auto* known = std::get_if<bool>(&right)) return *known ? std::move(left) : Test(false);
    auto* a = std::get_if<BitTest::Spelled>(&std::get<1>(left)->kind);
    const auto* b = std::get_if<BitTest::Spelled>(&std::get<1>(right)->kind);
    if (a != nullptr && b != nullptr && a->bits.size() + b->bits.size() <= kWidestTest) {
        for (std::size_t i = 0; i < b->bits.size(); ++i) {
            const std::uint64_t bit = b->value >> i & 1;
            const auto found = std::find(a->bits.begin(), a->bits.end(), b->bits[i]);
            if (found != a->bits.end()) {
                if ((a->value >> (found - a->bits.begin()) & 1) != bit) return false;
                continue;
            }
            a->value |= bit << a->bits.size();
            a->bits.push_back(b->bits[i]);
        }
        return left;
    }
    return make(BitTest::Both{std::move(std::get<1>(left)), std::move(std::get<1>(right))});
}

Test either(Test left, Test right) {
    return negated(both(negated(std::move(left)), negated(std::move(right))));
}

Test differ(Test left, Test right) {
    if (const auto* known = std::get_if<bool>(&left))
        return *known ? negated(std::move(right)) : std::move(right);
    if (const auto* known = std::get_if<bool>(&right))
        return *known ? negated(std::move(left)) : std::move(left);
    return make(BitTest::Differ{std::move(std::get<1>(left)), std::move(std::get<1>(right))});
}

Test spelled(const std::vector<Clbit>& bits, std::uint64_t value, Place place) {
    if (bits.size() > kWidestTest)
        fail_unsupported(fmt::format("a condition on {} bits is not supported", bits.size()), place,
                         fmt::format("At most {} bits.", kWidestTest));
    if (bits.size() < 64 && value >> bits.size() != 0) return false;
    return make(BitTest::Spelled{bits, value});
}

/// How often a body stands in the branches that `choose` makes of the test, at most.
double placements(const BitTest& test) {
    return std::visit(overloaded{
                          [](const BitTest::Spelled&) { return 1.0; },
                          [](const BitTest::Not& negation) { return placements(*negation.inner); },
                          [](const BitTest::Both& both) {
                              return placements(*both.left) * (1.0 + placements(*both.right));
                          },
                          [](const BitTest::Differ& differ) {
                              return 2.0 * placements(*differ.left) * placements(*differ.right);
                          },
                      },
                      test.kind);
}

/// The branches that run one body where the test holds and the other where it does not.
IfElse choose(const BitTest& test, std::vector<Operation> then_body, std::vector<Operation> else_body) {
    const auto alone = [](IfElse branch) {
        std::vector<Operation> body;
        body.push_back(std::move(branch));
        return body;
    };
    return std::visit(
        overloaded{
            [&](const BitTest::Spelled& spelled) {
                IfElse branch{{spelled.bits, spelled.value}, std::move(then_body), std::move(else_body)};
                if (branch.then_body.empty() && spelled.bits.size() == 1) {
                    branch.condition.value ^= 1;
                    std::swap(branch.then_body, branch.else_body);
                }
                return branch;
            },
            [&](const BitTest::Not& negation) {
                return choose(*negation.inner, std::move(else_body), std::move(then_body));
            },
            [&](const BitTest::Both& both) {
                auto inner = choose(*both.right, std::move(then_body), else_body);
                return choose(*both.left, alone(std::move(inner)), std::move(else_body));
            },
            [&](const BitTest::Differ& differ) {
                auto same = choose(*differ.right, else_body, then_body);
                auto other = choose(*differ.right, std::move(then_body), std::move(else_body));
                return choose(*differ.left, alone(std::move(same)), alone(std::move(other)));
            },
        },
        test.kind);
}

}  // namespace

std::optional<Wires> Lowering::bits_in(const Expression& expression) {
    if (const auto* cast = std::get_if<Cast>(&expression.kind)) {
        if (cast->type.type == ScalarType::real || cast->type.type == ScalarType::angle) return {};
        return bits_in(*cast->operand);
    }
    const auto* reference = std::get_if<Reference>(&expression.kind);
    if (reference == nullptr) return {};
    const Symbol* symbol = find(reference->name.text);
    if (symbol == nullptr) return {};
    const auto* declared = std::get_if<RegisterSymbol>(symbol);
    const auto* aliased = std::get_if<Wires>(symbol);
    const bool is_bits =
        declared != nullptr ? !declared->is_quantum : aliased != nullptr && !aliased->is_quantum;
    if (is_bits) return bits_of(*reference);
    return {};
}

std::variant<bool, std::unique_ptr<BitTest>> Lowering::test_equal(const Wires& bits,
                                                                  const Expression& other) {
    if (const auto* text = std::get_if<BitstringLiteral>(&other.kind)) {
        if (text->digits.size() != bits.listed.size())
            throw Failure{ErrorKind::invalid_input,
                          fmt::format("a string of {} bits is compared with {} bit(s)", text->digits.size(),
                                      bits.listed.size()),
                          other.place};
        std::uint64_t value = 0;
        for (const char digit : text->digits) {
            if (digit != '0' && digit != '1')
                throw Failure{ErrorKind::invalid_input, "a bit string consists of 0 and 1", other.place};
            value = value << 1 | (digit == '1' ? 1 : 0);
        }
        return spelled(bits.listed, value, other.place);
    }
    if (const auto right = bits_in(other)) {
        if (bits.listed.size() != 1 || right->listed.size() != 1)
            fail_unsupported("comparing two registers is not supported", other.place);
        return negated(differ(spelled(bits.listed, 1, other.place), spelled(right->listed, 1, other.place)));
    }
    const std::int64_t value = to_integer(evaluate(other), "a value compared with bits", other.place);
    // Bits spell no negative number.
    if (value < 0) return false;
    return spelled(bits.listed, static_cast<std::uint64_t>(value), other.place);
}

std::variant<bool, std::unique_ptr<BitTest>> Lowering::test(const Expression& expression) {
    if (const auto bits = bits_in(expression)) {
        if (bits->listed.size() == 1) return spelled(bits->listed, 1, expression.place);
        return negated(spelled(bits->listed, 0, expression.place));
    }
    if (const auto* unary = std::get_if<Unary>(&expression.kind)) {
        const auto bits = bits_in(*unary->operand);
        const bool flips_bit = unary->op == UnaryOperator::bit_not && bits && bits->listed.size() == 1;
        if (unary->op == UnaryOperator::logical_not || flips_bit) return negated(test(*unary->operand));
    }
    if (const auto* binary = std::get_if<Binary>(&expression.kind)) {
        const auto left = bits_in(*binary->left), right = bits_in(*binary->right);
        const bool single = (!left || left->listed.size() == 1) && (!right || right->listed.size() == 1);
        switch (binary->op) {
            case BinaryOperator::logical_and:
                return both(test(*binary->left), test(*binary->right));
            case BinaryOperator::logical_or:
                return either(test(*binary->left), test(*binary->right));
            case BinaryOperator::bit_and:
                if ((left || right) && single) return both(test(*binary->left), test(*binary->right));
                break;
            case BinaryOperator::bit_or:
                if ((left || right) && single) return either(test(*binary->left), test(*binary->right));
                break;
            case BinaryOperator::bit_xor:
                if ((left || right) && single) return differ(test(*binary->left), test(*binary->right));
                break;
            case BinaryOperator::equal:
                if (left) return test_equal(*left, *binary->right);
                if (right) return test_equal(*right, *binary->left);
                break;
            case BinaryOperator::not_equal:
                if (left) return negated(test_equal(*left, *binary->right));
                if (right) return negated(test_equal(*right, *binary->left));
                break;
            case BinaryOperator::add:
            case BinaryOperator::subtract:
            case BinaryOperator::multiply:
            case BinaryOperator::divide:
            case BinaryOperator::modulo:
            case BinaryOperator::power:
            case BinaryOperator::less:
            case BinaryOperator::less_equal:
            case BinaryOperator::greater:
            case BinaryOperator::greater_equal:
            case BinaryOperator::shift_left:
            case BinaryOperator::shift_right:
                break;
        }
        if (left || right)
            fail_unsupported("this operator on classical bits is not supported in a condition",
                             expression.place, "Known: ==, !=, !, &&, ||, and &, |, ^ of single bits.");
    }
    const Value value = evaluate(expression);
    if (const auto* angle = std::get_if<Angle>(&value); angle != nullptr && !angle->is_bound())
        fail_unsupported("a condition on an input is not supported", expression.place);
    return std::get<bool>(convert(value, ScalarType::boolean, expression.place));
}

std::vector<Operation> Lowering::lower_branch(const Block& block) {
    std::vector<Operation> operations;
    // A global phase that only some runs get cannot be observed.
    Angle phase;
    const FrameScope frame(*this, {});
    const OutputScope scope(*this, {&operations, &phase, false, false, true});
    lower_block(block);
    return operations;
}

void Lowering::branch(const IfStatement& statement, Place place) {
    require_not_in_gate("a branch", place);
    Test condition = test(statement.condition);
    std::vector<Operation> then_body = lower_branch(statement.then_body);
    std::vector<Operation> else_body = lower_branch(statement.else_body);
    charge(1, place);
    if (const auto* known = std::get_if<bool>(&condition)) {
        auto& taken = *known ? then_body : else_body;
        std::move(taken.begin(), taken.end(), std::back_inserter(*output_.operations));
        return;
    }
    const BitTest& chosen = *std::get<1>(condition);
    const double copies = placements(chosen) *
                          static_cast<double>(1 + count_operations(then_body) + count_operations(else_body));
    charge(copies < 1e18 ? static_cast<std::uint64_t>(copies) : std::numeric_limits<std::uint64_t>::max(),
           place);
    output_.operations->push_back(choose(chosen, std::move(then_body), std::move(else_body)));
}

void Lowering::loop(const ForStatement& statement, Place place) {
    const std::vector<std::int64_t> values = std::visit(
        overloaded{
            [&](const Range& range) { return values_of(range, {}, place); },
            [&](const Set& set) {
                std::vector<std::int64_t> numbers;
                for (const Expression& number : set)
                    numbers.push_back(to_integer(evaluate(number), "a value of a loop", number.place));
                return numbers;
            },
        },
        statement.values);
    const OutputScope scope(*this,
                            {output_.operations, output_.phase, output_.is_unitary, output_.is_exact, true});
    for (const std::int64_t value : values) {
        charge(1, place);
        const FrameScope frame(*this, {});
        frames_.back().symbols.emplace(statement.variable.text, Value(value));
        const bool ok = lower_block(statement.body);
        // The next turn would only repeat the errors.
        if (!ok) return;
    }
}

}  // namespace qdcnn::qasm
