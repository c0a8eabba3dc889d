#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>

#include "lowering.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/resources.h"
#include "qdcnn/circuit/unitary.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr std::size_t kDeepestInclude = 50;
// Definitions longer than this are not compared with the gate table; they are inlined.
constexpr std::uint64_t kLongestComparedBody = 10'000;
constexpr double kSameMeaning = 1e-9;

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

/// Angles without special relations, so that definitions that agree there agree everywhere. Two sets of them.
double sample_angle(std::size_t index, int set) {
    return std::sin(12.9898 * (static_cast<double>(index) + 1) + 4.1414 * set) * 2.7;
}

}  // namespace

std::uint32_t Lowering::register_size(const ExpressionPtr& size, std::uint32_t used, std::uint32_t limit,
                                      std::string_view what, Place place) {
    const std::int64_t value = size ? to_integer(evaluate(*size), "the size of a register", size->place) : 1;
    const Place at = size ? size->place : place;
    if (value <= 0) fail(fmt::format("a register needs at least one element, not {}", value), at);
    if (value > limit || used + static_cast<std::uint64_t>(value) > limit)
        fail(fmt::format("{} more {} exceed the limit of {}", value, what, limit), at);
    if (++names_ > options_.max_names)
        fail(fmt::format("more than {} registers and inputs", options_.max_names), place);
    return static_cast<std::uint32_t>(value);
}

void Lowering::require_free(const NameAt& name) const {
    if (bit_names_.count(std::string(name.text)) > 0)
        throw Failure{ErrorKind::unsupported,
                      fmt::format("the name \"{}\" is taken by a variable of a block", name.text), name.place,
                      "Choose another name."};
}

void Lowering::declare_kind(const QubitDeclaration& declaration, Place place) {
    if (output_.is_inner || output_.is_unitary) fail("qubits can be declared at top level only", place);
    if (physical_qubits_ > 0)
        throw Failure{ErrorKind::unsupported, "declared qubits beside physical ones are not supported", place,
                      "Use either $0, $1, ... or registers."};
    const std::uint32_t size = register_size(declaration.size, circuit_.num_qubits(), options_.max_qubits,
                                             "qubits", declaration.name.place);
    require_free(declaration.name);
    declare(declaration.name, RegisterSymbol{true, circuit_.num_qubits(), size, declaration.size != nullptr});
    circuit_.add_qubits(std::string(declaration.name.text), size);
}

void Lowering::declare_kind(const BitDeclaration& declaration, Place place) {
    if (output_.is_unitary) fail("bits cannot be declared in the body of a gate", place);
    const std::uint32_t size = register_size(declaration.size, circuit_.num_clbits(), options_.max_clbits,
                                             "bits", declaration.name.place);
    // Within a block the name is free again afterwards, so there they are a variable of the circuit.
    const bool is_local = output_.is_inner || frames_.size() > 1;
    const Clbit first = is_local ? new_bits(declaration.name.text, size, place) : circuit_.num_clbits();
    if (!is_local) require_free(declaration.name);
    declare(declaration.name, RegisterSymbol{false, first, size, declaration.size != nullptr});
    if (!is_local) circuit_.add_clbits(std::string(declaration.name.text), size);
    if (!declaration.initial) return;
    const Wires bits = bits_of({declaration.name, {}});
    if (const auto* measured = std::get_if<Measurement>(&declaration.initial->kind)) {
        measure(measured->source, bits, declaration.name.place);
        return;
    }
    const Value value = evaluate(*declaration.initial);
    const auto* word = std::get_if<Word>(&value);
    if (std::holds_alternative<BitstringLiteral>(declaration.initial->kind) && word->width() != size)
        fail(fmt::format("a string of {} bits for a register of {}", word->width(), size),
             declaration.initial->place);
    // Bits are 0 at the start, so setting them to that says nothing.
    const bool is_known = word == nullptr || word->is_known();
    if (!is_local && is_known && to_integer(value, "the value of bits", declaration.initial->place) == 0)
        return;
    store(bits.listed, value, declaration.initial->place);
}

void Lowering::declare_kind(const ConstDeclaration& declaration) {
    declare(declaration.name, constant(*declaration.value, declaration.type, declaration.value->place));
}

