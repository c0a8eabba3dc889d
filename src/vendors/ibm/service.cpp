#include "qdcnn/vendors/ibm/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"
#include "vendors/ibm/cost.h"
#include "vendors/ibm/devices.h"
#include "vendors/ibm/instances.h"
#include "vendors/ibm/jobs.h"
#include "vendors/ibm/open.h"
#include "vendors/ibm/options.h"
#include "vendors/ibm/request.h"
#include "vendors/ibm/sessions.h"
#include "vendors/ibm/validation.h"

namespace qdcnn::vendors::ibm {
namespace {

const std::string kVendor = "ibm";

/// Registered before anything can show it.
Account with_secret(Account account) {
    if (account.token.empty())
        throw Error(ErrorKind::auth, "there is no API key for IBM Quantum",
                    "Run qdcnn auth login ibm, or set QISKIT_IBM_TOKEN. To try without an account: --backend "
                    "rehearsal.");
    redactor().add_secret(account.token);
    return account;
}

std::string calibration_of(const std::string& content) {
    const nlohmann::json document = parse_json(content, "the request");
    return JsonView(document, "request").text_or("calibration_id", "");
}

}  // namespace

/// In the order in which one needs the other.
struct RuntimeService::Parts {
    Parts(Account given, Settings chosen)
        : settings(std::move(chosen)),
          account(with_secret(std::move(given))),
          addresses(addresses_of(account)),
          client(settings.transport, settings.clock, settings.seed, addresses, account.token),
          instances(client, account, addresses),
          devices(client, instances, settings),
          jobs(client, settings.clock, instances, devices),
          sessions(client, instances, devices) {}

    Price price() const { return {settings.price_per_second, settings.currency}; }

