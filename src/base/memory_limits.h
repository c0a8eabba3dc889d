#pragma once

#include <cstdint>
#include <string>

namespace qdcnn {

/// What a control group (version 2) and those above it leave: the least of memory.max - (memory.current -
/// inactive_file). mount: where groups are seen; group: the process's own, such as "/user.slice/a.scope".
/// Files that are missing set no limit: 2^64 - 1 when none does.
std::uint64_t cgroup_available(const std::string& mount, std::string group);

}  // namespace qdcnn
