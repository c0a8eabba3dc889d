#include "qdcnn/circuit/circuit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::circuit {
namespace {

[[noreturn]] void invalid(const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorKind::invalid_input, message, hint);
}

void check_room(std::uint32_t before, std::uint32_t more, std::string_view what) {
    if (more > std::numeric_limits<std::uint32_t>::max() - before)
        invalid(fmt::format("{} and {} {} are more than a circuit can number", before, more, what));
}

}  // namespace

void QubitList::push_back(Qubit qubit) {
    if (size_ == qubits_.size()) invalid(fmt::format("a gate takes at most {} qubits", qubits_.size()));
    qubits_[size_++] = qubit;
}

QubitList::QubitList(std::span<const Qubit> qubits) {
    if (qubits.size() > qubits_.size())
        invalid(fmt::format("a gate takes at most {} qubits, not {}", qubits_.size(), qubits.size()));
    for (const Qubit qubit : qubits) push_back(qubit);
}

bool QubitList::contains(Qubit qubit) const { return std::find(begin(), end(), qubit) != end(); }

bool QubitList::operator==(const QubitList& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
}

Circuit::Circuit(std::uint32_t qubits, std::uint32_t clbits) {
    if (qubits > 0) add_qubits("q", qubits);
    if (clbits > 0) add_clbits("c", clbits);
}

void Circuit::check_name(const std::string& name) const {
    for (const auto* registers : {&qubit_registers_, &clbit_registers_})
        for (const auto& other : *registers)
            if (other.name == name) invalid(fmt::format("there is already a register \"{}\"", name));
}

Qubit Circuit::add_qubits(const std::string& name, std::uint32_t size) {
    check_name(name);
    check_room(num_qubits_, size, "qubits");
    qubit_registers_.push_back({name, num_qubits_, size});
    num_qubits_ += size;
    return num_qubits_ - size;
}

Clbit Circuit::add_clbits(const std::string& name, std::uint32_t size, bool is_variable) {
    check_name(name);
    check_room(num_clbits_, size, "classical bits");
    clbit_registers_.push_back({name, num_clbits_, size, is_variable});
    num_clbits_ += size;
    return num_clbits_ - size;
}

std::string Circuit::free_register_name(std::string name) const {
    const auto is_taken = [&](const Register& own) { return own.name == name; };
    const auto &qubits = qubit_registers(), &bits = clbit_registers();
    while (std::any_of(qubits.begin(), qubits.end(), is_taken) ||
           std::any_of(bits.begin(), bits.end(), is_taken))
        name += '_';
    return name;
}

std::vector<Register> Circuit::result_registers() const {
    std::vector<Register> results = clbit_registers_;
    std::erase_if(results, [](const Register& bits) { return bits.is_variable; });
    return results;
}

void Circuit::annotate_register(const std::string& name, std::span<const std::string> lines) {
    for (auto* registers : {&qubit_registers_, &clbit_registers_})
        for (Register& reg : *registers)
            if (reg.name == name) reg.annotations.insert(reg.annotations.end(), lines.begin(), lines.end());
}

Angle Circuit::parameter(const std::string& name) {
    const auto found = std::find(parameters_.begin(), parameters_.end(), name);
    const auto index = static_cast<ParameterIndex>(found - parameters_.begin());
    if (found == parameters_.end()) parameters_.push_back(name);
    return Angle::of_parameter(index);
}

