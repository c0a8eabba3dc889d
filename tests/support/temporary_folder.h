#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace qdcnn::test {

/// A folder that goes with the test; in memory where the system has such, for tests that write much.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        const bool has_memory = std::filesystem::is_directory("/dev/shm");
        std::string name =
            (has_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/qdcnn-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

}  // namespace qdcnn::test
