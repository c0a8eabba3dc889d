#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

/// Runs bound circuits exactly: a state vector, or a density matrix under a noise model. The local backend
/// stands on one of these. Implementations are immutable after construction; `run` may be called from several
/// threads at once, and the result depends on its arguments alone.
class Simulator {
  public:
    virtual ~Simulator() = default;

    /// The circuit from |0..0>, its records with every read-out error, its expectation values without (see
    /// Outcome). Qubits that nothing acts on cost nothing. Throws Error(invalid_input): unbound parameters,
    /// an observable on a qubit the circuit has not; Error(out_of_memory) before anything large is allocated.
    virtual Outcome run(const circuit::Circuit& bound,
                        std::span<const circuit::Observable> observables) const = 0;

    /// Whether gates, idling or read-out have errors. The backend then reads expectation values off measured
    /// records, as a device does; without noise it takes them from the state.
    virtual bool is_noisy() const = 0;

    /// Memory of one state of that many qubits. A run takes as much again for each branch that is open.
    virtual double bytes_for(std::uint32_t qubits) const = 0;

    /// Qubits in use that fit in memory.
    virtual std::uint32_t max_qubits() const = 0;
};

/// The noiseless one: run_statevector (qdcnn/sim/statevector.h). In single precision it takes circuits
/// without measurements on the way, resets, branches and loops, of at most 20 measured bits
/// (Error(unsupported) otherwise), and its probabilities are good to about 1e-6.
std::shared_ptr<const Simulator> make_statevector_simulator(Precision precision = Precision::f64);

}  // namespace qdcnn::sim
