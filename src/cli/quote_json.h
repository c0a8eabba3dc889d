#pragma once

#include <iosfwd>
#include <string>

#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// What --dry-run answers: the requests as they would be sent, without secrets, and what they would cost.
/// qdcnn.plan/1: "requests" are the bodies, "http_requests" in the same order "method", "url", "headers" and
/// the "tag" by which the job is known again.
void print_plan(const run::Quote& quote, const std::string& backend, bool as_json, std::ostream& out);

}  // namespace qdcnn::cli
