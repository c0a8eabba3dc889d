#pragma once

#include <string>
#include <vector>

namespace qdcnn::cli {

/// --scale FROM:TO:POINTS: "0:4:9" is nine numbers from 0 to 4. Throws Error(usage) for anything else, a
/// negative or falling range, more than 1000 points.
std::vector<double> read_scales(const std::string& text);

}  // namespace qdcnn::cli
