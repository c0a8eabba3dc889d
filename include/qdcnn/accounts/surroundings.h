#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace qdcnn::accounts {

/// What a process finds around it: variables, and the folders that they name. Passed in, so that tests bring
/// their own.
struct Surroundings {
    /// Stands in for std::getenv.
    std::function<const char*(const char*)> variable{};
    /// The names of all that are set, in any order. Empty: none are known.
    std::function<std::vector<std::string>()> variable_names{};
    /// Where the search for a project's qdcnn.toml begins.
    std::string working_folder{};

    static Surroundings of_process();

    /// The variable's value; nothing where it is not set or empty.
    std::optional<std::string> value(const std::string& name) const;
    /// HOME, or what the system says. Empty where neither is there.
    std::string home() const;
    /// $XDG_CONFIG_HOME/qdcnn, or ~/.config/qdcnn. The variable counts only as an absolute path, as the XDG
    /// base directory specification asks. Throws Error(not_found) where there is neither variable nor home.
    std::string config_folder() const;
    /// $XDG_STATE_HOME/qdcnn, or ~/.local/state/qdcnn; likewise.
    std::string state_folder() const;
};

}  // namespace qdcnn::accounts
