#pragma once

#include <condition_variable>
#include <memory>
#include <string>
#include <vector>

#include "account.h"
#include "devices.h"
#include "faults.h"
#include "message.h"
#include "qdcnn/server/server.h"
#include "store.h"

namespace qdcnn::server {

/// What requests mean, without HTTP: account, devices, jobs and sessions. Usable from several threads.
class Api {
  public:
    /// Outlived by all of them. job_came: called after a job was made.
    Api(const Settings& settings, Store& store, FaultBook& faults,
        const std::vector<std::unique_ptr<Device>>& devices, std::function<void()> job_came);

    /// The kind that Stats counts the request under.
    static std::string kind_of(const Request& request);

    /// Never throws.
    Reply answer(const Request& request);

  private:
    /// The path behind the API's base, cut at its slashes.
    using Path = std::vector<std::string>;

    Reply route(const Request& request);
    Reply rehearsal(const Request& request);
    Reply runtime(const Request& request, const Path& path);
    Reply devices(const Request& request, const Path& path) const;
    Reply usage(const std::string& instance) const;

    Reply jobs(const Request& request, const Path& path, const std::string& instance);
    Reply submit(const Request& request, const std::string& instance);
    void check_submit(const JsonView& body, const std::string& instance);
    void check_rate() const;
    void check_session(const std::string& id, const std::string& instance, const std::string& backend) const;
    Reply list(const Request& request, const std::string& instance) const;
    Reply results(const StoredJob& job);
    Reply cancel(const StoredJob& job);
    Reply remove(const StoredJob& job);
    Reply set_tags(const Request& request, const StoredJob& job);
    Reply metrics(const StoredJob& job) const;
    Reply logs(const StoredJob& job) const;
    Reply tags(const Request& request, const std::string& instance) const;
    StoredJob job(const std::string& id, const std::string& instance) const;
    nlohmann::json job_document(const StoredJob& job, bool has_params) const;

    Reply sessions(const Request& request, const Path& path, const std::string& instance);
    Reply open_session(const Request& request, const std::string& instance);
    StoredSession session(const std::string& id, const std::string& instance) const;

    const Device& device(const std::string& name) const;

    const Settings& settings_;
    Store& store_;
    FaultBook& faults_;
    const std::vector<std::unique_ptr<Device>>& devices_;
    const std::function<void()> job_came_;
    const AccountDesk account_;
    std::mutex submit_mutex_;
};

/// The path of the API on this server.
constexpr const char* kApiBase = "/experimental/api/v1";

/// Cancels the open jobs of a session.
void cancel_open_jobs(Store& store, const std::string& session);

}  // namespace qdcnn::server
