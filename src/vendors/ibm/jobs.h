#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/http/rate_limiter.h"
#include "qdcnn/vendors/ibm/service.h"
#include "vendors/ibm/client.h"
#include "vendors/ibm/devices.h"

namespace qdcnn::vendors::ibm {

/// A job as GET /jobs/{id} and GET /jobs give it.
RemoteJob read_job(const JsonView& job);

/// What the vendor charges, from GET /jobs/{id}/metrics; nothing while it is pending.
std::optional<double> charged_seconds(const JsonView& metrics);

Usage read_usage(const JsonView& usage);

/// The most tags and the longest that a job may have.
constexpr std::size_t kMostTags = 8, kLongestTag = 86;
/// Throws Error(invalid_input).
void check_tags(const std::vector<std::string>& tags);

/// The jobs of all instances. Usable from several threads.
class Jobs {
  public:
    /// All outlive this.
    Jobs(Client& client, Clock& clock, Instances& instances, Devices& devices)
        : client_(client), clock_(clock), instances_(instances), devices_(devices) {}

    SubmitOutcome submit(const std::string& body);
    /// Its request, without the token.
    http::Request shown_submit(const std::string& body);
    RemoteJob status(const std::string& id);
    std::optional<std::string> fetch(const std::string& id);
    bool cancel(const std::string& id);
    std::vector<RemoteJob> list(const JobFilter& filter);
    std::string logs(const std::string& id);
    nlohmann::json metrics(const std::string& id);
    void remove(const std::string& id);
    void set_tags(const std::string& id, const std::vector<std::string>& tags);
    Usage usage();

  private:
    /// Sends to the instance that has the job: asked for one after the other, and kept. call.path goes behind
    /// "/jobs/{id}". Throws Error(not_found) where none has it.
    http::Response send(const std::string& id, Call call);
    Route route_of(const std::string& body);
    std::vector<RemoteJob> list_on(const Route& route, const JobFilter& filter);

    Client& client_;
    Clock& clock_;
    Instances& instances_;
    Devices& devices_;
    http::RateLimiter submits_{http::RateLimit{5, std::chrono::minutes(1)}};
    std::mutex mutex_;
    std::map<std::string, Route> routes_;
};

}  // namespace qdcnn::vendors::ibm
