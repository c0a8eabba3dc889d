#include "qdcnn/base/clock.h"

#include <algorithm>
#include <thread>

#include "qdcnn/base/interrupt.h"

namespace qdcnn {
namespace {

class SystemClock final : public Clock {
  public:
    TimePoint now() const override { return std::chrono::steady_clock::now(); }
    std::chrono::system_clock::time_point date() const override { return std::chrono::system_clock::now(); }
    void sleep_until(TimePoint time) override {
        // In slices: the handler of a signal may run in another thread, so the signal need not end this
        // sleep.
        constexpr std::chrono::milliseconds kSlice{50};
        for (TimePoint present = now();; present = now()) {
            interrupt().throw_if_interrupted();
            if (present >= time) return;
            std::this_thread::sleep_for(std::min<Duration>(time - present, kSlice));
        }
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

}  // namespace qdcnn
