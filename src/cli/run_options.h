#pragma once

#include "cli/options.h"
#include "qdcnn/backend/backend.h"

namespace qdcnn::cli {

/// --backend, --shots and --seed, as eval and predict take them.
void add_run_options(Options& options);
/// --shots and --seed. Throws Error(usage).
backend::RunOptions run_options_of(const ParsedOptions& given);

}  // namespace qdcnn::cli
