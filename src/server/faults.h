#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/json.h"
#include "qdcnn/server/server.h"

namespace qdcnn::server {

/// The faults that are still to strike. Usable from any thread.
class FaultBook {
  public:
    explicit FaultBook(std::vector<Fault> faults = {});

    void add(const Fault& fault);
    void clear();
    /// The fault that this request meets; counts down.
    std::optional<Fault> take(const std::string& kind);

  private:
    std::mutex mutex_;
    std::vector<Fault> faults_;
};

/// {"kind", "action", "time", "status", "retry_after", "delay_ms", "skip", "times"}, all but kind and action
/// optional. Throws Error(invalid_input) for a word that is none of them.
Fault fault_of(const JsonView& document);

}  // namespace qdcnn::server
