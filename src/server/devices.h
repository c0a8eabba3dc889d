#pragma once

#include <memory>
#include <string>
#include <vector>

#include "message.h"
#include "qdcnn/backend/backend.h"
#include "qdcnn/server/server.h"
#include "qdcnn/target/target.h"

namespace qdcnn::server {

/// A device that the server offers.
class Device {
  public:
    Device(const std::string& name_or_path, double noise_scale);

    const std::string& name() const { return target_.name; }
    /// As its documents tell of it, to the last bit.
    const target::Target& target() const { return target_; }
    const std::string& configuration() const { return configuration_; }
    const std::string& properties() const { return properties_; }
    backend::Backend& simulator() const { return *simulator_; }

    /// An entry of GET /backends.
    nlohmann::json summary(std::int64_t queue_length) const;

  private:
    std::string configuration_;
    std::string properties_;
    target::Target target_;
    std::unique_ptr<backend::Backend> simulator_;
};

}  // namespace qdcnn::server
