#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/json.h"
#include "qdcnn/server/server.h"

struct sqlite3;

namespace qdcnn::server {

/// A job as the server keeps it. Times in microseconds since 1970, 0 where it has not come to that.
struct StoredJob {
    std::string id;
    /// CRN of the instance it was submitted to.
    std::string instance;
    std::string backend;
    std::string program;
    std::string session;
    /// The submit's body without params: tags, cost, calibration_id, log_level, ...
    nlohmann::json envelope = nlohmann::json::object();
    std::vector<std::string> tags{};
    bool is_private = false;
    /// The client's X-Qx-Client-Application.
    std::string caller{};
    /// Queued, Running, Completed, Failed or Cancelled.
    std::string status = "Queued";
    int reason_code = 0;
    std::string reason{};
    std::int64_t created = 0;
    std::int64_t started = 0;
    std::int64_t finished = 0;
    /// Once it has run.
    double charged_seconds = 0;
    std::int64_t executions = 0;
    nlohmann::json facts = nlohmann::json::object();
};

struct StoredSession {
    std::string id;
    std::string instance;
    /// The vendor's document.
    nlohmann::json document = nlohmann::json::object();
};

/// Which jobs a listing asks for; empty and nothing: any.
struct JobFilter {
    std::string instance{};
    std::string backend{};
    std::string program{};
    std::string session{};
    std::vector<std::string> tags{};
    std::optional<bool> is_pending{};
    std::optional<std::int64_t> created_after{};
    std::optional<std::int64_t> created_before{};
    bool oldest_first = false;
    std::int64_t limit = 200;
    std::int64_t offset = 0;
};

/// Jobs, sessions and counts: in memory, and written through to SQLite in the file rehearsal.sqlite of a
/// folder, held for this process alone. What a call has done outlives this process when it returns. Throws
/// Error(storage). Usable from any thread.
class Store {
  public:
    /// folder empty: without a file.
    explicit Store(const std::string& folder);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Counts one request of the kind.
    void count_request(const std::string& kind);
    Stats stats() const;

    /// An id that no job or session has, the same for the same seed and the same number of ids before.
    std::string next_id(std::uint64_t seed);
    void add(const StoredJob& job, const std::string& params);
    std::optional<StoredJob> find(const std::string& id) const;
    /// Makes the change if the job is there and `change` (which may be asked once) says true; whether it did.
    bool update(const std::string& id, const std::function<bool(StoredJob&)>& change);
    std::string params(const std::string& id) const;
    void forget_params(const std::string& id);
    /// Before the job is Completed.
    void set_result(const std::string& id, const std::string& result);
    std::optional<std::string> result(const std::string& id) const;
    /// Forgets the result as it gives it out.
    std::optional<std::string> take_result(const std::string& id);
    void remove(const std::string& id);
    /// The jobs asked for, and how many there are without limit and offset.
    std::pair<std::vector<StoredJob>, std::int64_t> list(const JobFilter& filter) const;
    /// The oldest job that is Queued or Running.
    std::optional<StoredJob> next_open() const;
    /// Jobs of the device that are Queued or Running.
    std::int64_t queue_length(const std::string& backend) const;
    double charged_seconds(const std::string& instance) const;
    /// Jobs made at `time` or later.
    std::int64_t made_since(std::int64_t time) const;

    void put(const StoredSession& session);
    std::optional<StoredSession> session(const std::string& id) const;

  private:
    class Statement;

    Statement prepare(const char* sql) const;
    void execute(const char* sql);
    void load();
    void count(const std::string& name);

    mutable std::mutex mutex_;
    sqlite3* database_ = nullptr;
    /// By order of making.
    std::map<std::int64_t, StoredJob> jobs_;
    std::map<std::string, std::int64_t> order_;
    std::map<std::string, StoredSession> sessions_;
    std::map<std::string, std::uint64_t> counts_;
};

/// Queued or Running.
bool is_open(const StoredJob& job);

}  // namespace qdcnn::server
