#include <fmt/format.h>

#include <algorithm>

#include "lowering.h"

// Loops: turns with known conditions are carried out here, others become a loop of the circuit.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

/// Even an empty turn takes some time.
constexpr std::uint64_t kTurnCost = 3;

bool is_literally_true(const Expression& condition) {
    const auto* boolean = std::get_if<BooleanLiteral>(&condition.kind);
    const auto* integer = std::get_if<IntegerLiteral>(&condition.kind);
    return (boolean != nullptr && boolean->value) || (integer != nullptr && integer->value != 0);
}

bool may_leave(std::span<const Statement> statements) {
    return std::any_of(statements.begin(), statements.end(), [](const Statement& statement) {
        if (std::holds_alternative<ExitStatement>(statement.kind)) return true;
        if (const auto* branch = std::get_if<IfStatement>(&statement.kind))
            return may_leave(branch->then_body) || may_leave(branch->else_body);
        if (const auto* counted = std::get_if<ForStatement>(&statement.kind)) return may_leave(counted->body);
        if (const auto* loop = std::get_if<WhileStatement>(&statement.kind)) return may_leave(loop->body);
        if (const auto* box = std::get_if<BoxStatement>(&statement.kind)) return may_leave(box->body);
        if (const auto* choice = std::get_if<SwitchStatement>(&statement.kind))
            return may_leave(choice->otherwise) ||
                   std::any_of(choice->cases.begin(), choice->cases.end(),
                               [](const auto& one) { return may_leave(one.body); });
        return false;
    });
}

}  // namespace

/// One for each turn.
std::vector<Value> Lowering::values_of_loop(const ForStatement& statement, Place place) {
    std::vector<Value> values;
    std::visit(overloaded{
                   [&](const Range& range) {
                       for (const std::int64_t value : values_of(range, {}, place))
                           values.emplace_back(value);
                   },
                   [&](const Set& set) {
                       for (const Expression& value : set) values.push_back(evaluate(value));
                   },
                   [&](const ExpressionPtr& whole) { values = elements_of(*whole); },
               },
               statement.values);
    const ScalarType type = statement.type ? statement.type->type : ScalarType::integer;
    const bool is_integer = type == ScalarType::integer || type == ScalarType::unsigned_integer;
    for (Value& value : values) {
        const auto* word = std::get_if<Word>(&value);
        // Plain numbers, so that they do not wrap in what is computed from them.
        if (is_integer && (word == nullptr || word->is_known())) {
            const std::int64_t whole = to_integer(value, "a value of a loop over integers", place);
            if (statement.type && statement.type->width)
                require_bits(whole, type, width_of(*statement.type), place);
            value = whole;
        } else if (statement.type) {
            value = cast(value, *statement.type, place);
        }
    }
    return values;
}

/// The elements of an array or the bits of a value, the lowest first.
std::vector<Value> Lowering::elements_of(const Expression& whole) {
    if (const auto array = array_of(whole)) {
        if (array->sizes.size() > 1) fail("a loop goes over one dimension of an array", whole.place);
        std::vector<Value> values;
        for (std::size_t i = 0; i < array->sizes[0]; ++i)
            values.push_back(read((*array->elements)[array->first + i]));
        return values;
    }
    const Value value = evaluate(whole);
    const auto* word = std::get_if<Word>(&value);
    if (word == nullptr || word->type != ScalarType::bit)
        throw Failure{
            ErrorKind::invalid_input,
            fmt::format("a loop goes over a range, a set or a register of bits, not {}", type_name(value)),
            whole.place, "A range such as [0:3], a set such as {0, 2}."};
    std::vector<Value> bits;
    for (unsigned i = 0; i < word->width(); ++i) bits.push_back(bit_of(*word, i, whole.place));
    return bits;
}

