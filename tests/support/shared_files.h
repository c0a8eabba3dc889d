#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace qdcnn::test {

/// A file of the folder of measuring data that may lie beside the checkout: below $QDCNN_SHARED, or
/// ../shared. Nothing when there is none; the test then has its own committed numbers to cover the same
/// thing.
inline std::optional<std::string> shared_file(const std::string& path) {
    const char* folder = std::getenv("QDCNN_SHARED");
    const std::string full =
        (folder ? std::string(folder) : std::string(QDCNN_SOURCE_DIR) + "/../shared") + "/" + path;
    if (std::filesystem::exists(full)) return full;
    return std::nullopt;
}

}  // namespace qdcnn::test
