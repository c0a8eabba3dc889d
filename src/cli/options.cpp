#include "cli/options.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>

#include "qdcnn/accounts/settings.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/split.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::cli {

namespace po = boost::program_options;

Options::Options(std::string command, std::string summary)
    : command_(std::move(command)), summary_(std::move(summary)) {
    flag("json", "answer as one JSON object");
    flag("help", "show this text");
    for (const accounts::SettingRow& row : accounts::setting_rows())
        if (row.is_global)
            options_.push_back({std::string(row.flag), 0, "VALUE", std::string(row.help), false, true});
}

Options& Options::value(const std::string& name, const std::string& placeholder, const std::string& help,
                        char short_name) {
    options_.push_back({.name = name, .short_name = short_name, .placeholder = placeholder, .help = help});
    return *this;
}

Options& Options::flag(const std::string& name, const std::string& help) {
    options_.push_back({.name = name, .short_name = 0, .placeholder = "", .help = help});
    return *this;
}

Options& Options::required() {
    options_.back().is_required = true;
    return *this;
}

Options& Options::required_too(const std::string& name) {
    for (Option& option : options_)
        if (option.name == name) option.is_required = true;
    return *this;
}

Options& Options::positional(const std::string& placeholder, const std::string& help, bool many,
                             bool optional) {
    positional_placeholder_ = placeholder;
    positional_help_ = help;
    positional_many_ = many;
    positional_optional_ = optional;
    return *this;
}

ParsedOptions Options::parse(const std::vector<std::string>& arguments) const {
    po::options_description description;
    for (const Option& option : options_) {
        const std::string names =
            option.short_name ? fmt::format("{},{}", option.name, option.short_name) : option.name;
        if (option.placeholder.empty())
            description.add_options()(names.c_str(), "");
        else
            description.add_options()(names.c_str(), po::value<std::string>(), "");
    }
    // No option can be spelled so: this is where words that are no options go.
    const std::string word_key = " words";
    description.add_options()(word_key.c_str(), po::value<std::vector<std::string>>(), "");
    ParsedOptions given;
    try {
        namespace style = po::command_line_style;
        // Options are spelled in full: an abbreviation that works today breaks when another option comes.
        const auto parsed = po::command_line_parser(arguments)
                                .options(description)
                                .positional(po::positional_options_description().add(word_key.c_str(), -1))
                                .style(style::unix_style & ~style::allow_guessing)
                                .allow_unregistered()
                                .run();
        for (const auto& option : parsed.options) {
            if (option.string_key == word_key) {
                given.words_.insert(given.words_.end(), option.value.begin(), option.value.end());
            } else if (option.unregistered) {
                std::vector<std::string> names;
                for (const Option& known : options_) names.push_back("--" + known.name);
                // Without its value, which may be a secret.
                const std::string token =
                    option.original_tokens[0].substr(0, option.original_tokens[0].find('='));
                throw Error(ErrorKind::usage, fmt::format("{}: unknown option {}", command_, token),
                            suggestion(token, names));
            } else if (!given.values_.emplace(option.string_key, option.value.empty() ? "" : option.value[0])
                            .second) {
                throw Error(ErrorKind::usage,
                            fmt::format("{}: --{} is given twice", command_, option.string_key));
            }
        }
    } catch (const po::error& error) {
        throw Error(ErrorKind::usage, fmt::format("{}: {}", command_, error.what()),
                    fmt::format("See qdcnn {} --help.", command_));
    }
    if (given.help()) return given;
    const std::string see = fmt::format("See qdcnn {} --help.", command_);
    for (const Option& option : options_)
        if (option.is_required && !given.has(option.name))
            throw Error(ErrorKind::usage,
                        fmt::format("{}: --{} {} is missing", command_, option.name, option.placeholder),
                        see);
    const std::size_t words = given.words_.size();
    if (positional_placeholder_.empty() && words > 0)
        throw Error(ErrorKind::usage, fmt::format("{}: unexpected word \"{}\"", command_, given.words_[0]),
                    see);
    if (!positional_placeholder_.empty() && !positional_optional_ && words == 0)
        throw Error(ErrorKind::usage, fmt::format("{}: {} is missing", command_, positional_placeholder_),
                    see);
    if (!positional_placeholder_.empty() && !positional_many_ && words > 1)
        throw Error(ErrorKind::usage,
                    fmt::format("{}: one {} only, also got \"{}\"", command_, positional_placeholder_,
                                given.words_[1]),
                    see);
    return given;
}

std::string Options::help() const {
    std::string words;
    if (!positional_placeholder_.empty()) {
        words = positional_placeholder_ + (positional_many_ ? " ..." : "");
        words = positional_optional_ ? " [" + words + "]" : " " + words;
    }
    std::string text = fmt::format("usage: qdcnn {} [options]{}\n{}\n\n", command_, words, summary_);
    if (!positional_help_.empty())
        text += fmt::format("  {:<26} {}\n", positional_placeholder_, positional_help_);
    std::string global;
    for (const Option& option : options_) {
        if (option.is_global) {
            global += " --" + option.name;
            continue;
        }
        std::string names = option.short_name ? fmt::format("-{}, --{}", option.short_name, option.name)
                                              : fmt::format("--{}", option.name);
        if (!option.placeholder.empty()) names += " " + option.placeholder;
        text += fmt::format("  {:<26} {}{}\n", names, option.help, option.is_required ? " (required)" : "");
    }
    return text + "\nAs in every command:" + global + ". See qdcnn config show.\n";
}

std::optional<std::string> ParsedOptions::text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::string ParsedOptions::text_or(const std::string& name, const std::string& otherwise) const {
    return text(name).value_or(otherwise);
}

namespace {

template <typename Number>
std::optional<Number> read_number(const std::optional<std::string>& text, const std::string& name, Number low,
                                  Number high, const char* what) {
    if (!text) return std::nullopt;
    Number value{};
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (code != std::errc() || end != text->data() + text->size() || !(value >= low && value <= high))
        throw Error(ErrorKind::usage,
                    fmt::format("--{} takes {} from {} to {}, not \"{}\"", name, what, low, high, *text));
    return value;
}

}  // namespace

std::vector<std::string> ParsedOptions::list_or(const std::string& name, const std::string& otherwise) const {
    return split_list(text_or(name, otherwise));
}

std::optional<double> ParsedOptions::number(const std::string& name, double low, double high) const {
    return read_number<double>(text(name), name, low, high, "a number");
}

std::optional<std::int64_t> ParsedOptions::integer(const std::string& name, std::int64_t low,
                                                   std::int64_t high) const {
    return read_number<std::int64_t>(text(name), name, low, high, "a whole number");
}

}  // namespace qdcnn::cli
