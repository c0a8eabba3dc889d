#pragma once

#include <string>

#include "qdcnn/base/json.h"

namespace qdcnn::server {

/// Compares the options of a program with IBM's schema: unknown keys, wrong types, words that are none of
/// those there are, numbers out of range. Throws Error(invalid_input) naming the path.
void check_options(const std::string& program, const JsonView& options);

}  // namespace qdcnn::server
