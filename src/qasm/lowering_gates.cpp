#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lowering.h"
#include "qdcnn/base/resources.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

constexpr std::int64_t kMostControls = 64;
// A gate controlled through its definition takes at most about so many operations for one of its own.
constexpr std::uint64_t kControlCost = 16;

/// In a body a quotient of angles is a number.
Value plain_number(const Value& argument) {
    const auto* angle = std::get_if<Angle>(&argument);
    return angle != nullptr && angle->is_bound() ? Value(angle->constant()) : argument;
}

}  // namespace

const GateSymbol* Lowering::library_gate(std::string_view name) {
    if (is_library_) return nullptr;
    if (library_.empty()) {
        Lowering library(sources_, report_, options_);
        library.is_library_ = true;
        library.read(sources_.add_view("braket.inc", *resource("include/braket.inc")), false);
        library_ = std::move(library.frames_[0].symbols);
    }
    const auto found = library_.find(name);
    return found == library_.end() ? nullptr : std::get_if<GateSymbol>(&found->second);
}

Lowering::GateTarget Lowering::resolve(const GateCall& call) {
    GateTarget target;
    target.name = call.name;
    if (call.name.text == "gphase" && !version_2_) {
        target.is_gphase = true;
        target.parameters = 1;
        return target;
    }
    const Symbol* symbol = find(call.name.text);
    if (symbol != nullptr) target.symbol = std::get_if<GateSymbol>(symbol);
    const auto take_definition = [&target] {
        target.row = target.symbol->row;
        target.qubits = target.symbol->definition->qubits.size();
        target.parameters = target.symbol->definition->parameters.size();
    };
    if (target.symbol != nullptr) {
        take_definition();
        return target;
    }
    if (symbol != nullptr && std::holds_alternative<OpaqueSymbol>(*symbol))
        throw Failure{ErrorKind::unsupported,
                      fmt::format("gate \"{}\" is opaque: nobody says what it does", call.name.text),
                      call.name.place, "Define it with gate."};
    if (symbol != nullptr && std::holds_alternative<SubroutineSymbol>(*symbol))
        fail(fmt::format("\"{}\" is a subroutine", call.name.text), call.name.place,
             "Give its qubits in parentheses.");
    target.row = find_gate(call.name.text);
    if (target.row == nullptr && symbol == nullptr && !version_2_) {
        target.symbol = library_gate(call.name.text);
        if (target.symbol != nullptr) {
            take_definition();
            return target;
        }
    }
    if (target.row == nullptr) {
        if (symbol != nullptr) lookup(call.name, "a gate");
        if (symbol != nullptr) fail(fmt::format("\"{}\" is not a gate", call.name.text), call.name.place);
        // A slip in a keyword reads like a gate, too.
        std::vector<std::string> known{"U",       "gphase",  "qubit", "bit",   "gate",  "measure", "reset",
                                       "barrier", "include", "input", "const", "delay", "let",     "if"};
        for (const GateRow& row : gate_table()) known.emplace_back(row.name);
        for (const auto& [name, other] : frames_[0].symbols)
            if (std::holds_alternative<GateSymbol>(other)) known.emplace_back(name);
        const std::string text(call.name.text);
        if (text == defined_gate_)
            fail(fmt::format("gate \"{}\" calls itself", text), call.name.place,
                 "A body calls gates that stand before it.");
        // Any letter is near to a single one.
        std::string nearest = text.size() > 1 ? nearest_name(text, known) : std::string();
        std::string small = text;
        for (char& letter : small)
            if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        if (std::find(known.begin(), known.end(), small) != known.end()) nearest = small;
        fail(fmt::format("gate \"{}\" is not known", text), call.name.place,
             nearest.empty() ? "Define it with gate, or use one of stdgates.inc."
                             : fmt::format("Did you mean \"{}\"?", nearest));
    }
    target.qubits = static_cast<std::size_t>(target.row->qubits);
    target.parameters = static_cast<std::size_t>(target.row->parameters);
    return target;
}

