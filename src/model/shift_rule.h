#pragma once

#include <vector>

#include "qdcnn/circuit/gates.h"

namespace qdcnn::model {

/// One term of a derivative by an angle t: weight * f(t + shift).
struct ShiftTerm {
    double shift;
    double weight;
};

/// How the expectation value of any circuit depends on angle `angle` of one gate: exactly
/// df/dt = sum of weight * f(t + shift). Two terms for rotations whose generator has eigenvalues one apart,
/// four for controlled ones. Found out from the gate's matrix, so that a new gate needs no entry. Throws
/// Error(unsupported) with the gate's name where neither rule holds. Sources: Mitarai et al., 2018; Schuld et
/// al., 2019; Anselmetti et al., 2021 (four terms).
std::vector<ShiftTerm> shift_rule(circuit::GateId gate, std::size_t angle);

}  // namespace qdcnn::model
