#include "store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/random.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;

// Names beside those of requests.
constexpr const char* kJobsMade = "#jobs";
constexpr const char* kIds = "#ids";

json document_of(const StoredJob& job) {
    return {{"id", job.id},
            {"instance", job.instance},
            {"backend", job.backend},
            {"program", job.program},
            {"session", job.session},
            {"envelope", job.envelope},
            {"tags", job.tags},
            {"is_private", job.is_private},
            {"caller", job.caller},
            {"status", job.status},
            {"reason_code", job.reason_code},
            {"reason", job.reason},
            {"created", job.created},
            {"started", job.started},
            {"finished", job.finished},
            {"charged_seconds", job.charged_seconds},
            {"executions", job.executions},
            {"facts", job.facts}};
}

StoredJob job_of(const json& document) {
    StoredJob job;
    const JsonView view(document, "job");
    job.id = view.at("id").text();
    job.instance = view.at("instance").text();
    job.backend = view.at("backend").text();
    job.program = view.at("program").text();
    job.session = view.at("session").text();
    job.envelope = view.at("envelope").value();
    job.tags = view.at("tags").texts();
    job.is_private = view.at("is_private").boolean();
    job.caller = view.at("caller").text();
    job.status = view.at("status").text();
    job.reason_code = static_cast<int>(view.at("reason_code").integer());
    job.reason = view.at("reason").text();
    job.created = view.at("created").integer();
    job.started = view.at("started").integer();
    job.finished = view.at("finished").integer();
    job.charged_seconds = view.at("charged_seconds").number();
    job.executions = view.at("executions").integer();
    job.facts = view.at("facts").value();
    return job;
}

bool matches(const StoredJob& job, const JobFilter& filter) {
    const auto is = [](const std::string& wanted, const std::string& found) {
        return wanted.empty() || wanted == found;
    };
    const bool has_tags = std::all_of(filter.tags.begin(), filter.tags.end(), [&](const std::string& tag) {
        return std::find(job.tags.begin(), job.tags.end(), tag) != job.tags.end();
    });
    return is(filter.instance, job.instance) && is(filter.backend, job.backend) &&
           is(filter.program, job.program) && is(filter.session, job.session) && has_tags &&
           filter.is_pending.value_or(is_open(job)) == is_open(job) &&
           job.created >= filter.created_after.value_or(job.created) &&
           job.created <= filter.created_before.value_or(job.created);
}

}  // namespace

bool is_open(const StoredJob& job) { return job.status == "Queued" || job.status == "Running"; }

