#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/accounts/surroundings.h"

namespace qdcnn::accounts {

enum class SettingType : std::uint8_t {
    text,
    texts,   ///< a list; in a variable or flag separated by commas
    path,    ///< "~/" is the home folder; a relative one counts from the file's folder
    number,  ///< not negative
    choice   ///< one of the row's words
};

/// What a project's file may say of a setting. The file comes with a folder from anywhere; it must not decide
/// where a token is sent or raise what may be spent.
enum class InProject : std::uint8_t { allowed, refused, only_lowers };

/// A row of the table of settings, from which the files, the variables, the flags, `config show` and the
/// documentation are read.
struct SettingRow {
    /// As in a file, with a dot behind the table: "ibm.instance".
    std::string_view name;
    SettingType type = SettingType::text;
    /// As a variable would write it. Empty: not set.
    std::string_view built_in{};
    /// Read after QDCNN_<NAME>, which every setting has; the first that is set and not empty.
    std::vector<std::string_view> variables{};
    /// Without the dashes. Empty: no flag.
    std::string_view flag{};
    /// The flag belongs to every command, not only to those that declare it.
    bool is_global = false;
    InProject in_project = InProject::allowed;
    /// Of SettingType::choice.
    std::vector<std::string_view> words{};
    std::string_view help{};
};

/// All settings there are, in the order in which they are shown.
std::span<const SettingRow> setting_rows();

/// QDCNN_IBM_INSTANCE for "ibm.instance".
std::string own_variable(const SettingRow& row);

/// Where a value comes from; a later level gives way to an earlier one.
enum class Level : std::uint8_t { flag, environment, project, user, built_in };

/// "flag" and so on.
const char* to_string(Level level);

struct SettingValue {
    /// As a variable would write it; paths are absolute.
    std::string text;
    Level level = Level::built_in;
    /// "--ca-file", "HTTPS_PROXY", "/home/ada/.config/qdcnn/config.toml:3"; empty for built_in.
    std::string place{};
};

/// The settings of one process, each with its origin: flags, then variables, then the project's qdcnn.toml
/// (in the working folder or the nearest one above it, up to the repository's root or the home folder), then
/// the user's config.toml, then what is built in.
class Settings {
  public:
    /// What is built in and nothing else.
    Settings();

    /// flags: values by the rows' flags. Throws Error(invalid_input | usage) with file and line, variable or
    /// flag: a key that is not known (with "did you mean"), a value of the wrong type, a secret in a file, a
    /// key that a project's file may not have; Error(parse) for what is no TOML. No message shows a value
    /// that may be a secret.
    static Settings load(const Surroundings& surroundings,
                         const std::map<std::string, std::string>& flags = {});

    /// The value of a row; nothing where it is not set. Throws Error(internal): there is no such row.
    const std::optional<SettingValue>& value(std::string_view name) const;

    /// Each throws Error(internal) when the row is of another type.
    std::optional<std::string> text(std::string_view name) const;
    std::vector<std::string> texts(std::string_view name) const;
    std::optional<double> number(std::string_view name) const;

    /// Where a project's and the user's file were found; empty where there is none.
    const std::string& project_file() const { return project_file_; }
    const std::string& user_file() const { return user_file_; }

  private:
    std::map<std::string, std::optional<SettingValue>, std::less<>> values_;
    std::string project_file_;
    std::string user_file_;
};

/// Reads one file's text for its values, as Settings::load does: by the rows' names. `file_name` stands in
/// messages, relative paths count from its folder.
std::map<std::string, SettingValue> parse_settings(const std::string& text, const std::string& file_name,
                                                   Level level, const std::string& home = {});

}  // namespace qdcnn::accounts
