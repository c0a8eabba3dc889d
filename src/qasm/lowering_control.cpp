#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lowering.h"

// Branches, and what leaves branches and loops early. What is decided by known values is carried out here;
// what a measurement decides becomes part of the circuit. There, leaving a loop sets a flag: what stands
// behind runs only while the flag is 0.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

/// Name under which a subroutine keeps its result.
constexpr std::string_view kResult = "return";

/// What a conditional body takes in operations, even an empty one.
constexpr std::uint64_t kConditionalCost = 30;

/// Counts what it looks at in `seen`.
void collect_assigned(std::span<const Statement> statements, std::set<std::string_view>& names,
                      std::uint64_t& seen) {
    for (const Statement& statement : statements) {
        ++seen;
        if (const auto* assignment = std::get_if<Assignment>(&statement.kind)) {
            names.insert(assignment->target.name.text);
        } else if (const auto* measure = std::get_if<MeasureStatement>(&statement.kind)) {
            if (measure->target) names.insert(measure->target->name.text);
        } else if (const auto* leave = std::get_if<ExitStatement>(&statement.kind)) {
            if (leave->kind == ExitKind::leave_subroutine) names.insert(kResult);
        } else if (const auto* branch = std::get_if<IfStatement>(&statement.kind)) {
            collect_assigned(branch->then_body, names, seen);
            collect_assigned(branch->else_body, names, seen);
        } else if (const auto* counted = std::get_if<ForStatement>(&statement.kind)) {
            collect_assigned(counted->body, names, seen);
        } else if (const auto* loop = std::get_if<WhileStatement>(&statement.kind)) {
            collect_assigned(loop->body, names, seen);
        } else if (const auto* box = std::get_if<BoxStatement>(&statement.kind)) {
            collect_assigned(box->body, names, seen);
        } else if (const auto* choice = std::get_if<SwitchStatement>(&statement.kind)) {
            for (const auto& one : choice->cases) collect_assigned(one.body, names, seen);
            collect_assigned(choice->otherwise, names, seen);
        }
    }
}

}  // namespace

Lowering::ConditionalScope::ConditionalScope(Lowering& lowering,
                                             std::initializer_list<std::span<const Statement>> bodies)
    : lowering_(lowering) {
    std::set<std::string_view> names;
    std::uint64_t seen = kConditionalCost;
    for (const auto& body : bodies) collect_assigned(body, names, seen);
    lowering.charge(seen, {});
    for (const std::string_view name : names) {
        const auto pin = [&](VariableSymbol& variable) {
            if (std::holds_alternative<Word>(variable.value)) lowering.put_in_bits(variable, name, true);
            pinned_.push_back(&variable);
        };
        // Others are refused at their assignment.
        if (VariableSymbol* variable = lowering.find_variable(name)) pin(*variable);
        if (const ArraySymbol* array = lowering.find_array(name)) {
            lowering.charge(array->elements->size(), {});
            for (VariableSymbol& element : *array->elements) pin(element);
        }
    }
    for (VariableSymbol* variable : pinned_) ++variable->pins;
    ++lowering.conditional_depth_;
}

Lowering::ConditionalScope::~ConditionalScope() {
    for (VariableSymbol* variable : pinned_) --variable->pins;
    --lowering_.conditional_depth_;
}

Lowering::ExitScope::ExitScope(Lowering& lowering, ExitKind kind)
    : lowering_(lowering), index_(lowering.exits_.size()) {
    lowering.exits_.push_back({kind, lowering.conditional_depth_, lowering.output_.operations,
                               lowering.output_.operations->size()});
}

Lowering::ExitScope::~ExitScope() {
    std::vector<Exit>& exits = lowering_.exits_;
    for (; exits.size() > index_; exits.pop_back())
        if (exits.back().flag) std::erase(lowering_.raised_, *exits.back().flag);
    if (lowering_.leaving_ && *lowering_.leaving_ >= index_) lowering_.leaving_.reset();
}

void Lowering::ExitScope::close() {
    const Exit done = lowering_.exits_.back();
    lowering_.exits_.pop_back();
    if (lowering_.leaving_ == index_) lowering_.leaving_.reset();
    if (!done.flag) return;
    std::erase(lowering_.raised_, *done.flag);
    // It may be set from the time before.
    const Word zero = known_word(ScalarType::bit, 1, 0);
    done.operations->insert(done.operations->begin() + static_cast<std::ptrdiff_t>(done.begin),
                            Store{{*done.flag}, {}, zero.formula});
}