std::string Lowering::qubit_name(Qubit qubit) const {
    for (const Register& reg : circuit_.qubit_registers())
        if (qubit >= reg.offset && qubit - reg.offset < reg.size)
            return fmt::format("{}[{}]", reg.name, qubit - reg.offset);
    return fmt::format("${}", qubit);
}

void Lowering::check_distinct(std::span<const Qubit> qubits, const GateCall& call) const {
    const auto twice = [&](Qubit qubit) {
        if (output_.is_unitary)
            fail(fmt::format("gate {} names a qubit twice", call.name.text), call.name.place);
        fail(fmt::format("gate {} names qubit {} twice", call.name.text, qubit_name(qubit)), call.name.place);
    };
    if (qubits.size() <= 8) {
        for (std::size_t i = 1; i < qubits.size(); ++i)
            if (std::find(qubits.begin(), qubits.begin() + static_cast<std::ptrdiff_t>(i), qubits[i]) !=
                qubits.begin() + static_cast<std::ptrdiff_t>(i))
                twice(qubits[i]);
        return;
    }
    std::vector<Qubit> sorted(qubits.begin(), qubits.end());
    std::sort(sorted.begin(), sorted.end());
    const auto found = std::adjacent_find(sorted.begin(), sorted.end());
    if (found != sorted.end()) twice(*found);
}

/// How many qubits each modifier takes.
std::vector<std::size_t> Lowering::control_counts(const GateCall& call) {
    std::vector<std::size_t> counts;
    for (const Modifier& modifier : call.modifiers) {
        std::int64_t count = 0;
        if (modifier.kind == ModifierKind::ctrl || modifier.kind == ModifierKind::negctrl) {
            count = modifier.argument
                        ? to_integer(evaluate(*modifier.argument), "the number of controls", modifier.place)
                        : 1;
            if (count < 1 || count > kMostControls)
                fail(fmt::format("a gate takes 1 to {} controls, not {}", kMostControls, count),
                     modifier.place);
        }
        counts.push_back(static_cast<std::size_t>(count));
    }
    return counts;
}

void Lowering::call(const GateCall& call, Place place) {
    const GateTarget target = resolve(call);
    std::vector<Value> arguments;
    arguments.reserve(call.arguments.size());
    for (const Expression& argument : call.arguments) {
        arguments.push_back(evaluate(argument));
        // For the message at the argument itself.
        to_angle(arguments.back(), "an argument of a gate", argument.place);
    }
    if (arguments.size() != target.parameters)
        fail(fmt::format("gate {} takes {} angle(s), not {}", call.name.text, target.parameters,
                         arguments.size()),
             place);
    std::size_t expected = target.qubits;
    for (const std::size_t count : control_counts(call)) expected += count;
    if (call.operands.size() != expected)
        fail(fmt::format("gate {} acts on {} qubit(s), not {}", call.name.text, expected,
                         call.operands.size()),
             place);

    std::vector<Qubit> qubits(expected);
    std::vector<Wires> wires;
    std::size_t size = 1;
    bool is_broadcast = false;
    for (std::size_t i = 0; i < expected; ++i) {
        const Reference& operand = call.operands[i];
        if (const auto single = single_qubit(operand)) {
            qubits[i] = *single;
            if (is_broadcast) wires.push_back({true, false, {*single}});
            continue;
        }
        if (!is_broadcast)
            for (std::size_t k = 0; k < i; ++k) wires.push_back({true, false, {qubits[k]}});
        wires.push_back(qubits_of(operand));
        if (!wires.back().is_register) {
            is_broadcast = true;
            continue;
        }
        const std::size_t found = wires.back().listed.size();
        const bool is_first =
            std::none_of(wires.begin(), wires.end() - 1, [](const Wires& w) { return w.is_register; });
        if (!is_first && found != size)
            fail(fmt::format("registers of {} and {} qubits do not go together in one gate", size, found),
                 operand.name.place);
        size = found;
        is_broadcast = true;
    }
    const bool inlined = target.symbol != nullptr && (target.row == nullptr || output_.is_exact);
    if (is_in_verbatim_box_ && taken_apart_.empty() && (inlined || !call.modifiers.empty()))
        taken_apart_ = call.name.text;
    const std::uint64_t cost = inlined && gate_depth_ == 0 ? target.symbol->cost : 1;
    if (cost > options_.max_expansion) charge(cost, place);
    charge(cost * size, place);
    body_cost_ += 1;
    for (std::size_t k = 0; k < size; ++k) {
        if (is_broadcast)
            for (std::size_t i = 0; i < expected; ++i)
                qubits[i] = wires[i].listed[wires[i].is_register ? k : 0];
        check_distinct(qubits, call);
        if (call.modifiers.empty())
            apply(target, arguments, qubits);
        else
            apply_modified(call, target, arguments, qubits);
    }
}

