#include "qdcnn/run/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/hash.h"
#include "qdcnn/base/suggest.h"
#include "run/journal/database.h"
#include "run/journal/folder.h"
#include "run/journal/job_lock.h"
#include "run/journal/ledger.h"
#include "run/journal/witness.h"

namespace qdcnn::run {
namespace {

constexpr const char* kVersion = "1";

JournalOptions completed(JournalOptions options) {
    if (options.clock == nullptr) options.clock = &system_clock();
    return options;
}

/// A database without tables is one that was never filled.
bool is_new(Database& database) { return database.text("SELECT count(*) FROM sqlite_schema") == "0"; }

void require_version(Database& database) {
    const auto version = database.text("PRAGMA user_version");
    if (version == kVersion) return;
    if (version.size() > 1 || version > kVersion)
        throw Error(
            ErrorKind::storage,
            fmt::format("the job journal has version {}, this program reads {}", version, kVersion),
            "A newer qdcnn wrote it, or it is damaged: use the newer one, or put back a copy of the folder.");
    throw_damaged(fmt::format("its version is {}", version));
}

JobRecord find_by_id(const std::vector<JobRecord>& jobs, const std::string& id, const std::string& folder) {
    std::vector<const JobRecord*> found;
    std::vector<std::string> ids;
    for (const auto& job : jobs) {
        if (job.id == id || (!id.empty() && job.vendor_id == id)) return job;
        if (!id.empty() && job.id.starts_with(id)) found.push_back(&job);
    }
    if (found.size() == 1) return *found[0];
    if (found.size() > 1)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} jobs begin with \"{}\", expected one", found.size(), id),
                    fmt::format("For example {} or {}.", found[0]->id, found[1]->id));
    // The latest are the likely ones.
    for (std::size_t i = jobs.size(); i > 0 && ids.size() < 5; --i) ids.push_back(jobs[i - 1].id);
    throw Error(ErrorKind::not_found, fmt::format("the job journal {} has no job \"{}\"", folder, id),
                suggestion(id, ids));
}

}  // namespace

struct Journal::Impl {
    Impl(const std::string& path, JournalOptions given)
        : options(completed(std::move(given))), folder(path, options), witness(folder.witness()) {}

    /// Under the lock of opening, for several processes may make the same journal.
    void open() {
        const auto lock = JobLock::acquire(folder.path(), JobLock::kOpening, std::chrono::minutes(1));
        if (!exists(folder.witness())) folder.write(folder.witness(), Witness::empty());
        witness.open();
        const auto newest = witness.read();
        folder.make_private_file(folder.database());
        database = std::make_unique<Database>(folder.database(), options.vfs);
        choose_mode();
        database->run("BEGIN IMMEDIATE");
        if (is_new(*database)) {
            require_not_older(0, newest);
            create_tables(*database);
            database->run(fmt::format("PRAGMA user_version = {}", kVersion).c_str());
            database->run("COMMIT");
            return;
        }
        require_version(*database);
        load(newest);
        database->rollback();
        // Whoever takes the witness away, says that this state is the right one.
        if (newest < snapshot.seal.sequence) witness.write(snapshot.seal.sequence);
    }

    void choose_mode() {
        if (!options.is_rollback && !folder.is_on_network())
            mode = database->text("PRAGMA journal_mode = WAL");
        // It answers with the mode it kept where the log's shared memory cannot be had.
        if (mode == "wal") {
            database->run("PRAGMA synchronous = FULL");
        } else {
            mode = database->text("PRAGMA journal_mode = DELETE");
            // FULL, and the folder synced after the rollback journal is gone from it, which is the commit.
            database->run("PRAGMA synchronous = EXTRA");
        }
    }

    void require_not_older(std::int64_t sequence, std::int64_t newest) const {
        if (sequence >= newest) return;
        throw Error(
            ErrorKind::storage,
            fmt::format(
                "the job journal {} ends with transaction {}, but {} were written: its end is lost, or "
                "an old copy was put back",
                folder.database(), sequence, newest),
            fmt::format("Nothing was sent. Put back the newest copy of the folder. If this is the best there "
                        "is: remove {}, compare `qdcnn job list` with the vendor's list and take what is "
                        "missing with `qdcnn job attach ID`, before anything is submitted.",
                        folder.witness()));
    }

    /// Within a transaction. newest: what the witness said before it began.
    void load(std::int64_t newest) {
        load_snapshot(*database, snapshot);
        require_not_older(snapshot.seal.sequence, newest);
        for (auto& job : snapshot.jobs)
            if (job.result_hash && !job.result_path)
                job.result_path = folder.result(job.id, *job.result_hash);
    }

