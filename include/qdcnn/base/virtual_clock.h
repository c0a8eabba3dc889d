#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "qdcnn/base/clock.h"

namespace qdcnn {

/// A clock that stands still while anybody works and jumps when all sleep. For tests.
/// Without participants a sleep moves the time at once. Threads that share the clock join it first: then the
/// time goes to the earliest end of a sleep when every participant sleeps.
class VirtualClock final : public Clock {
  public:
    /// Takes part until destroyed. Outlived by the clock.
    class Participant {
      public:
        explicit Participant(VirtualClock& clock) : clock_(&clock) { clock.join(); }
        Participant(Participant&& other) noexcept : clock_(other.clock_) { other.clock_ = nullptr; }
        Participant& operator=(Participant&&) = delete;
        ~Participant() {
            if (clock_ != nullptr) clock_->leave();
        }

      private:
        VirtualClock* clock_;
    };

    explicit VirtualClock(std::chrono::system_clock::time_point date = {}) : start_date_(date) {}

    TimePoint now() const override;
    std::chrono::system_clock::time_point date() const override;
    void sleep_until(TimePoint time) override;
    /// Moves the time on from outside. No participant may be asleep.
    void advance(Duration duration);

  private:
    struct Sleeper {
        std::condition_variable woken;
        bool is_awake = false;
    };

    void join();
    void leave();
    void wake_earliest_if_all_sleep();

    const std::chrono::system_clock::time_point start_date_;
    mutable std::mutex mutex_;
    TimePoint now_{};
    int participants_ = 0;
    std::multimap<TimePoint, Sleeper*> sleepers_;
};

}  // namespace qdcnn
