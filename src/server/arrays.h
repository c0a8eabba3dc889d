#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/backend/pub.h"
#include "qdcnn/base/json.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"

namespace qdcnn::server {

/// The axes of an array, without axes for a single value.
using Shape = std::vector<std::size_t>;

/// Throws Error(invalid_input) beyond a hundred million.
std::size_t size_of(const Shape& shape);
/// "(2, 3)"
std::string to_string(const Shape& shape);
/// numpy's rule. Nothing where the two do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);
/// The element of an array of shape `from` that stands at element `index` of what it is broadcast to.
std::size_t element_at(const Shape& from, const Shape& to, std::size_t index);

/// A PUB's parameter values: one row for each element of `shape`, in the order of the circuit's parameters.
struct Bindings {
    Shape shape;
    backend::ParameterMatrix rows;
};

/// Reads a typed array or nested lists (last axis: the parameters in the order of their names), an object
/// {name: value or array}, or null. Throws Error(invalid_input) naming the path.
Bindings read_bindings(const JsonView& values, const circuit::Circuit& circuit);

/// A PUB's observables: one for each element of `shape`.
struct Observables {
    Shape shape;
    std::vector<circuit::Observable> elements;
};

/// Reads {Pauli string: real} or nested lists of them, also inside a typed ObservablesArray; a string's
/// rightmost letter is qubit 0. Throws Error(invalid_input) naming the path.
Observables read_observables(const JsonView& values, std::uint32_t qubits);

}  // namespace qdcnn::server
