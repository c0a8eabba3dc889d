#include "qdcnn/base/resources.h"

#include "resource_table.h"

namespace qdcnn {

std::optional<std::string_view> resource(std::string_view path) {
    for (const Resource& one : resource_table())
        if (one.path == path) return one.content;
    return std::nullopt;
}

std::vector<std::string> resources_below(const std::string& folder) {
    std::vector<std::string> paths;
    for (const Resource& one : resource_table())
        if (one.path.substr(0, folder.size() + 1) == folder + "/") paths.emplace_back(one.path);
    return paths;
}

}  // namespace qdcnn
