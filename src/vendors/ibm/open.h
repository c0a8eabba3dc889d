#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "qdcnn/vendors/registry.h"

namespace qdcnn::vendors::ibm {

/// Keys of ServiceSettings::values.
std::span<const std::string_view> setting_keys();

/// The row's way in. A key that is not given is read from the variable that IBM's own client reads, where it
/// has one.
std::unique_ptr<Service> open(const ServiceSettings& settings);

/// The row's Service::decode.
JobResult decode(const std::string& raw, const std::string& content);

}  // namespace qdcnn::vendors::ibm
