#pragma once

#include <map>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/target/target.h"

namespace qdcnn::backend {

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

}  // namespace qdcnn::backend
