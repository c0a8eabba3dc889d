#include "run/journal/sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/hash.h"
#include "qdcnn/base/redact.h"
#include "run/journal/dates.h"
#include "run/journal/job_lock.h"
#include "run/journal/ledger.h"

namespace qdcnn::run {
namespace {

/// A minute, and a little for the way to the vendor, which takes one submit longer than another.
constexpr std::chrono::seconds kRateWindow{61};

/// How long to wait before one more sending to this vendor and account.
std::optional<Clock::Duration> rate_pause(const std::vector<JobRecord>& jobs, const JobRecord& job,
                                          int submits_per_minute, Date now) {
    if (submits_per_minute <= 0) return std::nullopt;
    std::vector<Date> recent;
    for (const auto& other : jobs) {
        if (other.vendor != job.vendor || other.account != job.account) continue;
        for (const auto& time : other.sendings)
            if (const auto date = date_of(time); date + kRateWindow > now)
                recent.push_back(std::min(date, now));
    }
    const auto allowed = static_cast<std::size_t>(submits_per_minute);
    if (recent.size() < allowed) return std::nullopt;
    std::sort(recent.begin(), recent.end());
    return recent[recent.size() - allowed] + kRateWindow - now;
}

/// The same work will never be taken, as against: not now.
bool is_final(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid_input:
        case ErrorKind::parse:
        case ErrorKind::unsupported:
        case ErrorKind::not_found:
        case ErrorKind::vendor:
        case ErrorKind::job_failed:
            return true;
        default:
            return false;
    }
}

/// For a line of the journal: without secrets.
std::string said(const std::exception& error) { return redactor().redact(error.what()); }

std::string what_to_do(const JobRecord& job, vendors::Recovery recovery) {
    if (recovery != vendors::Recovery::blind)
        return fmt::format("`qdcnn job reconcile` looks for it, and so does the command that submitted it.");
    return fmt::format(
        "{} cannot be asked for it. Look in its list for a job on {} made about {}. If it is there: `qdcnn "
        "job attach "
        "ITS-ID --for {}`. If it is not: `qdcnn job reconcile {} --absent`, then submit again.",
        job.vendor, job.device, job.sendings.empty() ? job.submitted : job.sendings.back(), job.id, job.id);
}

}  // namespace

JobRecord change_job(Journal& journal, const std::string& id, const std::string& detail,
                     const std::function<void(JobRecord&)>& edit) {
    JobRecord job;
    journal.write([&](Ledger& ledger) {
        job = ledger.get(id);
        edit(job);
        ledger.put(job, detail);
        job = ledger.get(id);
    });
    return job;
}

void throw_in_doubt(const JobRecord& job) {
    throw Error(ErrorKind::outcome_unknown,
                job.message.empty()
                    ? fmt::format("job {}: the process that sent it ended before the answer was written "
                                  "down",
                                  job.id)
                    : fmt::format("job {}: {}", job.id, job.message),
                "Nothing is sent again until that is known: `qdcnn job reconcile`.");
}

JobRecord Sender::drive(const std::string& id, const Budget& budget) {
    const auto lock = JobLock::acquire(journal_.folder(), id, options_.lock_patience);
    journal_.step(Step::submit_after_lock);
    auto job = journal_.find(id);
    // Nobody alive is sending it, for then the lock would not be ours.
    if (job.state == JobState::sending)
        doubt(job, "the process that sent it ended before the answer was written down");
    int left = 1 + options_.resends;
    auto pause = options_.shortest_poll;
    try {
        while (job.state == JobState::intent || job.state == JobState::unknown) {
            if (job.state == JobState::unknown) {
                const auto verdict = look_at(job);
                if (verdict == Verdict::undecidable) throw_in_doubt(job);
                if (verdict == Verdict::absent_once) sleep_until_second_look(job);
                if (verdict != Verdict::sendable) continue;
                if (left == 0) throw_in_doubt(job);
                if (left <= options_.resends) clock_.sleep_for(pause);
                pause *= 2;
                journal_.step(Step::recover_before_resend);
            }
            --left;
            send(job, budget);
        }
    } catch (const Error& error) {
        const bool is_said = error.kind() == ErrorKind::outcome_unknown ||
                             error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::storage ||
                             error.kind() == ErrorKind::budget;
        if (job.state != JobState::unknown || is_said) throw;
        throw Error(ErrorKind::outcome_unknown,
                    fmt::format("job {} may have reached {}, and looking for it failed: {}", job.id,
                                job.vendor, error.what()),
                    what_to_do(job, service_.recovery()));
    }
    return job;
}

JobRecord Sender::look(const std::string& id) {
    const auto lock = JobLock::try_acquire(journal_.folder(), id);
    auto job = journal_.find(id);
    if (!lock) return job;
    if (job.state == JobState::sending)
        doubt(job, "the process that sent it ended before the answer was written down");
    if (job.state == JobState::unknown) look_at(job);
    return job;
}

Sender::Verdict Sender::look_at(JobRecord& job) {
    journal_.step(Step::recover_before_look);
    switch (service_.recovery()) {
        // Sending it again with its key is the look.
        case vendors::Recovery::deduplicates:
            return Verdict::sendable;
        case vendors::Recovery::blind:
            return Verdict::undecidable;
        case vendors::Recovery::searchable:
            break;
    }
    const auto found = service_.find(job.key);
    journal_.step(Step::recover_after_look);
    if (!found.empty()) return accept_found(job, found);
    const auto now = clock_.date();
    if (job.absent_since && now - date_of(*job.absent_since) >= options_.absence_gap)
        return Verdict::sendable;
    if (!job.absent_since)
        job = change_job(journal_, job.id, "the vendor does not have it; asked once",
                         [&](JobRecord& edited) { edited.absent_since = iso_date(now); });
    return Verdict::absent_once;
}

