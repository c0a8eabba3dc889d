#include "lowering.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "parser.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::qasm {

using namespace circuit;

Lowering::Lowering(Sources& sources, Report& report, const ReadOptions& options, TakeOperations take)
    : sources_(sources),
      report_(report),
      options_(options),
      take_(std::move(take)),
      frames_(1),
      budget_(options.max_expansion) {
    output_.operations = &circuit_.mutable_operations();
    output_.phase = &global_phase_;
}

void Lowering::read(std::uint32_t source, bool version_2) {
    open_texts_.push_back(source);
    budget_ += sources_.text(source).size();
    // Growing step by step would touch three times the memory. No more than what a million gates take.
    const std::string_view text = sources_.text(source);
    auto& operations = circuit_.mutable_operations();
    if (operations.empty() && !take_)
        operations.reserve(std::min<std::size_t>(std::count(text.begin(), text.end(), ';'), 1'000'000));
    Parser parser(sources_, source, report_, options_, version_2);
    if (exits_.empty()) exits_.push_back({ExitKind::end_program, 0, output_.operations, 0});
    while (auto statement = parser.next()) {
        const Temporarily version(version_2_, parser.is_version_2());
        // What stands behind `end` is parsed for its errors only.
        if (!leaving_ && !is_over_) lower(*statement);
        if (take_) {
            take_(operations);
            operations.clear();
        }
    }
    open_texts_.pop_back();
}

Circuit Lowering::finish() {
    drop_notes();
    for (const auto& [name, value] : options_.inputs)
        if (inputs_.count(name) == 0)
            throw Failure{ErrorKind::invalid_input,
                          fmt::format("there is no input \"{}\" to give a value", name),
                          {},
                          suggestion(std::string(name), {inputs_.begin(), inputs_.end()})};
    if (physical_qubits_ > 0) {
        const auto taken = [&](const std::string& name) {
            return std::any_of(circuit_.clbit_registers().begin(), circuit_.clbit_registers().end(),
                               [&](const Register& other) { return other.name == name; });
        };
        std::string name = "q";
        while (taken(name)) name += "_";
        circuit_.add_qubits(name, static_cast<std::uint32_t>(physical_qubits_));
        circuit_.set_on_physical_qubits(true);
    }
    if (has_open_barrier_) {
        // A barrier without operands on physical qubits: how many there are shows at the end only.
        const auto fill = [&](auto&& self, std::vector<Operation>& operations) -> void {
            for (Operation& operation : operations) {
                if (auto* barrier = std::get_if<Barrier>(&operation.kind());
                    barrier != nullptr && barrier->qubits.empty() && !barrier->note) {
                    charge(circuit_.num_qubits(), {});
                    barrier->qubits.resize(circuit_.num_qubits());
                    std::iota(barrier->qubits.begin(), barrier->qubits.end(), Qubit{0});
                }
                for (auto* body : bodies_of(operation)) self(self, *body);
            }
        };
        fill(fill, circuit_.mutable_operations());
    }
    circuit_.set_global_phase(global_phase_);
    return std::move(circuit_);
}

void Lowering::charge(std::uint64_t count, Place place) {
    if (count > budget_)
        throw Failure{
            .kind = ErrorKind::invalid_input,
            .message = fmt::format("the program expands to more than {} operations", options_.max_expansion),
            .place = place,
            .hint =
                "Inlined gates, loops and registers multiply. The limit: --max-operations, "
                "ReadOptions::max_expansion.",
            .is_final = true};
    budget_ -= count;
}

void Lowering::require_not_in_gate(std::string_view what, Place place) const {
    if (output_.is_unitary)
        throw Failure{ErrorKind::invalid_input, fmt::format("{} cannot stand in the body of a gate", what),
                      place};
}

void Lowering::lower(Statement& statement) {
    try {
        if (auto* definition = std::get_if<GateDefinition>(&statement.kind))
            drop_notes(), define_gate(std::move(*definition));
        else if (auto* subroutine = std::get_if<SubroutineDefinition>(&statement.kind))
            drop_notes(), define_subroutine(std::move(*subroutine));
        else
            lower_kind(statement);
    } catch (const Failure& failure) {
        report_.add(failure);
        mark_broken(statement);
        is_over_ = failure.is_final;
    }
}

bool Lowering::lower_block(const Block& block) {
    bool ok = true;
    lower_statements(block, 0, ok);
    return ok;
}

