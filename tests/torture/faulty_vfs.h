#pragma once

#include <atomic>
#include <string>

namespace qdcnn::test {

/// When a disk fails, and how: one count over SQLite's and our own writes and syncs.
struct DiskFaults {
    enum class Kind { full, io };

    Kind kind = Kind::full;
    /// The operation that fails first, from 1; 0: none.
    int first = 0;
    /// Also those after it.
    bool is_lasting = false;
    std::atomic<int> count{0};

    /// Counts one operation; whether it fails.
    bool strike();
    bool has_struck() const { return first > 0 && count >= first; }
};

/// Registers an SQLite VFS over the system's in which writes (half done), syncs, truncations, deletions and
/// the making of files fail as `disk_faults` says. has_shared_memory: without it write-ahead logging is not
/// to be had. Returns its name.
std::string faulty_vfs(bool has_shared_memory = true);

/// The one that the VFS asks.
DiskFaults& disk_faults();

}  // namespace qdcnn::test
