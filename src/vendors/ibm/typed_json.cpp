#include "qdcnn/vendors/ibm/typed_json.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "qdcnn/base/error.h"

namespace qdcnn::vendors::ibm {

using nlohmann::json;

namespace {

/// numpy has at most so many axes.
constexpr std::size_t kMostAxes = 64;

struct Word {
    /// As Python writes it.
    std::string_view text;
    /// The string that stands for it while the JSON is read or written; nobody else begins one with a NUL.
    std::string_view stand_in;
    double value;
};

const std::array<Word, 3>& words() {
    static const std::array<Word, 3> table{
        {{"NaN", "\"\\u0000NaN\"", std::numeric_limits<double>::quiet_NaN()},
         {"-Infinity", "\"\\u0000-Infinity\"", -std::numeric_limits<double>::infinity()},
         {"Infinity", "\"\\u0000Infinity\"", std::numeric_limits<double>::infinity()}}};
    return table;
}

/// Calls visit(position) for every position outside strings; it returns how many characters to go on.
template <typename Visit>
void outside_strings(const std::string& text, Visit visit) {
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '"') {
            at += visit(at);
            continue;
        }
        std::size_t end = at + 1;
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        at = end + 1;
    }
}

const Word* word_at(const std::string& text, std::size_t at) {
    for (const Word& word : words())
        if (text.compare(at, word.text.size(), word.text) == 0) return &word;
    return nullptr;
}

/// Every value of the document, itself first. Not by recursion: it comes from outside and may be deep.
template <typename Json, typename Visit>
void for_each_value(Json& document, Visit visit) {
    std::vector<Json*> waiting{&document};
    while (!waiting.empty()) {
        Json& value = *waiting.back();
        waiting.pop_back();
        visit(value);
        if (value.is_structured())
            for (Json& element : value) waiting.push_back(&element);
    }
}

void append_list(const JsonView& list, std::size_t depth, std::size_t max_bytes, NdArray& array,
                 std::vector<double>& values) {
    if (!list.value().is_array()) {
        if (depth != array.shape.size()) list.fail("lists of unequal depth");
        if (8 * (values.size() + 1) > max_bytes) list.fail(fmt::format("more than {} bytes", max_bytes));
        values.push_back(list.value().is_null() ? std::numeric_limits<double>::quiet_NaN() : list.number());
        return;
    }
    if (depth == kMostAxes) list.fail(fmt::format("lists inside each other more than {} deep", kMostAxes));
    if (depth == array.shape.size()) {
        // Numbers came before, further up.
        if (!values.empty()) list.fail("lists of unequal depth");
        array.shape.push_back(list.size());
    }
    if (array.shape[depth] != list.size())
        list.fail(fmt::format("{} elements, and {} in the list before", list.size(), array.shape[depth]));
    for (std::size_t k = 0; k < list.size(); ++k)
        append_list(list.at(k), depth + 1, max_bytes, array, values);
}

NdArray from_lists(const JsonView& list, std::size_t max_bytes) {
    NdArray shape;
    std::vector<double> values;
    append_list(list, 0, max_bytes, shape, values);
    if (shape.size() != values.size()) list.fail("lists of unequal depth");
    return NdArray::of_doubles(std::move(shape.shape), values);
}

template <typename Json>
std::string python_text(Json document) {
    bool has_words = false;
    for_each_value(document, [&](Json& inner) {
        const auto* held = inner.template get_ptr<const typename Json::number_float_t*>();
        if (held == nullptr || std::isfinite(*held)) return;
        const double number = *held;
        has_words = true;
        inner = std::string(1, '\0') + std::string(std::isnan(number) ? "NaN"
                                                   : number > 0       ? "Infinity"
                                                                      : "-Infinity");
    });
    std::string text = to_text(document);
    if (!has_words) return text;
    for (const Word& word : words())
        for (std::size_t at = text.find(word.stand_in); at != std::string::npos;
             at = text.find(word.stand_in, at))
            text.replace(at, word.stand_in.size(), word.text);
    return text;
}

}  // namespace

json parse_python_json(const std::string& text, const std::string& name) {
    std::string plain;
    std::size_t copied = 0;
    outside_strings(text, [&](std::size_t at) {
        const Word* word = word_at(text, at);
        if (word == nullptr) return std::size_t{1};
        plain.append(text, copied, at - copied);
        plain += word->stand_in;
        copied = at + word->text.size();
        return word->text.size();
    });
    if (copied == 0) return parse_json(text, name);
    plain.append(text, copied);
    json document = parse_json(plain, name);
    for_each_value(document, [](json& value) {
        const auto* string = value.get_ptr<const std::string*>();
        if (string == nullptr || !string->starts_with('\0')) return;
        for (const Word& word : words())
            if (string->substr(1) == word.text) {
                value = word.value;
                return;
            }
    });
    return document;
}

std::string to_python_text(const json& value) { return python_text(value); }
std::string to_python_text(const nlohmann::ordered_json& value) { return python_text(value); }

json typed(const std::string& type, json value) {
    return {{"__type__", type}, {"__value__", std::move(value)}};
}

std::string type_of(const JsonView& view) {
    if (!view.has("__type__") || !view.value()["__type__"].is_string()) return {};
    return view.value()["__type__"].get<std::string>();
}

JsonView typed_value(const JsonView& view, const std::string& type) {
    const std::string found = type_of(view);
    if (found != type)
        view.fail(fmt::format("expected a {}, found {}", type,
                              found.empty() ? std::string(view.value().type_name()) : "a " + found));
    return view.at("__value__");
}

json ndarray_to_json(const NdArray& array) { return typed("ndarray", to_base64(deflate(to_npy(array)))); }

NdArray ndarray_from_json(const JsonView& view, std::size_t max_bytes) {
    if (view.value().is_number() || view.value().is_array()) return from_lists(view, max_bytes);
    const JsonView value = typed_value(view, "ndarray");
    // Arrays of objects travel as lists.
    if (value.value().is_array()) return from_lists(value, max_bytes);
    const std::string text = value.text();
    try {
        constexpr std::size_t kHeader = std::size_t{1} << 16;
        return from_npy(inflate(from_base64(text), max_bytes + kHeader));
    } catch (const Error& error) {
        throw error.with_context(view.path());
    }
}

}  // namespace qdcnn::vendors::ibm
