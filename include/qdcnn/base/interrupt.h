#pragma once

#include <atomic>

namespace qdcnn {

/// Asked between steps of long work; the command line sets it on SIGINT and SIGTERM. Long loops call
/// `throw_if_interrupted` where stopping leaves everything whole.
class Interrupt {
  public:
    void set(int signal_number) { signal_.store(signal_number, std::memory_order_relaxed); }
    void clear() { set(0); }
    /// 0, or the signal's number.
    int signal_number() const { return signal_.load(std::memory_order_relaxed); }
    /// Throws Error(cancelled).
    void throw_if_interrupted() const;

  private:
    std::atomic<int> signal_{0};
};

/// The process's one interrupt flag.
Interrupt& interrupt();

}  // namespace qdcnn