void Lowering::declare_kind(const InputDeclaration& declaration) {
    if (output_.is_inner || output_.is_unitary)
        fail("an input can be declared at top level only", declaration.name.place);
    if (++names_ > options_.max_names)
        fail(fmt::format("more than {} registers and inputs", options_.max_names), declaration.name.place);
    const ScalarType type = declaration.type.type;
    const std::uint32_t width = width_of(declaration.type);
    const auto given = std::find_if(options_.inputs.begin(), options_.inputs.end(),
                                    [&](const InputValue& one) { return one.name == declaration.name.text; });
    inputs_.emplace(declaration.name.text);
    if (given == options_.inputs.end()) {
        if (type == ScalarType::bit)
            throw Failure{ErrorKind::unsupported, "an input of bits without a value is not supported",
                          declaration.name.place,
                          "Give it a value: --inputs NAME=VALUE, ReadOptions::inputs."};
        declare(declaration.name, Value(circuit_.parameter(std::string(declaration.name.text))));
        return;
    }
    const double value = given->value;
    if (type == ScalarType::real || type == ScalarType::angle) {
        declare(declaration.name, Value(value));
        return;
    }
    if (value != std::round(value) || std::abs(value) > 9e15)
        fail(fmt::format("input {} is given {}; expected a whole number", declaration.name.text, value),
             declaration.name.place);
    const auto whole = static_cast<std::int64_t>(value);
    require_bits(whole, type, width, declaration.name.place);
    declare(declaration.name, Value(known_word(type, width, static_cast<std::uint64_t>(whole))));
}

/// A variable that stays in its bits, which are a register of results.
void Lowering::declare_kind(const OutputDeclaration& declaration) {
    const NameAt& name = declaration.name;
    if (output_.is_inner || output_.is_unitary)
        fail("an output can be declared at top level only", name.place);
    VariableSymbol variable = new_variable(declaration.type);
    charge(variable.width, name.place);
    if (variable.width > options_.max_clbits - std::min(options_.max_clbits, circuit_.num_clbits()))
        fail(fmt::format("{} more bits exceed the limit of {}", variable.width, options_.max_clbits),
             name.place);
    if (++names_ > options_.max_names)
        fail(fmt::format("more than {} registers and inputs", options_.max_names), name.place);
    require_free(name);
    variable.pins = 1;
    variable.is_in_bits = true;
    variable.first = circuit_.num_clbits();
    declare(name, variable);
    circuit_.add_clbits(std::string(name.text), variable.width);
    if (!declaration.initial) return;
    if (const auto* measured = std::get_if<Measurement>(&declaration.initial->kind))
        measure(measured->source, target_bits({name, {}}), name.place);
    else
        assign(*find_variable(name.text), name.text, evaluate(*declaration.initial),
               declaration.initial->place);
}

void Lowering::declare_kind(const Alias& alias) {
    if (output_.is_unitary) fail("an alias cannot stand in the body of a gate", alias.name.place);
    const Symbol* first = find(alias.parts[0].name.text);
    const auto* declared = first == nullptr ? nullptr : std::get_if<RegisterSymbol>(first);
    const auto* aliased = first == nullptr ? nullptr : std::get_if<Wires>(first);
    const bool of_bits =
        (declared != nullptr && !declared->is_quantum) || (aliased != nullptr && !aliased->is_quantum);
    Wires wires{!of_bits, alias.parts.size() > 1, {}};
    for (const Reference& part : alias.parts) {
        const Wires next = of_bits ? bits_of(part) : qubits_of(part);
        charge(next.listed.size(), part.name.place);
        wires.listed.insert(wires.listed.end(), next.listed.begin(), next.listed.end());
        wires.is_register = wires.is_register || next.is_register;
    }
    declare(alias.name, std::move(wires));
}

void Lowering::declare_kind(const OpaqueDeclaration& declaration) {
    // The gate of the table is what an opaque one of its name stands for.
    const GateRow* row = find_gate(declaration.name.text);
    if (row != nullptr && static_cast<std::size_t>(row->qubits) == declaration.qubits &&
        static_cast<std::size_t>(row->parameters) == declaration.parameters)
        return;
    declare(declaration.name, OpaqueSymbol{});
}

