#pragma once

#include <memory>
#include <mutex>

#include "qdcnn/base/clock.h"
#include "qdcnn/base/random.h"
#include "qdcnn/http/rate_limiter.h"
#include "qdcnn/http/retry.h"
#include "qdcnn/http/transport.h"

namespace qdcnn::http {

/// A transport that sends again by a policy, within a rate. What comes back is the last outcome; where an
/// earlier attempt may have been acted on, a failure's reach says at least maybe_sent. A reply's Retry-After
/// pauses all who share the limiter, whether this request is sent again or not. An interrupt ends the waits:
/// requests that wait for another attempt come back with their last outcome, requests that were not sent yet
/// with FailureKind::interrupted.
class RetryingTransport final : public Transport {
  public:
    struct Settings {
        RetryPolicy policy{};
        /// Shared by all that the vendor counts together.
        std::shared_ptr<RateLimiter> limiter = std::make_shared<RateLimiter>();
        std::shared_ptr<RetryBudget> budget = std::make_shared<RetryBudget>();
        std::uint64_t seed = 0;
    };

    /// `inner` and `clock` outlive this.
    RetryingTransport(Transport& inner, Clock& clock, Settings settings);

    std::vector<Outcome> send_all(std::span<const Request> requests) override;
    int max_parallel() const override { return inner_.max_parallel(); }

  private:
    class Work;

    std::chrono::milliseconds draw_backoff(int attempts);

    Transport& inner_;
    Clock& clock_;
    const Settings settings_;
    std::mutex mutex_;
    Random random_;
};

}  // namespace qdcnn::http
