#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/clock.h"
#include "qdcnn/base/random.h"
#include "qdcnn/run/budget.h"
#include "qdcnn/run/journal.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

struct DeskOptions {
    /// Between two questions about a job: grows from the one to the other, with jitter; a change starts it
    /// again.
    Clock::Duration shortest_poll = std::chrono::seconds(1);
    Clock::Duration longest_poll = std::chrono::seconds(60);
    /// A job that may have been lost is absent when the vendor twice did not have it, this far apart.
    Clock::Duration absence_gap = std::chrono::seconds(30);
    /// How often one call sends a job whose reply was lost again, where that is safe.
    int resends = 2;
    /// How long to wait for another process that works on the same job.
    Clock::Duration lock_patience = std::chrono::minutes(10);
};

struct SubmitOptions {
    /// Another job even where the journal knows this work.
    bool is_new = false;
    Budget budget{};
    std::string group{};
    std::size_t part = 0;
    std::size_t parts = 1;
    /// JobRequest::is_private: the vendor gives the result out once.
    bool is_private = false;
};

/// What `wait` tells between two questions.
struct WaitProgress {
    JobRecord job;
    std::chrono::seconds age{};
    /// Since the state or the place in the queue last changed.
    std::chrono::seconds unchanged_for{};
    /// The last question had no answer; the job's state is what it was before.
    std::optional<Error> trouble{};
    /// Until the next question.
    Clock::Duration next_poll{};
};

struct WaitOptions {
    std::optional<Clock::TimePoint> deadline{};
    std::function<void(const WaitProgress&)> on_progress{};
};

/// Takes jobs to a vendor and their results back, under a journal, so that none is lost and none is sent
/// twice: decision 7. Who works on a job holds its lock, which ends with the process; a job found `sending`
/// without one is `unknown`, and is looked for before it is sent again:
/// - the vendor deduplicates: sent again with the same key, which is the same job there;
/// - it can be searched: found by its key, or absent twice and then sent again. Of several under one key the
/// oldest
///   is taken, for it is nearest to its result, and the message names the others;
/// - neither: stays unknown with a message that says what to do (attach, declare_absent).
/// A finished job is not asked for again: what is to be had of it is on the disk, and nothing of that needs
/// the service. Ids are ours, their beginnings, or the vendor's. Usable from several threads. Errors of the
/// service pass through; none of them changes a job's state unless it says so below. Throws Error(not_found)
/// for unknown ids.
class JobDesk {
  public:
    /// Refers to all three. The seed is for jitter.
    JobDesk(Journal& journal, vendors::Service& service, Clock& clock, DeskOptions options = {},
            std::uint64_t seed = 0);

    /// Sends the job once it is durable, or goes on with the entry of the same work, wherever that stands:
    /// what was accepted is not sent again, what failed at the vendor is returned as it is. An entry that the
    /// vendor refused without effect is replaced. Waits where the vendor's submits in a minute are used up.
    /// Throws Error(budget) before anything is sent; what the vendor refused with, when the entry is `failed`
    /// (it will never be taken) or `intent` again (it may be later); Error(outcome_unknown) when looking
    /// cannot decide.
    JobRecord submit(const vendors::PreparedJob& job, const SubmitOptions& options = {});

    /// Asks the vendor once, where the job is there, and writes down what it says.
    JobRecord poll(const std::string& id);

    /// Polls until all are finished, and fetches their results and bills; or until the deadline, when those
    /// not finished come back as they stand. Neither that nor an interrupt (Error(cancelled)) touches a job.
    /// Network trouble, a vendor's trouble and rate limits are waited out; other errors pass through. Throws
    /// Error(outcome_unknown) for a job that is unknown, Error(invalid_input) for one never sent.
    std::vector<JobRecord> wait(const std::vector<std::string>& ids, const WaitOptions& options = {});
    JobRecord wait(const std::string& id, const WaitOptions& options = {});

    /// The result's bytes, from disk or from the vendor, then on disk before they are returned. Throws
    /// Error(job_failed) for a job that failed or was cancelled, or whose private result was given out and
    /// did not reach the disk; Error(timeout) while there is none.
    std::string fetch(const std::string& id);

    /// What the vendor charged, asked for where it is not known.
    std::optional<vendors::Cost> bill(const std::string& id);

    /// Asks for it. What was never sent is cancelled here. The job is cancelled when the vendor says so
    /// (poll); a finished one stays as it is. Throws Error(vendor) where it cannot be cancelled,
    /// Error(outcome_unknown) where it is unknown whether there is a job.
    JobRecord cancel(const std::string& id);

    /// Takes a job of the vendor's under the journal's care, or returns the entry that has it. for_id: the
    /// entry, `unknown` so far, that this job is. Without it, the one unknown entry whose key the job carries
    /// as a tag, or else a new entry.
    JobRecord attach(const std::string& vendor_id, const std::string& for_id = {});

    /// A person has looked: the unknown job is not at the vendor. It may be sent again.
    JobRecord declare_absent(const std::string& id);

    /// Goes over all entries of this vendor and account that are not finished: looks for those whose fate is
    /// unknown and ends what was begun (within the budget), polls the others. Entries never sent stay. What
    /// is wrong with one does not stop the others: it is in that entry's message, or (service errors) in
    /// `troubles`.
    struct Reconciled {
        std::vector<JobRecord> jobs{};
        std::vector<std::string> troubles{};
    };
    Reconciled reconcile(const Budget& budget = {});

    /// The caller has the result and shows it.
    JobRecord set_reported(const std::string& id);

    Journal& journal() { return journal_; }
    vendors::Service& service() { return service_; }

  private:
    /// Throws Error(invalid_input) for a job of another vendor or account.
    JobRecord own(const std::string& id) const;
    void require_own(const JobRecord& job) const;
    JobRecord apply(const std::string& id, const vendors::RemoteJob& remote);
    JobRecord enter(const vendors::PreparedJob& job, const SubmitOptions& options,
                    const std::string& fingerprint);
    JobRecord finish(const std::string& id, const std::string& hash);
    std::string request_result(const JobRecord& job);
    WaitProgress ask(const std::string& id);
    void require_waitable(const JobRecord& job) const;
    Clock::Duration with_jitter(Clock::Duration interval);

    Journal& journal_;
    vendors::Service& service_;
    Clock& clock_;
    DeskOptions options_;
    std::mutex mutex_;
    Random random_;
    /// Results that the disk did not take yet.
    std::map<std::string, std::string> unsaved_;
};

}  // namespace qdcnn::run
