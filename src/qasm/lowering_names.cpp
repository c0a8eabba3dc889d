#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "lowering.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

constexpr std::string_view kQubit = "a qubit", kClassicalBit = "a classical bit";

std::string_view kind_name(const Symbol& symbol) {
    return std::visit(
        overloaded{
            [](const RegisterSymbol& s) {
                return s.is_quantum ? (s.is_register ? "a qubit register" : "a qubit")
                                    : (s.is_register ? "a bit register" : "a bit");
            },
            [](const Wires& s) { return s.is_quantum ? "an alias of qubits" : "an alias of bits"; },
            [](const Value&) { return "a classical value"; },
            [](const VariableSymbol&) { return "a variable"; },
            [](const ArraySymbol&) { return "an array"; },
            [](const GateSymbol&) { return "a gate"; },
            [](const SubroutineSymbol&) { return "a subroutine"; },
            [](const OpaqueSymbol&) { return "an opaque gate"; },
            [](const BrokenSymbol&) { return "broken"; },
        },
        symbol);
}

/// The binary digits of the turns.
std::uint64_t turns_in_bits(double angle, unsigned width) {
    const double steps = std::round(std::ldexp(turns_of(angle), static_cast<int>(std::min(width, 52u))));
    return static_cast<std::uint64_t>(steps) << (width > 52 ? width - 52 : 0);
}

std::optional<double> built_in_constant(std::string_view name) {
    if (name == "pi" || name == "\u03C0") return std::numbers::pi;
    if (name == "tau" || name == "\u03C4") return 2 * std::numbers::pi;
    if (name == "euler" || name == "\u2107") return std::numbers::e;
    return {};
}

}  // namespace

const Symbol* Lowering::find(std::string_view name) const {
    for (std::size_t i = frames_.size(); i-- > 0;) {
        if (const auto& symbols = frames_[i].symbols; !symbols.empty())
            if (const auto found = symbols.find(name); found != symbols.end()) return &found->second;
        if (frames_[i].hides_outer) return find_global_for_gate(name);
    }
    return nullptr;
}

/// A gate's body sees constants and gates, no qubits, bits or inputs.
const Symbol* Lowering::find_global_for_gate(std::string_view name) const {
    const auto found = frames_[0].symbols.find(name);
    if (found == frames_[0].symbols.end()) return nullptr;
    const bool is_visible = std::visit(overloaded{
                                           [](const RegisterSymbol&) { return false; },
                                           [](const Wires&) { return false; },
                                           [](const Value& value) {
                                               const auto* angle = std::get_if<Angle>(&value);
                                               return angle == nullptr || angle->is_bound();
                                           },
                                           [](const VariableSymbol&) { return false; },
                                           [](const ArraySymbol&) { return false; },
                                           [](const GateSymbol&) { return true; },
                                           [](const SubroutineSymbol&) { return true; },
                                           [](const OpaqueSymbol&) { return true; },
                                           [](const BrokenSymbol&) { return true; },
                                       },
                                       found->second);
    return is_visible ? &found->second : nullptr;
}

/// Of what may stand where a qubit, a bit or something else is expected.
std::vector<std::string> Lowering::known_names(std::string_view expected) const {
    const bool is_qubit = expected == kQubit, is_bit = expected == kClassicalBit;
    const auto fits = [&](const Symbol& symbol) {
        const auto* declared = std::get_if<RegisterSymbol>(&symbol);
        const auto* aliased = std::get_if<Wires>(&symbol);
        const bool is_wire = declared != nullptr || aliased != nullptr;
        const bool is_quantum = declared != nullptr ? declared->is_quantum : is_wire && aliased->is_quantum;
        if (is_qubit) return is_quantum;
        if (is_bit && is_wire) return !is_quantum;
        return !std::holds_alternative<GateSymbol>(symbol) && !std::holds_alternative<BrokenSymbol>(symbol);
    };
    std::vector<std::string> names;
    for (const Frame& frame : frames_)
        for (const auto& [name, symbol] : frame.symbols)
            if (fits(symbol) && names.size() < 1000) names.emplace_back(name);
    if (!is_qubit && !is_bit) names.insert(names.end(), {"pi", "tau", "euler"});
    return names;
}

