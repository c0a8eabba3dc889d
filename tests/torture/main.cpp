#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/temporary_folder.h"
#include "torture/crash_rig.h"
#include "torture/disk_rig.h"

// The long versions of the tests with kills and failing disks; tools/torture tells how to call it. Exit code
// 0 where nothing was lost, doubled or left in doubt without a line.

namespace {

using namespace qdcnn::test;
using qdcnn::vendors::Recovery;

constexpr Recovery kVendors[] = {Recovery::deduplicates, Recovery::searchable, Recovery::blind};

constexpr int kEachTime = 1'000'000;

struct Options {
    int kills = 10'000;
    double seconds = 0.0;
    std::uint64_t seed = 1;
};

/// Repeats until the time is over, if there is one; else once.
template <typename Work>
void repeat(double seconds, Work work) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    do work();
    while (seconds > 0.0 && std::chrono::steady_clock::now() < end);
}

bool crash(const Options& options) {
    fmt::print("| the vendor | kills | jobs | lost | doubled | in doubt | of these without a line |\n");
    fmt::print("|---|--:|--:|--:|--:|--:|--:|\n");
    bool is_clean = true;
    for (const auto recovery : kVendors) {
        const TemporaryFolder folder;
        CrashTally tally;
        std::set<qdcnn::run::Step> reached;
        tally.add(kills_at_each_step(recovery, false, kEachTime, folder.path(), reached));
        auto seed = options.seed;
        // A time is shared out among the vendors, in slices of some kills.
        const int slice = options.seconds > 0.0 ? 100 : (options.kills + 2) / 3;
        repeat(options.seconds / 3, [&] { tally.add(random_kills(recovery, slice, seed++, folder.path())); });
        fmt::print("| {} | {} | {} | {} | {} | {} | {} |\n", to_string(recovery), tally.kills, tally.jobs,
                   tally.lost, tally.doubled, tally.in_doubt, tally.in_doubt_silent);
        std::fflush(stdout);
        is_clean = is_clean && tally.lost + tally.doubled + tally.in_doubt_silent + tally.errors == 0;
    }
    return is_clean;
}

bool disk(const Options& options, const std::string& program) {
    fmt::print("| what fails | faults | refused | went on | lost | doubled | unknown to the journal |\n");
    fmt::print("|---|--:|--:|--:|--:|--:|--:|\n");
    bool is_clean = true;
    const auto row = [&](const std::string& name, const DiskTally& tally) {
        fmt::print("| {} | {} | {} | {} | {} | {} | {} |\n", name, tally.faults, tally.refused,
                   tally.survived, tally.lost, tally.doubled, tally.unknown_to_journal);
        std::fflush(stdout);
        is_clean = is_clean && tally.is_clean();
    };
    repeat(options.seconds, [&] {
        const TemporaryFolder folder;
        for (const bool is_rollback : {false, true})
            for (const bool is_lasting : {false, true})
                for (const auto kind : {DiskFaults::Kind::full, DiskFaults::Kind::io})
                    row(fmt::format("{}, {}, {}", kind == DiskFaults::Kind::full ? "disk full" : "I/O error",
                                    is_lasting ? "from then on" : "once",
                                    is_rollback ? "rollback journal" : "write-ahead log"),
                        failing_disk(kind, is_lasting, is_rollback, 1, folder.path()));
        if (!can_inject()) {
            fmt::print(stderr, "system calls: not tried, for strace is not to be had\n");
            return;
        }
        for (const char* error : {"ENOSPC", "EIO", "EINTR"})
            for (const bool is_lasting : {false, true})
                // Interrupted for ever is no disk.
                if (!(is_lasting && std::string(error) == "EINTR"))
                    row(fmt::format("system calls: {}, {}", error, is_lasting ? "from then on" : "once"),
                        failing_calls(program, error, is_lasting, 1, folder.path()));
    });
    return is_clean;
}

int usage() {
    fmt::print(stderr, "usage: qdcnn_torture crash|disk [--kills N] [--seconds S] [--seed N]\n");
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.empty()) return usage();
    if (words[0] == "disk-child") return words.size() == 2 ? disk_work(words[1]) : usage();
    Options options;
    for (std::size_t i = 1; i < words.size(); i += 2) {
        if (i + 1 == words.size()) return usage();
        const char* value = words[i + 1].c_str();
        if (words[i] == "--kills")
            options.kills = std::atoi(value);
        else if (words[i] == "--seconds")
            options.seconds = std::atof(value);
        else if (words[i] == "--seed")
            options.seed = static_cast<std::uint64_t>(std::atoll(value));
        else
            return usage();
    }
    if (words[0] == "crash") return crash(options) ? 0 : 1;
    if (words[0] == "disk") return disk(options, argv[0]) ? 0 : 1;
    return usage();
}
