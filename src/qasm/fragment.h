#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::qasm {

/// A piece of a unitary circuit: gates and barriers, times e^(i phase). What gate modifiers work on.
struct Fragment {
    std::vector<circuit::Operation> operations;
    circuit::Angle phase;
};

/// The adjoint.
Fragment inverse(const Fragment& fragment);

/// The fragment where `control` is 1, nothing where it is 0. The phase becomes one of the control. Gates that
/// have no controlled form in the table are controlled step by step through their definitions.
Fragment controlled(const Fragment& fragment, circuit::Qubit control);

/// The gate that this one is when its first qubit is 1; nothing when it is not made so in the table.
std::optional<circuit::Gate> without_control(const circuit::Gate& gate);

/// The principal power (eigenvalue e^(i a), -pi < a <= pi, becomes e^(i a k)) of a fragment on one qubit, of
/// a gate of the table, and of what is built as A, B, inverse of A around such a B. Nothing for others, and
/// for angles that are not known.
std::optional<Fragment> fractional_power(const Fragment& fragment, double exponent);

}  // namespace qdcnn::qasm
