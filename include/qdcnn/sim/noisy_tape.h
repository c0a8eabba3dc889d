#pragma once

#include <memory>
#include <span>
#include <vector>

#include "qdcnn/backend/backend.h"
#include "qdcnn/sim/noise_model.h"

namespace qdcnn::sim {

/// Compiles a circuit template under a noise model and its observables once, to be evaluated and
/// differentiated for many rows of parameters: exact expectation values of the final state (without read-out
/// errors) and vector-Jacobian products in one backward pass.
///
/// The state is the 4^n Pauli coefficients of the observables' light cone. Gates and channels are folded into
/// blocks on one or two qubits; a block's derivative by every angle in it comes from one matrix, the sum over
/// the state of the outer products of the adjoint and the state before the block. Backward goes through the
/// transposed maps; the states on the way are kept where they take at most 64 MiB, else some are, about the
/// square root of their number, and the others are made again. A gate's derivative is by the general
/// parameter shift rule, exact for every row of the gate table (Wierichs et al., arXiv:2107.12390, eq. 27).
///
/// Measurements dephase; resets and delays are taken. Throws Error(unsupported): branches, loops, a Prepare
/// after a gate that is differentiated; Error(invalid_input): a parameter of `wrt` that the circuit has not
/// or that is an amplitude; Error(out_of_memory) before allocating.
std::unique_ptr<backend::Differentiable> make_noisy_tape(const circuit::Circuit& circuit,
                                                         std::span<const circuit::Observable> observables,
                                                         std::vector<circuit::ParameterIndex> wrt,
                                                         const NoiseModel& noise);

}  // namespace qdcnn::sim
