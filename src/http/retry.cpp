#include "qdcnn/http/retry.h"

#include <algorithm>
#include <cmath>

namespace qdcnn::http {
namespace {

template <typename T>
bool contains(const std::vector<T>& values, const T& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

/// Sending the same again at once would end the same way.
bool reason_stays(FailureKind kind) {
    switch (kind) {
        case FailureKind::tls:
        case FailureKind::too_large:
        case FailureKind::bad_redirect:
        case FailureKind::held_back:
        case FailureKind::interrupted:
            return true;
        case FailureKind::dns:
        case FailureKind::refused:
        case FailureKind::proxy:
        case FailureKind::timeout:
        case FailureKind::reset:
        case FailureKind::truncated:
        case FailureKind::protocol:
            return false;
    }
    return true;
}

}  // namespace

bool is_retried(const RetryPolicy& policy, const Request& request, const Outcome& outcome, bool says_when) {
    const bool is_repeatable = effect_of(request) != Effect::once || policy.deduplicates_submits;
    const RetryRule& rule = is_repeatable ? policy.repeatable : policy.submits;
    if (const auto* response = std::get_if<Response>(&outcome))
        return contains(rule.statuses, response->status) ||
               (says_when && contains(rule.statuses_with_retry_after, response->status));
    const auto& failure = std::get<Failure>(outcome);
    if (reason_stays(failure.kind)) return false;
    if (failure.reach == Reach::not_sent) return true;
    return is_repeatable && contains(rule.failures, failure.kind);
}

std::chrono::milliseconds backoff(const RetryPolicy& policy, int attempts, Random& random) {
    const double first = static_cast<double>(policy.first_wait.count());
    const double longest = static_cast<double>(policy.longest_wait.count());
    const double ceiling = std::min(longest, std::ldexp(first, std::max(attempts, 1) - 1));
    return std::chrono::milliseconds(static_cast<std::int64_t>(random.uniform() * ceiling));
}

bool RetryBudget::take() {
    const std::lock_guard lock(mutex_);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
}

void RetryBudget::succeeded() {
    const std::lock_guard lock(mutex_);
    left_ = std::min(capacity_, left_ + refund_);
}

}  // namespace qdcnn::http
