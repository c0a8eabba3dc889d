#pragma once

#include <string_view>
#include <vector>

namespace qdcnn {

struct Resource {
    std::string_view path;
    std::string_view content;
};

/// Made by tools/embed.cmake from the folder qasm/.
const std::vector<Resource>& resource_table();

}  // namespace qdcnn
