#include "qdcnn/http/rate_limiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/base/virtual_clock.h"

namespace qdcnn::http {
namespace {

using namespace std::chrono_literals;
using TimePoint = Clock::TimePoint;

/// The most of these times in any half-open window.
std::size_t most_in_a_window(std::vector<TimePoint> times, Clock::Duration window) {
    std::sort(times.begin(), times.end());
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] >= window) ++first;
        most = std::max(most, last - first + 1);
    }
    return most;
}

/// Counts the sleeps of a virtual clock, and lets sleepers come up to a second late.
class LateClock final : public Clock {
  public:
    LateClock(VirtualClock& clock, std::chrono::milliseconds latest) : clock_(clock), latest_(latest) {}
    TimePoint now() const override { return clock_.now(); }
    std::chrono::system_clock::time_point date() const override { return clock_.date(); }
    void sleep_until(TimePoint time) override {
        {
            const std::lock_guard lock(mutex_);
            ++sleeps_;
            if (latest_ > 0ms) time += std::chrono::milliseconds(random_.below(latest_.count()));
        }
        clock_.sleep_until(time);
    }
    int sleeps() const { return sleeps_; }

  private:
    VirtualClock& clock_;
    const std::chrono::milliseconds latest_;
    std::mutex mutex_;
    Random random_{3};
    int sleeps_ = 0;
};

/// One permit for each of `count` threads; `before` runs in each before it asks.
std::vector<TimePoint> times_of_permits(int count, VirtualClock& clock, Clock& sleeper, RateLimiter& limiter,
                                        const std::function<void(int)>& before = {}) {
    std::vector<TimePoint> times(count);
    std::vector<VirtualClock::Participant> participants;
    for (int i = 0; i < count; ++i) participants.emplace_back(clock);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&, i, participant = std::move(participants[i])] {
            if (before) before(i);
            ASSERT_TRUE(limiter.acquire(sleeper, 24h));
            times[i] = clock.now();
        });
    for (auto& thread : threads) thread.join();
    return times;
}

TEST(RateLimiter, WhoComesLateBreaksNoRate) {
    VirtualClock clock;
    LateClock late(clock, 25s);
    RateLimiter limiter(RateLimit{4, 10s});
    const auto times = times_of_permits(200, clock, late, limiter);
    EXPECT_LE(most_in_a_window(times, 10s), 4u);
}

TEST(RateLimiter, AThousandWaitersEachSleepOnce) {
    VirtualClock clock;
    LateClock counting(clock, 0ms);
    RateLimiter limiter(RateLimit{10, 1s});
    const auto times = times_of_permits(1000, clock, counting, limiter);
    EXPECT_EQ(most_in_a_window(times, 1s), 10u);
    EXPECT_EQ(clock.now(), TimePoint() + 99s);
    EXPECT_LE(counting.sleeps(), 1000);
}

TEST(RateLimiter, APauseCostsEachWaiterOneMoreSleep) {
    VirtualClock clock;
    LateClock counting(clock, 0ms);
    RateLimiter limiter(RateLimit{10, 1s});
    const auto times = times_of_permits(300, clock, counting, limiter, [&](int i) {
        if (i != 0) return;
        clock.sleep_until(TimePoint() + 10s + 500ms);
        limiter.pause_until(clock.now() + 60s);
    });
    EXPECT_EQ(most_in_a_window(times, 1s), 10u);
    for (const TimePoint time : times)
        EXPECT_FALSE(time > TimePoint() + 10s + 500ms && time < TimePoint() + 70s + 500ms);
    EXPECT_LE(counting.sleeps(), 600);
    EXPECT_LE(clock.now(), TimePoint() + 90s);
}