/// The global phase by which a gate's definition in the specification differs from the table's gate.
Angle Lowering::convention_phase(std::string_view name, std::span<const Angle> angles) const {
    if (version_2_) return 0.0;
    // OpenQASM 3's U(theta, phi, lambda) is e^(i theta/2) times the table's u; stdgates.inc defines u2 and u3
    // by it.
    if (name == "U") return angles[0] * 0.5;
    if (name == "u3") return (angles[1] + angles[2]) * -0.5;
    if (name == "u2") return (angles[0] + angles[1]) * -0.5;
    return 0.0;
}

void Lowering::apply(const GateTarget& target, std::span<const Value> arguments,
                     std::span<const Qubit> qubits) {
    if (target.is_gphase) {
        *output_.phase = *output_.phase + to_angle(arguments[0], "an argument of a gate", target.name.place);
        return;
    }
    if (target.symbol != nullptr && (target.row == nullptr || output_.is_exact)) {
        apply_definition(*target.symbol, arguments, qubits, target.name.place);
        return;
    }
    Gate gate{target.row->id, QubitList(qubits), {}};
    gate.angles.reserve(arguments.size());
    for (const Value& argument : arguments)
        gate.angles.push_back(to_angle(argument, "an argument of a gate", target.name.place));
    if (output_.is_unitary && target.symbol == nullptr)
        *output_.phase = *output_.phase + convention_phase(target.name.text, gate.angles);
    output_.operations->push_back(std::move(gate));
}

void Lowering::apply_definition(const GateSymbol& symbol, std::span<const Value> arguments,
                                std::span<const Qubit> qubits, Place place) {
    // Calls inside a body that is only checked: the called body was checked at its own definition.
    if (checking_body_ && gate_depth_ > 0) {
        body_cost_ = std::min(body_cost_ + symbol.cost, std::uint64_t{1} << 62);
        return;
    }
    const GateDefinition& definition = *symbol.definition;
    if (gate_depth_ >= options_.max_nesting)
        fail(fmt::format("gate definitions nest more than {} deep", options_.max_nesting), place);
    Frame frame;
    frame.hides_outer = true;
    for (std::size_t k = 0; k < arguments.size(); ++k)
        frame.symbols.emplace(definition.parameters[k].text, plain_number(arguments[k]));
    for (std::size_t i = 0; i < qubits.size(); ++i)
        frame.symbols.emplace(definition.qubits[i].text, RegisterSymbol{true, qubits[i], 1, false});
    const FrameScope scope(*this, std::move(frame));
    const Temporarily depth(gate_depth_, gate_depth_ + 1);
    const OutputScope output(*this, {output_.operations, output_.phase, true, output_.is_exact, false});
    lower_block(definition.body);
}

/// Whether some pow's exponent is a number but no whole one: then the phase of the gate counts.
bool Lowering::has_fractional_power(const GateCall& call) {
    return std::any_of(call.modifiers.begin(), call.modifiers.end(), [&](const Modifier& modifier) {
        if (modifier.kind != ModifierKind::pow) return false;
        const Angle exponent =
            to_angle(evaluate(*modifier.argument), "the exponent of pow", modifier.argument->place);
        return exponent.is_bound() && exponent.constant() != std::round(exponent.constant());
    });
}

