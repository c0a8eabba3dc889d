#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "qdcnn/base/clock.h"

namespace qdcnn::http {

/// At most `count` requests in any stretch of time as long as `window` (its end not included).
struct RateLimit {
    int count = 1;
    Clock::Duration window{};
};

/// Keeps all who send through it within a vendor's rate and out of the pauses that the vendor asks for.
/// Shared by reference; usable from any thread. Permits go out in the order of asking, but for those that a
/// pause puts off. It remembers the last `count` permits, for a bucket that refills steadily lets up to twice
/// the count through in a window: all of a full bucket, and what flows in meanwhile.
class RateLimiter {
  public:
    /// Without a limit, only pauses hold requests back. Throws Error(invalid_input): count < 1 or window <=
    /// 0.
    explicit RateLimiter(std::optional<RateLimit> limit = std::nullopt);

    /// Sleeps until one more request may go, and counts it. False, at once and without counting, where the
    /// vendor's pause lasts longer than `longest_pause` from now. Throws Error(cancelled) when the clock
    /// does.
    bool acquire(Clock& clock, Clock::Duration longest_pause);

    /// Counts one more request if it may go now; else false.
    bool try_acquire(Clock& clock);

    /// No request before `time`, as Retry-After asks. An earlier end than one already set changes nothing.
    void pause_until(Clock::TimePoint time);

  private:
    using TimePoint = Clock::TimePoint;
    /// The latest `count` times, in order.
    using History = std::deque<TimePoint>;

    TimePoint earliest_after(const History& history, TimePoint now) const;
    void remember(History& history, TimePoint time) const;

    const std::optional<RateLimit> limit_;
    std::mutex mutex_;
    TimePoint paused_until_ = TimePoint::min();
    History spent_;     // When permits were taken.
    History promised_;  // When those who wait will come for theirs; begins with what was spent.
    std::uint64_t pauses_ = 0;
};

}  // namespace qdcnn::http
