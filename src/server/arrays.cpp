#include "arrays.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/typed_json.h"

namespace qdcnn::server {
namespace {

using vendors::ibm::NdArray;

constexpr std::size_t kMaxElements = 100'000'000;

/// order[k]: which parameter of the circuit the k-th column of an array is.
std::vector<std::size_t> columns_by_name(const circuit::Circuit& circuit) {
    std::vector<std::size_t> order(circuit.parameters().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return circuit.parameters()[a] < circuit.parameters()[b];
    });
    return order;
}

Bindings from_array(const JsonView& values, const circuit::Circuit& circuit) {
    const NdArray array = vendors::ibm::ndarray_from_json(values);
    const std::size_t columns = circuit.parameters().size();
    Shape shape = array.shape;
    if (!shape.empty() && shape.back() == columns)
        shape.pop_back();
    else if (columns != 1)  // Of one parameter the last axis may be missing.
        values.fail(
            fmt::format("the shape is {}, the circuit has {} parameters", to_string(array.shape), columns));
    Bindings bindings{shape, backend::ParameterMatrix(size_of(shape), columns)};
    const std::vector<std::size_t> order = columns_by_name(circuit);
    for (std::size_t row = 0; row < bindings.rows.rows(); ++row)
        for (std::size_t k = 0; k < columns; ++k)
            bindings.rows(row, order[k]) = array.number(row * columns + k);
    return bindings;
}

Bindings from_names(const JsonView& values, const circuit::Circuit& circuit) {
    const auto& names = circuit.parameters();
    for (const std::string& key : values.keys())
        if (std::find(names.begin(), names.end(), key) == names.end())
            values.fail(fmt::format("the circuit has no parameter \"{}\"", key));
    std::vector<NdArray> arrays;
    Shape shape;
    for (const std::string& name : names) {
        arrays.push_back(vendors::ibm::ndarray_from_json(values.at(name)));
        const auto common = broadcast(shape, arrays.back().shape);
        if (!common)
            values.at(name).fail(fmt::format("the shape {} does not fit {}", to_string(arrays.back().shape),
                                             to_string(shape)));
        shape = *common;
    }
    Bindings bindings{shape, backend::ParameterMatrix(size_of(shape), names.size())};
    for (std::size_t row = 0; row < bindings.rows.rows(); ++row)
        for (std::size_t k = 0; k < names.size(); ++k)
            bindings.rows(row, k) = arrays[k].number(element_at(arrays[k].shape, shape, row));
    return bindings;
}

circuit::PauliString read_paulis(const JsonView& place, const std::string& letters, std::uint32_t qubits) {
    if (letters.size() != qubits)
        place.fail(fmt::format("a string of {} letters for {} qubits", letters.size(), qubits));
    circuit::PauliString paulis;
    for (std::uint32_t qubit = 0; qubit < qubits; ++qubit) {
        const char letter = letters[qubits - 1 - qubit];
        if (letter == 'I') continue;
        if (letter != 'X' && letter != 'Y' && letter != 'Z')
            place.fail(fmt::format("'{}' is none of the letters I, X, Y, Z", letter));
        paulis.emplace_back(qubit, static_cast<circuit::Pauli>(letter - 'X' + 1));
    }
    return paulis;
}

circuit::Observable read_observable(const JsonView& value, std::uint32_t qubits) {
    circuit::Observable observable;
    for (const std::string& letters : value.keys())
        observable.terms.push_back({value.at(letters).number(), read_paulis(value, letters, qubits)});
    if (observable.terms.empty()) value.fail("an observable has at least one term");
    return observable;
}

void read_nested(const JsonView& value, std::uint32_t qubits, std::size_t depth, Observables& found) {
    if (!value.value().is_array()) {
        if (depth != found.shape.size()) value.fail("lists of unequal depth");
        found.elements.push_back(read_observable(value, qubits));
        return;
    }
    if (depth == found.shape.size()) {
        if (!found.elements.empty()) value.fail("lists of unequal depth");
        found.shape.push_back(value.size());
    }
    if (found.shape[depth] != value.size()) value.fail("lists of unequal length");
    for (const JsonView& element : value.elements()) read_nested(element, qubits, depth + 1, found);
}

}  // namespace

std::size_t size_of(const Shape& shape) {
    // Axes of any length are a few bytes where another axis is 0.
    std::size_t size = 1;
    for (const std::size_t axis : shape) {
        if (axis != 0 && size > kMaxElements / axis)
            throw Error(ErrorKind::invalid_input, fmt::format("the shape {} is too large", to_string(shape)));
        size *= axis;
    }
    return size;
}

std::string to_string(const Shape& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
    Shape common(std::max(a.size(), b.size()), 1);
    for (const Shape* shape : {&a, &b})
        for (std::size_t k = 0; k < shape->size(); ++k) {
            std::size_t& axis = common[common.size() - shape->size() + k];
            if ((*shape)[k] == axis || (*shape)[k] == 1) continue;
            if (axis != 1) return std::nullopt;
            axis = (*shape)[k];
        }
    return common;
}

std::size_t element_at(const Shape& from, const Shape& to, std::size_t index) {
    std::size_t element = 0, stride = 1;
    for (std::size_t k = 0; k < to.size(); ++k) {
        const std::size_t axis = to[to.size() - 1 - k];
        const std::size_t at = index % axis;
        index /= axis;
        if (k >= from.size()) continue;
        const std::size_t own = from[from.size() - 1 - k];
        if (own != 1) element += at * stride;
        stride *= own;
    }
    return element;
}

Bindings read_bindings(const JsonView& values, const circuit::Circuit& circuit) {
    if (values.value().is_object() && vendors::ibm::type_of(values).empty())
        return from_names(values, circuit);
    if (!values.value().is_null()) return from_array(values, circuit);
    if (!circuit.parameters().empty())
        values.fail(fmt::format("no values for the parameters {}", fmt::join(circuit.parameters(), ", ")));
    return {{}, backend::ParameterMatrix::bound()};
}

Observables read_observables(const JsonView& values, std::uint32_t qubits) {
    Observables found;
    const bool is_typed = vendors::ibm::type_of(values) == "ObservablesArray";
    read_nested(is_typed ? vendors::ibm::typed_value(values, "ObservablesArray") : values, qubits, 0, found);
    return found;
}

}  // namespace qdcnn::server
