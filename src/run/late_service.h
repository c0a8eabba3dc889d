#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

/// A vendor's service that is opened when the vendor is first needed: what lies on this disk is to be had
/// without an account. Every member throws what opening throws.
class LateService final : public vendors::Service {
  public:
    LateService(std::string vendor, std::function<std::shared_ptr<vendors::Service>()> open)
        : vendor_(std::move(vendor)), open_(std::move(open)) {}

    const std::string& vendor() const override { return vendor_; }
    std::string account() const override { return opened().account(); }
    vendors::Recovery recovery() const override { return opened().recovery(); }

    std::vector<vendors::DeviceSummary> devices() override { return opened().devices(); }
    target::Target target(const std::string& device) override { return opened().target(device); }
    vendors::JobLimits limits(const std::string& device) override { return opened().limits(device); }

    vendors::PreparedJob prepare(const vendors::JobRequest& request) override {
        return opened().prepare(request);
    }
    std::string body(const vendors::PreparedJob& job, const std::string& key) const override {
        return opened().body(job, key);
    }
    vendors::Cost quote(const vendors::PreparedJob& job) override { return opened().quote(job); }
    http::Request shown_submit(const std::string& body) override { return opened().shown_submit(body); }

    vendors::SubmitOutcome submit(const std::string& body, const std::string& key) override {
        return opened().submit(body, key);
    }
    std::vector<vendors::RemoteJob> find(const std::string& key) override { return opened().find(key); }
    vendors::RemoteJob status(const std::string& vendor_id) override { return opened().status(vendor_id); }
    std::optional<std::string> fetch(const std::string& vendor_id) override {
        return opened().fetch(vendor_id);
    }
    /// Where it cannot be opened, as the vendor's row reads it.
    vendors::JobResult decode(const std::string& raw, const std::string& content) const override;
    bool cancel(const std::string& vendor_id) override { return opened().cancel(vendor_id); }
    std::optional<vendors::Cost> billed(const std::string& vendor_id) override {
        return opened().billed(vendor_id);
    }

    std::string begin_session(const std::string& device, vendors::SessionMode mode,
                              std::optional<std::uint64_t> max_seconds) override {
        return opened().begin_session(device, mode, max_seconds);
    }
    bool takes_jobs(const std::string& session) override { return opened().takes_jobs(session); }
    void end_session(const std::string& session) override { opened().end_session(session); }

  private:
    vendors::Service& opened() const;

    const std::string vendor_;
    const std::function<std::shared_ptr<vendors::Service>()> open_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<vendors::Service> service_;
};

}  // namespace qdcnn::run
