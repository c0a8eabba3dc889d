#pragma once

#include <chrono>
#include <string>

#include "cli/console.h"

namespace qdcnn::cli {

/// Shows long work on stderr: a bar with time left, redrawn in place on a terminal; a plain line every ten
/// seconds elsewhere. Clears its bar when it goes.
class Progress {
  public:
    Progress(Console& console, std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// done of total; `details` such as "loss 0.31".
    void update(std::size_t done, std::size_t total, const std::string& details = {});

  private:
    using Clock = std::chrono::steady_clock;
    Console& console_;
    std::string what_;
    Clock::time_point start_;
    Clock::time_point last_shown_;
    bool bar_is_drawn_ = false;
};

}  // namespace qdcnn::cli
