#include "qdcnn/accounts/surroundings.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "qdcnn/base/error.h"

namespace qdcnn::accounts {
namespace {

std::string home_of_user() {
    std::vector<char> buffer(1 << 14);
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return {};
    return found->pw_dir;
}

std::vector<std::string> names_of_environment() {
    std::vector<std::string> names;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string text = *entry;
        names.push_back(text.substr(0, text.find('=')));
    }
    return names;
}

std::string folder_of(const Surroundings& surroundings, const char* variable, const char* below_home) {
    const auto named = surroundings.value(variable);
    if (named && named->front() == '/') return *named + "/qdcnn";
    const std::string home = surroundings.home();
    if (home.empty())
        throw Error(ErrorKind::not_found, "there is no home folder to keep settings and jobs in",
                    std::string("Set HOME or ") + variable + ".");
    return home + below_home + "/qdcnn";
}

}  // namespace

Surroundings Surroundings::of_process() {
    std::error_code ignored;
    return {.variable = [](const char* name) { return std::getenv(name); },
            .variable_names = names_of_environment,
            .working_folder = std::filesystem::current_path(ignored).string()};
}

std::optional<std::string> Surroundings::value(const std::string& name) const {
    const char* found = variable ? variable(name.c_str()) : nullptr;
    if (found == nullptr || *found == '\0') return std::nullopt;
    return found;
}

std::string Surroundings::home() const {
    if (const auto named = value("HOME")) return *named;
    return home_of_user();
}

std::string Surroundings::config_folder() const { return folder_of(*this, "XDG_CONFIG_HOME", "/.config"); }
std::string Surroundings::state_folder() const { return folder_of(*this, "XDG_STATE_HOME", "/.local/state"); }

}  // namespace qdcnn::accounts
