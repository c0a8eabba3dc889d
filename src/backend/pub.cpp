#include "qdcnn/backend/pub.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"

namespace qdcnn::backend {
namespace {

void check_circuit(const std::shared_ptr<const circuit::Circuit>& circuit,
                   const ParameterMatrix& parameters) {
    if (!circuit) throw Error(ErrorKind::invalid_input, "a PUB has no circuit");
    if (parameters.columns() != circuit->parameters().size())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a PUB's circuit has {} parameters, its matrix {} columns",
                                circuit->parameters().size(), parameters.columns()),
                    "Give one column for each of Circuit::parameters(), in that order.");
}

}  // namespace

ParameterMatrix::ParameterMatrix(std::size_t rows, std::size_t columns, std::vector<double> values)
    : rows_(rows), columns_(columns), values_(std::move(values)) {
    if (values_.size() != rows * columns)
        throw Error(ErrorKind::invalid_input, fmt::format("{} values do not fill a {} x {} parameter matrix",
                                                          values_.size(), rows, columns));
}

void check(const SamplerPub& pub) {
    check_circuit(pub.circuit, pub.parameters);
    if (pub.circuit->num_clbits() == 0)
        throw Error(ErrorKind::invalid_input, "a sampler's circuit has no classical bits",
                    "Add measure_all().");
}

void check(const EstimatorPub& pub) {
    check_circuit(pub.circuit, pub.parameters);
    for (const auto& observable : pub.observables)
        for (const auto& term : observable.terms)
            for (const auto& [qubit, pauli] : term.paulis)
                if (qubit >= pub.circuit->num_qubits())
                    throw Error(ErrorKind::invalid_input,
                                fmt::format("an observable names qubit {}, its circuit has {}", qubit,
                                            pub.circuit->num_qubits()));
}

}  // namespace qdcnn::backend
