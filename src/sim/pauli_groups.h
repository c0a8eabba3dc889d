#pragma once

#include <map>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/outcome.h"
#include "qdcnn/target/target.h"

namespace qdcnn::sim {

/// Terms of observables that one set of measurements serves: on every qubit they ask for the same Pauli or
/// none.
struct PauliGroup {
    struct Term {
        std::size_t observable;
        double coefficient;
        std::vector<circuit::Qubit> qubits;
    };
    std::map<circuit::Qubit, circuit::Pauli> basis;
    std::vector<Term> terms;
};

/// Every term goes to the first group it commutes with qubit by qubit. Terms without Paulis join the first
/// group.
std::vector<PauliGroup> group_paulis(std::span<const circuit::Observable> observables);

/// A circuit that ends by measuring a group.
struct MeasuredGroup {
    circuit::Circuit circuit;
    /// The classical bit of each qubit of the group's basis.
    std::map<circuit::Qubit, circuit::Clbit> clbits;
};

/// Appends rotations into the group's basis, in the target's native gates where it has some that do, and
/// measurements into a register of their own. Final measurements of the circuit that the group's own replace
/// are left out.
MeasuredGroup measure_group(const circuit::Circuit& circuit, const PauliGroup& group,
                            const target::Target* target);

/// The value of each observable's part in this group for one record of an outcome of the measured circuit.
class GroupReader {
  public:
    GroupReader(const PauliGroup& group, const MeasuredGroup& measured, const Outcome& outcome);
    /// Adds to values[observable].
    void add_values(std::uint64_t record, std::span<double> values) const;

  private:
    struct Parity {
        std::size_t observable;
        double coefficient;
        std::uint64_t mask;
    };
    std::vector<Parity> parities_;
};

}  // namespace qdcnn::sim
