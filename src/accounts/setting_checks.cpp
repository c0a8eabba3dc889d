#include "accounts/setting_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::accounts {
namespace {

std::string absolute_path(const std::string& text, const std::string& folder, const std::string& home) {
    if (text == "~" || text.starts_with("~/")) {
        if (home.empty()) throw Error(ErrorKind::invalid_input, "there is no home folder for \"~\"");
        return home + text.substr(1);
    }
    return (std::filesystem::path(folder) / text).lexically_normal().string();
}

void check_number(const SettingRow& row, const std::string& text) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
        throw Error(ErrorKind::invalid_input, fmt::format("{} takes a number of 0 or more, not \"{}\"",
                                                          row.name, redactor().redact(text)));
}

void check_word(const SettingRow& row, const std::string& text) {
    const std::vector<std::string> words(row.words.begin(), row.words.end());
    if (std::find(words.begin(), words.end(), text) == words.end())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} takes one of {}, not \"{}\"", row.name, fmt::join(words, ", "),
                                redactor().redact(text)),
                    suggestion(text, words));
}

}  // namespace

const SettingRow* find_row(std::string_view name) {
    const auto rows = setting_rows();
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

std::string checked_value(const SettingRow& row, const std::string& text, const std::string& folder,
                          const std::string& home) {
    if (text.empty()) throw Error(ErrorKind::invalid_input, fmt::format("{} is empty", row.name));
    if (text.find('\0') != std::string::npos)
        throw Error(ErrorKind::invalid_input, fmt::format("{} holds a NUL", row.name));
    switch (row.type) {
        case SettingType::path:
            return absolute_path(text, folder, home);
        case SettingType::number:
            check_number(row, text);
            break;
        case SettingType::choice:
            check_word(row, text);
            break;
        case SettingType::text:
        case SettingType::texts:
            break;
    }
    return text;
}

}  // namespace qdcnn::accounts