void Circuit::check(const Operation& operation) const {
    auto check_qubit = [&](Qubit qubit) {
        if (qubit >= num_qubits_)
            invalid(fmt::format("qubit {} is out of range: the circuit has {}", qubit, num_qubits_));
    };
    auto check_bit = [&](Clbit bit) {
        if (bit >= num_clbits_)
            invalid(fmt::format("classical bit {} is out of range: the circuit has {}", bit, num_clbits_));
    };
    auto check_distinct = [&](std::span<const Qubit> qubits, std::string_view what) {
        for (std::size_t i = 0; i < qubits.size(); ++i) {
            check_qubit(qubits[i]);
            for (std::size_t j = 0; j < i; ++j)
                if (qubits[i] == qubits[j]) invalid(fmt::format("{} names qubit {} twice", what, qubits[i]));
        }
    };
    auto check_angle = [&](const Angle& angle, std::string_view what) {
        if (!std::isfinite(angle.constant()))
            invalid(fmt::format("{}: an angle is not a finite number", what));
        for (const auto& term : angle.terms()) {
            if (term.parameter >= parameters_.size())
                invalid(fmt::format("{}: parameter {} is out of range: the circuit has {}", what,
                                    term.parameter, parameters_.size()));
            if (!std::isfinite(term.coefficient))
                invalid(fmt::format("{}: a coefficient is not a finite number", what));
        }
    };
    auto check_condition = [&](const Condition& condition) {
        if (condition.bits.empty() || condition.bits.size() > 64) invalid("a condition takes 1 to 64 bits");
        for (const Clbit bit : condition.bits) check_bit(bit);
        circuit::check(condition.formula, condition.bits.size());
    };
    std::visit(overloaded{
                   [&](const Gate& gate) {
                       const GateRow& row = gate_row(gate.id);
                       if (gate.qubits.size() != static_cast<std::size_t>(row.qubits))
                           invalid(fmt::format("gate {} acts on {} qubit(s), not {}", row.name, row.qubits,
                                               gate.qubits.size()));
                       if (gate.angles.size() != static_cast<std::size_t>(row.parameters))
                           invalid(fmt::format("gate {} takes {} angle(s), not {}", row.name, row.parameters,
                                               gate.angles.size()));
                       check_distinct(gate.qubits, row.name);
                       for (const Angle& angle : gate.angles) check_angle(angle, row.name);
                   },
                   [&](const Measure& measure) {
                       check_qubit(measure.qubit);
                       check_bit(measure.clbit);
                   },
                   [&](const Reset& reset) { check_qubit(reset.qubit); },
                   [&](const Barrier& barrier) { check_distinct(barrier.qubits, "barrier"); },
                   [&](const Delay& delay) {
                       check_qubit(delay.qubit);
                       if (!(delay.duration >= 0) || !std::isfinite(delay.duration))
                           invalid(fmt::format("a delay of {} is not a time", delay.duration));
                   },
                   [&](const Prepare& prepare) {
                       check_distinct(prepare.qubits, "prepare");
                       if (prepare.qubits.empty()) invalid("a preparation acts on no qubit");
                       if (prepare.qubits.size() > 30 ||
                           prepare.amplitudes.size() != std::size_t{1} << prepare.qubits.size())
                           invalid(fmt::format("{} amplitudes do not fit {} qubits",
                                               prepare.amplitudes.size(), prepare.qubits.size()));
                       for (const Angle& amplitude : prepare.amplitudes) check_angle(amplitude, "prepare");
                   },
                   [&](const IfElse& branch) { check_condition(branch.condition); },
                   [&](const While& loop) { check_condition(loop.condition); },
                   [&](const Store& store) {
                       if (store.targets.empty() || store.formula.empty() ||
                           store.formula.width() != store.targets.size())
                           invalid("an assignment needs a formula as wide as its targets");
                       if (store.bits.size() > 64) invalid("an assignment reads at most 64 bits");
                       for (const Clbit bit : store.targets) check_bit(bit);
                       for (const Clbit bit : store.bits) check_bit(bit);
                       circuit::check(store.formula, store.bits.size());
                   },
               },
               operation.kind());
    for (const auto* body : bodies_of(operation))
        for (const Operation& inner : *body) check(inner);
}

Circuit& Circuit::add(Operation operation) {
    check(operation);
    operations_.push_back(std::move(operation));
    return *this;
}

Circuit& Circuit::gate(GateId id, QubitList qubits, std::vector<Angle> angles) {
    return add(Gate{id, qubits, std::move(angles)});
}
Circuit& Circuit::measure(Qubit qubit, Clbit clbit) { return add(Measure{qubit, clbit}); }
Circuit& Circuit::reset(Qubit qubit) { return add(Reset{qubit}); }
Circuit& Circuit::delay(double duration, Qubit qubit, TimeUnit unit) {
    return add(Delay{qubit, duration, unit});
}

Circuit& Circuit::measure_all() {
    const Clbit first = add_clbits("meas", num_qubits_);
    for (Qubit qubit = 0; qubit < num_qubits_; ++qubit) measure(qubit, first + qubit);
    return *this;
}

Circuit& Circuit::barrier(std::vector<Qubit> qubits) {
    if (qubits.empty()) {
        qubits.resize(num_qubits_);
        std::iota(qubits.begin(), qubits.end(), Qubit{0});
    }
    return add(Barrier{std::move(qubits)});
}

Circuit& Circuit::prepare(std::vector<Qubit> qubits, std::vector<Angle> amplitudes) {
    return add(Prepare{std::move(qubits), std::move(amplitudes)});
}

Circuit& Circuit::if_else(Condition condition, const std::function<void(Circuit&)>& then_body,
                          const std::function<void(Circuit&)>& else_body) {
    IfElse branch{std::move(condition), {}, {}};
    build_body(then_body, branch.then_body);
    build_body(else_body, branch.else_body);
    return add(std::move(branch));
}