const Symbol& Lowering::lookup(const NameAt& name, std::string_view expected) const {
    const Symbol* symbol = find(name.text);
    if (symbol == nullptr) {
        if (frames_.back().hides_outer && frames_[0].symbols.count(name.text) > 0)
            fail(fmt::format("a gate's body knows its own qubits and parameters only, not {}", name.text),
                 name.place);
        const std::string text(name.text);
        const std::string hint = suggestion(text, known_names(expected));
        // In a long list of names nothing is told by showing it.
        fail(fmt::format("\"{}\" is not declared; expected {}", text, expected), name.place,
             hint.size() < 200 ? hint : "");
    }
    if (std::holds_alternative<BrokenSymbol>(*symbol)) {
        Failure echo{ErrorKind::invalid_input, {}, name.place};
        echo.is_echo = true;
        throw echo;
    }
    return *symbol;
}

void Lowering::declare(const NameAt& name, Symbol symbol) {
    auto& symbols = frames_.back().symbols;
    const auto found = symbols.find(name.text);
    if (found != symbols.end() && !std::holds_alternative<BrokenSymbol>(found->second)) {
        const auto* gate = std::get_if<GateSymbol>(&found->second);
        if (gate == nullptr || !gate->is_replaceable)
            fail(fmt::format("\"{}\" is declared already, as {}", name.text, kind_name(found->second)),
                 name.place);
    }
    if (built_in_constant(name.text) || name.text == "U")
        fail(fmt::format("\"{}\" is built in and cannot be declared", name.text), name.place);
    symbols.insert_or_assign(name.text, std::move(symbol));
}

void Lowering::mark_broken(const Statement& statement) {
    const auto mark = [&](const NameAt& name) {
        frames_.back().symbols.try_emplace(name.text, BrokenSymbol{});
    };
    std::visit(overloaded{
                   [](const Include&) {},
                   [&](const QubitDeclaration& inner) { mark(inner.name); },
                   [&](const BitDeclaration& inner) { mark(inner.name); },
                   [&](const VariableDeclaration& inner) { mark(inner.name); },
                   [&](const ArrayDeclaration& inner) { mark(inner.name); },
                   [&](const ConstDeclaration& inner) { mark(inner.name); },
                   [&](const InputDeclaration& inner) { mark(inner.name); },
                   [&](const OutputDeclaration& inner) { mark(inner.name); },
                   [&](const Alias& inner) { mark(inner.name); },
                   [&](const GateDefinition& inner) { mark(inner.name); },
                   [&](const SubroutineDefinition& inner) { mark(inner.name); },
                   [&](const OpaqueDeclaration& inner) { mark(inner.name); },
                   [](const BrokenDeclaration&) {},
                   [](const GateCall&) {},
                   [](const MeasureStatement&) {},
                   [](const Assignment&) {},
                   [](const ResetStatement&) {},
                   [](const BarrierStatement&) {},
                   [](const DelayStatement&) {},
                   [](const IfStatement&) {},
                   [](const ForStatement&) {},
                   [](const WhileStatement&) {},
                   [](const SwitchStatement&) {},
                   [](const ExitStatement&) {},
                   [](const BoxStatement&) {},
                   [](const CallStatement&) {},
                   [](const Pragma&) {},
                   [](const Annotation&) {},
               },
               statement.kind);
}

Qubit Lowering::physical_qubit(const NameAt& name) {
    const std::string_view digits = name.text.substr(1);
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc{} || index >= options_.max_qubits)
        fail(fmt::format("physical qubit {:.30} is beyond the limit of {} qubits", name.text,
                         options_.max_qubits),
             name.place);
    if (output_.is_unitary) fail("a gate's body names its own qubits only", name.place);
    if (circuit_.num_qubits() > 0)
        throw Failure{ErrorKind::unsupported, "physical qubits beside declared ones are not supported",
                      name.place, "Use either $0, $1, ... or registers."};
    physical_qubits_ = std::max(physical_qubits_, static_cast<int>(index) + 1);
    return index;
}

