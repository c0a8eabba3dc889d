#pragma once

#include <vector>

#include "qdcnn/circuit/gates.h"

namespace qdcnn::circuit {

/// The rows as written, in the order of GateId. An inverse left out is the same gate with all angles negated,
/// which holds for gates that are their own inverse and for rotations about a fixed axis.
std::vector<GateRow> gate_rows();

}  // namespace qdcnn::circuit