void Lowering::lower_kind(const Statement& statement) {
    if (is_noted()) return lower_noted(statement);
    const Place place = statement.place;
    std::visit(
        overloaded{
            [&](const Include& inner) { include(inner, place); },
            [&](const QubitDeclaration& inner) { declare_kind(inner, place); },
            [&](const BitDeclaration& inner) { declare_kind(inner, place); },
            [&](const VariableDeclaration& inner) { declare_kind(inner); },
            [&](const ArrayDeclaration& inner) { declare_kind(inner); },
            [&](const ConstDeclaration& inner) { declare_kind(inner); },
            [&](const InputDeclaration& inner) { declare_kind(inner); },
            [&](const OutputDeclaration& inner) { declare_kind(inner); },
            [&](const Alias& inner) { declare_kind(inner); },
            [&](const GateDefinition&) {
                throw Failure{ErrorKind::invalid_input, "a gate can be defined at top level only", place};
            },
            [&](const SubroutineDefinition&) {
                throw Failure{ErrorKind::invalid_input, "a subroutine can be defined at top level only",
                              place};
            },
            [&](const OpaqueDeclaration& inner) { declare_kind(inner); },
            [&](const BrokenDeclaration& inner) {
                frames_.back().symbols.try_emplace(inner.name.text, BrokenSymbol{});
            },
            [&](const GateCall& inner) { call(inner, place); },
            [&](const MeasureStatement& inner) { measure(inner, place); },
            [&](const Assignment& inner) { assign(inner); },
            [&](const ResetStatement& inner) { reset(inner); },
            [&](const BarrierStatement& inner) { barrier(inner, place); },
            [&](const DelayStatement& inner) { delay(inner, place); },
            [&](const IfStatement& inner) { branch(inner, place); },
            [&](const ForStatement& inner) { loop(inner, place); },
            [&](const WhileStatement& inner) { loop(inner, place); },
            [&](const SwitchStatement& inner) { choose(inner, place); },
            [&](const ExitStatement& inner) { leave(inner, place); },
            [&](const BoxStatement& inner) { box(inner, place); },
            [&](const CallStatement& inner) {
                call_function(std::get<FunctionCall>(inner.call.kind), place);
            },
            [&](const Pragma& inner) { pragma(inner, place); },
            [&](const Annotation& inner) { annotate(inner); },
        },
        statement.kind);
}

void Lowering::measure(const MeasureStatement& statement, Place place) {
    require_not_in_gate("a measurement", place);
    if (!statement.target) {
        // Into bits that nobody reads.
        const auto count = static_cast<std::uint32_t>(qubits_of(statement.source).listed.size());
        const Clbit first = new_bits("unread", count, place);
        Wires bits{false, true, {}};
        for (std::uint32_t i = 0; i < count; ++i) bits.listed.push_back(first + i);
        measure(statement.source, bits, place);
        return;
    }
    measure(statement.source, target_bits(*statement.target), statement.target->name.place);
}

void Lowering::measure(const Reference& source, const Wires& target, Place target_place) {
    const Wires qubits = qubits_of(source);
    if (qubits.listed.size() != target.listed.size())
        throw Failure{ErrorKind::invalid_input,
                      fmt::format("{} qubit(s) cannot be measured into {} bit(s)", qubits.listed.size(),
                                  target.listed.size()),
                      target_place};
    charge(qubits.listed.size(), source.name.place);
    for (std::size_t i = 0; i < qubits.listed.size(); ++i)
        output_.operations->push_back(Measure{qubits.listed[i], target.listed[i]});
}

void Lowering::reset(const ResetStatement& statement) {
    require_not_in_gate("a reset", statement.operand.name.place);
    const Wires qubits = qubits_of(statement.operand);
    charge(qubits.listed.size(), statement.operand.name.place);
    for (const Qubit qubit : qubits.listed) output_.operations->push_back(Reset{qubit});
}

void Lowering::barrier(const BarrierStatement& statement, Place place) {
    Barrier result;
    for (const Reference& operand : statement.operands) {
        const Wires wires = qubits_of(operand);
        charge(wires.listed.size(), operand.name.place);
        result.qubits.insert(result.qubits.end(), wires.listed.begin(), wires.listed.end());
    }
    if (statement.operands.empty()) {
        if (output_.is_unitary)
            throw Failure{ErrorKind::invalid_input, "a barrier in the body of a gate needs operands", place};
        charge(circuit_.num_qubits(), place);
        result.qubits.resize(circuit_.num_qubits());
        std::iota(result.qubits.begin(), result.qubits.end(), Qubit{0});
        if (circuit_.num_qubits() == 0) has_open_barrier_ = true;
    } else {
        // Barriers may name a qubit twice; once is enough.
        std::vector<Qubit> sorted = result.qubits;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
            sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
            result.qubits = std::move(sorted);
        }
    }
    output_.operations->push_back(std::move(result));
}

void Lowering::delay(const DelayStatement& statement, Place place) {
    require_not_in_gate("a delay", place);
    const Value value = evaluate(statement.duration);
    const auto* duration = std::get_if<Duration>(&value);
    if (duration == nullptr)
        throw Failure{ErrorKind::invalid_input,
                      fmt::format("a delay needs a duration such as 100ns, not {}", type_name(value)),
                      statement.duration.place};
    if (duration->value < 0)
        throw Failure{ErrorKind::invalid_input, "a delay cannot be negative", statement.duration.place};
    std::vector<Qubit> qubits;
    for (const Reference& operand : statement.operands) {
        const Wires wires = qubits_of(operand);
        qubits.insert(qubits.end(), wires.listed.begin(), wires.listed.end());
    }
    if (statement.operands.empty()) {
        if (circuit_.num_qubits() == 0)
            throw Failure{ErrorKind::unsupported, "a delay of all physical qubits is not supported", place,
                          "Name the qubits."};
        qubits.resize(circuit_.num_qubits());
        std::iota(qubits.begin(), qubits.end(), Qubit{0});
    }
    charge(qubits.size(), place);
    for (const Qubit qubit : qubits)
        output_.operations->push_back(Delay{qubit, duration->value, duration->unit});
}

}  // namespace qdcnn::qasm
