#pragma once

#include <gtest/gtest.h>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::test {

/// Whether two circuits have the same registers, parameters and operations, angle by angle, bit by bit. Names
/// of registers count only if asked. Conditions are the same when the same bits have the same values, in any
/// order.
testing::AssertionResult same_circuit(const circuit::Circuit& a, const circuit::Circuit& b,
                                      bool compare_names = true);

}  // namespace qdcnn::test
