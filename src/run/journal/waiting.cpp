#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/run/job_desk.h"
#include "run/journal/dates.h"
#include "run/journal/job_lock.h"
#include "run/journal/ledger.h"
#include "run/journal/sender.h"

namespace qdcnn::run {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

JobState state_of(vendors::RemoteState remote) {
    switch (remote) {
        case vendors::RemoteState::queued:
            return JobState::queued;
        // Done here is when the result is on disk.
        case vendors::RemoteState::running:
        case vendors::RemoteState::done:
            return JobState::running;
        case vendors::RemoteState::failed:
            return JobState::failed;
        case vendors::RemoteState::cancelled:
            return JobState::cancelled;
    }
    throw Error(ErrorKind::internal, "a state of no name");
}

/// What the vendor says, put into the job.
void take_over(JobRecord& job, const vendors::RemoteJob& remote) {
    // A word that is not known says nothing.
    if (!remote.state) return;
    job.state = state_of(*remote.state);
    job.is_ready = *remote.state == vendors::RemoteState::done;
    job.queue_position = job.state == JobState::queued ? remote.queue_position : std::nullopt;
    if (is_finished(job.state)) job.message = redactor().redact(remote.reason);
}

/// Passes with time.
bool is_trouble(ErrorKind kind) {
    return kind == ErrorKind::network || kind == ErrorKind::timeout || kind == ErrorKind::rate_limited ||
           kind == ErrorKind::vendor;
}

struct Waiting {
    std::string id;
    Clock::TimePoint next{};
    Clock::Duration interval{};
    std::string changed{};
};

}  // namespace

JobRecord JobDesk::poll(const std::string& id) {
    auto job = journal_.find(id);
    if (!is_at_vendor(job.state)) return job;
    require_own(job);
    const auto remote = service_.status(job.vendor_id);
    journal_.step(Step::poll_after_reply);
    auto polled = apply(job.id, remote);
    journal_.step(Step::poll_after_write);
    return polled;
}

JobRecord JobDesk::apply(const std::string& id, const vendors::RemoteJob& remote) {
    JobRecord job;
    journal_.write([&](Ledger& ledger) {
        job = ledger.get(id);
        if (!is_at_vendor(job.state)) return;
        const auto before = job;
        take_over(job, remote);
        const bool is_other = job.state != before.state || job.is_ready != before.is_ready;
        if (!is_other && job.queue_position == before.queue_position) return;
        ledger.put(job, !is_other ? "" : fmt::format("the vendor says {}", remote.vendor_state));
        job = ledger.get(id);
    });
    return job;
}

std::string JobDesk::fetch(const std::string& id) {
    auto job = journal_.find(id);
    if (job.result_hash) return journal_.raw_result(job.id);
    // A private result is given out once: of two who ask, the second would get nothing.
    const auto lock = JobLock::acquire(journal_.folder(), job.id, options_.lock_patience);
    job = journal_.find(job.id);
    if (job.result_hash) return journal_.raw_result(job.id);
    if (is_finished(job.state))
        throw Error(ErrorKind::job_failed,
                    fmt::format("job {} is {}: {}", job.id, to_string(job.state), job.message));
    if (!is_at_vendor(job.state))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("job {} is {}: it has no result", job.id, to_string(job.state)), job.message);
    if (const auto hash = journal_.find_result(job.id)) {
        finish(job.id, *hash);
        return journal_.raw_result(job.id);
    }
    require_own(job);
    auto raw = request_result(job);
    finish(job.id, journal_.keep_result(job.id, raw));
    const std::lock_guard guard(mutex_);
    unsaved_.erase(job.id);
    return raw;
}

std::string JobDesk::request_result(const JobRecord& job) {
    {
        const std::lock_guard guard(mutex_);
        if (const auto kept = unsaved_.find(job.id); kept != unsaved_.end()) return kept->second;
    }
    if (!job.is_fetching)
        change_job(journal_, job.id, "fetching", [](JobRecord& edited) { edited.is_fetching = true; });
    journal_.step(Step::fetch_before_request);
    std::optional<std::string> raw;
    try {
        raw = service_.fetch(job.vendor_id);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) throw;
    }
    journal_.step(Step::fetch_after_reply);
    if (raw) {
        const std::lock_guard guard(mutex_);
        return unsaved_[job.id] = std::move(*raw);
    }
    if (job.is_private && job.is_ready && job.is_fetching) {
        const auto message = fmt::format(
            "its result is private: {} gave it out once, in an earlier fetch that ended before it was on "
            "disk",
            job.vendor);
        change_job(journal_, job.id, message, [&](JobRecord& edited) {
            edited.state = JobState::failed;
            edited.message = message;
            edited.is_fetching = false;
        });
        throw Error(ErrorKind::job_failed, fmt::format("job {}: {}", job.id, message));
    }
    change_job(journal_, job.id, "no result yet", [](JobRecord& edited) { edited.is_fetching = false; });
    throw Error(ErrorKind::timeout, fmt::format("job {} has no result yet", job.id),
                fmt::format("qdcnn job wait {}", job.id));
}