    /// Within a transaction of its own; the mutex is held.
    template <typename Read>
    auto read(Read use) {
        const auto newest = witness.read();
        database->run("BEGIN");
        try {
            load(newest);
            auto answer = use();
            database->rollback();
            return answer;
        } catch (...) {
            database->rollback();
            throw;
        }
    }

    JournalOptions options;
    Folder folder;
    Witness witness;
    std::string mode{};
    std::mutex mutex{};
    std::unique_ptr<Database> database{};
    Snapshot snapshot{};
};

Journal::Journal(const std::string& folder, JournalOptions options)
    : impl_(std::make_unique<Impl>(folder, std::move(options))) {
    impl_->open();
}

Journal::~Journal() = default;

const std::string& Journal::folder() const { return impl_->folder.path(); }
const std::string& Journal::mode() const { return impl_->mode; }
const JournalOptions& Journal::options() const { return impl_->options; }

std::vector<JobRecord> Journal::list() {
    const std::lock_guard lock(impl_->mutex);
    return impl_->read([&] { return impl_->snapshot.jobs; });
}

JobRecord Journal::find(const std::string& id) {
    const std::lock_guard lock(impl_->mutex);
    return impl_->read([&] { return find_by_id(impl_->snapshot.jobs, id, folder()); });
}

std::optional<JobRecord> Journal::find_work(const Work& work) {
    const std::lock_guard lock(impl_->mutex);
    return impl_->read([&] {
        const auto* job = find_entry(impl_->snapshot.jobs, work);
        return job != nullptr ? std::optional(*job) : std::nullopt;
    });
}

std::vector<JobRecord> Journal::find_group(const std::string& group) {
    std::map<std::size_t, JobRecord> latest;
    for (auto& job : list())
        if (job.group == group) latest[job.part] = std::move(job);
    std::vector<JobRecord> jobs;
    for (auto& [part, job] : latest) jobs.push_back(std::move(job));
    return jobs;
}

std::vector<JobEvent> Journal::events(const std::string& id) {
    const auto job = find(id);
    const std::lock_guard lock(impl_->mutex);
    const auto rows = impl_->read([&] { return load_events(*impl_->database, impl_->snapshot); });
    std::vector<JobEvent> events;
    for (const auto& row : rows)
        if (row.job == job.id) events.push_back(row.event);
    return events;
}

std::string Journal::content(const std::string& id) {
    const auto job = find(id);
    if (job.fingerprint.empty())
        throw Error(ErrorKind::not_found,
                    fmt::format("job {} was attached: what was submitted is not in the job journal", job.id));
    return impl_->folder.read_checked(impl_->folder.content(job.fingerprint), job.fingerprint);
}

std::string Journal::raw_result(const std::string& id) {
    const auto job = find(id);
    if (!job.result_path)
        throw Error(ErrorKind::not_found,
                    fmt::format("job {} is {}: it has no result", job.id, to_string(job.state)),
                    is_finished(job.state) ? job.message : fmt::format("qdcnn job wait {}", job.id));
    return impl_->folder.read_checked(*job.result_path, *job.result_hash);
}

void Journal::write(const std::function<void(Ledger&)>& change) {
    const std::lock_guard lock(impl_->mutex);
    auto& database = *impl_->database;
    const auto newest = impl_->witness.read();
    database.run("BEGIN IMMEDIATE");
    try {
        impl_->load(newest);
        Ledger ledger(database, impl_->snapshot, impl_->options.clock->date());
        change(ledger);
        if (!ledger.is_changed()) return database.rollback();
        auto next = ledger.finish();
        step(Step::journal_before_commit);
        database.run("COMMIT");
        impl_->snapshot = std::move(next);
    } catch (...) {
        // A commit that failed may have taken place all the same: the seal tells the next reader.
        database.rollback();
        throw;
    }
    step(Step::journal_after_commit);
    impl_->witness.write(impl_->snapshot.seal.sequence);
}

void Journal::keep_content(const std::string& fingerprint, std::string_view content) {
    impl_->folder.write_content(fingerprint, content);
}

std::string Journal::keep_result(const std::string& id, std::string_view bytes) {
    auto hash = sha256_hex(bytes);
    impl_->folder.write(impl_->folder.result(id, hash), bytes);
    return hash;
}

std::optional<std::string> Journal::find_result(const std::string& id) const {
    return impl_->folder.find_result(id);
}

std::vector<JobRecord> read_journal_bytes(std::string_view bytes) {
    Database database(bytes);
    if (is_new(database)) throw_damaged("it has no tables");
    require_version(database);
    Snapshot snapshot;
    load_snapshot(database, snapshot);
    load_events(database, snapshot);
    return std::move(snapshot.jobs);
}

}  // namespace qdcnn::run
