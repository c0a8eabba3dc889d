#include <fmt/format.h>

#include <algorithm>

#include "lowering.h"

// Classical variables: their values while they are known, their bits when measurements decide them.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

bool has_bits(ScalarType type) {
    return type != ScalarType::real && type != ScalarType::angle && type != ScalarType::duration;
}

/// Of one that is in its bits.
Wires bits_of_variable(const VariableSymbol& variable) {
    Wires wires{false, variable.width > 1, {}};
    for (unsigned i = 0; i < variable.width; ++i) wires.listed.push_back(*variable.first + i);
    return wires;
}

}  // namespace

std::uint32_t Lowering::width_of(const TypeName& type) {
    const bool is_single = type.type == ScalarType::boolean || type.type == ScalarType::bit;
    if (!type.width) return is_single ? 1 : type.type == ScalarType::angle ? 64 : kDefaultWidth;
    const std::int64_t width = to_integer(evaluate(*type.width), "the width of a type", type.width->place);
    if (width < 1) fail(fmt::format("a type needs at least one bit, not {}", width), type.width->place);
    if (width > 64)
        throw Failure{ErrorKind::unsupported, fmt::format("a type of {} bits is not supported", width),
                      type.width->place, "At most 64 bits."};
    return static_cast<std::uint32_t>(width);
}

VariableSymbol Lowering::new_variable(const TypeName& type) {
    VariableSymbol variable{type.type, width_of(type), {}};
    if (has_bits(type.type))
        variable.value = known_word(type.type, variable.width, 0);
    else if (type.type == ScalarType::duration)
        variable.value = Duration{0, TimeUnit::seconds};
    else
        variable.value = 0.0;
    return variable;
}

Value Lowering::to_type(const Value& value, const VariableSymbol& variable, Place place) const {
    if (const auto* word = std::get_if<Word>(&value); word != nullptr && has_bits(variable.type))
        return converted(*word, variable.type, variable.width);
    if (const auto* word = std::get_if<Word>(&value); word != nullptr && !word->is_known())
        throw Failure{ErrorKind::unsupported,
                      "only bits and integers may depend on a measurement, not this type", place};
    if (variable.type == ScalarType::angle)
        return rounded_angle(convert(value, variable.type, place), variable.width);
    if (!has_bits(variable.type)) return convert(value, variable.type, place);
    if (variable.type == ScalarType::boolean)
        return known_word(ScalarType::boolean, 1, std::get<bool>(convert(value, ScalarType::boolean, place)));
    const auto whole = std::get<std::int64_t>(convert(value, ScalarType::integer, place));
    return known_word(variable.type, variable.width, static_cast<std::uint64_t>(whole));
}

void Lowering::declare_kind(const VariableDeclaration& declaration) {
    const NameAt& name = declaration.name;
    if (output_.is_unitary) fail("a variable cannot be declared in the body of a gate", name.place);
    VariableSymbol variable = new_variable(declaration.type);
    std::optional<Value> initial;
    const bool measures =
        declaration.initial && std::holds_alternative<Measurement>(declaration.initial->kind);
    if (declaration.initial && !measures) initial = evaluate(*declaration.initial);
    declare(name, variable);
    VariableSymbol& declared = *find_variable(name.text);
    if (initial) assign(declared, name.text, *initial, declaration.initial->place);
    if (measures)
        measure(std::get<Measurement>(declaration.initial->kind).source, target_bits({name, {}}), name.place);
}

VariableSymbol* Lowering::find_variable(std::string_view name) {
    for (std::size_t i = frames_.size(); i-- > 0;) {
        if (auto& symbols = frames_[i].symbols; !symbols.empty())
            if (const auto found = symbols.find(name); found != symbols.end())
                return std::get_if<VariableSymbol>(&found->second);
        if (frames_[i].hides_outer) return nullptr;
    }
    return nullptr;
}

Clbit Lowering::new_bits(std::string_view name, std::uint32_t size, Place place) {
    charge(size, place);
    if (size > options_.max_clbits - std::min(options_.max_clbits, circuit_.num_clbits()))
        fail(fmt::format("{} more bits exceed the limit of {}", size, options_.max_clbits), place);
    if (++names_ > options_.max_names)
        fail(fmt::format("more than {} registers and inputs", options_.max_names), place);
    // A global variable's own name stands in the table already; those of blocks are numbered, because the
    // program may declare the name itself later.
    std::string unique(name);
    const auto* global = frames_[0].symbols.count(name) > 0
                             ? std::get_if<VariableSymbol>(&frames_[0].symbols.at(name))
                             : nullptr;
    if (global == nullptr || global != find_variable(name) || bit_names_.count(unique) > 0) {
        std::uint32_t& number = next_number_[unique];
        do unique = fmt::format("{}_{}", name, number++);
        while (bit_names_.count(unique) > 0 || frames_[0].symbols.count(unique) > 0);
    }
    bit_names_.insert(unique);
    return circuit_.add_clbits(unique, size, true);
}

