#pragma once

#include <optional>
#include <vector>

#include "one_qubit_run.h"
#include "pauli.h"

namespace qdcnn::transpile {

/// exp(-i angle/2 pauli); the letters' sign is in the angle.
struct Gadget {
    Pauli pauli;
    Angle angle;
};

/// A circuit as rotations about Pauli products, in order of time, and then a Clifford F, given by what it
/// takes back: F^-1 X_q F and F^-1 Z_q F for every qubit.
struct GadgetForm {
    std::vector<Gadget> gadgets;
    std::vector<Pauli> x, z;
};

/// Of gates in canonical form on at most 64 qubits, up to a global phase. Rotations by quarter turns go into
/// the Clifford, those about one product between which all commute are added, symbolic ones too.
GadgetForm gadget_form(const std::vector<Operation>& gates, std::uint32_t num_qubits);

/// The same unitary as canonical gates. Two-qubit quarter turns are chosen one after the other, each the one
/// that brings the waiting rotations, those behind them by a discount, and the Clifford nearest to single
/// qubits (after the greedy TQE synthesis of Paykin et al., PCOAST, arXiv 2305.10966, and pytket's
/// GreedyPauliSimp). place: where each qubit ends.
std::vector<Operation> synthesise_gadgets(GadgetForm form, std::vector<Qubit>& place);

}  // namespace qdcnn::transpile
