#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qdcnn::cli {

class ParsedOptions;

/// The options of one command, declared once for parsing and for help. A door before Boost.Program_options,
/// so that its headers stand in one file.
///
///     Options options("train", "Trains a model on labelled text.");
///     options.value("data", "FILE", "labelled sentences").required();
///     const ParsedOptions given = options.parse(arguments);
class Options {
  public:
    Options(std::string command, std::string summary);

    /// --name VALUE. `short_name` 0: none.
    Options& value(const std::string& name, const std::string& placeholder, const std::string& help,
                   char short_name = 0);
    Options& flag(const std::string& name, const std::string& help);
    /// The option declared last must be given.
    Options& required();
    /// So must one declared before, by name.
    Options& required_too(const std::string& name);
    /// Words that are no options. many: one or more; otherwise exactly one. optional: may be missing.
    Options& positional(const std::string& placeholder, const std::string& help, bool many = false,
                        bool optional = false);

    /// Every command has --json, --help and the settings' global flags (accounts::SettingRow) beside its own.
    /// Throws Error(usage) with "did you mean". When
    /// --help is among the arguments nothing is required.
    ParsedOptions parse(const std::vector<std::string>& arguments) const;
    std::string help() const;

  private:
    friend class ParsedOptions;
    struct Option {
        std::string name;
        char short_name;
        std::string placeholder;  ///< Empty for a flag.
        std::string help;
        bool is_required = false;
        bool is_global = false;
    };
    std::string command_;
    std::string summary_;
    std::vector<Option> options_;
    std::string positional_placeholder_;
    std::string positional_help_;
    bool positional_many_ = false;
    bool positional_optional_ = false;
};

class ParsedOptions {
  public:
    bool has(const std::string& name) const { return values_.count(name) > 0; }
    bool json() const { return has("json"); }
    bool help() const { return has("help"); }
    std::optional<std::string> text(const std::string& name) const;
    std::string text_or(const std::string& name, const std::string& otherwise) const;
    /// The value as qdcnn::split_list takes it.
    std::vector<std::string> list_or(const std::string& name, const std::string& otherwise) const;
    /// Throw Error(usage) naming the option and the value when it is not such a number, or outside the
    /// bounds.
    std::optional<double> number(const std::string& name, double low, double high) const;
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t low, std::int64_t high) const;
    const std::vector<std::string>& words() const { return words_; }

  private:
    friend class Options;
    std::map<std::string, std::string> values_;
    std::vector<std::string> words_;
};

}  // namespace qdcnn::cli
