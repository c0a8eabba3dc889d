#pragma once

#include <string>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/target/target.h"

namespace qdcnn::transpile {

/// What keeps a circuit on physical qubits (index = physical qubit) from running on the target as it is: a
/// gate that is not native, an angle outside its range (a symbolic one where not every angle is allowed), a
/// pair that is not coupled in that direction, a gate, pair, read-out or qubit that is out of order, a reset
/// or branch the device does not have, a qubit used after its measurement where that is not possible, a delay
/// that is no whole number of dt on a device with a clock. One line each, in order; empty when it is legal.
std::vector<std::string> find_illegal(const circuit::Circuit& circuit, const target::Target& target);

}  // namespace qdcnn::transpile
