#include "qdcnn/accounts/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "accounts/setting_checks.h"
#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/split.h"

namespace qdcnn::accounts {
namespace {

using Values = std::map<std::string, SettingValue>;

/// The nearest qdcnn.toml from `folder` up to the repository's root or the home folder. Outside of both only
/// the folder itself counts, for those above it may be anybody's (/tmp).
std::string find_project_file(const std::string& folder, const std::string& home) {
    std::string nearest;
    for (std::filesystem::path at = folder;; at = at.parent_path()) {
        const std::string file = (at / "qdcnn.toml").string();
        if (nearest.empty() && exists(file)) nearest = file;
        if (exists((at / ".git").string()) || (!home.empty() && at == home)) return nearest;
        if (at == at.parent_path()) break;
    }
    const std::string here = (std::filesystem::path(folder) / "qdcnn.toml").string();
    return exists(here) ? here : "";
}

std::string user_file_of(const Surroundings& surroundings) {
    try {
        const std::string file = surroundings.config_folder() + "/config.toml";
        return exists(file) ? file : "";
    } catch (const Error&) {
        return {};  // No home, no file.
    }
}

/// A value from outside of files.
SettingValue outside_value(const SettingRow& row, const std::string& text, Level level,
                           const std::string& place, const Surroundings& surroundings) {
    // Fine in a variable, and nowhere else.
    if (row.name == "proxy") register_secrets_of_url(text);
    try {
        return {checked_value(row, text, surroundings.working_folder, surroundings.home()), level, place};
    } catch (const Error& error) {
        const ErrorKind kind = level == Level::flag ? ErrorKind::usage : error.kind();
        throw Error(kind, fmt::format("{}: {}", place, error.what()), error.hint());
    }
}

std::optional<SettingValue> from_flags(const SettingRow& row, const std::map<std::string, std::string>& flags,
                                       const Surroundings& surroundings) {
    const auto found = row.flag.empty() ? flags.end() : flags.find(std::string(row.flag));
    if (found == flags.end()) return std::nullopt;
    return outside_value(row, found->second, Level::flag, "--" + found->first, surroundings);
}

std::optional<SettingValue> from_environment(const SettingRow& row, const Surroundings& surroundings) {
    std::vector<std::string> names = {own_variable(row)};
    names.insert(names.end(), row.variables.begin(), row.variables.end());
    for (const std::string& name : names)
        if (const auto text = surroundings.value(name))
            return outside_value(row, *text, Level::environment, name, surroundings);
    return std::nullopt;
}

double number_of(const std::string& text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// What the files say, and what is built in.
std::optional<SettingValue> from_files(const SettingRow& row, const Values& project, const Values& user) {
    const auto in = [&](const Values& values) -> std::optional<SettingValue> {
        const auto found = values.find(std::string(row.name));
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
    auto nearer = in(project), farther = in(user);
    if (!farther && !row.built_in.empty())
        farther = SettingValue{.text = std::string(row.built_in), .level = Level::built_in};
    const bool stays = row.in_project == InProject::only_lowers && nearer && farther &&
                       number_of(nearer->text) >= number_of(farther->text);
    return nearer && !stays ? nearer : farther;
}

}  // namespace

Settings::Settings() {
    for (const SettingRow& row : setting_rows()) values_.emplace(row.name, from_files(row, {}, {}));
}

Settings Settings::load(const Surroundings& surroundings, const std::map<std::string, std::string>& flags) {
    Settings settings;
    const std::string home = surroundings.home();
    settings.project_file_ = find_project_file(surroundings.working_folder, home);
    settings.user_file_ = user_file_of(surroundings);
    Values project, user;
    if (!settings.project_file_.empty())
        project =
            parse_settings(read_file(settings.project_file_), settings.project_file_, Level::project, home);
    if (!settings.user_file_.empty())
        user = parse_settings(read_file(settings.user_file_), settings.user_file_, Level::user, home);
    for (const SettingRow& row : setting_rows()) {
        auto value = from_flags(row, flags, surroundings);
        if (!value) value = from_environment(row, surroundings);
        if (!value) value = from_files(row, project, user);
        settings.values_[std::string(row.name)] = std::move(value);
    }
    auto& state = settings.values_.at("state");
    try {
        if (!state) state = SettingValue{.text = surroundings.state_folder(), .level = Level::built_in};
    } catch (const Error&) {
        // Said by whoever needs the folder.
    }
    return settings;
}

const std::optional<SettingValue>& Settings::value(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end())
        throw Error(ErrorKind::internal, fmt::format("there is no setting \"{}\"", name));
    return found->second;
}

namespace {

void require_type(std::string_view name, bool is_right) {
    if (!is_right) throw Error(ErrorKind::internal, fmt::format("the setting {} is of another type", name));
}

}  // namespace

std::optional<std::string> Settings::text(std::string_view name) const {
    const auto& found = value(name);
    const SettingType type = find_row(name)->type;
    require_type(name, type != SettingType::number && type != SettingType::texts);
    return found ? std::optional(found->text) : std::nullopt;
}

std::vector<std::string> Settings::texts(std::string_view name) const {
    const auto& found = value(name);
    require_type(name, find_row(name)->type == SettingType::texts);
    return found ? split_list(found->text) : std::vector<std::string>{};
}

std::optional<double> Settings::number(std::string_view name) const {
    const auto& found = value(name);
    require_type(name, find_row(name)->type == SettingType::number);
    return found ? std::optional(number_of(found->text)) : std::nullopt;
}

}  // namespace qdcnn::accounts
