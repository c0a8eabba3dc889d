#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lowering.h"

// Subroutines are inlined at their calls.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

constexpr std::string_view kResult = "return";
/// Each call takes some time, even of an empty body.
constexpr std::uint64_t kCallCost = 64;

}  // namespace

void Lowering::define_subroutine(SubroutineDefinition&& definition) {
    const NameAt name = definition.name;
    std::set<std::string_view> names;
    for (const auto& parameter : definition.parameters)
        if (!names.insert(parameter.name.text).second)
            fail(fmt::format("subroutine {} has two parameters \"{}\"", name.text, parameter.name.text),
                 parameter.name.place);
    declare(name, SubroutineSymbol{std::make_shared<const SubroutineDefinition>(std::move(definition))});
}

std::optional<Value> Lowering::call_function(const FunctionCall& function, Place place) {
    const Symbol* symbol = find(function.name);
    if (symbol != nullptr && std::holds_alternative<BrokenSymbol>(*symbol))
        lookup({place, function.name}, "");
    if (const auto* subroutine = symbol == nullptr ? nullptr : std::get_if<SubroutineSymbol>(symbol)) {
        // A copy: the table may grow meanwhile.
        const SubroutineSymbol called = *subroutine;
        return call_subroutine(called, function.arguments, place);
    }
    if (function.name == "sizeof") return size_of(function, place);
    std::vector<Value> arguments;
    for (const Expression& argument : function.arguments) arguments.push_back(evaluate(argument));
    return qasm::call_function(function.name, arguments, place);
}

/// How many elements a register or a dimension of an array has.
Value Lowering::size_of(const FunctionCall& function, Place place) {
    const auto* reference =
        function.arguments.empty() ? nullptr : std::get_if<Reference>(&function.arguments[0].kind);
    if (reference == nullptr || function.arguments.size() > 2)
        fail("sizeof takes an array or register, and the number of a dimension", place);
    const std::int64_t dimension =
        function.arguments.size() == 2
            ? to_integer(evaluate(function.arguments[1]), "a dimension", function.arguments[1].place)
            : 0;
    const auto array = array_of(function.arguments[0]);
    const std::size_t dimensions = array ? array->sizes.size() : 1;
    if (dimension < 0 || dimension >= static_cast<std::int64_t>(dimensions))
        fail(fmt::format("there is no dimension {}: {} has {}", dimension, reference->name.text, dimensions),
             function.arguments[1].place, "The first one is 0.");
    if (array) return static_cast<std::int64_t>(array->sizes[static_cast<std::size_t>(dimension)]);
    const Symbol& symbol = lookup(reference->name, "a register");
    const auto* declared = std::get_if<RegisterSymbol>(&symbol);
    const bool is_quantum = declared != nullptr
                                ? declared->is_quantum
                                : std::holds_alternative<Wires>(symbol) && std::get<Wires>(symbol).is_quantum;
    return static_cast<std::int64_t>(wires_of(*reference, is_quantum).listed.size());
}

void Lowering::bind_parameter(const SubroutineDefinition::Parameter& parameter, const Expression& argument,
                              Frame& frame) {
    const NameAt& name = parameter.name;
    if (parameter.array) {
        frame.symbols.emplace(name.text, bind_array(parameter, argument));
        return;
    }
    if (parameter.type) {
        VariableSymbol variable = new_variable(*parameter.type);
        const Value value = to_type(evaluate(argument), variable, argument.place);
        if (const auto* word = std::get_if<Word>(&value); word != nullptr && !word->is_known()) {
            variable.first = new_bits(name.text, variable.width, argument.place);
            variable.is_in_bits = true;
            std::vector<Clbit> targets;
            for (unsigned i = 0; i < variable.width; ++i) targets.push_back(*variable.first + i);
            store(std::move(targets), value, argument.place);
        } else {
            variable.value = value;
        }
        frame.symbols.emplace(name.text, std::move(variable));
        return;
    }
    const auto* reference = std::get_if<Reference>(&argument.kind);
    if (reference == nullptr) fail(fmt::format("parameter {} takes qubits", name.text), argument.place);
    Wires wires = qubits_of(*reference);
    const std::int64_t size = parameter.size ? to_integer(evaluate(*parameter.size), "the size of a register",
                                                          parameter.size->place)
                                             : 1;
    if (static_cast<std::int64_t>(wires.listed.size()) != size)
        fail(fmt::format("parameter {} takes {} qubit(s), not {}", name.text, size, wires.listed.size()),
             argument.place);
    wires.is_register = parameter.size != nullptr;
    frame.symbols.emplace(name.text, std::move(wires));
}

std::optional<Value> Lowering::call_subroutine(const SubroutineSymbol& symbol,
                                               std::span<const Expression> arguments, Place place) {
    require_not_in_gate("the call of a subroutine", place);
    const SubroutineDefinition& definition = *symbol.definition;
    charge(kCallCost, place);
    if (std::find(called_.begin(), called_.end(), &definition) != called_.end())
        fail(fmt::format("subroutine {} calls itself, directly or through others", definition.name.text),
             place);
    if (called_.size() >= static_cast<std::size_t>(options_.max_nesting))
        fail(fmt::format("calls of subroutines nest more than {} deep", options_.max_nesting), place);
    if (arguments.size() != definition.parameters.size())
        fail(fmt::format("subroutine {} takes {} argument(s), not {}", definition.name.text,
                         definition.parameters.size(), arguments.size()),
             place);
    Frame frame;
    frame.hides_outer = true;
    for (std::size_t i = 0; i < arguments.size(); ++i)
        bind_parameter(definition.parameters[i], arguments[i], frame);
    std::set<Qubit> qubits;
    for (const auto& [name, bound] : frame.symbols)
        if (const auto* wires = std::get_if<Wires>(&bound))
            for (const Qubit qubit : wires->listed)
                if (!qubits.insert(qubit).second)
                    fail(fmt::format("subroutine {} is given qubit {} twice", definition.name.text,
                                     qubit_name(qubit)),
                         place);
    if (definition.result) frame.symbols.emplace(kResult, new_variable(*definition.result));
    const FrameScope scope(*this, std::move(frame));
    const OutputScope output(*this, {output_.operations, output_.phase, false, output_.is_exact, true});
    ExitScope exit(*this, ExitKind::leave_subroutine);
    std::vector<const SubroutineDefinition*> called = called_;
    called.push_back(&definition);
    bool ok = true;
    {
        const Temporarily calls(called_, std::move(called));
        ok = lower_block(definition.body);
    }
    exit.close();
    if (!ok) {
        Failure echo{ErrorKind::invalid_input, {}, place};
        echo.is_echo = true;
        throw echo;
    }
    if (!definition.result) return {};
    return read(*find_variable(kResult));
}

}  // namespace qdcnn::qasm
