#include "torture/crash_rig.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/run/job_desk.h"
#include "support/fake_cloud.h"

namespace qdcnn::test {
namespace {

using namespace std::chrono_literals;
using run::JobState;
using run::Step;
using vendors::Recovery;

/// Waiting times that let thousands of processes end within minutes. The gap is longer than any fake reply
/// takes.
run::DeskOptions quick() {
    return {.shortest_poll = 100us, .longest_poll = 1ms, .absence_gap = 3ms, .lock_patience = 30s};
}

std::string work_text(int index) { return fmt::format("work {}", index); }

FakeCloudOptions cloud_options(const CrashRig::Options& options) {
    return {.recovery = options.recovery, .way = options.way, .is_private = options.is_private};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void CrashTally::add(const CrashTally& other) {
    kills += other.kills;
    jobs += other.jobs;
    lost += other.lost;
    doubled += other.doubled;
    in_doubt += other.in_doubt;
    in_doubt_silent += other.in_doubt_silent;
    results_lost += other.results_lost;
    errors += other.errors;
}

const char* to_string(Recovery recovery) {
    switch (recovery) {
        case Recovery::deduplicates:
            return "deduplicates";
        case Recovery::searchable:
            return "can be searched";
        case Recovery::blind:
            return "neither";
    }
    return "?";
}

void CrashRig::work(const std::function<void(Step)>& on_step) const {
    FakeCloud cloud(folder_ + "/cloud", cloud_options(options_));
    run::Journal journal(folder_ + "/jobs", {.on_step = on_step});
    run::JobDesk desk(journal, cloud, system_clock(), quick(), static_cast<std::uint64_t>(::getpid()));
    for (int i = 0; i < options_.jobs; ++i) {
        try {
            const auto job = desk.submit(plain_job(work_text(i)), {.is_private = options_.is_private});
            if (desk.wait(job.id).state == JobState::done) {
                desk.fetch(job.id);
                desk.set_reported(job.id);
            }
        } catch (const Error& error) {
            // The next job does not suffer from this one's doubts.
            if (error.kind() != ErrorKind::outcome_unknown) throw;
        }
    }
}

int CrashRig::start(const std::function<void(Step)>& on_step) const {
    const int process = ::fork();
    if (process < 0) throw std::runtime_error("fork failed");
    if (process > 0) return process;
    int code = 0;
    try {
        work(on_step);
    } catch (const std::exception& error) {
        fmt::print(stderr, "crash rig: {}\n", error.what());
        code = 1;
    }
    // Without what the parent registered to happen at its own exit.
    ::_exit(code);
}

int CrashRig::end(int process) const {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0)
        if (errno != EINTR) throw std::runtime_error("waitpid failed");
    return status;
}

bool CrashRig::run_until(Step step, int count) {
    int left = count;
    const int status = end(start([&](Step reached) {
        if (reached == step && --left == 0) ::raise(SIGKILL);
    }));
    if (WIFSIGNALED(status)) return true;
    if (WEXITSTATUS(status) != 0) ++errors_;
    return false;
}

int CrashRig::run_and_kill(Random& random, double seconds, int processes) {
    std::vector<int> running;
    for (int i = 0; i < processes; ++i) running.push_back(start({}));
    int killed = 0;
    for (const int process : running) {
        std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0.0, seconds / processes)));
        ::kill(process, SIGKILL);
        const int status = end(process);
        if (WIFSIGNALED(status))
            ++killed;
        else if (WEXITSTATUS(status) != 0)
            ++errors_;
    }
    return killed;
}

double CrashRig::run_to_end() {
    const auto start_time = std::chrono::steady_clock::now();
    if (end(start({})) != 0) ++errors_;
    return seconds_since(start_time);
}

