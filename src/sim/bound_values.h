#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "qdcnn/circuit/angle.h"

namespace qdcnn::sim {

/// The angles' values. `what` has them; throws Error(invalid_input) when one has an unbound parameter.
std::vector<double> bound_values(std::span<const circuit::Angle> angles, std::string_view what);

}  // namespace qdcnn::sim
