#pragma once

#include <string>
#include <vector>

namespace qdcnn::cli {

/// The HTML page that tells what the files hold, each known by what it is: a model file (training curve),
/// answers of `eval --json` (accuracy, confusion matrix, what went wrong), the points of `sweep` (accuracy
/// against noise), and OpenQASM files (drawn in the order given: before and after a transpile). Throws Error
/// naming the file: not_found, parse, invalid_input, unsupported (a schema that is no report's matter).
std::string report_page(const std::vector<std::string>& files);

}  // namespace qdcnn::cli
