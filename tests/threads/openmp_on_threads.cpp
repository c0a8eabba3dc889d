// The part of GCC's OpenMP runtime that this code calls, on std::thread. The thread sanitizer knows
// std::thread but not libgomp, and would take every barrier of libgomp for a race. Linked only into tests
// built with QDCNN_SANITIZE_THREADS. Signatures: libgomp/libgomp_g.h of GCC 12. What is not here fails to
// link or runs in libgomp, where the sanitizer reports it; it is added then.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using Count = unsigned long long;

/// More than this machine has, so that threads do meet.
constexpr unsigned kThreads = 4;

struct Loop {
    Count end = 0;
    Count stride = 1;
    // Relaxed on purpose: an order between iterations that the program does not ask for would hide its races.
    std::atomic<Count> next{0};
};

struct Team {
    unsigned size = 1;
    std::mutex mutex;
    std::deque<Loop> loops;
};

struct Member {
    Team* team = nullptr;
    unsigned number = 0;
    std::size_t loops_begun = 0;
    Loop* loop = nullptr;
};

thread_local Member member;

void run_as(Member self, void (*body)(void*), void* data) {
    const Member outer = member;
    member = self;
    body(data);
    member = outer;
}

bool next_chunk(Count* first, Count* last) {
    const Count start = member.loop->next.fetch_add(member.loop->stride, std::memory_order_relaxed);
    if (start >= member.loop->end) return false;
    *first = start;
    *last = std::min(start + member.loop->stride, member.loop->end);
    return true;
}

}  // namespace

extern "C" {

int omp_get_thread_num() { return static_cast<int>(member.number); }
int omp_get_num_threads() { return member.team == nullptr ? 1 : static_cast<int>(member.team->size); }
int omp_get_max_threads() { return member.team == nullptr ? static_cast<int>(kThreads) : 1; }

void GOMP_parallel(void (*body)(void*), void* data, unsigned threads, unsigned /*flags*/) {
    Team team;
    // A region inside a region runs on its own thread alone, as libgomp does by default.
    team.size = member.team != nullptr ? 1 : threads == 0 ? kThreads : threads;
    std::vector<std::thread> others;
    for (unsigned number = 1; number < team.size; ++number)
        others.emplace_back([&team, number, body, data] { run_as({&team, number}, body, data); });
    run_as({&team, 0}, body, data);
    for (std::thread& other : others) other.join();
}

bool GOMP_loop_ull_nonmonotonic_dynamic_start(bool up, Count start, Count end, Count step, Count chunk,
                                              Count* first, Count* last) {
    if (!up) std::abort();
    const std::lock_guard lock(member.team->mutex);
    const std::size_t index = member.loops_begun++;
    if (member.team->loops.size() == index) {
        Loop& loop = member.team->loops.emplace_back();
        loop.end = end;
        loop.stride = step * chunk;
        loop.next.store(start, std::memory_order_relaxed);
    }
    member.loop = &member.team->loops[index];
    return next_chunk(first, last);
}

bool GOMP_loop_ull_nonmonotonic_dynamic_next(Count* first, Count* last) { return next_chunk(first, last); }

void GOMP_loop_end_nowait() {}

}  // extern "C"
