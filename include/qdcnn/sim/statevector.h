#pragma once

#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

/// The exact outcome of one bound circuit without noise, from |0..0>.
///
/// Measurements and resets in the middle split the state into weighted branches, one after the other in
/// memory, each dropped below 1e-28 of probability; a reset of a qubit that is not entangled splits nothing.
/// Measurements that nothing follows are read off the amplitudes. Only qubits that operations act on are
/// stored, as real numbers where every gate is real: 2^n x 8 or 16 bytes, and as much again for each
/// branching that is open. A circuit with loops runs on the density matrix instead (run_density_matrix
/// without noise; Outcome::method says so). Throws Error(invalid_input): unbound parameters, a Prepare on
/// qubits not in |0> or with only zeros, an observable on a qubit the circuit has not; Error(unsupported):
/// more than 64 classical bits written; Error(out_of_memory), before anything large is allocated.
Outcome run_statevector(const circuit::Circuit& bound, std::span<const circuit::Observable> observables);

/// The 2^n amplitudes, global phase included. Gates, barriers, delays and Prepare only: Error(unsupported)
/// for a circuit that measures, resets or branches. Otherwise throws as run_statevector does.
std::vector<circuit::Complex> statevector(const circuit::Circuit& bound);

}  // namespace qdcnn::sim
