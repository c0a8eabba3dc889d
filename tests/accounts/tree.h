#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "qdcnn/accounts/surroundings.h"

namespace qdcnn::accounts {

/// A temporary folder with the home folder "home" of mode 0700 in it, and variables of its own.
class Tree {
  public:
    Tree() {
        std::string pattern = (std::filesystem::temp_directory_path() / "qdcnn-accounts-XXXXXX").string();
        root_ = std::filesystem::canonical(::mkdtemp(pattern.data()));
        std::filesystem::create_directories(root_ / "home/project/sub");
        std::filesystem::create_directories(root_ / "elsewhere");
        working_folder = path("home/project/sub");
        variables["HOME"] = path("home");
    }
    ~Tree() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    std::string path(const std::string& name) const { return (root_ / name).string(); }

    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }

    void set_mode(const std::string& name, unsigned mode) const {
        std::filesystem::permissions(root_ / name, std::filesystem::perms(mode));
    }

    unsigned mode(const std::string& name) const {
        return static_cast<unsigned>(std::filesystem::status(root_ / name).permissions());
    }

    /// Refers to this tree.
    Surroundings surroundings() const {
        return {.variable =
                    [this](const char* name) {
                        const auto found = variables.find(name);
                        return found == variables.end() ? nullptr : found->second.c_str();
                    },
                .working_folder = working_folder};
    }

    std::map<std::string, std::string> variables;
    std::string working_folder;

  private:
    std::filesystem::path root_;
};

}  // namespace qdcnn::accounts
