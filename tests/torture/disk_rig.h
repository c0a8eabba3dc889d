#pragma once

#include <string>

#include "qdcnn/vendors/service.h"
#include "torture/faulty_vfs.h"

namespace qdcnn::test {

/// What became of jobs while disks failed.
struct DiskTally {
    /// Processes or desks for which one write or sync failed.
    int faults = 0;
    /// Refused with Error(storage).
    int refused = 0;
    /// Went on all the same.
    int survived = 0;
    int lost = 0;
    int doubled = 0;
    /// At the vendor, and the journal has it as never sent, or not at all.
    int unknown_to_journal = 0;
    /// Errors that are no storage errors.
    int strange = 0;

    void add(const DiskTally& other);
    bool is_clean() const { return lost + doubled + unknown_to_journal + strange == 0; }
};

/// Each write and sync of SQLite and of our files fails in turn, `stride` apart, within this process.
DiskTally failing_disk(DiskFaults::Kind kind, bool is_lasting, bool is_rollback, int stride,
                       const std::string& folder);

/// Whether this machine lets processes be traced and has strace.
bool can_inject();
/// Each of the program's system calls that write or sync fails in turn, `stride` apart: `program disk-child
/// FOLDER` under strace. error: as strace names it, "EIO".
DiskTally failing_calls(const std::string& program, const std::string& error, bool is_lasting, int stride,
                        const std::string& folder);

/// The work that the disk fails under, without faults of its own: 0 where it came to its end, 10 on
/// Error(storage), 1 on others.
int disk_work(const std::string& folder);

}  // namespace qdcnn::test