    const Settings settings;
    const Account account;
    const Addresses addresses;
    Client client;
    Instances instances;
    Devices devices;
    Jobs jobs;
    Sessions sessions;
};

RuntimeService::RuntimeService(Account account, Settings settings)
    : parts_(std::make_unique<Parts>(std::move(account), std::move(settings))) {}
RuntimeService::~RuntimeService() = default;

const std::string& RuntimeService::vendor() const { return kVendor; }

std::string RuntimeService::account() const { return parts_->instances.routes().front().crn; }

std::vector<DeviceSummary> RuntimeService::devices() {
    std::vector<DeviceSummary> all = parts_->devices.list();
    const std::vector<std::string>& own = parts_->account.devices;
    if (!own.empty())
        std::erase_if(all, [&](const DeviceSummary& device) {
            return std::find(own.begin(), own.end(), device.name) == own.end();
        });
    return all;
}

target::Target RuntimeService::target(const std::string& device) {
    return parts_->devices.facts(device, "", true).target;
}

JobLimits RuntimeService::limits(const std::string& device) {
    return parts_->devices.facts(device, "", false).limits;
}

PreparedJob RuntimeService::prepare(const JobRequest& request) {
    const bool is_estimator = std::holds_alternative<std::vector<backend::EstimatorPub>>(request.pubs);
    const CheckedOptions options = check_options(request.options_json, is_estimator);
    const DeviceFacts facts =
        parts_->devices.facts(request.device, request.calibration_id.value_or(""), false);
    if (request.max_execution_seconds &&
        !(*request.max_execution_seconds > 0 && *request.max_execution_seconds <= 10'800))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a job may run for 1 to 10800 s, found {}", *request.max_execution_seconds));
    PreparedJob job;
    job.device = request.device;
    job.warnings = validate(request, facts, options);
    job.content = write_request(request, options, facts.target.num_qubits);
    if (job.content.size() > facts.limits.max_content_bytes)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the job weighs {} bytes, the service takes {}", job.content.size(),
                                facts.limits.max_content_bytes),
                    "Split the work over several jobs.");
    std::visit(
        [&](const auto& pubs) {
            for (const auto& pub : pubs) {
                job.circuits += pub.parameters.rows();
                job.shots += pub.parameters.rows() * shots_of(pub.shots, request, options);
            }
        },
        request.pubs);
    return job;
}

std::string RuntimeService::body(const PreparedJob& job, const std::string& key) const {
    return with_key(job.content, key);
}

Cost RuntimeService::quote(const PreparedJob& job) {
    return quote_request(job.content, parts_->devices.facts(job.device, calibration_of(job.content), false),
                         parts_->price());
}

http::Request RuntimeService::shown_submit(const std::string& body) {
    return parts_->jobs.shown_submit(body);
}

SubmitOutcome RuntimeService::submit(const std::string& body, const std::string& /*key: among the tags*/) {
    return parts_->jobs.submit(body);
}

std::vector<RemoteJob> RuntimeService::find(const std::string& key) {
    std::vector<RemoteJob> jobs = parts_->jobs.list({.limit = 0, .tags = {key}});
    // A server that does not know the filter lists others too. One that lists no tags is believed.
    std::erase_if(jobs, [&](const RemoteJob& job) {
        return !job.tags.empty() && std::find(job.tags.begin(), job.tags.end(), key) == job.tags.end();
    });
    return jobs;
}

RemoteJob RuntimeService::status(const std::string& vendor_id) { return parts_->jobs.status(vendor_id); }

std::optional<std::string> RuntimeService::fetch(const std::string& vendor_id) {
    return parts_->jobs.fetch(vendor_id);
}

JobResult RuntimeService::decode(const std::string& raw, const std::string& content) const {
    return ibm::decode(raw, content);
}

bool RuntimeService::cancel(const std::string& vendor_id) { return parts_->jobs.cancel(vendor_id); }

std::optional<Cost> RuntimeService::billed(const std::string& vendor_id) {
    const nlohmann::json metrics = parts_->jobs.metrics(vendor_id);
    const auto seconds = charged_seconds(JsonView(metrics, "metrics"));
    if (!seconds) return std::nullopt;
    Cost cost{.qpu_seconds = seconds, .basis = "charged by IBM Quantum"};
    put_price(cost, parts_->price());
    return cost;
}

std::vector<Instance> RuntimeService::instances() { return parts_->instances.get(); }

DeviceSummary RuntimeService::least_busy(std::uint32_t min_qubits) {
    return vendors::least_busy(devices(), min_qubits);
}

DeviceSummary RuntimeService::device_status(const std::string& device) {
    return parts_->devices.status(device);
}

DeviceDocuments RuntimeService::device_documents(const std::string& device, const std::string& calibration_id,
                                                 const std::string& updated_before) {
    return parts_->devices.documents(device, calibration_id, updated_before);
}

SessionInfo RuntimeService::open_session(const std::string& device, SessionMode mode,
                                         std::optional<std::uint64_t> max_seconds) {
    return parts_->sessions.open(device, mode, max_seconds);
}
SessionInfo RuntimeService::session(const std::string& id) { return parts_->sessions.get(id); }
void RuntimeService::close_session(const std::string& id) { parts_->sessions.close(id); }
std::string RuntimeService::begin_session(const std::string& device, SessionMode mode,
                                          std::optional<std::uint64_t> max_seconds) {
    return open_session(device, mode, max_seconds).id;
}
bool RuntimeService::takes_jobs(const std::string& session_id) {
    try {
        return session(session_id).is_accepting_jobs;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) return false;
        throw;
    }
}
void RuntimeService::end_session(const std::string& session_id) { close_session(session_id); }
void RuntimeService::cancel_session(const std::string& id) { parts_->sessions.cancel(id); }

std::vector<RemoteJob> RuntimeService::jobs(const JobFilter& filter) { return parts_->jobs.list(filter); }
std::string RuntimeService::logs(const std::string& vendor_id) { return parts_->jobs.logs(vendor_id); }
std::string RuntimeService::metrics(const std::string& vendor_id) {
    return to_text(parts_->jobs.metrics(vendor_id));
}
Usage RuntimeService::usage() { return parts_->jobs.usage(); }
void RuntimeService::delete_job(const std::string& vendor_id) { parts_->jobs.remove(vendor_id); }
void RuntimeService::set_tags(const std::string& vendor_id, const std::vector<std::string>& tags) {
    parts_->jobs.set_tags(vendor_id, tags);
}

}  // namespace qdcnn::vendors::ibm