std::size_t Lowering::index_of(const Expression& index, std::size_t size, const Reference& reference) {
    const std::int64_t value = to_integer(evaluate(index), "an index", index.place);
    // Negative indices count from the end.
    const std::int64_t from_start = value < 0 ? value + static_cast<std::int64_t>(size) : value;
    if (from_start < 0 || from_start >= static_cast<std::int64_t>(size))
        fail(fmt::format("index {} is out of range: {} has {} element(s)", value, reference.name.text, size),
             index.place, fmt::format("Indices go from 0 to {}.", size - 1));
    return static_cast<std::size_t>(from_start);
}

std::vector<std::int64_t> Lowering::values_of(const Range& range, std::optional<std::size_t> size,
                                              Place place) {
    const auto part = [&](const ExpressionPtr& expression, std::int64_t otherwise, std::string_view what) {
        return expression ? to_integer(evaluate(*expression), what, expression->place) : otherwise;
    };
    if (!size && (!range.first || !range.last)) fail("a range to loop over needs both ends", place);
    const std::int64_t step = part(range.step, 1, "the step of a range");
    if (step == 0) fail("the step of a range cannot be 0", place);
    const std::int64_t count = size ? static_cast<std::int64_t>(*size) : 0;
    std::int64_t first = part(range.first, step > 0 ? 0 : count - 1, "the start of a range");
    std::int64_t last = part(range.last, step > 0 ? count - 1 : 0, "the end of a range");
    if (size && first < 0) first += count;
    if (size && last < 0) last += count;
    if (step > 0 ? first > last : first < last) return {};
    for (const std::int64_t end : {first, last})
        if (size && (end < 0 || end >= count))
            fail(fmt::format("the range reaches index {}; there are {} element(s)", end, count), place,
                 fmt::format("Indices go from 0 to {}.", count - 1));
    // Unsigned, because the ends may be as far apart as the type is wide.
    const auto distance = step > 0 ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first)
                                   : static_cast<std::uint64_t>(first) - static_cast<std::uint64_t>(last);
    const auto stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
    const std::uint64_t steps = distance / stride;
    charge(steps, place);
    std::vector<std::int64_t> values;
    values.reserve(steps + 1);
    for (std::uint64_t i = 0; i <= steps; ++i)
        values.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(first) +
                                                   i * static_cast<std::uint64_t>(step)));
    return values;
}

std::vector<std::size_t> Lowering::indices_of(const IndexItem& item, std::size_t size,
                                              const Reference& reference) {
    return std::visit(overloaded{
                          [&](const ExpressionPtr& single) {
                              return std::vector<std::size_t>{index_of(*single, size, reference)};
                          },
                          [&](const Range& range) {
                              std::vector<std::size_t> indices;
                              for (const std::int64_t value : values_of(range, size, reference.name.place))
                                  indices.push_back(static_cast<std::size_t>(value));
                              if (indices.empty()) fail("the range is empty", reference.name.place);
                              return indices;
                          },
                          [&](const Set& set) {
                              std::vector<std::size_t> indices;
                              for (const Expression& index : set)
                                  indices.push_back(index_of(index, size, reference));
                              if (indices.empty()) fail("the set of indices is empty", reference.name.place);
                              return indices;
                          },
                      },
                      item);
}

Wires Lowering::wires_of(const Reference& reference, bool is_quantum) {
    const std::string_view expected = is_quantum ? kQubit : kClassicalBit;
    const Symbol& symbol = lookup(reference.name, expected);
    const auto* declared = std::get_if<RegisterSymbol>(&symbol);
    const auto* aliased = std::get_if<Wires>(&symbol);
    if (!(declared != nullptr && declared->is_quantum == is_quantum) &&
        !(aliased != nullptr && aliased->is_quantum == is_quantum))
        fail(fmt::format("\"{}\" is {}; expected {}", reference.name.text, kind_name(symbol), expected),
             reference.name.place);
    std::size_t size = declared != nullptr ? declared->size : aliased->listed.size();
    const bool is_register = declared != nullptr ? declared->is_register : aliased->is_register;
    if (!reference.indices.empty() && !is_register)
        fail(fmt::format("\"{}\" is {} and has no elements", reference.name.text, kind_name(symbol)),
             reference.name.place);
    const auto element = [&](std::size_t i) {
        return declared != nullptr ? declared->first + static_cast<std::uint32_t>(i) : aliased->listed[i];
    };
    Wires wires{is_quantum, is_register, {}};
    if (reference.indices.empty()) {
        wires.listed.reserve(size);
        for (std::size_t i = 0; i < size; ++i) wires.listed.push_back(element(i));
        return wires;
    }
    bool first = true;
    for (const IndexItem& item : reference.indices) {
        if (!wires.is_register)
            fail("a single one has no elements", reference.name.place, "A set of them: q[{0, 1}].");
        const std::vector<std::size_t> indices = indices_of(item, size, reference);
        std::vector<std::uint32_t> selected;
        selected.reserve(indices.size());
        for (const std::size_t index : indices)
            selected.push_back(first ? element(index) : wires.listed[index]);
        wires.listed = std::move(selected);
        wires.is_register = !std::holds_alternative<ExpressionPtr>(item);
        size = wires.listed.size();
        first = false;
    }
    return wires;
}

