#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "qdcnn/base/clock.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::vendors {

/// What every vendor needs, and what is the vendor's own as text.
struct ServiceSettings {
    /// As it is, without retries: each vendor brings its own policy. Outlives the service, as the clock does.
    http::Transport& transport;
    Clock& clock;
    /// Of the jitter of waits.
    std::uint64_t seed = 0;
    /// The vendor's own keys (the row names them), chosen already from flags, environment and files.
    std::map<std::string, std::string> values{};
};

struct VendorRow {
    /// What stands before the colon of a backend's name.
    std::string_view name;
    std::string_view title;
    /// Keys of ServiceSettings::values.
    std::span<const std::string_view> keys;
    std::unique_ptr<Service> (*open)(const ServiceSettings&);
    /// Service::decode, for which no account is needed.
    JobResult (*decode)(const std::string& raw, const std::string& content);
};

std::span<const VendorRow> vendor_rows();

/// Sends nothing yet. Throws Error(not_found) with "did you mean" for a vendor or a key that is none,
/// Error(auth) where the account lacks what it needs, Error(invalid_input) for a value that cannot be read.
std::unique_ptr<Service> open_service(const std::string& vendor, const ServiceSettings& settings);

/// Service::decode without an account. Throws Error(not_found) for a vendor that is none, and what that
/// throws.
JobResult decode_result(const std::string& vendor, const std::string& raw, const std::string& content);

}  // namespace qdcnn::vendors