Circuit& Circuit::while_loop(Condition condition, const std::function<void(Circuit&)>& body) {
    While loop{std::move(condition), {}};
    build_body(body, loop.body);
    return add(std::move(loop));
}

Circuit& Circuit::store(std::vector<Clbit> targets, std::vector<Clbit> bits, Formula formula) {
    return add(Store{std::move(targets), std::move(bits), std::move(formula)});
}

void Circuit::build_body(const std::function<void(Circuit&)>& function, std::vector<Operation>& body) {
    if (!function) return;
    Circuit inner = empty_copy();
    function(inner);
    if (inner.num_qubits_ != num_qubits_ || inner.num_clbits_ != num_clbits_)
        invalid("registers cannot be added inside a branch or loop");
    parameters_ = inner.parameters_;
    body = std::move(inner.operations_);
}

Circuit& Circuit::append(const Circuit& other, std::span<const Qubit> qubits, std::span<const Clbit> clbits) {
    if (qubits.size() != other.num_qubits_ || clbits.size() != other.num_clbits_)
        invalid(fmt::format("append: the circuit has {} qubits and {} bits, {} and {} were given",
                            other.num_qubits_, other.num_clbits_, qubits.size(), clbits.size()));
    std::vector<Angle> parameters;
    for (const std::string& name : other.parameters_) parameters.push_back(parameter(name));
    Rewriting rewriting;
    rewriting.qubit = [&](Qubit qubit) { return qubits[qubit]; };
    rewriting.clbit = [&](Clbit bit) { return clbits[bit]; };
    rewriting.angle = [&](const Angle& angle) { return angle.substitute(parameters); };
    // Counted before: a circuit may be appended to itself.
    const std::size_t count = other.operations_.size();
    for (std::size_t i = 0; i < count; ++i) add(rewritten(other.operations_[i], rewriting));
    global_phase_ = global_phase_ + other.global_phase_.substitute(parameters);
    return *this;
}

Circuit Circuit::empty_copy() const {
    Circuit copy;
    copy.num_qubits_ = num_qubits_;
    copy.num_clbits_ = num_clbits_;
    copy.qubit_registers_ = qubit_registers_;
    copy.clbit_registers_ = clbit_registers_;
    copy.parameters_ = parameters_;
    copy.is_on_physical_qubits_ = is_on_physical_qubits_;
    return copy;
}

Circuit Circuit::bind(std::span<const double> values) const {
    if (values.size() != parameters_.size())
        invalid(fmt::format("the circuit has {} parameters, {} values were given", parameters_.size(),
                            values.size()));
    return bind_first(values);
}

Circuit Circuit::bind_first(std::span<const double> values) const {
    if (values.size() > parameters_.size())
        invalid(fmt::format("the circuit has {} parameters, {} values were given", parameters_.size(),
                            values.size()));
    for (std::size_t k = 0; k < values.size(); ++k)
        if (!std::isfinite(values[k]))
            invalid(fmt::format("the value of parameter {} is not finite", parameters_[k]));
    Circuit bound = empty_copy();
    bound.parameters_.erase(bound.parameters_.begin(),
                            bound.parameters_.begin() + static_cast<std::ptrdiff_t>(values.size()));
    std::vector<Angle> replacements(values.begin(), values.end());
    for (std::size_t k = values.size(); k < parameters_.size(); ++k)
        replacements.push_back(Angle::of_parameter(static_cast<ParameterIndex>(k - values.size())));
    Rewriting rewriting;
    rewriting.angle = [&](const Angle& angle) { return angle.substitute(replacements); };
    bound.operations_.reserve(operations_.size());
    for (const Operation& operation : operations_)
        bound.operations_.push_back(rewritten(operation, rewriting));
    bound.global_phase_ = global_phase_.substitute(replacements);
    return bound;
}

namespace {

/// For a circuit read backwards: a box begins where it ended. Nothing for a remark.
std::optional<Barrier> turned_round(const Barrier& barrier) {
    if (!barrier.note) return barrier;
    if (barrier.note->kind == Note::Kind::remark) return {};
    Note note = *barrier.note;
    note.kind = note.kind == Note::Kind::box_begins ? Note::Kind::box_ends : Note::Kind::box_begins;
    return Barrier{barrier.qubits, std::make_shared<const Note>(std::move(note))};
}

}  // namespace

Circuit Circuit::inverse() const {
    Circuit result = empty_copy();
    std::for_each(operations_.rbegin(), operations_.rend(), [&](const Operation& operation) {
        if (const auto* barrier = std::get_if<Barrier>(&operation.kind())) {
            if (const auto turned = turned_round(*barrier)) result.operations_.push_back(*turned);
        } else if (const auto* gate = std::get_if<Gate>(&operation.kind())) {
            for (const DefinitionStep& step : gate_row(gate->id).inverse)
                result.operations_.push_back(instantiate(step, gate->qubits, gate->angles));
        } else {
            throw Error(ErrorKind::unsupported,
                        "only gates have an inverse; the circuit measures, resets or branches");
        }
    });
    result.global_phase_ = -global_phase_;
    return result;
}