/// keeps_value: what it is worth so far is stored there.
void Lowering::put_in_bits(VariableSymbol& variable, std::string_view name, bool keeps_value) {
    if (variable.is_in_bits) return;
    if (!variable.first) variable.first = new_bits(name, variable.width, {});
    variable.is_in_bits = true;
    if (!keeps_value) return;
    const Word& word = std::get<Word>(variable.value);
    Store store{{}, word.bits, word.formula};
    for (unsigned i = 0; i < variable.width; ++i) store.targets.push_back(*variable.first + i);
    output_.operations->push_back(std::move(store));
}

Value Lowering::read(const VariableSymbol& variable) const {
    if (!variable.is_in_bits) return variable.value;
    std::vector<Clbit> bits;
    for (unsigned i = 0; i < variable.width; ++i) bits.push_back(*variable.first + i);
    return word_of_bits(variable.type, std::move(bits), {});
}

void Lowering::store(std::vector<Clbit> targets, const Value& value, Place place) {
    charge(targets.size(), place);
    if (targets.size() > 64)
        throw Failure{ErrorKind::unsupported, "an assignment to more than 64 bits is not supported", place};
    const auto width = static_cast<unsigned>(targets.size());
    Word word = known_word(ScalarType::bit, width, 0);
    if (const auto* given = std::get_if<Word>(&value))
        word = converted(*given, width == 1 ? ScalarType::boolean : ScalarType::bit, width);
    else
        word = known_word(ScalarType::bit, width,
                          static_cast<std::uint64_t>(to_integer(value, "a value assigned to bits", place)));
    output_.operations->push_back(Store{std::move(targets), std::move(word.bits), std::move(word.formula)});
}

/// Stores what a widened word was before; nothing is done with other words.
bool Lowering::assign_narrow(VariableSymbol& variable, std::string_view name, const Word& word, Place place) {
    Word before = word;
    const Formula::Step last = before.formula.steps.back();
    before.formula.steps.pop_back();
    if (last.op != WordOperator::resize || before.width() >= word.width()) return false;
    while (variable.narrow.size() < before.width()) {
        const auto missing = static_cast<std::uint32_t>(before.width() - variable.narrow.size());
        const Clbit first = new_bits(name, missing, place);
        for (std::uint32_t i = 0; i < missing; ++i) variable.narrow.push_back(first + i);
    }
    std::vector<Clbit> bits(variable.narrow.begin(),
                            variable.narrow.begin() + static_cast<std::ptrdiff_t>(before.width()));
    charge(1, place);
    output_.operations->push_back(Store{bits, before.bits, before.formula});
    variable.value =
        converted(word_of_bits(ScalarType::bit, std::move(bits), place), variable.type, variable.width);
    variable.is_in_bits = false;
    return true;
}

void Lowering::assign(VariableSymbol& variable, std::string_view name, const Value& value, Place place) {
    Value typed = to_type(value, variable, place);
    const auto* word = std::get_if<Word>(&typed);
    if (variable.pins == 0 && (word == nullptr || word->is_known())) {
        variable.value = std::move(typed);
        variable.is_in_bits = false;
        return;
    }
    if (word == nullptr)
        throw Failure{ErrorKind::unsupported,
                      fmt::format("{} is assigned where a measurement decides whether", name), place,
                      "Only bits, bool, int and uint may depend on measurements."};
    if (variable.pins == 0 && assign_narrow(variable, name, *word, place)) return;
    put_in_bits(variable, name, false);
    Store store{{}, word->bits, word->formula};
    for (unsigned i = 0; i < variable.width; ++i) store.targets.push_back(*variable.first + i);
    charge(1, place);
    output_.operations->push_back(std::move(store));
}

