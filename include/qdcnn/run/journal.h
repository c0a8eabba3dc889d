#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/base/clock.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

/// Where a job stands. On disk before anything that follows from it happens.
enum class JobState : std::uint8_t {
    intent,     ///< written down; nothing was sent
    sending,    ///< a process is sending it; when that process is gone, the job may or may not have arrived
    accepted,   ///< the vendor has it and its id is written down
    queued,     ///< the vendor says so
    running,    ///< the vendor says so
    done,       ///< the result is on disk
    failed,     ///< the vendor refused it or says that it failed; `message` says why
    cancelled,  ///< it will not run
    unknown     ///< it may have arrived; `message` says what to do
};

/// "intent" and so on.
const char* to_string(JobState state);
/// Throws Error(invalid_input).
JobState job_state(const std::string& name);
/// done, failed or cancelled: nothing more happens.
bool is_finished(JobState state);
/// accepted, queued or running.
bool is_at_vendor(JobState state);
/// The state machine: whether a job may go from one state to the other. A state may follow itself.
bool may_follow(JobState from, JobState to);

/// One job of the journal. Times are ISO 8601, UTC, with milliseconds: "2026-03-01T12:00:00.000Z".
struct JobRecord {
    /// Ours, short: 8 hexadecimal digits.
    std::string id{};
    std::string vendor{};
    /// Service::account.
    std::string account{};
    std::string device{};
    /// Empty until the vendor has accepted it.
    std::string vendor_id{};
    /// The idempotency key that the job carries at the vendor: a UUID.
    std::string key{};
    /// SHA-256 of the content: the same work has the same fingerprint. Empty for an attached job.
    std::string fingerprint{};
    /// SHA-256 of the body as it is sent, with the key in it.
    std::string body_hash{};
    JobState state = JobState::intent;
    /// One piece of work split over several jobs: this is number `part`, from 0, of `parts`.
    std::string group{};
    std::size_t part = 0;
    std::size_t parts = 1;
    std::uint64_t circuits = 0;
    std::uint64_t shots = 0;
    vendors::Cost quote{};
    std::optional<vendors::Cost> billed{};
    /// When it was first sent, or else written down.
    std::string submitted{};
    /// When the state or the place in the queue last changed.
    std::string changed{};
    /// Why it failed, or what to do while its fate is unknown.
    std::string message{};
    std::optional<std::int64_t> queue_position{};
    /// The vendor gives its result out once.
    bool is_private = false;
    /// When it was sent; more than once only where the vendor deduplicates or does not have it.
    std::vector<std::string> sendings{};
    /// When the vendor was first asked since the last sending and did not have it.
    std::optional<std::string> absent_since{};
    /// The vendor has a result that was not fetched yet.
    bool is_ready = false;
    /// A fetch began and its end is not written down: a private job's result may be gone.
    bool is_fetching = false;
    /// Hash of the result, once it is on disk.
    std::optional<std::string> result_hash{};
    /// Where the result lies, once it is on disk.
    std::optional<std::string> result_path{};
    bool is_reported = false;
};

/// One line of a job's history.
struct JobEvent {
    std::string time{};
    JobState state = JobState::intent;
    std::string detail{};
};

/// The same work: what `submit` looks for before it sends anything.
struct Work {
    std::string fingerprint{};
    std::string vendor{};
    std::string account{};
    std::string device{};
    std::string group{};
    std::size_t part = 0;
};