void Lowering::apply_modified(const GateCall& call, const GateTarget& target,
                              std::span<const Value> arguments, std::span<const Qubit> qubits) {
    const std::vector<std::size_t> counts = control_counts(call);
    std::size_t controls = 0;
    for (const std::size_t count : counts) controls += count;
    const bool is_exact = output_.is_exact || controls > 0 || has_fractional_power(call);
    Fragment fragment;
    {
        const OutputScope scope(*this, {&fragment.operations, &fragment.phase, true, is_exact, false});
        apply(target, arguments, qubits.subspan(controls));
    }
    // The innermost modifier stands last; its controls are the last before the gate's own qubits. Powers
    // and inverses go before the controls that they stand around: those of a controlled gate are its own,
    // controlled.
    struct Step {
        const Modifier* modifier;
        std::span<const Qubit> controls;
    };
    std::vector<Step> steps;
    std::size_t end = controls;
    for (std::size_t i = call.modifiers.size(); i-- > 0;) {
        const Step step{&call.modifiers[i], qubits.subspan(end - counts[i], counts[i])};
        auto place = steps.end();
        if (counts[i] == 0)
            while (place != steps.begin() && !(place - 1)->controls.empty()) --place;
        steps.insert(place, step);
        end -= counts[i];
    }
    for (const Step& step : steps) fragment = modified(std::move(fragment), *step.modifier, step.controls);
    output_.operations->insert(output_.operations->end(), fragment.operations.begin(),
                               fragment.operations.end());
    *output_.phase = *output_.phase + fragment.phase;
}

Fragment Lowering::modified(Fragment fragment, const Modifier& modifier, std::span<const Qubit> controls) {
    switch (modifier.kind) {
        case ModifierKind::inv:
            return inverse(fragment);
        case ModifierKind::pow: {
            const Value exponent = evaluate(*modifier.argument);
            const Angle angle = to_angle(exponent, "the exponent of pow", modifier.argument->place);
            if (!angle.is_bound())
                throw Failure{ErrorKind::unsupported, "a power by an input is not supported",
                              modifier.argument->place,
                              "Give it a value: --inputs NAME=VALUE, ReadOptions::inputs."};
            const double number = angle.constant();
            if (number != std::round(number) || std::abs(number) > 1e15) {
                if (auto power = fractional_power(fragment, number)) return std::move(*power);
                throw Failure{ErrorKind::unsupported,
                              fmt::format("power {} of this gate is not supported", number), modifier.place,
                              "Fractional powers are known of gates on one qubit, of controlled ones and of "
                              "rotations."};
            }
            Fragment base = number < 0 ? inverse(fragment) : std::move(fragment);
            const auto count = static_cast<std::uint64_t>(std::abs(number));
            if (count > options_.max_expansion) charge(count, modifier.place);
            charge(count * base.operations.size(), modifier.place);
            Fragment result{{}, base.phase * static_cast<double>(count)};
            if (!base.operations.empty())
                for (std::uint64_t k = 0; k < count; ++k)
                    result.operations.insert(result.operations.end(), base.operations.begin(),
                                             base.operations.end());
            return result;
        }
        case ModifierKind::ctrl:
        case ModifierKind::negctrl: {
            const bool flips = modifier.kind == ModifierKind::negctrl;
            const auto flip = [&] {
                if (flips)
                    for (const Qubit control : controls)
                        fragment.operations.push_back(Gate{GateId::x, {control}, {}});
            };
            for (const Qubit control : controls) {
                charge(fragment.operations.size() * kControlCost, modifier.place);
                fragment = controlled(fragment, control);
            }
            if (!flips) return fragment;
            std::vector<Operation> operations = std::move(fragment.operations);
            fragment.operations.clear();
            flip();
            fragment.operations.insert(fragment.operations.end(), operations.begin(), operations.end());
            flip();
            return fragment;
        }
    }
    return fragment;
}

}  // namespace qdcnn::qasm
