#pragma once

#include <string>
#include <vector>

#include "qdcnn/vendors/service.h"
#include "vendors/ibm/devices.h"
#include "vendors/ibm/options.h"

namespace qdcnn::vendors::ibm {

/// Refuses what the service would refuse, before it costs a place in the queue: gates, pairs and angles that
/// the device does not have, faulty qubits and edges, control flow beyond the service's, features that
/// exclude each other, too many PUBs or shots. Gives warnings. Throws Error(invalid_input | unsupported)
/// naming the PUB and the operation.
std::vector<std::string> validate(const JobRequest& request, const DeviceFacts& facts,
                                  const CheckedOptions& options);

/// Shots of a PUB that names `own` or none.
std::uint64_t shots_of(std::optional<std::uint64_t> own, const JobRequest& request,
                       const CheckedOptions& options);
/// Whether the options say what PUBs get that name no shots.
bool has_default_shots(const CheckedOptions& options);

}  // namespace qdcnn::vendors::ibm