void Lowering::include(const Include& include, Place place) {
    if (frames_.size() > 1 || output_.is_inner) fail("an include stands at top level only", place);
    const std::string path(include.path);
    if (path == "stdgates.inc") {
        has_stdgates_ = true;
        return;
    }
    if (open_texts_.size() > kDeepestInclude)
        fail(fmt::format("includes nest more than {} deep", kDeepestInclude), place);
    if (path == "qelib1.inc") {
        if (has_stdgates_) return;
        has_stdgates_ = true;
        const std::uint32_t source = sources_.add_view(path, *resource("include/qelib1.inc"));
        read(source, false);
        for (auto& [name, symbol] : frames_[0].symbols)
            if (auto* gate = std::get_if<GateSymbol>(&symbol))
                if (gate->definition && gate->definition->name.place.source == source)
                    gate->is_replaceable = true;
        return;
    }
    if (!options_.read_includes)
        throw Failure{ErrorKind::unsupported, "including files is switched off", place,
                      "stdgates.inc and qelib1.inc are built in."};
    namespace fs = std::filesystem;
    const fs::path file = fs::path(sources_.name(open_texts_.back())).parent_path() / path;
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(file, error);
    for (const std::uint32_t open : open_texts_)
        if (fs::weakly_canonical(sources_.name(open), error) == canonical)
            fail(fmt::format("{} includes itself, directly or through others", path), place);
    if (!fs::is_regular_file(file, error))
        throw Failure{ErrorKind::not_found, fmt::format("there is no file {} to include", file.string()),
                      place, "Built in are stdgates.inc and qelib1.inc."};
    read(sources_.add(file.string(), read_file(file.string())), version_2_);
}

std::uint64_t Lowering::check_gate_body(const std::shared_ptr<const GateDefinition>& definition) {
    std::vector<Operation> operations;
    Angle phase;
    const Temporarily checking(checking_body_, true);
    const Temporarily name(defined_gate_, definition->name.text);
    const Temporarily cost(body_cost_, std::uint64_t{1});
    const OutputScope scope(*this, {&operations, &phase, true, false, false});
    std::vector<Value> arguments;
    for (std::size_t k = 0; k < definition->parameters.size(); ++k)
        arguments.emplace_back(sample_angle(k, 0));
    std::vector<Qubit> qubits;
    for (Qubit q = 0; q < definition->qubits.size(); ++q) qubits.push_back(q);
    GateSymbol symbol;
    symbol.definition = definition;
    try {
        apply_definition(symbol, arguments, qubits, definition->name.place);
    } catch (const Failure& failure) {
        if (!failure.depends_on_values) throw;
    }
    return body_cost_;
}

const GateRow* Lowering::row_of_same_meaning(const GateSymbol& symbol) {
    const GateDefinition& definition = *symbol.definition;
    const GateRow* row = find_gate(definition.name.text);
    if (row == nullptr || static_cast<std::size_t>(row->qubits) != definition.qubits.size() ||
        static_cast<std::size_t>(row->parameters) != definition.parameters.size() ||
        symbol.cost > kLongestComparedBody)
        return nullptr;
    for (int set = 0; set < 2; ++set) {
        std::vector<Operation> operations;
        Angle phase;
        const OutputScope scope(*this, {&operations, &phase, true, false, false});
        std::vector<double> values;
        for (std::size_t k = 0; k < definition.parameters.size(); ++k) values.push_back(sample_angle(k, set));
        const std::vector<Value> arguments(values.begin(), values.end());
        std::vector<Qubit> qubits;
        for (Qubit q = 0; q < definition.qubits.size(); ++q) qubits.push_back(q);
        try {
            apply_definition(symbol, arguments, qubits, definition.name.place);
        } catch (const Failure& failure) {
            if (failure.depends_on_values) return nullptr;
            throw;
        }
        Circuit body(static_cast<std::uint32_t>(row->qubits));
        body.mutable_operations() = std::move(operations);
        if (distance_up_to_phase(unitary_of(body), row->matrix(values)) > kSameMeaning) return nullptr;
    }
    return row;
}

void Lowering::define_gate(GateDefinition&& definition) {
    const NameAt name = definition.name;
    std::set<std::string_view> names;
    for (const auto* list : {&definition.parameters, &definition.qubits})
        for (const NameAt& inner : *list)
            if (!names.insert(inner.text).second)
                fail(fmt::format("gate {} has two parameters or qubits \"{}\"", name.text, inner.text),
                     inner.place);
    GateSymbol symbol;
    symbol.definition = std::make_shared<const GateDefinition>(std::move(definition));
    symbol.cost = check_gate_body(symbol.definition);
    symbol.row = row_of_same_meaning(symbol);
    const GateRow* known = find_gate(name.text);
    if (has_stdgates_ && symbol.row == nullptr && known != nullptr && known->in_stdgates)
        fail(fmt::format(
                 "gate {} is declared by the included file already, and this definition means another gate",
                 name.text),
             name.place, "Give it another name.");
    declare(name, std::move(symbol));
}

}  // namespace qdcnn::qasm
