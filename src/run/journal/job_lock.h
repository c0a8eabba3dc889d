#pragma once

#include <optional>
#include <string>

#include "qdcnn/base/clock.h"

namespace qdcnn::run {

/// Whoever holds it works on that job, alone among all threads and processes; the kernel takes it back when
/// the process ends, however it ends. A byte of the journal's file "locks" for each job, locked with
/// F_OFD_SETLK (which, unlike process-wide locks, also keeps threads apart, and works on network file
/// systems).
class JobLock {
  public:
    /// For making and opening a journal.
    static constexpr const char* kOpening = "opening";

    /// job: an id of 8 hexadecimal digits, or kOpening. Nothing where another has it. Throws Error(storage)
    /// where the file cannot be locked.
    static std::optional<JobLock> try_acquire(const std::string& folder, const std::string& job);
    /// Waits, in real time, for it concerns other processes. Throws Error(timeout) after `patience`, and
    /// Error(cancelled).
    static JobLock acquire(const std::string& folder, const std::string& job, Clock::Duration patience);

    JobLock(JobLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
    JobLock& operator=(JobLock&&) = delete;
    ~JobLock();

  private:
    explicit JobLock(int file) : file_(file) {}

    int file_;
};

}  // namespace qdcnn::run
