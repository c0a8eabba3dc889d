#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/clock.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/vendors/ibm/account.h"
#include "qdcnn/vendors/service.h"

// IBM Quantum Platform over its REST API (version 2026-04-15), as Qiskit's QiskitRuntimeService offers it.
// Not tried against the live service: the shapes are those that its public clients send and read.

namespace qdcnn::vendors::ibm {

struct Settings {
    /// As it is, without retries. Outlives the service, as the clock does.
    http::Transport& transport;
    Clock& clock;
    /// Of the jitter of waits.
    std::uint64_t seed = 0;
    /// rx and rzz with any angle (rzz: 0 to pi/2) are native where the device has them.
    bool has_fractional_gates = false;
    /// Devices that only check jobs ("mock").
    bool has_mocks = false;
    /// What a second on the processor costs; the API names no price.
    std::optional<double> price_per_second{};
    std::string currency{};
};

/// One of the account's instances, and what it costs.
struct Instance {
    std::string crn;
    std::string name{};
    /// Lower case, for example "open"; "unknown" where the catalogue does not say.
    std::string plan = "unknown";
    /// free, trial, paygo, paid, subscription or unknown.
    std::string pricing = "unknown";
    std::vector<std::string> tags{};
};

using vendors::SessionMode;

struct SessionInfo {
    std::string id;
    std::string device{};
    std::string mode{};
    /// The vendor's word: open, active, inactive, closed, pending_...
    std::string state{};
    /// For people, as Qiskit says it: "In progress, accepting new jobs".
    std::string status{};
    bool is_accepting_jobs = false;
    std::optional<double> max_seconds{};
    /// Time used so far.
    std::optional<double> elapsed_seconds{};
    std::string started{};
    std::string closed{};
};

/// What is looked for among the jobs; what is not said matches all.
struct JobFilter {
    /// Rows at most, after the first `skip`, latest first. 0: all.
    std::size_t limit = 10;
    std::size_t skip = 0;
    std::string device{};
    /// True: not ended yet. False: ended.
    std::optional<bool> is_pending{};
    /// "sampler", "estimator"
    std::string program{};
    /// All of them.
    std::vector<std::string> tags{};
    std::string session{};
    /// ISO 8601, UTC.
    std::string created_after{};
    std::string created_before{};
    bool is_oldest_first = false;
};

/// Time of the instance in its present period, in seconds.
struct Usage {
    double consumed = 0;
    std::optional<double> limit{};
    /// limit less consumed, not below 0.
    std::optional<double> remaining{};
    bool is_limit_reached = false;
    std::string period_start{};
    std::string period_end{};
};

/// What IBM says of a device, as text.
struct DeviceDocuments {
    std::string configuration;
    /// "{}" where it has none.
    std::string properties;
};

/// The account's instances, devices, jobs and sessions. Sends nothing before it is first asked. A token is
/// fetched when it is needed, kept until shortly before it expires, and fetched once more when the service
/// refuses it. The account's token is registered with the redactor.
class RuntimeService final : public Service {
  public:
    /// Throws Error(auth) for an account without a token, Error(invalid_input) for an address that is none.
    RuntimeService(Account account, Settings settings);
    ~RuntimeService() override;

    const std::string& vendor() const override;
    /// The CRN of the first instance. Asks for the instances where the account does not name it.
    std::string account() const override;
    Recovery recovery() const override { return Recovery::searchable; }

    std::vector<DeviceSummary> devices() override;
    target::Target target(const std::string& device) override;
    JobLimits limits(const std::string& device) override;

    PreparedJob prepare(const JobRequest& request) override;
    std::string body(const PreparedJob& job, const std::string& key) const override;
    Cost quote(const PreparedJob& job) override;
    http::Request shown_submit(const std::string& body) override;

    SubmitOutcome submit(const std::string& body, const std::string& key) override;
    std::vector<RemoteJob> find(const std::string& key) override;
    RemoteJob status(const std::string& vendor_id) override;
    std::optional<std::string> fetch(const std::string& vendor_id) override;
    JobResult decode(const std::string& raw, const std::string& content) const override;
    bool cancel(const std::string& vendor_id) override;
    std::optional<Cost> billed(const std::string& vendor_id) override;

    std::string begin_session(const std::string& device, SessionMode mode,
                              std::optional<std::uint64_t> max_seconds) override;
    bool takes_jobs(const std::string& session) override;
    void end_session(const std::string& session) override;

    // What IBM offers beyond that.

    /// Those that fit the account's instance, region, plans and tags, in the order in which they are asked.
    /// Throws Error(not_found) where none does.
    std::vector<Instance> instances();
    /// The device online with the shortest queue among those with enough qubits. Throws Error(not_found).
    DeviceSummary least_busy(std::uint32_t min_qubits = 1);
    DeviceSummary device_status(const std::string& device);
    /// calibration_id, updated_before (ISO 8601, UTC): empty for what holds now.
    DeviceDocuments device_documents(const std::string& device, const std::string& calibration_id = {},
                                     const std::string& updated_before = {});

    SessionInfo open_session(const std::string& device, SessionMode mode,
                             std::optional<std::uint64_t> max_seconds = {});
    SessionInfo session(const std::string& id);
    /// No more jobs; those it has go on to their end.
    void close_session(const std::string& id);
    /// Drops the jobs that wait in it.
    void cancel_session(const std::string& id);

    std::vector<RemoteJob> jobs(const JobFilter& filter);
    /// Empty where there are none.
    std::string logs(const std::string& vendor_id);
    /// A JSON object.
    std::string metrics(const std::string& vendor_id);
    Usage usage();
    /// Of a job that has ended. Throws Error(not_found).
    void delete_job(const std::string& vendor_id);
    /// Replaces all tags. At most 8 of at most 86 characters.
    void set_tags(const std::string& vendor_id, const std::vector<std::string>& tags);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace qdcnn::vendors::ibm
