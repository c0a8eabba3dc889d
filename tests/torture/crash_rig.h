#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "qdcnn/base/random.h"
#include "qdcnn/run/journal.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::test {

/// What became of jobs whose client processes were killed.
struct CrashTally {
    int kills = 0;
    int jobs = 0;
    /// Never got a result though nobody refused it.
    int lost = 0;
    /// The vendor has it twice.
    int doubled = 0;
    /// Stayed unknown until a person looked: with a line that says what to do, and without one.
    int in_doubt = 0;
    int in_doubt_silent = 0;
    /// Private results given out and lost with the process, with a line that says so.
    int results_lost = 0;
    /// Processes that ended with an error that is none of these.
    int errors = 0;

    void add(const CrashTally& other);
};

/// One folder with a journal and a fake vendor, and processes that take the same few jobs through both. Each
/// process is forked, so the caller has one thread and no open journal.
class CrashRig {
  public:
    struct Options {
        vendors::Recovery recovery = vendors::Recovery::searchable;
        int jobs = 3;
        bool is_private = false;
        std::chrono::microseconds way{};
    };

    CrashRig(std::string folder, Options options) : folder_(std::move(folder)), options_(options) {}

    /// Runs a process that ends itself with SIGKILL when it comes to that step for the count-th time (from
    /// 1). True where it came to it; false where it reached its end.
    bool run_until(run::Step step, int count);
    /// Runs `processes` at once and kills each after a time of up to `seconds`. Returns how many were still
    /// alive.
    int run_and_kill(Random& random, double seconds, int processes);
    /// Runs one to its end. Returns the seconds it took.
    double run_to_end();

    /// Lets one process go to its end, a person settle what is in doubt (blind vendors), then a last process;
    /// and compares the vendor's books with the work.
    CrashTally settle();

  private:
    int start(const std::function<void(run::Step)>& on_step) const;
    /// The exit status as waitpid has it.
    int end(int process) const;
    void work(const std::function<void(run::Step)>& on_step) const;
    void look_like_a_person(CrashTally& tally) const;

    std::string folder_;
    Options options_;
    int errors_ = 0;
};

const char* to_string(vendors::Recovery recovery);

/// `kills` random kills, on fresh folders below `folder` every now and then.
CrashTally random_kills(vendors::Recovery recovery, int kills, std::uint64_t seed, const std::string& folder);

/// A kill at each step, the first time and each later time a process comes to it; after nothing, and after
/// one that ended while its job was on the way. most: later times than that one are left out. reached: the
/// steps.
CrashTally kills_at_each_step(vendors::Recovery recovery, bool is_private, int most,
                              const std::string& folder, std::set<run::Step>& reached);

}  // namespace qdcnn::test
