#pragma once

#include <iosfwd>
#include <string>

#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// What --dry-run answers: the requests as they would be sent, and what they would cost. qdcnn.plan/1.
void print_plan(const run::Quote& quote, const std::string& backend, bool as_json, std::ostream& out);

}  // namespace qdcnn::cli
