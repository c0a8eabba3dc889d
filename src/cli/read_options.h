#pragma once

#include "cli/options.h"
#include "qdcnn/qasm/reader.h"

namespace qdcnn::cli {

/// --max-operations, for commands that read OpenQASM and nothing else.
void add_read_options(Options& options);
qasm::ReadOptions read_options(const ParsedOptions& given);

}  // namespace qdcnn::cli
