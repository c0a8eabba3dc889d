#pragma once

#include <mutex>
#include <string>

#include "message.h"

namespace qdcnn::server {

/// Writes exchanges as JSON files <number>-<kind>.json into a folder: method, path, query, headers and body
/// of the request, status and body of the reply. Keys and tokens are masked. Usable from any thread.
class Recorder {
  public:
    /// Empty: records nothing. Throws Error(storage).
    explicit Recorder(std::string folder);

    void record(const std::string& kind, const Request& request, const Reply& reply);

  private:
    const std::string folder_;
    std::mutex mutex_;
    int number_ = 0;
};

}  // namespace qdcnn::server
