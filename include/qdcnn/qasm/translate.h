#pragma once

#include <string>

#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"

namespace qdcnn::qasm {

/// What print_qasm makes of what read_qasm reads, statement by statement: beside the text itself little is
/// held. Reads the text twice, first for what has to stand in front. Throws what the two throw; errors of the
/// text come before anything is written. Holds the whole circuit where it must: with verbatim boxes asked
/// for, and for a barrier over all physical qubits.
void translate_qasm(const std::string& text, const std::string& file_name, const PrintOptions& options,
                    const WriteText& write, const ReadOptions& limits = {});

}  // namespace qdcnn::qasm
