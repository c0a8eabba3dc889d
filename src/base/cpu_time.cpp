#include "qdcnn/base/cpu_time.h"

#include <chrono>
#include <ctime>

namespace qdcnn {

namespace {

double seconds_on(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

double cpu_seconds() { return seconds_on(CLOCK_PROCESS_CPUTIME_ID); }
double thread_cpu_seconds() { return seconds_on(CLOCK_THREAD_CPUTIME_ID); }

double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace qdcnn
