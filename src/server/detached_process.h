#pragma once

#include <string>
#include <vector>

namespace qdcnn::server {

/// Starts the program as a process of its own that outlives this one: in a session of its own, child of
/// nobody, without this one's descriptors; its output goes to the end of `log`, made with mode 0600. Returns
/// its id. Throws Error(storage | internal).
int start_detached(const std::vector<std::string>& command, const std::string& log);

/// Whether there is such a process and it has not ended.
bool process_runs(int process);

}  // namespace qdcnn::server
