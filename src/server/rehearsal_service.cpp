#include "qdcnn/server/rehearsal_service.h"

#include <mutex>

#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/base/clock.h"
#include "qdcnn/base/error.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/vendors/registry.h"

namespace qdcnn::server {
namespace {

/// The vendor ibm under another name and at no price, so that the journal never takes a rehearsal's job for
/// one that costs money.
class RehearsalService final : public vendors::Service {
  public:
    explicit RehearsalService(RehearsalSettings settings)
        : settings_(std::move(settings)),
          account_("rehearsal in " + settings_.state_folder),
          transport_(http::make_curl_transport({})) {}

    const std::string& vendor() const override { return name_; }
    /// The folder, which stays when another server comes to serve it.
    std::string account() const override { return account_; }
    vendors::Recovery recovery() const override { return vendors::Recovery::searchable; }
    std::vector<vendors::DeviceSummary> devices() override { return ibm().devices(); }
    target::Target target(const std::string& device) override { return ibm().target(device); }
    vendors::JobLimits limits(const std::string& device) override {
        vendors::JobLimits limits = ibm().limits(device);
        // Nobody shares this server.
        limits.submits_per_minute = 0;
        return limits;
    }
    vendors::PreparedJob prepare(const vendors::JobRequest& request) override {
        return ibm().prepare(request);
    }
    std::string body(const vendors::PreparedJob& job, const std::string& key) const override {
        return ibm().body(job, key);
    }
    vendors::Cost quote(const vendors::PreparedJob& job) override {
        vendors::Cost cost = ibm().quote(job);
        cost.amount = 0.0;
        cost.basis = "a rehearsal costs nothing; the time is what the device would take";
        return cost;
    }
    http::Request shown_submit(const std::string& body) override { return ibm().shown_submit(body); }
    vendors::SubmitOutcome submit(const std::string& body, const std::string& key) override {
        return ibm().submit(body, key);
    }
    std::vector<vendors::RemoteJob> find(const std::string& key) override { return ibm().find(key); }
    vendors::RemoteJob status(const std::string& vendor_id) override { return ibm().status(vendor_id); }
    std::optional<std::string> fetch(const std::string& vendor_id) override { return ibm().fetch(vendor_id); }
    vendors::JobResult decode(const std::string& raw, const std::string& content) const override {
        return vendors::decode_result("ibm", raw, content);
    }
    bool cancel(const std::string& vendor_id) override { return ibm().cancel(vendor_id); }
    std::optional<vendors::Cost> billed(const std::string& vendor_id) override {
        auto bill = ibm().billed(vendor_id);
        if (bill) {
            bill->amount = 0.0;
            bill->basis = "what the rehearsal counts";
        }
        return bill;
    }
    std::string begin_session(const std::string& device, vendors::SessionMode mode,
                              std::optional<std::uint64_t> max_seconds) override {
        return ibm().begin_session(device, mode, max_seconds);
    }
    bool takes_jobs(const std::string& session) override { return ibm().takes_jobs(session); }
    void end_session(const std::string& session) override { ibm().end_session(session); }

  private:
    /// The server is started when it is first asked.
    vendors::Service& ibm() const {
        const std::lock_guard lock(mutex_);
        if (ibm_) return *ibm_;
        const Rehearsal rehearsal = ensure_rehearsal(settings_);
        ibm_ = vendors::open_service("ibm", {.transport = *transport_,
                                             .clock = system_clock(),
                                             .values = {{"token", rehearsal.token},
                                                        {"api_url", rehearsal.api_url},
                                                        {"instance", rehearsal.instance},
                                                        {"iam_url", rehearsal.iam_url},
                                                        {"search_url", rehearsal.search_url},
                                                        {"catalog_url", rehearsal.catalog_url}}});
        return *ibm_;
    }

    const std::string name_ = "rehearsal";
    const RehearsalSettings settings_;
    const std::string account_;
    const std::unique_ptr<http::Transport> transport_;
    mutable std::mutex mutex_;
    mutable std::unique_ptr<vendors::Service> ibm_;
};

}  // namespace

std::shared_ptr<vendors::Service> open_rehearsal(RehearsalSettings settings) {
    if (settings.state_folder.empty())
        settings.state_folder = accounts::Surroundings::of_process().state_folder() + "/rehearsal";
    return std::make_shared<RehearsalService>(std::move(settings));
}

}  // namespace qdcnn::server
