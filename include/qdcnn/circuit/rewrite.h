#pragma once

#include <functional>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::circuit {

/// What to put in place of each qubit, bit and angle; an empty function keeps them.
struct Rewriting {
    std::function<Qubit(Qubit)> qubit;
    std::function<Clbit(Clbit)> clbit;
    std::function<Angle(const Angle&)> angle;
};

/// The operation with everything replaced, inside branches too.
Operation rewritten(const Operation& operation, const Rewriting& rewriting);

}  // namespace qdcnn::circuit
