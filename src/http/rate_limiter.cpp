#include "qdcnn/http/rate_limiter.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"

namespace qdcnn::http {

RateLimiter::RateLimiter(std::optional<RateLimit> limit) : limit_(limit) {
    if (limit && (limit->count < 1 || limit->window <= Clock::Duration::zero()))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a rate of {} requests in {} s, expected 1 or more in more than 0 s",
                                limit->count, std::chrono::duration<double>(limit->window).count()));
}

Clock::TimePoint RateLimiter::earliest_after(const History& history, TimePoint now) const {
    TimePoint earliest = std::max(now, paused_until_);
    if (limit_ && history.size() >= static_cast<std::size_t>(limit_->count))
        earliest = std::max(earliest, history.front() + limit_->window);
    return earliest;
}

void RateLimiter::remember(History& history, TimePoint time) const {
    if (!limit_) return;
    history.push_back(time);
    if (history.size() > static_cast<std::size_t>(limit_->count)) history.pop_front();
}

bool RateLimiter::acquire(Clock& clock, Clock::Duration longest_pause) {
    // A thousand who wait each sleep until a time of their own. What was promised is only when to come; what
    // was spent decides, for a sleeper may come late.
    std::optional<std::uint64_t> promised_after;
    while (true) {
        TimePoint mine;
        {
            const std::lock_guard lock(mutex_);
            const TimePoint now = clock.now();
            if (paused_until_ > now && paused_until_ - now > longest_pause) return false;
            if (promised_after != pauses_) {
                promised_after = pauses_;
                mine = std::max(earliest_after(promised_, now), earliest_after(spent_, now));
                remember(promised_, mine);
            } else {
                mine = earliest_after(spent_, now);
            }
            if (mine <= now) {
                remember(spent_, now);
                return true;
            }
        }
        clock.sleep_until(mine);
    }
}

bool RateLimiter::try_acquire(Clock& clock) {
    const std::lock_guard lock(mutex_);
    const TimePoint now = clock.now();
    if (std::max(earliest_after(promised_, now), earliest_after(spent_, now)) > now) return false;
    remember(promised_, now);
    remember(spent_, now);
    return true;
}

void RateLimiter::pause_until(TimePoint time) {
    const std::lock_guard lock(mutex_);
    if (time <= paused_until_) return;
    paused_until_ = time;
    // What was promised is void: those who come for it are told a time behind the pause.
    promised_ = spent_;
    ++pauses_;
}

}  // namespace qdcnn::http
