#include "run/journal/job_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "qdcnn/base/error.h"

namespace qdcnn::run {

std::optional<JobLock> JobLock::try_acquire(const std::string& folder, const std::string& job) {
    const std::string path = folder + "/locks";
    const auto fail = [&] {
        throw Error(ErrorKind::storage, fmt::format("cannot lock {}: {}", path, std::strerror(errno)),
                    "The job journal needs a file system with locks.");
    };
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) fail();
    JobLock lock(file);
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    // Past the end of the file: bytes need not be there to be locked.
    range.l_start = job == kOpening ? off_t{1} << 40 : static_cast<off_t>(std::stoull(job, nullptr, 16));
    range.l_len = 1;
    while (::fcntl(file, F_OFD_SETLK, &range) != 0) {
        if (errno == EAGAIN || errno == EACCES) return std::nullopt;
        if (errno != EINTR) fail();
    }
    return lock;
}

JobLock JobLock::acquire(const std::string& folder, const std::string& job, Clock::Duration patience) {
    Clock& clock = system_clock();
    const auto end = clock.now() + patience;
    Clock::Duration pause = std::chrono::milliseconds(1);
    for (;;) {
        if (auto lock = try_acquire(folder, job)) return std::move(*lock);
        if (clock.now() >= end)
            throw Error(ErrorKind::timeout,
                        fmt::format("another process has been working on job {} for {} s", job,
                                    std::chrono::duration_cast<std::chrono::seconds>(patience).count()),
                        "Wait for it or end it; then run the same command again.");
        clock.sleep_for(pause);
        pause = std::min<Clock::Duration>(2 * pause, std::chrono::milliseconds(50));
    }
}

JobLock::~JobLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace qdcnn::run
