#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/vendors/service.h"

namespace qdcnn::test {

enum class CloudCall { submit, find, status, fetch, cancel, billed };

/// What goes wrong with a call. Other than submit, a call throws.
enum class CloudFault {
    none,
    not_sent,     ///< no connection: nothing arrived, and the client knows
    lost_on_way,  ///< nothing arrived, and the client cannot know
    reply_lost,   ///< it took effect, and the client cannot know
    refused,      ///< the vendor says no and does nothing
    trouble       ///< a 503: nothing done
};

struct FakeCloudOptions {
    vendors::Recovery recovery = vendors::Recovery::searchable;
    std::string vendor = "fake";
    std::string account = "test account";
    vendors::JobLimits limits{};
    vendors::Cost quote{.qpu_seconds = 1.0, .amount = 1.0, .currency = "USD", .basis = "fake"};
    std::optional<vendors::Cost> billed{};
    /// A job is queued for so many status calls, then running for so many, then done.
    int queued_calls = 1;
    int running_calls = 1;
    /// `find` does not see a job until it was asked so many times since.
    int hidden_finds = 0;
    /// Of a submit or a fetch: as long to get there as to come back.
    std::chrono::microseconds way{};
    /// Results are given out once.
    bool is_private = false;
    /// Asked before each call; calls of different threads may come at once.
    std::function<CloudFault(CloudCall)> fault{};
    std::function<std::string(const std::string& content)> make_result{};
    std::function<vendors::PreparedJob(const vendors::JobRequest&)> prepare{};
    std::function<vendors::JobResult(const std::string& raw, const std::string& content)> decode{};
    std::optional<target::Target> target{};
};

/// A job as the vendor knows it.
struct BankJob {
    std::string vendor_id{};
    std::string key{};
    std::string content{};
    int status_calls = 0;
    int find_calls = 0;
    int given_out = 0;
    bool is_cancelled = false;
};

/// A vendor whose books are files of a folder, so that they outlive any client process, and are shared by all
/// that use the folder. What took effect is in the books before the call returns.
class FakeCloud final : public vendors::Service {
  public:
    FakeCloud(std::string folder, FakeCloudOptions options);

    /// The books.
    std::vector<BankJob> jobs() const;

    const std::string& vendor() const override { return options_.vendor; }
    std::string account() const override { return options_.account; }
    vendors::Recovery recovery() const override { return options_.recovery; }
    std::vector<vendors::DeviceSummary> devices() override;
    target::Target target(const std::string& device) override;
    vendors::JobLimits limits(const std::string& /*device*/) override { return options_.limits; }
    vendors::PreparedJob prepare(const vendors::JobRequest& request) override;
    std::string body(const vendors::PreparedJob& job, const std::string& key) const override;
    vendors::Cost quote(const vendors::PreparedJob& /*job*/) override { return options_.quote; }
    http::Request shown_submit(const std::string& body) override {
        return {.method = http::Method::post, .url = "https://fake.test/jobs", .body = body};
    }
    vendors::SubmitOutcome submit(const std::string& body, const std::string& key) override;
    std::vector<vendors::RemoteJob> find(const std::string& key) override;
    vendors::RemoteJob status(const std::string& vendor_id) override;
    std::optional<std::string> fetch(const std::string& vendor_id) override;
    vendors::JobResult decode(const std::string& raw, const std::string& content) const override;
    bool cancel(const std::string& vendor_id) override;
    std::optional<vendors::Cost> billed(const std::string& vendor_id) override;

  private:
    /// The books, with no other process in them.
    class Books;

    CloudFault fault_of(CloudCall call);
    /// Throws what the fault is, unless the call takes effect.
    void fail_before(CloudFault fault) const;
    void fail_after(CloudFault fault) const;
    vendors::RemoteJob remote_of(const BankJob& job) const;

    std::string folder_;
    FakeCloudOptions options_;
};

/// A job of one circuit, of which the content is the text.
vendors::PreparedJob plain_job(const std::string& text, const std::string& device = "device");

}  // namespace qdcnn::test
