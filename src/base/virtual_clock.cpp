#include "qdcnn/base/virtual_clock.h"

#include <algorithm>

#include "qdcnn/base/interrupt.h"

namespace qdcnn {

Clock::TimePoint VirtualClock::now() const {
    const std::lock_guard lock(mutex_);
    return now_;
}

std::chrono::system_clock::time_point VirtualClock::date() const {
    return start_date_ +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now().time_since_epoch());
}

void VirtualClock::sleep_until(TimePoint time) {
    interrupt().throw_if_interrupted();
    std::unique_lock lock(mutex_);
    if (participants_ == 0) {
        now_ = std::max(now_, time);
        return;
    }
    if (time <= now_) return;
    // A condition a sleeper: with one for all, each jump of the time would wake every thread.
    Sleeper sleeper;
    sleepers_.emplace(time, &sleeper);
    wake_earliest_if_all_sleep();
    sleeper.woken.wait(lock, [&] { return sleeper.is_awake; });
    lock.unlock();
    interrupt().throw_if_interrupted();
}

void VirtualClock::advance(Duration duration) {
    const std::lock_guard lock(mutex_);
    now_ += duration;
}

void VirtualClock::join() {
    const std::lock_guard lock(mutex_);
    ++participants_;
}

void VirtualClock::leave() {
    const std::lock_guard lock(mutex_);
    --participants_;
    wake_earliest_if_all_sleep();
}

void VirtualClock::wake_earliest_if_all_sleep() {
    if (sleepers_.empty() || sleepers_.size() < static_cast<std::size_t>(participants_)) return;
    now_ = std::max(now_, sleepers_.begin()->first);
    while (!sleepers_.empty() && sleepers_.begin()->first <= now_) {
        Sleeper& sleeper = *sleepers_.begin()->second;
        sleepers_.erase(sleepers_.begin());
        sleeper.is_awake = true;
        sleeper.woken.notify_one();
    }
}

}  // namespace qdcnn
