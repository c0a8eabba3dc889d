#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qdcnn {

/// The parts between separators, empty ones too: one more than there are separators.
std::vector<std::string> split(std::string_view text, char separator);

/// "a, b" -> {"a", "b"}: what stands between commas without the blanks around it, and nothing for nothing.
std::vector<std::string> split_list(std::string_view text);

}  // namespace qdcnn
