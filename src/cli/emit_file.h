#pragma once

#include "cli/console.h"
#include "cli/options.h"

namespace qdcnn::cli {

/// `qdcnn emit IN.qasm --dialect NAME -o OUT.qasm`: reads a circuit and writes it in another dialect. OUT.qasm is
/// written whole or not at all.
int emit_file(const ParsedOptions& given, Console& console);

}  // namespace qdcnn::cli