void Lowering::loop(const ForStatement& statement, Place place) {
    const std::vector<Value> values = values_of_loop(statement, place);
    const Output inner{output_.operations, output_.phase, output_.is_unitary, output_.is_exact, true};
    const OutputScope scope(*this, inner);
    const std::size_t before = raised_.size();
    ExitScope all(*this, ExitKind::break_loop);
    const auto turn = [&](const Value& value) {
        const FrameScope frame(*this, {});
        frames_.back().symbols.emplace(statement.variable.text, value);
        ExitScope one(*this, ExitKind::continue_loop);
        const bool ok = lower_block(statement.body);
        one.close();
        return ok;
    };
    for (const Value& value : values) {
        charge(kTurnCost, place);
        std::vector<Clbit> flags = raised_since(before);
        bool ok = true;
        if (flags.empty()) {
            ok = turn(value);
        } else {
            const ConditionalScope conditional(*this, {statement.body});
            IfElse guarded{{std::move(flags), 0}, {}, {}};
            {
                Angle unseen;
                const OutputScope body(*this, {&guarded.then_body, &unseen, false, false, true});
                ok = turn(value);
                leaving_.reset();
            }
            if (!guarded.then_body.empty()) output_.operations->push_back(std::move(guarded));
        }
        // The next turn would only repeat the errors.
        if (!ok || leaving_) break;
    }
    all.close();
}

void Lowering::loop(const WhileStatement& statement, Place place) {
    require_not_in_gate("a loop", place);
    if (is_literally_true(statement.condition) && !may_leave(statement.body))
        fail("this loop never ends", place, "Leave it with break, or give it a condition that changes.");
    // As long as the condition is known, turn after turn is carried out.
    const OutputScope scope(*this,
                            {output_.operations, output_.phase, output_.is_unitary, output_.is_exact, true});
    ExitScope all(*this, ExitKind::break_loop);
    while (true) {
        const std::size_t before = output_.operations->size();
        const Test condition = test(statement.condition);
        const auto* known = std::get_if<bool>(&condition.outcome);
        if (known == nullptr) {
            // What the condition calls is called again where the loop keeps its variables in bits.
            output_.operations->erase(output_.operations->begin() + static_cast<std::ptrdiff_t>(before),
                                      output_.operations->end());
            measured_loop(statement, place);
            break;
        }
        if (!*known) break;
        charge(1, place);
        if (++turns_ > options_.max_loop_turns)
            throw Failure{.kind = ErrorKind::invalid_input,
                          .message = fmt::format("loops take more than {} turns", options_.max_loop_turns),
                          .place = place,
                          .hint = "Does this one end?",
                          .is_final = true};
        const std::size_t raised = raised_.size();
        const FrameScope frame(*this, {});
        ExitScope one(*this, ExitKind::continue_loop);
        const bool ok = lower_block(statement.body);
        one.close();
        if (!ok || leaving_) break;
        if (raised_.size() != raised) {
            // From here on a measurement has a say.
            measured_loop(statement, place);
            break;
        }
    }
    all.close();
}

/// The loop as one of the circuit: its condition, and that none of the flags is set that leave it.
void Lowering::measured_loop(const WhileStatement& statement, Place place) {
    charge(1, place);
    const ConditionalScope conditional(*this, {statement.body});
    const auto condition_now = [&] {
        const Value value = evaluate(statement.condition);
        if (const auto* word = std::get_if<Word>(&value)) return converted(*word, ScalarType::boolean, 1);
        const auto truth = convert(value, ScalarType::boolean, statement.condition.place);
        return known_word(ScalarType::boolean, 1, std::get<bool>(truth));
    };
    Word condition = condition_now();
    While loop;
    {
        Angle unseen;
        const OutputScope scope(*this, {&loop.body, &unseen, false, false, true});
        const FrameScope frame(*this, {});
        ExitScope one(*this, ExitKind::continue_loop);
        bool ok = true;
        lower_statements(statement.body, 0, ok);
        leaving_.reset();
        one.close();
        // A condition that calls a subroutine does so before each turn.
        condition = condition_now();
    }
    for (const Clbit flag : raised_) {
        const Word is_set = word_of_bits(ScalarType::bit, {flag}, place);
        const Value stays = apply_operator(UnaryOperator::logical_not, is_set, place);
        condition =
            std::get<Word>(apply_operator(BinaryOperator::logical_and, condition, stays, false, place));
    }
    if (condition.is_known()) {
        if (*known_integer(condition) != 0)
            fail("this loop never ends", place, "Leave it with break, or give it a condition that changes.");
        return;
    }
    // A condition on bits that nothing inside writes holds for ever, once it holds; but that is the run's to
    // find.
    const Test test = test_of(condition);
    if (const auto* known = std::get_if<bool>(&test.outcome)) {
        if (*known) fail("this loop never ends", place, "Its condition always holds.");
        return;
    }
    loop.condition = condition_of(condition);
    output_.operations->push_back(std::move(loop));
}

}  // namespace qdcnn::qasm
