#pragma once

#include <cstdint>
#include <map>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::test {

/// Probabilities by the values of the classical bits (bit i of the key is classical bit i).
using Records = std::map<std::uint64_t, double>;

/// The exact distribution of a bound circuit's classical bits, along every outcome of every measurement and
/// reset with a state vector each: wider circuits than reference_run takes, but few measurements. Throws
/// std::runtime_error for a loop that does not end within 1000 turns.
Records records_of(const circuit::Circuit& bound);

}  // namespace qdcnn::test
