#include "torture/disk_rig.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/run/job_desk.h"
#include "support/fake_cloud.h"

namespace qdcnn::test {
namespace {

using namespace std::chrono_literals;
using run::JobState;

constexpr int kJobs = 2;

std::string work_text(int index) { return fmt::format("work {}", index); }

FakeCloud open_cloud(const std::string& folder) {
    return FakeCloud(folder + "/cloud", {.recovery = vendors::Recovery::searchable, .queued_calls = 0});
}

void work(const std::string& folder, run::JournalOptions options) {
    auto cloud = open_cloud(folder);
    run::Journal journal(folder + "/jobs", std::move(options));
    run::JobDesk desk(
        journal, cloud, system_clock(),
        {.shortest_poll = 100us, .longest_poll = 1ms, .absence_gap = 3ms, .lock_patience = 10s});
    for (int i = 0; i < kJobs; ++i) {
        const auto job = desk.submit(plain_job(work_text(i)));
        desk.wait(job.id);
        desk.fetch(job.id);
        desk.set_reported(job.id);
    }
}

int outcome_of(const std::string& folder, const run::JournalOptions& options) {
    try {
        work(folder, options);
        return 0;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::storage) return 10;
        fmt::print(stderr, "disk rig: {}\n", error.what());
    } catch (const std::exception& error) {
        fmt::print(stderr, "disk rig: {}\n", error.what());
    }
    return 1;
}

/// Compares the books with the journal after the fault, then lets the work go on with a sound disk.
void settle(const std::string& folder, int outcome, DiskTally& tally) {
    ++tally.faults;
    (outcome == 0 ? tally.survived : outcome == 10 ? tally.refused : tally.strange) += 1;
    auto cloud = open_cloud(folder);
    {
        run::Journal journal(folder + "/jobs");
        const auto records = journal.list();
        for (const auto& booked : cloud.jobs()) {
            const auto entry = std::find_if(records.begin(), records.end(),
                                            [&](const auto& job) { return job.key == booked.key; });
            if (entry == records.end() || entry->state == JobState::intent) ++tally.unknown_to_journal;
        }
    }
    if (outcome_of(folder, {}) != 0) ++tally.strange;
    std::map<std::string, int> booked;
    for (const auto& job : cloud.jobs()) ++booked[job.content];
    for (int i = 0; i < kJobs; ++i) {
        if (booked[work_text(i)] > 1) ++tally.doubled;
        if (booked[work_text(i)] == 0) ++tally.lost;
    }
    run::Journal journal(folder + "/jobs");
    for (const auto& job : journal.list())
        if (job.state != JobState::done ||
            journal.raw_result(job.id) != "result of " + journal.content(job.id))
            ++tally.lost;
}

int run_command(const std::string& command) {
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/// How often the program makes the system call.
int count_calls(const std::string& program, const std::string& call, const std::string& folder) {
    const auto log = folder + "/calls";
    run_command(fmt::format("strace -f -qq -e trace={0} -o '{1}' '{2}' disk-child '{3}'", call, log, program,
                            folder));
    const auto text = read_file(log);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

void DiskTally::add(const DiskTally& other) {
    faults += other.faults;
    refused += other.refused;
    survived += other.survived;
    lost += other.lost;
    doubled += other.doubled;
    unknown_to_journal += other.unknown_to_journal;
    strange += other.strange;
}

int disk_work(const std::string& folder) { return outcome_of(folder, {}); }

DiskTally failing_disk(DiskFaults::Kind kind, bool is_lasting, bool is_rollback, int stride,
                       const std::string& folder) {
    DiskTally tally;
    auto& faults = disk_faults();
    faults.kind = kind;
    faults.is_lasting = is_lasting;
    run::JournalOptions options{.is_rollback = is_rollback, .vfs = faulty_vfs()};
    options.write_file = [&](const std::string& path, std::string_view bytes) {
        if (faults.strike()) throw Error(ErrorKind::storage, fmt::format("cannot write {}", path));
        write_file_atomic(path, bytes);
        // The file is there, and its folder's sync fails.
        if (faults.strike())
            throw Error(ErrorKind::storage, fmt::format("cannot sync the folder of {}", path));
    };
    for (int number = 1;; number += stride) {
        const auto path = fmt::format("{}/disk-{}", folder, number);
        std::filesystem::create_directories(path);
        faults.first = number;
        faults.count = 0;
        const int outcome = outcome_of(path, options);
        const bool has_struck = faults.has_struck();
        faults.first = 0;
        if (has_struck) settle(path, outcome, tally);
        std::filesystem::remove_all(path);
        if (!has_struck) return tally;
    }
}

bool can_inject() {
    return run_command(
               "strace -f -qq -e trace=fsync -e inject=fsync:error=EIO -o /dev/null true 2>/dev/null") == 0;
}

DiskTally failing_calls(const std::string& program, const std::string& error, bool is_lasting, int stride,
                        const std::string& folder) {
    DiskTally tally;
    // The leak check of the address sanitizer does not work under strace.
    ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    for (const char* call :
         {"pwrite64", "write", "fdatasync", "fsync", "rename", "ftruncate", "mkdir", "unlink"}) {
        const auto counted = fmt::format("{}/{}-count", folder, call);
        std::filesystem::create_directories(counted);
        const int calls = count_calls(program, call, counted);
        std::filesystem::remove_all(counted);
        for (int number = 1; number <= calls; number += stride) {
            const auto path = fmt::format("{}/{}-{}", folder, call, number);
            std::filesystem::create_directories(path);
            const int outcome = run_command(fmt::format(
                "strace -f -qq -e trace={0} -e inject={0}:error={1}:when={2}{3} -o /dev/null '{4}' "
                "disk-child '{5}' 2>/dev/null",
                call, error, number, is_lasting ? "+" : "", program, path));
            settle(path, outcome, tally);
            std::filesystem::remove_all(path);
        }
    }
    return tally;
}

}  // namespace qdcnn::test