std::optional<Qubit> Lowering::single_qubit(const Reference& reference) {
    if (reference.name.text[0] == '$') return physical_qubit(reference.name);
    const Symbol* symbol = find(reference.name.text);
    const auto* declared = symbol == nullptr ? nullptr : std::get_if<RegisterSymbol>(symbol);
    if (declared == nullptr || !declared->is_quantum) return {};
    if (reference.indices.empty())
        return declared->is_register ? std::nullopt : std::optional(declared->first);
    const auto* index = std::get_if<ExpressionPtr>(&reference.indices[0]);
    if (index == nullptr || reference.indices.size() != 1 || !declared->is_register) return {};
    return declared->first + static_cast<Qubit>(index_of(**index, declared->size, reference));
}

Wires Lowering::qubits_of(const Reference& reference) {
    if (const auto single = single_qubit(reference)) return {true, false, {*single}};
    return wires_of(reference, true);
}

Wires Lowering::bits_of(const Reference& reference) {
    if (reference.name.text[0] == '$') fail("a physical qubit is no classical bit", reference.name.place);
    return wires_of(reference, false);
}

Value Lowering::value_of(const Reference& reference, Place place) {
    if (const Symbol* symbol = find(reference.name.text); symbol == nullptr)
        if (const auto constant = built_in_constant(reference.name.text)) return *constant;
    if (reference.name.text[0] == '$') fail("a physical qubit is no number", place);
    const Symbol& symbol = lookup(reference.name, "a number");
    if (const auto* variable = std::get_if<VariableSymbol>(&symbol))
        return selected(read(*variable), reference);
    if (const auto* array = std::get_if<ArraySymbol>(&symbol)) {
        const VariableSymbol& element = single_element(*array, reference);
        return selected(read(element), reference, array->sizes.size());
    }
    const auto* declared = std::get_if<RegisterSymbol>(&symbol);
    const auto* aliased = std::get_if<Wires>(&symbol);
    if ((declared != nullptr && !declared->is_quantum) || (aliased != nullptr && !aliased->is_quantum))
        return word_of_bits(ScalarType::bit, bits_of(reference).listed, place);
    const auto* value = std::get_if<Value>(&symbol);
    if (value == nullptr)
        fail(fmt::format("\"{}\" is {}; expected a number", reference.name.text, kind_name(symbol)),
             reference.name.place);
    return selected(*value, reference);
}

/// A constant has the numbers of its type, so what a narrower integer would not hold is a mistake.
Value Lowering::constant(const Expression& operand, const TypeName& type, Place place) {
    const Value value = evaluate(operand);
    const auto* whole = std::get_if<std::int64_t>(&value);
    const bool is_integer = type.type == ScalarType::integer || type.type == ScalarType::unsigned_integer;
    if (const auto* word = std::get_if<Word>(&value); word != nullptr && !word->is_known())
        throw Failure{ErrorKind::invalid_input, "a constant cannot depend on a measurement", place};
    if (type.width && is_integer) {
        const auto width = static_cast<std::int64_t>(width_of(type));
        if (whole != nullptr) require_bits(*whole, type.type, width, place);
    } else if (type.width && (type.type == ScalarType::real || type.type == ScalarType::angle)) {
        width_of(type);
    }
    if (std::holds_alternative<Word>(value) || type.type == ScalarType::bit) return cast(value, type, place);
    if (type.type == ScalarType::angle)
        return rounded_angle(convert(value, type.type, place), width_of(type));
    return convert(value, type.type, place);
}