bool Circuit::is_unitary() const {
    return std::all_of(operations_.begin(), operations_.end(), [](const Operation& operation) {
        return std::visit(overloaded{
                              [](const Gate&) { return true; },
                              [](const Measure&) { return false; },
                              [](const Reset&) { return false; },
                              [](const Barrier&) { return true; },
                              [](const Delay&) { return true; },
                              [](const Prepare&) { return false; },
                              [](const IfElse&) { return false; },
                              [](const While&) { return false; },
                              [](const Store&) { return false; },
                          },
                          operation.kind());
    });
}

bool Circuit::has_verbatim_box() const {
    bool found = false;
    for_each_operation(operations_, [&](const Operation& operation) {
        const auto* barrier = std::get_if<Barrier>(&operation.kind());
        found = found || (barrier != nullptr && barrier->note && barrier->note->is_verbatim);
    });
    return found;
}

bool Circuit::is_dynamic() const {
    std::vector<bool> measured(num_qubits_, false);
    for (const Operation& operation : operations_) {
        if (condition_of(operation) != nullptr || std::holds_alternative<Store>(operation.kind()) ||
            std::holds_alternative<Reset>(operation.kind()))
            return true;
        if (std::holds_alternative<Barrier>(operation.kind()) ||
            std::holds_alternative<Delay>(operation.kind()))
            continue;
        for (const Qubit qubit : qubits_of(operation))
            if (measured[qubit]) return true;
        if (const auto* measure = std::get_if<Measure>(&operation.kind())) measured[measure->qubit] = true;
    }
    return false;
}

void for_each_operation(std::span<const Operation> operations,
                        const std::function<void(const Operation&)>& visit) {
    for (const Operation& operation : operations) {
        visit(operation);
        for (const auto* body : bodies_of(operation)) for_each_operation(*body, visit);
    }
}

namespace {

std::vector<Qubit> inner_qubits(const Operation& operation) {
    std::vector<Qubit> all;
    for (const auto* body : bodies_of(operation))
        for (const Operation& inner : *body) {
            const auto touched = qubits_of(inner);
            all.insert(all.end(), touched.begin(), touched.end());
        }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace

std::vector<Qubit> qubits_of(const Operation& operation) {
    return std::visit(
        overloaded{
            [](const Gate& gate) { return std::vector<Qubit>(gate.qubits.begin(), gate.qubits.end()); },
            [](const Measure& measure) { return std::vector<Qubit>{measure.qubit}; },
            [](const Reset& reset) { return std::vector<Qubit>{reset.qubit}; },
            [](const Barrier& barrier) { return barrier.qubits; },
            [](const Delay& delay) { return std::vector<Qubit>{delay.qubit}; },
            [](const Prepare& prepare) { return prepare.qubits; },
            [&](const IfElse&) { return inner_qubits(operation); },
            [&](const While&) { return inner_qubits(operation); },
            [](const Store&) { return std::vector<Qubit>{}; },
        },
        operation.kind());
}

Gate instantiate(const DefinitionStep& step, std::span<const Qubit> qubits, std::span<const Angle> angles) {
    Gate gate{step.gate, {}, {}};
    for (const auto index : step.qubits) gate.qubits.push_back(qubits[index]);
    for (const Angle& angle : step.angles) gate.angles.push_back(angle.substitute(angles));
    return gate;
}

std::vector<bool> final_measurements(const Circuit& circuit) {
    const auto& operations = circuit.operations();
    std::vector<bool> is_final(operations.size(), false);
    std::vector<bool> qubit_used(circuit.num_qubits(), false), bit_used(circuit.num_clbits(), false);
    for (std::size_t i = operations.size(); i-- > 0;) {
        if (const auto* measure = std::get_if<Measure>(&operations[i].kind()))
            is_final[i] = !qubit_used[measure->qubit] && !bit_used[measure->clbit];
        for_each_operation({&operations[i], 1}, [&](const Operation& operation) {
            if (std::holds_alternative<Barrier>(operation.kind()) ||
                std::holds_alternative<Delay>(operation.kind()))
                return;
            for (const Qubit qubit : qubits_of(operation)) qubit_used[qubit] = true;
            for (const Clbit bit : bits_written(operation)) bit_used[bit] = true;
            for (const Clbit bit : bits_read(operation)) bit_used[bit] = true;
        });
    }
    return is_final;
}

}  // namespace qdcnn::circuit