void Lowering::leave(const ExitStatement& statement, Place place) {
    require_not_in_gate("this statement", place);
    std::size_t found = exits_.size();
    for (std::size_t i = exits_.size(); i-- > 0 && found == exits_.size();) {
        if (exits_[i].kind == statement.kind) found = i;
        // A loop around the call is not the subroutine's to leave.
        const bool leaves_loop =
            statement.kind == ExitKind::break_loop || statement.kind == ExitKind::continue_loop;
        if (leaves_loop && exits_[i].kind == ExitKind::leave_subroutine) break;
    }
    if (found == exits_.size()) {
        const bool returns = statement.kind == ExitKind::leave_subroutine;
        fail(returns ? "return stands in no subroutine" : "this statement stands in no loop", place);
    }
    if (statement.kind == ExitKind::leave_subroutine) {
        VariableSymbol* result = find_variable(kResult);
        if (statement.value && result == nullptr) fail("the subroutine has no result to return", place);
        if (!statement.value && result != nullptr) fail("the subroutine returns a value", place);
        if (statement.value) {
            if (const auto* measured = std::get_if<Measurement>(&statement.value->kind))
                measure(measured->source, target_bits({{place, kResult}, {}}), place);
            else
                assign(*result, kResult, evaluate(*statement.value), statement.value->place);
        }
    }
    Exit& exit = exits_[found];
    if (exit.depth != conditional_depth_) {
        if (statement.kind == ExitKind::end_program)
            throw Failure{ErrorKind::unsupported, "'end' where a measurement decides it is not supported",
                          place, "Put what follows into a branch."};
        if (!exit.flag) exit.flag = new_bits("leaves", 1, place);
        const Word one = known_word(ScalarType::bit, 1, 1);
        output_.operations->push_back(Store{{*exit.flag}, {}, one.formula});
        if (std::find(raised_.begin(), raised_.end(), *exit.flag) == raised_.end())
            raised_.push_back(*exit.flag);
    }
    leaving_ = found;
}

/// Exits inside what was lowered since then are closed and have taken their flags along.
std::vector<Clbit> Lowering::raised_since(std::size_t size) const {
    return {raised_.begin() + static_cast<std::ptrdiff_t>(size), raised_.end()};
}

void Lowering::lower_statements(const Block& block, std::size_t first, bool& ok) {
    for (std::size_t i = first; i < block.size() && !leaving_; ++i) {
        const std::size_t before = raised_.size();
        try {
            lower_kind(block[i]);
        } catch (const Failure& failure) {
            // A gate's body is checked as a whole, so its caller sees the failure.
            if (output_.is_unitary || failure.is_final) throw;
            report_.add(failure);
            mark_broken(block[i]);
            ok = false;
        }
        std::vector<Clbit> flags = raised_since(before);
        if (flags.empty() || leaving_ || i + 1 == block.size()) continue;
        // The rest runs only where nothing was left.
        const ConditionalScope conditional(*this, {std::span(block).subspan(i + 1)});
        IfElse rest{{std::move(flags), 0}, {}, {}};
        {
            Angle unseen;
            const OutputScope scope(*this, {&rest.then_body, &unseen, false, false, true});
            lower_statements(block, i + 1, ok);
            leaving_.reset();
        }
        if (!rest.then_body.empty()) output_.operations->push_back(std::move(rest));
        return;
    }
}

Test Lowering::test(const Expression& expression) {
    const Value value = evaluate(expression);
    if (const auto* word = std::get_if<Word>(&value)) return test_of(*word);
    if (const auto* angle = std::get_if<Angle>(&value); angle != nullptr && !angle->is_bound())
        throw Failure{ErrorKind::unsupported, "a condition on an input is not supported", expression.place,
                      "Give it a value: --inputs NAME=VALUE, ReadOptions::inputs."};
    return {std::get<bool>(convert(value, ScalarType::boolean, expression.place))};
}

std::vector<Operation> Lowering::lower_branch(const Block& block, std::size_t first) {
    std::vector<Operation> operations;
    // A global phase that only some runs get cannot be observed.
    Angle phase;
    const FrameScope frame(*this, {});
    const OutputScope scope(*this, {&operations, &phase, false, false, true});
    bool ok = true;
    lower_statements(block, first, ok);
    leaving_.reset();
    return operations;
}

