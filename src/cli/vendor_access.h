#pragma once

#include "cli/options.h"
#include "qdcnn/run/budget.h"
#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// --max-cost and --max-qpu-seconds, or the settings of those names.
run::Budget budget_of(const ParsedOptions& given);

}  // namespace qdcnn::cli