void CrashRig::look_like_a_person(CrashTally& tally) const {
    FakeCloud cloud(folder_ + "/cloud", cloud_options(options_));
    run::Journal journal(folder_ + "/jobs");
    run::JobDesk desk(journal, cloud, system_clock(), quick());
    for (const auto& job : journal.list()) {
        if (job.state != JobState::unknown && job.state != JobState::sending) continue;
        ++tally.in_doubt;
        if (job.message.find("job attach") == std::string::npos) ++tally.in_doubt_silent;
        std::string found;
        for (const auto& booked : cloud.jobs())
            if (booked.key == job.key) found = booked.vendor_id;
        if (found.empty())
            desk.declare_absent(job.id);
        else
            desk.attach(found, job.id);
    }
}

CrashTally CrashRig::settle() {
    CrashTally tally;
    run_to_end();
    look_like_a_person(tally);
    run_to_end();
    tally.jobs = options_.jobs;
    tally.errors = errors_;

    std::map<std::string, int> booked;
    for (const auto& job : FakeCloud(folder_ + "/cloud", cloud_options(options_)).jobs())
        ++booked[job.content];
    run::Journal journal(folder_ + "/jobs");
    std::map<std::string, run::JobRecord> records;
    for (const auto& job : journal.list()) records[journal.content(job.id)] = job;
    for (int i = 0; i < options_.jobs; ++i) {
        const auto text = work_text(i);
        if (booked[text] > 1) ++tally.doubled;
        const auto& job = records[text];
        const bool is_done = job.state == JobState::done && job.is_reported &&
                             journal.raw_result(job.id) == "result of " + text && booked[text] == 1;
        const bool is_result_lost = options_.is_private && job.state == JobState::failed &&
                                    booked[text] == 1 &&
                                    job.message.find("gave it out once") != std::string::npos;
        if (is_result_lost)
            ++tally.results_lost;
        else if (!is_done)
            ++tally.lost;
    }
    return tally;
}

CrashTally random_kills(Recovery recovery, int kills, std::uint64_t seed, const std::string& folder) {
    Random random(seed);
    CrashTally tally;
    double seconds = 0.0;
    for (int round = 0; tally.kills < kills; ++round) {
        const auto path = fmt::format("{}/{}-{}", folder, static_cast<int>(recovery), round);
        std::filesystem::create_directories(path);
        // So that half of all kills meet a process that waits for the vendor.
        CrashRig rig(path, {.recovery = recovery, .way = 500us});
        // As long as nobody disturbs it, a process on a fresh folder takes this long.
        if (round == 0) seconds = rig.run_to_end();
        // As time goes by a folder has less left to be killed in.
        constexpr int kKillsOfAFolder = 8;
        int here = 0;
        for (int attempt = 0; attempt < 2 * kKillsOfAFolder && here < kKillsOfAFolder; ++attempt)
            here +=
                rig.run_and_kill(random, round == 0 ? 0.001 : seconds, 1 + static_cast<int>(random.below(2)));
        auto settled = rig.settle();
        settled.kills = here;
        tally.add(settled);
        std::filesystem::remove_all(path);
    }
    return tally;
}

CrashTally kills_at_each_step(Recovery recovery, bool is_private, int most, const std::string& folder,
                              std::set<Step>& reached) {
    CrashTally tally;
    int number = 0;
    const std::optional<Step> before[] = {std::nullopt, Step::submit_after_sending, Step::submit_after_reply};
    for (const auto& first : before)
        for (const auto step : run::all_steps())
            for (int count = 1; count <= most; ++count) {
                const auto path = fmt::format("{}/step-{}", folder, number++);
                std::filesystem::create_directories(path);
                CrashRig rig(path, {.recovery = recovery, .jobs = 1, .is_private = is_private});
                if (first) rig.run_until(*first, 1);
                const bool was_killed = rig.run_until(step, count);
                auto settled = rig.settle();
                settled.kills = (first ? 1 : 0) + (was_killed ? 1 : 0);
                tally.add(settled);
                std::filesystem::remove_all(path);
                if (!was_killed) break;
                reached.insert(step);
            }
    return tally;
}

}  // namespace qdcnn::test
