#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/random.h"
#include "qdcnn/http/message.h"

namespace qdcnn::http {

/// After which outcomes a request is sent again.
struct RetryRule {
    /// Statuses after which it is.
    std::vector<int> statuses;
    /// Statuses after which it is where the reply says when (Retry-After).
    std::vector<int> statuses_with_retry_after;
    /// Failures of a request that may have been sent. One that was not sent is sent again whatever stands
    /// here, unless the reason stays (tls, too_large, bad_redirect, held_back, interrupted).
    std::vector<FailureKind> failures;
};

/// A vendor's rules. The defaults suit a vendor that says nothing.
struct RetryPolicy {
    /// For Effect::read and Effect::idempotent.
    RetryRule repeatable{.statuses = {429, 500, 502, 503, 504},
                         .statuses_with_retry_after = {413},
                         .failures = {FailureKind::timeout, FailureKind::reset, FailureKind::truncated}};
    /// For Effect::once: statuses with which the vendor promises that nothing was done. `failures` counts
    /// only where submits are deduplicated.
    RetryRule submits{.statuses = {429}, .statuses_with_retry_after = {}, .failures = {}};
    /// The vendor knows a submit again (a client token, an id of ours) and does it once: submits are
    /// repeatable.
    bool deduplicates_submits = false;

    /// Sendings in all, the first among them.
    int max_attempts = 5;
    /// The wait before attempt k + 1 is drawn from 0 to first_wait * 2^(k - 1), at most longest_wait: full
    /// jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015). Where the reply says when, from then on.
    std::chrono::milliseconds first_wait{500};
    std::chrono::milliseconds longest_wait{30'000};
    /// A longer Retry-After is not waited for: the reply is handed on.
    std::chrono::milliseconds longest_retry_after{300'000};
    /// No attempt begins later than this after the first began.
    std::chrono::milliseconds total_budget{600'000};
    /// Headers that count milliseconds as Retry-After counts seconds.
    std::vector<std::string> retry_after_ms_headers = {"retry-after-ms"};
};

/// How long the reply asks to wait: Retry-After in seconds or as a date (any of the three forms of RFC
/// 9110, 5.6.7), or a header of policy.retry_after_ms_headers. A date is measured from the reply's own Date
/// where it has one, else from `now`; one in the past is no wait. Nothing where the reply does not say, or
/// not readably. At most a year.
std::optional<std::chrono::milliseconds> retry_after(const Response& response, const RetryPolicy& policy,
                                                     std::chrono::system_clock::time_point now);

/// A date as HTTP writes it. Nothing where it is none.
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

/// Whether the policy sends this request again after this outcome; attempts and waits aside.
bool is_retried(const RetryPolicy& policy, const Request& request, const Outcome& outcome, bool says_when);

/// The wait before the next attempt after `attempts` have been made.
std::chrono::milliseconds backoff(const RetryPolicy& policy, int attempts, Random& random);

/// Retries in proportion to successes, so that an outage is not answered with many times the usual traffic:
/// full at first, a retry takes 1, a success gives `refund` back. Shared, usable from any thread.
class RetryBudget {
  public:
    explicit RetryBudget(double capacity = 20, double refund = 0.2)
        : capacity_(capacity), refund_(refund), left_(capacity) {}

    /// False where less than 1 is left.
    bool take();
    void succeeded();

  private:
    const double capacity_;
    const double refund_;
    std::mutex mutex_;
    double left_;
};

}  // namespace qdcnn::http
