#include "qdcnn/base/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "qdcnn/base/error.h"

namespace qdcnn {
namespace {

/// The number in a cgroup file; no limit when the file is missing or says "max".
std::uint64_t cgroup_number(const char* path) {
    std::ifstream file(path);
    std::uint64_t value = 0;
    return file >> value ? value : std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t machine_available() {
    std::ifstream file("/proc/meminfo");
    std::string key, unit;
    std::uint64_t kilobytes = 0;
    while (file >> key >> kilobytes) {
        std::getline(file, unit);
        if (key == "MemAvailable:") return kilobytes * 1024;
    }
    return std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

std::uint64_t available_memory() {
    std::uint64_t available = machine_available();
    const std::uint64_t limit = cgroup_number("/sys/fs/cgroup/memory.max");
    const std::uint64_t used = cgroup_number("/sys/fs/cgroup/memory.current");
    if (limit != std::numeric_limits<std::uint64_t>::max() && used <= limit)
        available = std::min(available, limit - used);
    struct rlimit address_space {};
    if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
        available = std::min<std::uint64_t>(available, address_space.rlim_cur);
    return available;
}

void require_memory(std::uint64_t bytes, const std::string& what) {
    const std::uint64_t available = available_memory();
    if (bytes <= available) return;
    constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
    throw Error(
        ErrorKind::out_of_memory,
        fmt::format("{} needs {:.3g} GiB of memory, {:.3g} GiB are free", what,
                    static_cast<double>(bytes) / kGibibyte, static_cast<double>(available) / kGibibyte),
        "Use fewer qubits, or a machine with more memory.");
}

}  // namespace qdcnn
