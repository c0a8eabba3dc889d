#pragma once

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/circuit.h"

namespace qdcnn::test {

struct RandomCircuitShape {
    std::uint32_t qubits = 4;
    std::size_t gates = 30;
    /// Mid-circuit measurement, reset and branches on the measured bits; adds a register of bits.
    bool dynamic = false;
    /// Only gates with real matrices.
    bool real = false;
    /// Largest number of qubits of one gate.
    int largest_gate = 3;
    /// Some angles are affine in this many parameters t0, t1, ...
    std::uint32_t parameters = 0;
};

/// A circuit over all rows of the gate table that fit the shape.
circuit::Circuit random_circuit(const RandomCircuitShape& shape, Random& random);

}  // namespace qdcnn::test
