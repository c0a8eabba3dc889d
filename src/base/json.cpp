#include "qdcnn/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"

namespace qdcnn {

using nlohmann::json;

namespace {

/// end: an offset in the text.
Position position_at(const std::string& text, std::size_t end, const std::string& file_name) {
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    const std::size_t line_start = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    const std::size_t column = line_start == std::string::npos ? end + 1 : end - line_start;
    return {file_name, static_cast<int>(lines) + 1, static_cast<int>(column)};
}

/// Where a bracket opens one array or object too many. Of text that is no JSON it may say anything.
std::optional<std::size_t> too_deep_at(const std::string& text) {
    std::size_t depth = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_quoted && c == '\\') {
            ++i;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && (c == '[' || c == '{')) {
            if (++depth > kMostJsonNesting) return i;
        } else if (!is_quoted && (c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return std::nullopt;
}

}  // namespace

json parse_json(const std::string& text, const std::string& file_name) {
    if (const auto at = too_deep_at(text))
        throw Error(ErrorKind::parse,
                    fmt::format("this JSON is nested deeper than {} arrays or objects", kMostJsonNesting))
            .at(position_at(text, *at, file_name));
    try {
        return json::parse(text);
    } catch (const json::parse_error& error) {
        const std::size_t end = std::min(text.size(), error.byte > 0 ? error.byte - 1 : 0);
        const bool cut = end + 1 >= text.size();
        throw Error(ErrorKind::parse,
                    cut ? "the JSON text ends too early: the file is cut short" : "this is not valid JSON",
                    "Check the file at the place named, or make it again.")
            .at(position_at(text, end, file_name));
    } catch (const json::exception& error) {
        // A number that no double holds comes without its place. What is before "] " is the library's own
        // code.
        const std::string_view what = error.what();
        const std::size_t code = what.find("] ");
        throw Error(ErrorKind::parse,
                    fmt::format("this JSON cannot be read: {}",
                                code == std::string_view::npos ? what : what.substr(code + 2)))
            .at({file_name, 0, 0});
    }
}

std::string to_text(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::string to_text(const nlohmann::ordered_json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

json read_json_file(const std::string& path) { return parse_json(read_file(path), path); }

bool JsonView::has(const std::string& key) const { return value_->is_object() && value_->contains(key); }

JsonView JsonView::at(const std::string& key) const {
    if (!value_->is_object()) fail(fmt::format("expected an object, found {}", value_->type_name()));
    const auto found = value_->find(key);
    if (found == value_->end()) fail(fmt::format("the key \"{}\" is missing", key));
    return JsonView(*found, path_.empty() ? key : path_ + "." + key);
}

JsonView JsonView::at(std::size_t index) const {
    if (index >= size()) fail(fmt::format("element {} is missing (there are {})", index, size()));
    return JsonView((*value_)[index], fmt::format("{}[{}]", path_, index));
}

std::size_t JsonView::size() const {
    if (!value_->is_array()) fail(fmt::format("expected an array, found {}", value_->type_name()));
    return value_->size();
}

std::vector<JsonView> JsonView::elements() const {
    std::vector<JsonView> views;
    for (std::size_t i = 0; i < size(); ++i) views.push_back(at(i));
    return views;
}

std::vector<std::string> JsonView::keys() const {
    if (!value_->is_object()) fail(fmt::format("expected an object, found {}", value_->type_name()));
    std::vector<std::string> names;
    for (const auto& item : value_->items()) names.push_back(item.key());
    return names;
}

std::string JsonView::text() const {
    if (!value_->is_string()) fail(fmt::format("expected a string, found {}", value_->type_name()));
    return value_->get<std::string>();
}

double JsonView::number() const {
    if (!value_->is_number()) fail(fmt::format("expected a number, found {}", value_->type_name()));
    return value_->get<double>();
}

std::int64_t JsonView::integer() const {
    if (!value_->is_number_integer())
        fail(fmt::format("expected a whole number, found {}",
                         value_->is_number() ? to_text(*value_) : value_->type_name()));
    if (value_->is_number_unsigned() &&
        value_->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        fail(fmt::format("{} is larger than any whole number here", to_text(*value_)));
    return value_->get<std::int64_t>();
}

bool JsonView::boolean() const {
    if (!value_->is_boolean()) fail(fmt::format("expected true or false, found {}", value_->type_name()));
    return value_->get<bool>();
}

std::vector<double> JsonView::numbers() const {
    std::vector<double> result;
    for (const auto& element : elements()) result.push_back(element.number());
    return result;
}

std::vector<std::string> JsonView::texts() const {
    std::vector<std::string> result;
    for (const auto& element : elements()) result.push_back(element.text());
    return result;
}

std::optional<double> JsonView::number_if(const std::string& key) const {
    if (!has(key) || !at(key).value().is_number()) return std::nullopt;
    return at(key).number();
}

double JsonView::number_or(const std::string& key, double otherwise) const {
    return has(key) ? at(key).number() : otherwise;
}
std::string JsonView::text_or(const std::string& key, const std::string& otherwise) const {
    return has(key) ? at(key).text() : otherwise;
}
bool JsonView::boolean_or(const std::string& key, bool otherwise) const {
    return has(key) ? at(key).boolean() : otherwise;
}

void JsonView::fail(const std::string& message) const {
    throw Error(ErrorKind::invalid_input, (path_.empty() ? "top level" : path_) + ": " + message);
}

}  // namespace qdcnn