TEST(RateLimiter, LetsABurstThroughAndThenTheWindowPass) {
    VirtualClock clock;
    RateLimiter limiter(RateLimit{5, 60s});
    std::vector<double> times;
    for (int i = 0; i < 12; ++i) {
        ASSERT_TRUE(limiter.acquire(clock, 0s));
        times.push_back(std::chrono::duration<double>(clock.now().time_since_epoch()).count());
    }
    EXPECT_EQ(times, (std::vector<double>{0, 0, 0, 0, 0, 60, 60, 60, 60, 60, 120, 120}));
}

TEST(RateLimiter, TryTakesOnlyWhatMayGoNow) {
    VirtualClock clock;
    RateLimiter limiter(RateLimit{2, 10s});
    EXPECT_TRUE(limiter.try_acquire(clock));
    clock.advance(4s);
    EXPECT_TRUE(limiter.try_acquire(clock));
    EXPECT_FALSE(limiter.try_acquire(clock));
    clock.advance(6s);
    EXPECT_TRUE(limiter.try_acquire(clock));
    EXPECT_FALSE(limiter.try_acquire(clock));
}

TEST(RateLimiter, PausesHoldEverythingAndLongOnesAreTold) {
    VirtualClock clock;
    RateLimiter limiter;
    limiter.pause_until(clock.now() + 30s);
    limiter.pause_until(clock.now() + 10s);
    EXPECT_FALSE(limiter.try_acquire(clock));
    EXPECT_FALSE(limiter.acquire(clock, 29s));
    EXPECT_EQ(clock.now(), TimePoint());
    EXPECT_TRUE(limiter.acquire(clock, 30s));
    EXPECT_EQ(clock.now(), TimePoint() + 30s);
}

TEST(RateLimiter, APauseDoesNotForgetWhatWasSpent) {
    VirtualClock clock;
    RateLimiter limiter(RateLimit{3, 60s});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(limiter.acquire(clock, 0s));
    limiter.pause_until(clock.now() + 1s);
    ASSERT_TRUE(limiter.acquire(clock, 10s));
    EXPECT_EQ(clock.now(), TimePoint() + 60s);
}

TEST(RateLimiter, RefusesARateThatIsNone) {
    EXPECT_THROW(RateLimiter(RateLimit{0, 1s}), Error);
    EXPECT_THROW(RateLimiter(RateLimit{1, 0s}), Error);
}

TEST(RateLimiter, ManyThreadsStayWithinTheRateAndOutOfThePauses) {
    constexpr int kThreads = 60, kEach = 5;
    VirtualClock clock;
    RateLimiter limiter(RateLimit{7, 10s});
    std::mutex mutex;
    std::vector<TimePoint> times;
    std::vector<std::pair<TimePoint, TimePoint>> pauses;  // Told at, until.
    std::vector<VirtualClock::Participant> participants;
    for (int i = 0; i < kThreads; ++i) participants.emplace_back(clock);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&, i, participant = std::move(participants[i])] {
            Random random(100 + i);
            for (int k = 0; k < kEach; ++k) {
                ASSERT_TRUE(limiter.acquire(clock, 24h));
                const TimePoint now = clock.now();
                const std::lock_guard lock(mutex);
                times.push_back(now);
                if (random.below(20) == 0) {
                    const auto pause = std::chrono::milliseconds(random.below(60'000));
                    limiter.pause_until(now + pause);
                    pauses.emplace_back(now, now + pause);
                }
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(times.size(), std::size_t{kThreads * kEach});
    EXPECT_EQ(most_in_a_window(times, 10s), 7u);
    EXPECT_GT(pauses.size(), 3u);
    for (const auto& [told, until] : pauses)
        for (const TimePoint time : times) EXPECT_FALSE(time > told && time < until);
    // 300 permits at 7 in 10 s, and the pauses: no permit is lost for long.
    Clock::Duration paused{};
    for (const auto& [told, until] : pauses) paused += until - told;
    EXPECT_LE(clock.now() - TimePoint(), 10s * (kThreads * kEach / 7 + 1) + paused + 10s * pauses.size());
}

}  // namespace
}  // namespace qdcnn::http
