#include "qdcnn/text/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/random.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/text/builtin.h"

namespace qdcnn::text {
namespace {

std::optional<long long> whole_number(const std::string& text) {
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::vector<std::string> Dataset::labels() const {
    std::vector<std::string> labels;
    for (const Example& example : examples) labels.push_back(example.label);
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    if (std::all_of(labels.begin(), labels.end(),
                    [](const auto& label) { return whole_number(label).has_value(); }))
        std::stable_sort(labels.begin(), labels.end(), [](const auto& left, const auto& right) {
            return *whole_number(left) < *whole_number(right);
        });
    return labels;
}

std::string Dataset::hash() const {
    std::uint64_t hash = 0xcbf29ce484222325u;
    auto mix = [&](std::string_view bytes) {
        for (const char byte : bytes) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3u;
    };
    for (const Example& example : examples) {
        mix(example.label);
        mix("\t");
        mix(example.text);
        mix("\n");
    }
    return fmt::format("fnv1a64:{:016x}", hash);
}

Dataset read_dataset(const std::string& path) { return parse_dataset(read_file(path), path); }

Dataset load_dataset(const std::string& path_or_builtin) {
    return path_or_builtin.starts_with("builtin:") ? builtin_dataset(path_or_builtin)
                                                   : read_dataset(path_or_builtin);
}

void require_labels(const Dataset& dataset, const std::vector<std::string>& classes) {
    for (const Example& example : dataset.examples)
        if (std::find(classes.begin(), classes.end(), example.label) == classes.end())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the label \"{}\" does not occur in the training data", example.label),
                        "Its classes are the model's. " + suggestion(example.label, classes))
                .at({dataset.name, example.line, 0});
}

Split stratified_split(const Dataset& whole, double fraction, std::uint64_t seed) {
    if (!(fraction > 0.0 && fraction < 1.0))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the fraction to split off is {}, not between 0 and 1", fraction));
    std::map<std::string, std::vector<std::size_t>> by_label;
    for (std::size_t i = 0; i < whole.examples.size(); ++i) by_label[whole.examples[i].label].push_back(i);
    std::vector<bool> is_in_part(whole.examples.size(), false);
    Random random(seed);
    for (auto& [label, indices] : by_label) {
        random.shuffle(indices);
        const auto wanted =
            static_cast<std::size_t>(std::lround(fraction * static_cast<double>(indices.size())));
        const std::size_t count = std::min(wanted, indices.size() - 1);
        for (std::size_t k = 0; k < count; ++k) is_in_part[indices[k]] = true;
    }
    Split split;
    split.rest.name = split.part.name = whole.name;
    for (std::size_t i = 0; i < whole.examples.size(); ++i)
        (is_in_part[i] ? split.part : split.rest).examples.push_back(whole.examples[i]);
    if (split.part.examples.empty())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a fraction of {} of {} sentences leaves none to split off", fraction,
                                whole.examples.size()),
                    "Take a larger fraction or more data.");
    return split;
}

}  // namespace qdcnn::text
