#include "support/fake_names.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace qdcnn::test {
namespace {

struct Names {
    std::mutex mutex;
    std::map<std::string, int> stall;  // Milliseconds; 0 for a name that is here.
};

Names& names() {
    // Never destroyed: a look-up that was given up may outlive main.
    static Names& instance = *new Names;
    return instance;
}

bool is_number(const char* name) {
    in6_addr address{};
    return ::inet_pton(AF_INET, name, &address) == 1 || ::inet_pton(AF_INET6, name, &address) == 1;
}

}  // namespace

void name_is_here(const std::string& name) { name_stalls(name, 0); }

void name_stalls(const std::string& name, int milliseconds) {
    const std::lock_guard lock(names().mutex);
    names().stall[name] = milliseconds;
}

/// Nothing: an unknown name.
static std::optional<int> stall_of(const std::string& name) {
    const std::lock_guard lock(names().mutex);
    const auto found = names().stall.find(name);
    if (found == names().stall.end()) return std::nullopt;
    return found->second;
}

}  // namespace qdcnn::test

/// Found by the dynamic linker before libc's.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto original = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node == nullptr || qdcnn::test::is_number(node)) return original(node, service, hints, result);
    const std::optional<int> stall = qdcnn::test::stall_of(node);
    if (!stall) return EAI_NONAME;
    if (*stall == 0) return original("127.0.0.1", service, hints, result);
    std::this_thread::sleep_for(std::chrono::milliseconds(*stall));
    return EAI_AGAIN;
}
