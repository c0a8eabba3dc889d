#include "qdcnn/base/split.h"

namespace qdcnn {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    parts.emplace_back(text);
    return parts;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    for (const std::string& part : split(text, ',')) {
        const std::size_t first = part.find_first_not_of(" \t");
        if (first != std::string::npos)
            parts.push_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
    }
    return parts;
}

}  // namespace qdcnn