/// Numbers that fit no more wrap.
Value Lowering::cast(const Value& value, const TypeName& type, Place place) {
    const bool is_word =
        type.type != ScalarType::real && type.type != ScalarType::angle && type.type != ScalarType::duration;
    const auto* word = std::get_if<Word>(&value);
    if (!is_word || (word == nullptr && !type.width && type.type != ScalarType::bit)) {
        if (word != nullptr && !word->is_known())
            throw Failure{ErrorKind::unsupported,
                          "only bits and integers may depend on a measurement, not this type", place};
        if (type.type != ScalarType::angle) return convert(value, type.type, place);
        return rounded_angle(convert(value, type.type, place), width_of(type));
    }
    unsigned width = width_of(type);
    if (word != nullptr) {
        // Without a width an integer holds all of it.
        if (!type.width && type.type != ScalarType::boolean)
            width = type.type == ScalarType::bit ? 1 : std::max(width, word->width());
        return qasm::converted(*word, type.type, width);
    }
    if (const auto* angle = std::get_if<Angle>(&value);
        angle != nullptr && angle->is_bound() && type.type == ScalarType::bit)
        return known_word(type.type, width, turns_in_bits(angle->constant(), width));
    const Value whole = convert(value, ScalarType::integer, place);
    return known_word(type.type, width, static_cast<std::uint64_t>(std::get<std::int64_t>(whole)));
}

Value Lowering::bitstring(const BitstringLiteral& literal, Place place) const {
    std::uint64_t value = 0;
    unsigned width = 0;
    for (const char digit : literal.digits) {
        if (digit == '_') continue;
        if (digit != '0' && digit != '1') fail("a bit string consists of 0 and 1", place);
        value = value << 1 | (digit == '1' ? 1 : 0);
        if (++width > 64)
            throw Failure{ErrorKind::unsupported, "a bit string of more than 64 bits is not supported",
                          place};
    }
    if (width == 0) fail("a bit string needs at least one bit", place);
    return known_word(ScalarType::bit, width, value);
}

Value Lowering::evaluate(const Expression& expression) {
    const Place place = expression.place;
    return std::visit(
        overloaded{
            [](const IntegerLiteral& literal) -> Value { return literal.value; },
            [](const RealLiteral& literal) -> Value { return literal.value; },
            [](const BooleanLiteral& literal) -> Value { return literal.value; },
            [&](const BitstringLiteral& literal) { return bitstring(literal, place); },
            [](const DurationLiteral& literal) -> Value {
                return Duration{literal.value, literal.unit};
            },
            [&](const Reference& reference) { return value_of(reference, place); },
            [&](const Unary& unary) { return apply_operator(unary.op, evaluate(*unary.operand), place); },
            [&](const Binary& binary) {
                const Value left = evaluate(*binary.left), right = evaluate(*binary.right);
                for (const auto& [text, other] :
                     {std::pair(binary.left.get(), &right), std::pair(binary.right.get(), &left)})
                    if (const auto* word = std::get_if<Word>(other);
                        word != nullptr && std::holds_alternative<BitstringLiteral>(text->kind)) {
                        const auto digits = std::get<Word>(evaluate(*text)).width();
                        if (digits != word->width() && binary.op != BinaryOperator::shift_left &&
                            binary.op != BinaryOperator::shift_right)
                            fail(fmt::format("a string of {} bits is compared with {} bit(s)", digits,
                                             word->width()),
                                 text->place);
                    }
                return apply_operator(binary.op, left, right, version_2_, place);
            },
            [&](const FunctionCall& function) -> Value {
                if (auto result = call_function(function, place)) return std::move(*result);
                fail(fmt::format("subroutine {} returns nothing", function.name), place);
            },
            [&](const Cast& inner) { return cast(evaluate(*inner.operand), inner.type, place); },
            [&](const Measurement&) -> Value {
                throw Failure{ErrorKind::unsupported, "a measurement inside an expression is not supported",
                              place, "Measure into a bit first."};
            },
        },
        expression.kind);
}

}  // namespace qdcnn::qasm
