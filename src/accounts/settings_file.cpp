// The only file that includes toml++.
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "accounts/setting_checks.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::accounts {
namespace {

constexpr std::size_t kLargestFile = 64 << 10;
/// toml++ nests a table for each dot of a key and takes them down recursively; version 3.3 has no bound.
constexpr std::ptrdiff_t kMostDots = 2000;

/// Whether a key's name says that what follows is a secret.
bool names_a_secret(std::string_view key) {
    std::string letters;
    for (const char c : key)
        if (std::isalnum(static_cast<unsigned char>(c)))
            letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    constexpr std::array<std::string_view, 7> kWords = {"token",  "apikey",   "accesskey", "secret",
                                                        "passwd", "password", "credential"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return letters.find(word) != std::string::npos; });
}

class Reader {
  public:
    Reader(std::string file_name, Level level, std::string home)
        : file_name_(std::move(file_name)),
          folder_(std::filesystem::path(file_name_).parent_path().string()),
          level_(level),
          home_(std::move(home)) {}

    std::map<std::string, SettingValue> read(const std::string& text) {
        if (text.size() > kLargestFile || std::count(text.begin(), text.end(), '.') > kMostDots)
            throw Error(ErrorKind::invalid_input, "this is too long for a file of settings")
                .at({file_name_, 0, 0});
        try {
            const toml::table table = toml::parse(text, file_name_);
            read_table(table, "");
        } catch (const toml::parse_error& error) {
            throw Error(ErrorKind::parse,
                        fmt::format("this is no TOML: {}", redactor().redact(error.description())))
                .at(position_of(error.source()));
        }
        return std::move(values_);
    }

  private:
    Position position_of(const toml::source_region& region) const {
        return {file_name_, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
    }

    [[noreturn]] void fail(const toml::node& node, const std::string& message,
                           const std::string& hint = {}) const {
        throw Error(ErrorKind::invalid_input, message, hint).at(position_of(node.source()));
    }

    void read_table(const toml::table& table, const std::string& prefix) {
        for (const auto& [key, node] : table) read_node(prefix + std::string(key.str()), node);
    }

    void read_node(const std::string& name, const toml::node& node) {
        if (names_a_secret(name))
            fail(node, fmt::format("{}: secrets are not read from this file", name),
                 "Take it out and run qdcnn auth login VENDOR, which keeps it in a file that only you can "
                 "read.");
        const SettingRow* row = find_row(name);
        if (row == nullptr && node.is_table() && is_group(name))
            return read_table(*node.as_table(), name + ".");
        if (row == nullptr) fail_unknown(name, node);
        if (level_ == Level::project && row->in_project == InProject::refused)
            fail(
                node, fmt::format("a project's file may not set {}", name),
                fmt::format("It could send your secrets elsewhere. Set it in your own file, with {}{}.",
                            own_variable(*row), row->flag.empty() ? "" : fmt::format(" or --{}", row->flag)));
        const std::string text = text_of(*row, node);
        if (redactor().redact(text) != text)
            fail(node, fmt::format("{}: this value holds a secret, which is not read from this file", name),
                 fmt::format("Use the variable {}.", own_variable(*row)));
        try {
            values_[name] = {.text = checked_value(*row, text, folder_, home_),
                             .level = level_,
                             .place = fmt::format("{}:{}", file_name_, node.source().begin.line)};
        } catch (const Error& error) {
            throw error.at(position_of(node.source()));
        }
    }

    static bool is_group(const std::string& name) {
        const auto rows = setting_rows();
        return std::any_of(rows.begin(), rows.end(),
                           [&](const auto& row) { return row.name.starts_with(name + "."); });
    }

    [[noreturn]] void fail_unknown(const std::string& name, const toml::node& node) const {
        std::vector<std::string> names;
        for (const auto& row : setting_rows()) names.emplace_back(row.name);
        fail(node, fmt::format("there is no setting \"{}\"", redactor().redact(name)),
             suggestion(name, names));
    }

    /// As a variable would write it.
    std::string text_of(const SettingRow& row, const toml::node& node) const {
        if (row.type == SettingType::number) {
            if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
            if (const auto* broken = node.as_floating_point()) return fmt::format("{}", broken->get());
            fail(node, fmt::format("{} takes a number", row.name));
        }
        if (const auto* text = node.as_string()) return text->get();
        if (row.type != SettingType::texts) fail(node, fmt::format("{} takes a text in quotes", row.name));
        std::string all;
        if (const auto* list = node.as_array()) {
            for (const toml::node& element : *list) {
                const auto* one = element.as_string();
                if (one == nullptr || one->get().find(',') != std::string::npos)
                    fail(element, fmt::format("{} takes texts in quotes, without commas", row.name));
                all += (all.empty() ? "" : ",") + one->get();
            }
            return all;
        }
        fail(node, fmt::format("{} takes a list of texts", row.name));
    }

    const std::string file_name_;
    const std::string folder_;
    const Level level_;
    const std::string home_;
    std::map<std::string, SettingValue> values_;
};

}  // namespace

std::map<std::string, SettingValue> parse_settings(const std::string& text, const std::string& file_name,
                                                   Level level, const std::string& home) {
    return Reader(file_name, level, home).read(text);
}

}  // namespace qdcnn::accounts
