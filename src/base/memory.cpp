#include "qdcnn/base/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/memory_limits.h"
#include "qdcnn/base/error.h"

namespace qdcnn {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// The number in a file; `otherwise` when it is missing or says "max".
std::uint64_t number_in(const std::string& path, std::uint64_t otherwise) {
    std::ifstream file(path);
    std::uint64_t value = 0;
    return file >> value ? value : otherwise;
}

/// The number after `wanted` in lines "key number ..."; `otherwise` when there is none.
std::uint64_t number_after(const std::string& path, const std::string& wanted, std::uint64_t otherwise) {
    std::ifstream file(path);
    std::string key, rest;
    std::uint64_t number = 0;
    while (file >> key >> number) {
        if (key == wanted) return number;
        std::getline(file, rest);
    }
    return otherwise;
}

/// The process's group of version 2: the line "0::/path".
std::string own_cgroup() {
    std::ifstream file("/proc/self/cgroup");
    std::string line;
    while (std::getline(file, line))
        if (line.starts_with("0::")) return line.substr(3);
    return "";
}

std::uint64_t address_space_left() {
    struct rlimit limit {};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
    const std::uint64_t pages = number_in("/proc/self/statm", 0);
    const std::uint64_t used = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

std::uint64_t machine_available() {
    const std::uint64_t kilobytes = number_after("/proc/meminfo", "MemAvailable:", kNoLimit);
    return kilobytes == kNoLimit ? kNoLimit : kilobytes * 1024;
}

}  // namespace

std::uint64_t cgroup_available(const std::string& mount, std::string group) {
    std::uint64_t available = kNoLimit;
    for (;;) {
        while (group.ends_with('/')) group.pop_back();
        const std::string folder = mount + group;
        const std::uint64_t limit = number_in(folder + "/memory.max", kNoLimit);
        if (limit != kNoLimit) {
            const std::uint64_t current = number_in(folder + "/memory.current", 0);
            // The kernel gives up cached files before it refuses memory.
            const std::uint64_t cached = number_after(folder + "/memory.stat", "inactive_file", 0);
            const std::uint64_t used = current - std::min(current, cached);
            available = std::min(available, limit - std::min(limit, used));
        }
        if (group.empty()) return available;
        group.erase(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
    }
}

std::uint64_t available_memory() {
    return std::min(
        {machine_available(), cgroup_available("/sys/fs/cgroup", own_cgroup()), address_space_left()});
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
