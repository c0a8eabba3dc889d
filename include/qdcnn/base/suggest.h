#pragma once

#include <string>
#include <vector>

namespace qdcnn {

/// The candidate nearest to `name` by edit distance (letter case ignored), when near enough to be a slip;
/// else empty.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

/// "Did you mean X?" or, when nothing is near, "Known: a, b, c." Empty without candidates.
std::string suggestion(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace qdcnn
