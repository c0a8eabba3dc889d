#pragma once

#include <chrono>

namespace qdcnn {

/// Time, passed in wherever code waits, so that tests run hours of waiting in milliseconds.
class Clock {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    virtual ~Clock() = default;

    /// Never goes backwards; what waits and time limits are measured with.
    virtual TimePoint now() const = 0;
    /// The date, for what other machines wrote: expiry of tokens, HTTP dates.
    virtual std::chrono::system_clock::time_point date() const = 0;
    /// Returns at `time` or a little later. Throws Error(cancelled) within a tenth of a second of an
    /// interrupt.
    virtual void sleep_until(TimePoint time) = 0;

    void sleep_for(Duration duration) { sleep_until(now() + duration); }
};

/// The machine's clock. One object, usable from any thread.
Clock& system_clock();

}  // namespace qdcnn