Wires Lowering::target_bits(const Reference& target) {
    VariableSymbol* variable = find_variable(target.name.text);
    const ArraySymbol* array = find_array(target.name.text);
    if (array != nullptr && target.indices.size() == array->sizes.size()) {
        VariableSymbol& element = single_element(*array, target);
        if (array->is_readonly)
            fail(fmt::format("\"{}\" is read only here and cannot be assigned", target.name.text),
                 target.name.place);
        if (!has_bits(element.type))
            fail(fmt::format("\"{}\" takes no bits", target.name.text), target.name.place);
        put_in_bits(element, target.name.text, element.pins > 0);
        return bits_of_variable(element);
    }
    if (variable == nullptr) return bits_of(target);
    if (!has_bits(variable->type))
        fail(fmt::format("\"{}\" takes no bits", target.name.text), target.name.place);
    put_in_bits(*variable, target.name.text, !target.indices.empty() || variable->pins > 0);
    Wires wires = bits_of_variable(*variable);
    if (target.indices.empty()) return wires;
    Frame frame;
    frame.symbols.emplace(target.name.text, std::move(wires));
    const FrameScope scope(*this, std::move(frame));
    return bits_of(target);
}

void Lowering::assign(const Assignment& assignment) {
    const Reference& target = assignment.target;
    const Place place = assignment.value.place;
    require_not_in_gate("an assignment", target.name.place);
    if (const ArraySymbol* array = find_array(target.name.text)) {
        assign(ArraySymbol(*array), assignment);
        return;
    }
    Value value = evaluate(assignment.value);
    if (assignment.op)
        value = apply_operator(*assignment.op, value_of(target, target.name.place), value, version_2_, place);
    VariableSymbol* variable = find_variable(target.name.text);
    if (variable != nullptr && target.indices.empty()) {
        assign(*variable, target.name.text, value, place);
        return;
    }
    const Symbol& symbol = lookup(target.name, "a variable");
    if (std::holds_alternative<Value>(symbol))
        fail(fmt::format("\"{}\" is a constant, an input or a loop's variable and cannot be assigned",
                         target.name.text),
             target.name.place);
    const Wires bits = target_bits(target);
    if (const auto* word = std::get_if<Word>(&value);
        word != nullptr && std::holds_alternative<BitstringLiteral>(assignment.value.kind) &&
        word->width() != bits.listed.size())
        fail(fmt::format("a string of {} bits for {} bit(s)", word->width(), bits.listed.size()), place);
    store(bits.listed, value, place);
}

Word Lowering::bit_of(const Word& word, std::size_t index, Place place) const {
    if (!word.is_known() && word.formula.steps.size() == 1)
        return word_of_bits(ScalarType::bit, {word.bits[index]}, place);
    const Value moved = apply_operator(BinaryOperator::shift_right,
                                       converted(word, ScalarType::unsigned_integer, word.width()),
                                       static_cast<std::int64_t>(index), false, place);
    return converted(std::get<Word>(moved), ScalarType::bit, 1);
}

/// Bits of a value by indices, each of them applied to what the one before selects.
Value Lowering::selected(const Value& value, const Reference& reference, std::size_t first_index) {
    if (reference.indices.size() <= first_index) return value;
    const auto* word = std::get_if<Word>(&value);
    if (word == nullptr || word->width() == 1)
        throw Failure{ErrorKind::unsupported, "an index into this value is not supported",
                      reference.name.place};
    std::vector<std::size_t> places(word->width());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    for (std::size_t k = first_index; k < reference.indices.size(); ++k) {
        std::vector<std::size_t> chosen;
        for (const std::size_t index : indices_of(reference.indices[k], places.size(), reference))
            chosen.push_back(places[index]);
        places = std::move(chosen);
    }
    if (places.size() == 1) return bit_of(*word, places[0], reference.name.place);
    if (!word->is_known() && word->formula.steps.size() > 1)
        throw Failure{ErrorKind::unsupported, "a slice of this measured value is not supported",
                      reference.name.place, "Take its bits one by one."};
    if (!word->is_known()) {
        // A variable in its bits.
        std::vector<Clbit> bits;
        for (const std::size_t place : places) bits.push_back(word->bits[place]);
        return word_of_bits(ScalarType::bit, std::move(bits), reference.name.place);
    }
    const auto whole = static_cast<std::uint64_t>(*known_integer(*word));
    std::uint64_t part = 0;
    for (std::size_t i = 0; i < places.size(); ++i) part |= (whole >> places[i] & 1) << i;
    return known_word(ScalarType::bit, static_cast<unsigned>(places.size()), part);
}

}  // namespace qdcnn::qasm