JobRecord JobDesk::finish(const std::string& id, const std::string& hash) {
    journal_.step(Step::fetch_after_file);
    auto job = change_job(journal_, id, "the result is on disk", [&](JobRecord& edited) {
        edited.state = JobState::done;
        edited.result_hash = hash;
        edited.is_ready = edited.is_fetching = false;
        edited.queue_position.reset();
    });
    journal_.step(Step::fetch_after_done);
    return job;
}

std::optional<vendors::Cost> JobDesk::bill(const std::string& id) {
    const auto job = journal_.find(id);
    if (job.billed || job.vendor_id.empty()) return job.billed;
    require_own(job);
    auto cost = service_.billed(job.vendor_id);
    if (cost) change_job(journal_, job.id, "billed", [&](JobRecord& edited) { edited.billed = cost; });
    return cost;
}

Clock::Duration JobDesk::with_jitter(Clock::Duration interval) {
    const std::lock_guard guard(mutex_);
    const auto drawn = duration_cast<Clock::Duration>(interval * random_.uniform(0.75, 1.25));
    return std::clamp(drawn, options_.shortest_poll, options_.longest_poll);
}

JobRecord JobDesk::wait(const std::string& id, const WaitOptions& options) {
    return wait(std::vector<std::string>{id}, options)[0];
}

std::vector<JobRecord> JobDesk::wait(const std::vector<std::string>& ids, const WaitOptions& options) {
    std::vector<Waiting> open;
    for (const auto& id : ids)
        open.push_back({journal_.find(id).id, clock_.now(), options_.shortest_poll, {}});
    std::vector<std::string> all;
    for (const auto& waiting : open) all.push_back(waiting.id);
    while (!open.empty()) {
        const auto turn = std::min_element(
            open.begin(), open.end(), [](const Waiting& a, const Waiting& b) { return a.next < b.next; });
        if (options.deadline && turn->next > *options.deadline) {
            clock_.sleep_until(*options.deadline);
            break;
        }
        clock_.sleep_until(turn->next);
        auto progress = ask(turn->id);
        const auto& job = progress.job;
        // A change starts the waiting again; 1.5 gets from a second to a minute in ten questions.
        turn->interval = job.changed != turn->changed
                             ? options_.shortest_poll
                             : std::min<Clock::Duration>(turn->interval * 3 / 2, options_.longest_poll);
        turn->changed = job.changed;
        progress.next_poll = is_finished(job.state) ? Clock::Duration{} : with_jitter(turn->interval);
        turn->next = clock_.now() + progress.next_poll;
        if (is_finished(job.state)) open.erase(turn);
        if (options.on_progress) options.on_progress(progress);
    }
    std::vector<JobRecord> jobs;
    for (const auto& id : all) jobs.push_back(journal_.find(id));
    return jobs;
}

WaitProgress JobDesk::ask(const std::string& id) {
    WaitProgress progress;
    try {
        const auto job = poll(id);
        require_waitable(job);
        if (job.is_ready) fetch(job.id);
    } catch (const Error& error) {
        const bool is_over = error.kind() == ErrorKind::job_failed;
        if (!is_over && !is_trouble(error.kind())) throw;
        if (!is_over) progress.trouble = error;
    }
    try {
        if (is_finished(journal_.find(id).state)) bill(id);
    } catch (const Error& error) {
        // The result is here; that there is no account any more, say, does not take it away.
        if (error.kind() == ErrorKind::storage || error.kind() == ErrorKind::cancelled) throw;
        if (is_trouble(error.kind())) progress.trouble = error;
    }
    progress.job = journal_.find(id);
    const auto since = [&](const std::string& date) {
        return std::max(seconds{0}, duration_cast<seconds>(clock_.date() - date_of(date)));
    };
    progress.age = since(progress.job.submitted);
    progress.unchanged_for = since(progress.job.changed);
    return progress;
}

void JobDesk::require_waitable(const JobRecord& job) const {
    if (is_at_vendor(job.state) || is_finished(job.state)) return;
    // In the hands of another process, which sends it.
    const auto lock = JobLock::try_acquire(journal_.folder(), job.id);
    if (!lock) return;
    // It may have been sent before the lock was free.
    const auto latest = journal_.find(job.id);
    if (is_at_vendor(latest.state) || is_finished(latest.state)) return;
    if (latest.state == JobState::intent)
        throw Error(ErrorKind::invalid_input, fmt::format("job {} was never sent", job.id),
                    "The same `qdcnn submit` sends it.");
    throw_in_doubt(latest);
}

}  // namespace qdcnn::run
