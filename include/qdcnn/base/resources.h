#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qdcnn {

/// A file of the project's folder qasm/, built into the library: include files, native gate sets, devices.
/// path: from that folder, for example "devices/ibm_torino.json". Nothing when there is none.
std::optional<std::string_view> resource(std::string_view path);

/// Paths that start with `folder` + "/", sorted.
std::vector<std::string> resources_below(const std::string& folder);

}  // namespace qdcnn
