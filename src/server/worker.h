#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "devices.h"
#include "qdcnn/server/server.h"
#include "store.h"

namespace qdcnn::server {

/// Does the open jobs of the store, the oldest first and one at a time, in a thread of its own.
class Worker {
  public:
    /// Outlived by all of them.
    Worker(const Settings& settings, Store& store, const std::vector<std::unique_ptr<Device>>& devices);
    /// Waits for the simulation that runs; its job stays Running.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// There may be something to do.
    void wake();
    void stop();

  private:
    void run();
    void work_on(const StoredJob& job);
    void finish(const StoredJob& job);
    /// False when the worker is to stop. Ends early where `until_woken`.
    bool wait(std::chrono::microseconds time, bool until_woken);

    const Settings& settings_;
    Store& store_;
    const std::vector<std::unique_ptr<Device>>& devices_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_woken_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace qdcnn::server