void Lowering::conditional(const Condition& condition, bool is_negated, const Block& then_body,
                           const Block& else_body) {
    const ConditionalScope scope(*this, {then_body, else_body});
    IfElse branch{condition, lower_branch(then_body), lower_branch(else_body)};
    if (is_negated) std::swap(branch.then_body, branch.else_body);
    const bool is_bit = branch.condition.bits.size() == 1 && branch.condition.formula.empty();
    if (is_bit && branch.then_body.empty() && !branch.else_body.empty()) {
        branch.condition.value ^= 1;
        std::swap(branch.then_body, branch.else_body);
    }
    output_.operations->push_back(std::move(branch));
}

void Lowering::branch(const IfStatement& statement, Place place) {
    require_not_in_gate("a branch", place);
    const Test condition = test(statement.condition);
    charge(1, place);
    if (const auto* known = std::get_if<bool>(&condition.outcome)) {
        const FrameScope frame(*this, {});
        const OutputScope scope(
            *this, {output_.operations, output_.phase, output_.is_unitary, output_.is_exact, true});
        lower_block(*known ? statement.then_body : statement.else_body);
        return;
    }
    conditional(std::get<Condition>(condition.outcome), condition.is_negated, statement.then_body,
                statement.else_body);
}

void Lowering::choose(const SwitchStatement& statement, Place place) {
    require_not_in_gate("a switch", place);
    const Value value = evaluate(statement.target);
    if (const auto* angle = std::get_if<Angle>(&value); angle != nullptr && !angle->is_bound())
        throw Failure{ErrorKind::unsupported, "a condition on an input is not supported",
                      statement.target.place, "Give it a value: --inputs NAME=VALUE, ReadOptions::inputs."};
    std::set<std::int64_t> seen;
    for (const auto& one : statement.cases)
        for (const Expression& label : one.labels)
            if (!seen.insert(to_integer(evaluate(label), "the label of a case", label.place)).second)
                fail("two cases have this label", label.place);
    if (statement.cases.size() > static_cast<std::size_t>(options_.max_nesting))
        fail(fmt::format("a switch has more than {} cases", options_.max_nesting), place);
    choose_from(statement, 0, value, place);
}

/// The cases from `first` on: a chain of branches, whose conditions are all decided before any body runs.
void Lowering::choose_from(const SwitchStatement& statement, std::size_t first, const Value& value,
                           Place place) {
    charge(1, place);
    const Output inner{output_.operations, output_.phase, output_.is_unitary, output_.is_exact, true};
    if (first == statement.cases.size()) {
        const FrameScope frame(*this, {});
        const OutputScope scope(*this, inner);
        lower_block(statement.otherwise);
        return;
    }
    const SwitchStatement::Case& one = statement.cases[first];
    Value matches = false;
    for (const Expression& label : one.labels)
        matches =
            apply_operator(BinaryOperator::logical_or, matches,
                           apply_operator(BinaryOperator::equal, value, evaluate(label), false, label.place),
                           false, label.place);
    const auto* word = std::get_if<Word>(&matches);
    const Test test =
        word != nullptr ? test_of(*word) : Test{std::get<bool>(convert(matches, ScalarType::boolean, place))};
    if (const auto* known = std::get_if<bool>(&test.outcome)) {
        if (!*known) return choose_from(statement, first + 1, value, place);
        const FrameScope frame(*this, {});
        const OutputScope scope(*this, inner);
        lower_block(one.body);
        return;
    }
    std::vector<Operation> rest;
    IfElse branch{std::get<Condition>(test.outcome), {}, {}};
    {
        const ConditionalScope pins(*this, {one.body, statement.otherwise});
        std::vector<std::unique_ptr<ConditionalScope>> more;
        for (std::size_t i = first + 1; i < statement.cases.size(); ++i)
            more.push_back(std::make_unique<ConditionalScope>(
                *this, std::initializer_list<std::span<const Statement>>{statement.cases[i].body}));
        branch.then_body = lower_branch(one.body);
        Angle unseen;
        const OutputScope scope(*this, {&branch.else_body, &unseen, false, false, true});
        choose_from(statement, first + 1, value, place);
        leaving_.reset();
    }
    if (test.is_negated) std::swap(branch.then_body, branch.else_body);
    output_.operations->push_back(std::move(branch));
}

}  // namespace qdcnn::qasm
