#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lowering.h"

// Arrays: variables in rows.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

[[noreturn]] void fail(std::string message, Place place, std::string hint = {}) {
    throw Failure{ErrorKind::invalid_input, std::move(message), place, std::move(hint)};
}

/// An element takes the memory of some operations.
constexpr std::uint64_t kElementCost = 8;
// Of the language.
constexpr std::int64_t kMostDimensions = 7;

std::size_t count_of(const ArraySymbol& array) {
    std::size_t count = 1;
    for (const std::size_t size : array.sizes) count *= size;
    return count;
}

ArraySymbol row(const ArraySymbol& array, std::size_t index) {
    ArraySymbol result = array;
    result.sizes.erase(result.sizes.begin());
    result.first += index * count_of(result);
    return result;
}

std::string shape(const ArraySymbol& array) { return fmt::format("{}", fmt::join(array.sizes, " x ")); }

}  // namespace

void Lowering::declare_kind(const ArrayDeclaration& declaration) {
    const NameAt& name = declaration.name;
    if (output_.is_unitary) fail("an array cannot be declared in the body of a gate", name.place);
    ArraySymbol array;
    std::size_t count = 1;
    for (const Expression& size : declaration.type.sizes) {
        const std::int64_t value = to_integer(evaluate(size), "the size of an array", size.place);
        if (value < 1) fail(fmt::format("an array needs at least one element, not {}", value), size.place);
        charge(static_cast<std::uint64_t>(value), size.place);
        array.sizes.push_back(static_cast<std::size_t>(value));
        count *= static_cast<std::size_t>(value);
        // Before the next factor makes it overflow.
        if (count > options_.max_expansion) charge(count, size.place);
    }
    if (declaration.type.dimensions)
        fail("the sizes of a declared array are numbers", declaration.type.dimensions->place);
    if (static_cast<std::int64_t>(array.sizes.size()) > kMostDimensions)
        fail(fmt::format("an array has at most {} dimensions", kMostDimensions), name.place);
    charge(count * kElementCost, name.place);
    array.elements =
        std::make_shared<std::vector<VariableSymbol>>(count, new_variable(declaration.type.element));
    if (declaration.initial) fill(array, *declaration.initial, name.text);
    declare(name, std::move(array));
}

void Lowering::fill(const ArraySymbol& array, const ArrayValue& value, std::string_view name) {
    if (array.sizes.empty()) {
        if (!value.whole) fail("expected a single value here, not a list", value.place);
        assign((*array.elements)[array.first], name, evaluate(*value.whole), value.place);
        return;
    }
    if (value.whole) {
        const auto other = array_of(*value.whole);
        if (!other) fail(fmt::format("expected an array of {} here", shape(array)), value.place, "{1, 2, 3}");
        copy(*other, array, name, value.place);
        return;
    }
    if (value.parts.size() != array.sizes[0])
        fail(fmt::format("{} value(s) for {} element(s)", value.parts.size(), array.sizes[0]), value.place);
    for (std::size_t i = 0; i < value.parts.size(); ++i) fill(row(array, i), value.parts[i], name);
}

void Lowering::copy(const ArraySymbol& from, const ArraySymbol& to, std::string_view name, Place place) {
    if (from.sizes != to.sizes)
        fail(fmt::format("an array of {} for one of {}", shape(from), shape(to)), place);
    const std::size_t count = count_of(to);
    charge(count, place);
    for (std::size_t i = 0; i < count; ++i)
        assign((*to.elements)[to.first + i], name, read((*from.elements)[from.first + i]), place);
}

const ArraySymbol* Lowering::find_array(std::string_view name) {
    const Symbol* symbol = find(name);
    return symbol == nullptr ? nullptr : std::get_if<ArraySymbol>(symbol);
}

