#include "qdcnn/base/clock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/random.h"
#include "qdcnn/base/virtual_clock.h"

namespace qdcnn {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, SleepsAsLongAsAsked) {
    Clock& clock = system_clock();
    const auto start = clock.now();
    clock.sleep_for(30ms);
    EXPECT_GE(clock.now() - start, 30ms);
    clock.sleep_until(start);  // Long past: at once.
    EXPECT_LT(clock.now() - start, 5s);
}

TEST(SystemClock, AnInterruptEndsASleep) {
    std::thread interrupting([] {
        std::this_thread::sleep_for(50ms);
        interrupt().set(2);
    });
    const auto start = system_clock().now();
    try {
        system_clock().sleep_for(20s);
        ADD_FAILURE() << "slept through";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
    EXPECT_LT(system_clock().now() - start, 2s);
    interrupting.join();
    interrupt().clear();
}

TEST(VirtualClock, AloneItJumps) {
    VirtualClock clock(std::chrono::sys_days(std::chrono::year(2030) / 1 / 1));
    const auto start = clock.now();
    clock.sleep_for(24h);
    EXPECT_EQ(clock.now() - start, 24h);
    EXPECT_EQ(clock.date(), std::chrono::sys_days(std::chrono::year(2030) / 1 / 2));
    clock.sleep_until(start);
    EXPECT_EQ(clock.now() - start, 24h);
    clock.advance(1h);
    EXPECT_EQ(clock.now() - start, 25h);
}

TEST(VirtualClock, AnInterruptEndsASleep) {
    VirtualClock clock;
    interrupt().set(15);
    EXPECT_THROW(clock.sleep_for(1s), Error);
    interrupt().clear();
}

TEST(VirtualClock, EverySleeperWakesAtItsOwnTime) {
    constexpr int kThreads = 50;
    VirtualClock clock;
    std::vector<VirtualClock::Participant> participants;
    for (int i = 0; i < kThreads; ++i) participants.emplace_back(clock);
    std::vector<std::thread> threads;
    std::vector<Clock::Duration> slept(kThreads), wanted(kThreads);
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&, i, participant = std::move(participants[i])] {
            Random random(i);
            for (int k = 0; k < 20; ++k) {
                const auto time = std::chrono::seconds(random.below(1000));
                const auto start = clock.now();
                clock.sleep_for(time);
                slept[i] += clock.now() - start;
                wanted[i] += time;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(slept, wanted);
}

}  // namespace
}  // namespace qdcnn
