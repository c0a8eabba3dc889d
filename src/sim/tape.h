#pragma once

#include <memory>
#include <span>
#include <vector>

#include "qdcnn/backend/backend.h"
#include "sim/program.h"

namespace qdcnn::sim {

/// Compiles a circuit template and its observables once, to be evaluated and differentiated for many rows of
/// parameters. Gradients are by the adjoint method: one backward pass with the weighted observable.
/// Throws Error(invalid_input): a parameter of `wrt` that the circuit has not or that is an amplitude of a
/// Prepare; and what make_program throws.
std::unique_ptr<backend::Differentiable> make_tape(const circuit::Circuit& circuit,
                                                   std::span<const circuit::Observable> observables,
                                                   std::vector<circuit::ParameterIndex> wrt);

/// Eight rows side by side, for programs of at most kBatchQubits qubits.
inline constexpr std::uint32_t kBatchQubits = 10;
std::unique_ptr<backend::Differentiable> make_batch_tape(Program program, std::size_t num_parameters,
                                                         std::vector<circuit::ParameterIndex> wrt);
/// Row after row.
std::unique_ptr<backend::Differentiable> make_wide_tape(Program program, std::size_t num_parameters,
                                                        std::vector<circuit::ParameterIndex> wrt);

/// How the derivative by one primitive's angle enters the gradient: gradient[column] += coefficient *
/// derivative.
struct GradientTerm {
    std::size_t column;
    double coefficient;
};
/// For every primitive.
std::vector<std::vector<GradientTerm>> gradient_terms(const Program& program,
                                                      std::span<const circuit::ParameterIndex> wrt);

/// Throws Error(invalid_input): a parameter of `wrt` that the circuit has not or that is an amplitude of a
/// Prepare.
void check_wrt(const circuit::Circuit& circuit, std::span<const circuit::ParameterIndex> wrt);

/// Throws Error(invalid_input) unless the matrix has `columns` columns of finite numbers.
void check_parameters(const backend::ParameterMatrix& parameters, std::size_t columns);

}  // namespace qdcnn::sim