/// The steps of submit, poll and fetch between which a process may end. Named for tests that end it there.
enum class Step : std::uint8_t {
    submit_before_content,  ///< nothing is written
    submit_after_content,   ///< the content's file is there, no row yet
    submit_after_intent,    ///< the row is there
    submit_after_lock,      ///< this process alone works on the job
    submit_after_sending,   ///< `sending` is durable, no byte sent
    submit_after_reply,     ///< the vendor answered, nothing is written
    submit_after_accepted,  ///< the vendor's id is durable
    recover_before_look,    ///< `unknown` is durable
    recover_after_look,     ///< the vendor was asked once
    recover_before_resend,  ///< it was decided to send again
    poll_after_reply,       ///< the vendor answered, nothing is written
    poll_after_write,       ///< the new state is durable
    fetch_before_request,   ///< that a fetch begins is durable
    fetch_after_reply,      ///< the bytes are in memory only
    fetch_after_file,       ///< the file is durable, its hash is not in the row
    fetch_after_done,       ///< `done` is durable
    report_after_write,     ///< `reported` is durable
    journal_before_commit,  ///< within a transaction
    journal_after_commit    ///< committed; the witness beside the database is not written
};
inline constexpr std::size_t kStepCount = 19;
/// "submit.after_intent" and so on.
const char* to_string(Step step);
std::array<Step, kStepCount> all_steps();

struct JournalOptions {
    /// Dates of events.
    Clock* clock = nullptr;
    /// A rollback journal even where write-ahead logging would work.
    bool is_rollback = false;
    /// Who counts as the writer of files beside the database: for tests that let disks fail.
    std::function<void(const std::string& path, std::string_view content)> write_file{};
    /// The name of an SQLite VFS: likewise.
    std::string vfs{};
    /// Called at each step: for tests that end the process or throw there.
    std::function<void(Step)> on_step{};
};

/// $XDG_STATE_HOME/qdcnn/jobs, or ~/.local/state/qdcnn/jobs. Throws Error(not_found) where there is neither
/// variable nor home.
std::string default_journal_folder();

/// What one transaction sees and changes (src/run/journal/ledger.h).
class Ledger;

/// The jobs of a user, in a folder (mode 0700) with an SQLite database (0600) and files for contents and
/// results. Several threads and processes share one. Every row carries its SHA-256, a seal counts the rows,
/// and a witness file beside the database knows the newest transaction: what was changed, cut or put back
/// behind our back is refused with Error(storage), never read as something else. A folder on a network file
/// system gets a rollback journal in place of write-ahead logging. Every member throws Error(storage) where
/// the disk fails or the journal is damaged.
class Journal {
  public:
    /// Makes what is not there. Throws Error(storage) also when others may read the folder or the schema is
    /// newer.
    explicit Journal(const std::string& folder, JournalOptions options = {});
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    const std::string& folder() const;
    /// "wal" or "delete".
    const std::string& mode() const;

    /// Oldest first.
    std::vector<JobRecord> list();
    /// By our id, its beginning, or the vendor's id. Throws Error(not_found), with what is near;
    /// Error(invalid_input) when several begin so.
    JobRecord find(const std::string& id);
    /// The latest entry of this work that was not refused without effect. Nothing where there is none.
    std::optional<JobRecord> find_work(const Work& work);
    /// The latest entry of each part, in order.
    std::vector<JobRecord> find_group(const std::string& group);
    /// Oldest first.
    std::vector<JobEvent> events(const std::string& id);
    /// PreparedJob::content as it was submitted, hash checked. Throws Error(not_found) for an attached job.
    std::string content(const std::string& id);
    /// The result's raw bytes, hash checked. Throws Error(not_found) where there is none yet.
    std::string raw_result(const std::string& id);

    /// The one way to change it: a transaction that no other process can be in. Not nested.
    void write(const std::function<void(Ledger&)>& change);

    // For JobDesk. A file is durable on return.
    const JournalOptions& options() const;
    void keep_content(const std::string& fingerprint, std::string_view content);
    /// Returns the hash.
    std::string keep_result(const std::string& id, std::string_view bytes);
    /// The hash of a whole result that a process kept and did not live to enter.
    std::optional<std::string> find_result(const std::string& id) const;
    void step(Step step) const {
        if (options().on_step) options().on_step(step);
    }

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The jobs in a database file's bytes, checked like Journal does, without its witness. Throws Error(storage)
/// and nothing else, whatever the bytes are.
std::vector<JobRecord> read_journal_bytes(std::string_view bytes);

/// One row's document (JSON). Throws Error(storage) and nothing else, whatever the text is.
JobRecord read_job_document(const std::string& text);

}  // namespace qdcnn::run