ArraySymbol Lowering::row_of(const ArraySymbol& array, const Reference& reference) {
    ArraySymbol result = array;
    for (std::size_t k = 0; k < reference.indices.size() && !result.sizes.empty(); ++k) {
        const auto* index = std::get_if<ExpressionPtr>(&reference.indices[k]);
        if (index == nullptr)
            throw Failure{ErrorKind::unsupported, "a slice of an array is not supported",
                          reference.name.place, "Take its elements one by one."};
        result = row(result, index_of(**index, result.sizes[0], reference));
    }
    return result;
}

VariableSymbol& Lowering::single_element(const ArraySymbol& array, const Reference& reference) {
    const ArraySymbol found = row_of(array, reference);
    if (!found.sizes.empty())
        fail(fmt::format("\"{}\" is an array of {} here; expected one of its elements", reference.name.text,
                         shape(found)),
             reference.name.place, "Give it an index for each dimension.");
    return (*found.elements)[found.first];
}

std::optional<ArraySymbol> Lowering::array_of(const Expression& expression) {
    const auto* reference = std::get_if<Reference>(&expression.kind);
    const ArraySymbol* array = reference == nullptr ? nullptr : find_array(reference->name.text);
    if (array == nullptr || reference->indices.size() >= array->sizes.size()) return {};
    return row_of(*array, *reference);
}

void Lowering::assign(const ArraySymbol& array, const Assignment& assignment) {
    const NameAt& name = assignment.target.name;
    const Place place = assignment.value.place;
    if (array.is_readonly)
        fail(fmt::format("\"{}\" is read only here and cannot be assigned", name.text), name.place);
    if (assignment.target.indices.size() > array.sizes.size())
        throw Failure{ErrorKind::unsupported, "an assignment to bits of an array's element is not supported",
                      name.place, "Assign the element."};
    const ArraySymbol target = row_of(array, assignment.target);
    if (!target.sizes.empty()) {
        const auto source = array_of(assignment.value);
        if (!source || assignment.op)
            fail(fmt::format("\"{}\" is an array of {} here and is assigned another one", name.text,
                             shape(target)),
                 place, "Give it an index for each dimension.");
        copy(*source, target, name.text, place);
        return;
    }
    VariableSymbol& element = (*target.elements)[target.first];
    Value value = evaluate(assignment.value);
    if (assignment.op) value = apply_operator(*assignment.op, read(element), value, version_2_, place);
    assign(element, name.text, value, place);
}

ArraySymbol Lowering::bind_array(const SubroutineDefinition::Parameter& parameter,
                                 const Expression& argument) {
    const ArrayType& type = *parameter.array;
    auto array = array_of(argument);
    if (!array) fail(fmt::format("parameter {} takes an array", parameter.name.text), argument.place);
    std::vector<std::size_t> expected = array->sizes;
    if (type.dimensions) {
        expected.resize(static_cast<std::size_t>(std::clamp<std::int64_t>(
            to_integer(evaluate(*type.dimensions), "the number of dimensions", type.dimensions->place), 0,
            64)));
    } else {
        expected.clear();
        for (const Expression& size : type.sizes)
            expected.push_back(
                static_cast<std::size_t>(to_integer(evaluate(size), "the size of an array", size.place)));
    }
    const VariableSymbol& element = (*array->elements)[array->first];
    if (expected != array->sizes || element.type != type.element.type ||
        element.width != width_of(type.element))
        fail(fmt::format("parameter {} takes an array of another size or type than this one of {}",
                         parameter.name.text, shape(*array)),
             argument.place);
    if (parameter.is_mutable && array->is_readonly)
        fail(fmt::format("parameter {} takes an array that may be assigned", parameter.name.text),
             argument.place);
    // The bodies around do not show that the call assigns it.
    if (parameter.is_mutable && conditional_depth_ > 0)
        throw Failure{ErrorKind::unsupported,
                      "a mutable array given to a subroutine where a measurement decides it is not supported",
                      argument.place, "Assign the array outside of subroutines."};
    array->is_readonly = !parameter.is_mutable;
    return std::move(*array);
}

}  // namespace qdcnn::qasm
