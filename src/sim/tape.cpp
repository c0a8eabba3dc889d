#include "sim/tape.h"

#include <fmt/format.h>

#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::sim {

using namespace circuit;

void check_wrt(const Circuit& circuit, std::span<const ParameterIndex> wrt) {
    const auto& names = circuit.parameters();
    std::vector<bool> is_amplitude(names.size(), false);
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        if (const auto* prepare = std::get_if<Prepare>(&operation.kind()))
            for (const Angle& amplitude : prepare->amplitudes)
                for (const auto& term : amplitude.terms()) is_amplitude[term.parameter] = true;
    });
    for (const ParameterIndex parameter : wrt) {
        if (parameter >= names.size())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("parameter {} to differentiate is out of range: the "
                                    "circuit has {}",
                                    parameter, names.size()));
        if (is_amplitude[parameter])
            throw Error(
                ErrorKind::invalid_input,
                fmt::format("parameter {} is an amplitude of a Prepare, which is data: it has no gradient",
                            names[parameter]));
    }
}

std::vector<std::vector<GradientTerm>> gradient_terms(const Program& program,
                                                      std::span<const ParameterIndex> wrt) {
    std::vector<std::vector<GradientTerm>> terms(program.primitives.size());
    for (std::size_t i = 0; i < terms.size(); ++i)
        for (const auto& term : program.primitives[i].angle.terms())
            for (std::size_t column = 0; column < wrt.size(); ++column)
                if (wrt[column] == term.parameter) terms[i].push_back({column, term.coefficient});
    return terms;
}

void check_parameters(const backend::ParameterMatrix& parameters, std::size_t columns) {
    if (parameters.columns() != columns)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the circuit has {} parameters, the matrix {} columns", columns,
                                parameters.columns()));
    for (std::size_t row = 0; row < parameters.rows(); ++row) {
        // A sum is finite when all its terms are, overflow aside, and much cheaper to test.
        double sum = 0;
        for (const double value : parameters.row(row)) sum += value * 0.0;
        if (!(sum == 0.0))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("a parameter in row {} is not a finite number", row));
    }
}

std::unique_ptr<backend::Differentiable> make_tape(const Circuit& circuit,
                                                   std::span<const Observable> observables,
                                                   std::vector<ParameterIndex> wrt) {
    check_wrt(circuit, wrt);
    Program program = make_program(circuit, observables);
    const std::size_t num_parameters = circuit.parameters().size();
    if (program.num_qubits <= kBatchQubits)
        return make_batch_tape(std::move(program), num_parameters, std::move(wrt));
    return make_wide_tape(std::move(program), num_parameters, std::move(wrt));
}

}  // namespace qdcnn::sim