/// A prepared statement with its values; finalised at its end.
class Store::Statement {
  public:
    Statement(sqlite3* database, const char* sql) : database_(database) {
        if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) fail();
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(const std::string& text) {
        sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
        return *this;
    }
    Statement& bind(std::int64_t number) {
        sqlite3_bind_int64(statement_, ++bound_, number);
        return *this;
    }
    /// Whether there is a row.
    bool step() {
        const int result = sqlite3_step(statement_);
        if (result != SQLITE_ROW && result != SQLITE_DONE) fail();
        return result == SQLITE_ROW;
    }
    bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::string text(int column) const {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

  private:
    [[noreturn]] void fail() const {
        throw Error(ErrorKind::storage,
                    fmt::format("the rehearsal's job store failed: {}", sqlite3_errmsg(database_)));
    }

    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

Store::Statement Store::prepare(const char* sql) const { return {database_, sql}; }

void Store::execute(const char* sql) {
    auto statement = prepare(sql);
    while (statement.step()) {
    }
}

Store::Store(const std::string& folder) {
    std::string path = ":memory:";
    if (!folder.empty()) {
        make_folders(folder);
        path = folder + "/rehearsal.sqlite";
    }
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) {
        const std::string reason = sqlite3_errmsg(database_);
        sqlite3_close(database_);
        throw Error(ErrorKind::storage, fmt::format("cannot open {}: {}", path, reason));
    }
    try {
        execute("PRAGMA locking_mode = EXCLUSIVE");
        execute("PRAGMA journal_mode = WAL");
        execute("PRAGMA synchronous = NORMAL");
        execute(
            "CREATE TABLE IF NOT EXISTS jobs (number INTEGER PRIMARY KEY, id TEXT UNIQUE, document TEXT, "
            "params TEXT, result TEXT)");
        execute("CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, instance TEXT, document TEXT)");
        execute("CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, count INTEGER)");
        // Takes the lock, which stays.
        execute("UPDATE counts SET count = count WHERE name = ''");
        load();
    } catch (const Error& error) {
        const bool is_taken = sqlite3_errcode(database_) == SQLITE_BUSY;
        sqlite3_close(database_);
        if (is_taken)
            throw Error(ErrorKind::storage, fmt::format("another server has {}", path),
                        "Stop it, or give this one a folder of its own.");
        throw;
    }
}

Store::~Store() { sqlite3_close(database_); }

void Store::load() {
    auto jobs = prepare("SELECT number, document FROM jobs ORDER BY number");
    while (jobs.step()) {
        StoredJob job = job_of(parse_json(jobs.text(1), "rehearsal.sqlite"));
        order_[job.id] = jobs.number(0);
        jobs_.emplace(jobs.number(0), std::move(job));
    }
    auto sessions = prepare("SELECT id, instance, document FROM sessions");
    while (sessions.step())
        sessions_[sessions.text(0)] = {sessions.text(0), sessions.text(1),
                                       parse_json(sessions.text(2), "rehearsal.sqlite")};
    auto counts = prepare("SELECT name, count FROM counts");
    while (counts.step()) counts_[counts.text(0)] = static_cast<std::uint64_t>(counts.number(1));
}

void Store::count(const std::string& name) {
    const auto value = static_cast<std::int64_t>(++counts_[name]);
    prepare("INSERT OR REPLACE INTO counts (name, count) VALUES (?, ?)").bind(name).bind(value).step();
}

void Store::count_request(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    count(kind);
}

Stats Store::stats() const {
    const std::lock_guard lock(mutex_);
    Stats stats;
    for (const auto& [name, count] : counts_) {
        if (name == kJobsMade)
            stats.jobs = count;
        else if (name != kIds)
            stats.requests[name] = count;
        if (name == "submit") stats.submits = count;
    }
    return stats;
}

std::string Store::next_id(std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    count(kIds);
    // Looks like the vendor's: twenty letters and digits, a letter first.
    Random random = Random(seed).stream(counts_[kIds]);
    std::string id = "d";
    while (id.size() < 20) id += "0123456789abcdefghijklmnopqrstuv"[random.below(32)];
    return id;
}

void Store::add(const StoredJob& job, const std::string& params) {
    const std::lock_guard lock(mutex_);
    execute("BEGIN");
    prepare("INSERT INTO jobs (id, document, params) VALUES (?, ?, ?)")
        .bind(job.id)
        .bind(to_text(document_of(job)))
        .bind(params)
        .step();
    const std::int64_t number = sqlite3_last_insert_rowid(database_);
    count(kJobsMade);
    execute("COMMIT");
    order_[job.id] = number;
    jobs_[number] = job;
}

std::optional<StoredJob> Store::find(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = order_.find(id);
    if (found == order_.end()) return std::nullopt;
    return jobs_.at(found->second);
}

bool Store::update(const std::string& id, const std::function<bool(StoredJob&)>& change) {
    const std::lock_guard lock(mutex_);
    const auto found = order_.find(id);
    if (found == order_.end()) return false;
    StoredJob job = jobs_.at(found->second);
    if (!change(job)) return false;
    prepare("UPDATE jobs SET document = ? WHERE id = ?").bind(to_text(document_of(job))).bind(id).step();
    jobs_.at(found->second) = std::move(job);
    return true;
}

std::string Store::params(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    auto statement = prepare("SELECT params FROM jobs WHERE id = ?");
    return statement.bind(id).step() ? statement.text(0) : std::string();
}

void Store::forget_params(const std::string& id) {
    const std::lock_guard lock(mutex_);
    prepare("UPDATE jobs SET params = '' WHERE id = ?").bind(id).step();
}

void Store::set_result(const std::string& id, const std::string& result) {
    const std::lock_guard lock(mutex_);
    prepare("UPDATE jobs SET result = ? WHERE id = ?").bind(result).bind(id).step();
}

std::optional<std::string> Store::result(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    auto statement = prepare("SELECT result FROM jobs WHERE id = ?");
    if (!statement.bind(id).step() || statement.is_null(0)) return std::nullopt;
    return statement.text(0);
}

std::optional<std::string> Store::take_result(const std::string& id) {
    const std::lock_guard lock(mutex_);
    auto statement = prepare("SELECT result FROM jobs WHERE id = ?");
    if (!statement.bind(id).step() || statement.is_null(0)) return std::nullopt;
    const std::string text = statement.text(0);
    prepare("UPDATE jobs SET result = NULL WHERE id = ?").bind(id).step();
    return text;
}

void Store::remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = order_.find(id);
    if (found == order_.end()) return;
    prepare("DELETE FROM jobs WHERE id = ?").bind(id).step();
    jobs_.erase(found->second);
    order_.erase(found);
}

std::pair<std::vector<StoredJob>, std::int64_t> Store::list(const JobFilter& filter) const {
    const std::lock_guard lock(mutex_);
    std::vector<const StoredJob*> found;
    for (const auto& [number, job] : jobs_)
        if (matches(job, filter)) found.push_back(&job);
    if (!filter.oldest_first) std::reverse(found.begin(), found.end());
    std::vector<StoredJob> page;
    for (std::size_t k = static_cast<std::size_t>(filter.offset);
         k < found.size() && page.size() < static_cast<std::size_t>(filter.limit); ++k)
        page.push_back(*found[k]);
    return {std::move(page), static_cast<std::int64_t>(found.size())};
}

std::optional<StoredJob> Store::next_open() const {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, job] : jobs_)
        if (is_open(job)) return job;
    return std::nullopt;
}

std::int64_t Store::queue_length(const std::string& backend) const {
    const std::lock_guard lock(mutex_);
    return std::count_if(jobs_.begin(), jobs_.end(), [&](const auto& entry) {
        return entry.second.backend == backend && is_open(entry.second);
    });
}

double Store::charged_seconds(const std::string& instance) const {
    const std::lock_guard lock(mutex_);
    double seconds = 0;
    for (const auto& [number, job] : jobs_)
        if (job.instance == instance) seconds += job.charged_seconds;
    return seconds;
}

std::int64_t Store::made_since(std::int64_t time) const {
    const std::lock_guard lock(mutex_);
    return std::count_if(jobs_.begin(), jobs_.end(),
                         [&](const auto& entry) { return entry.second.created >= time; });
}

void Store::put(const StoredSession& session) {
    const std::lock_guard lock(mutex_);
    prepare("INSERT OR REPLACE INTO sessions (id, instance, document) VALUES (?, ?, ?)")
        .bind(session.id)
        .bind(session.instance)
        .bind(to_text(session.document))
        .step();
    sessions_[session.id] = session;
}

std::optional<StoredSession> Store::session(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace qdcnn::server