Sender::Verdict Sender::accept_found(JobRecord& job, const std::vector<vendors::RemoteJob>& found) {
    std::string message;
    if (found.size() > 1) {
        message = fmt::format("{} jobs at {} carry its key; this is the oldest. Cancel the others there:",
                              found.size(), job.vendor);
        for (std::size_t i = 0; i + 1 < found.size(); ++i) message += " " + found[i].vendor_id;
    }
    // Latest first.
    accept(job, found.back().vendor_id, message);
    return Verdict::settled;
}

void Sender::sleep_until_second_look(const JobRecord& job) {
    // A date that was set back meanwhile must not make this longer than the gap.
    const auto left = date_of(*job.absent_since) + options_.absence_gap - clock_.date();
    // Dates in the journal have milliseconds.
    clock_.sleep_for(std::clamp<Clock::Duration>(left, std::chrono::milliseconds(1), options_.absence_gap));
}

void Sender::send(JobRecord& job, const Budget& budget) {
    const vendors::PreparedJob prepared{job.device, journal_.content(job.id), job.circuits, job.shots, {}};
    const auto body = service_.body(prepared, job.key);
    // Where sending again is how one looks, a refusal speaks of this sending and not of those before.
    const bool is_look =
        job.state == JobState::unknown && service_.recovery() == vendors::Recovery::deduplicates;
    if (is_look && sha256_hex(body) != job.body_hash)
        throw Error(
            ErrorKind::outcome_unknown,
            fmt::format(
                "job {} may have reached {}, and this program writes its body in another way than the "
                "one that sent it",
                job.id, job.vendor),
            what_to_do(job, vendors::Recovery::blind));
    begin(job, body, budget);
    journal_.step(Step::submit_after_sending);
    const auto outcome = attempt(job, body);
    journal_.step(Step::submit_after_reply);
    if (const auto* accepted = std::get_if<vendors::Accepted>(&outcome)) {
        if (accepted->vendor_id.empty())
            doubt(job, fmt::format("{} accepted it without naming it", job.vendor));
        else
            accept(job, accepted->vendor_id, "");
    } else if (const auto* unclear = std::get_if<vendors::Unclear>(&outcome)) {
        doubt(job, said(unclear->error));
    } else {
        const auto& error = std::get<vendors::Refused>(outcome).error;
        if (!is_look) refuse(job, error);
        doubt(job,
              fmt::format("an earlier sending may have arrived, and this one was refused: {}", said(error)));
    }
}

void Sender::begin(JobRecord& job, const std::string& body, const Budget& budget) {
    const int submits_per_minute = service_.limits(job.device).submits_per_minute;
    for (;;) {
        std::optional<Clock::Duration> pause;
        journal_.write([&](Ledger& ledger) {
            auto edited = ledger.get(job.id);
            require_budget(budget, edited, ledger.jobs());
            pause = rate_pause(ledger.jobs(), edited, submits_per_minute, ledger.date());
            if (pause) return;
            const auto now = iso_date(ledger.date());
            if (edited.sendings.empty()) edited.submitted = now;
            edited.sendings.push_back(now);
            edited.body_hash = sha256_hex(body);
            edited.state = JobState::sending;
            edited.message.clear();
            // What was seen before this sending says nothing about it.
            edited.absent_since.reset();
            ledger.put(edited, fmt::format("sending {}", edited.sendings.size()));
            job = ledger.get(job.id);
        });
        if (!pause) return;
        clock_.sleep_for(*pause);
    }
}

vendors::SubmitOutcome Sender::attempt(JobRecord& job, const std::string& body) {
    try {
        return service_.submit(body, job.key);
    } catch (const Error& error) {
        // Service::submit throws before anything is sent.
        return vendors::Refused{error};
    } catch (const std::exception& error) {
        doubt(job, said(error));
        throw;
    }
}

void Sender::accept(JobRecord& job, const std::string& vendor_id, const std::string& message) {
    // The one place where not writing may cost money: a disk that fails once is tried again.
    constexpr int kAttempts = 3;
    for (int attempt = 1;; ++attempt) {
        try {
            job = change_job(journal_, job.id, fmt::format("accepted as {}", vendor_id),
                             [&](JobRecord& edited) {
                                 edited.state = JobState::accepted;
                                 edited.vendor_id = vendor_id;
                                 edited.message = message;
                                 edited.absent_since.reset();
                             });
            break;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::storage) throw;
            if (attempt < kAttempts) continue;
            throw Error(
                ErrorKind::storage,
                fmt::format("{} accepted job {} as {}, but that could not be written down: {}", job.vendor,
                            job.id, vendor_id, error.what()),
                fmt::format("Once the disk is in order: `qdcnn job attach {} --for {}`.", vendor_id, job.id));
        }
    }
    journal_.step(Step::submit_after_accepted);
}

void Sender::refuse(JobRecord& job, const Error& error) {
    job = change_job(journal_, job.id, fmt::format("refused: {}", said(error)), [&](JobRecord& edited) {
        edited.state = is_final(error.kind()) ? JobState::failed : JobState::intent;
        edited.message = said(error);
    });
    throw error;
}

void Sender::doubt(JobRecord& job, const std::string& why) {
    const auto detail = fmt::format("it may or may not have reached {}: {}", job.vendor, why);
    job = change_job(journal_, job.id, detail, [&](JobRecord& edited) {
        edited.state = JobState::unknown;
        edited.message = fmt::format("{}. {}", detail, what_to_do(edited, service_.recovery()));
    });
}

}  // namespace qdcnn::run
