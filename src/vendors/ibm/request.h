#pragma once

#include <string>

#include "qdcnn/vendors/service.h"
#include "vendors/ibm/options.h"

namespace qdcnn::vendors::ibm {

/// The body of POST /jobs for PUBs that were checked, without a key.
std::string write_request(const JobRequest& request, const CheckedOptions& options,
                          std::uint32_t device_qubits);

/// With the key as one more tag. Throws Error(invalid_input) where it makes too many tags or is too long.
std::string with_key(const std::string& content, const std::string& key);

/// The precision for which the service takes that many shots: it takes ceil(1 / precision^2).
double precision_of(std::uint64_t shots);

}  // namespace qdcnn::vendors::ibm
