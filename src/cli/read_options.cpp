#include "cli/read_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::cli {

void add_read_options(Options& options) {
    options.value(
        "max-operations", "N",
        fmt::format("takes programs whose loops and gates expand to N operations more than their text has "
                    "bytes (default {})",
                    qasm::ReadOptions{}.max_expansion));
    options.value("inputs", "NAME=VALUE,...", "numbers in place of inputs; a bool is true or false");
}

namespace {

/// The view of the name lies in `item`.
qasm::InputValue input_value(const std::string& item) {
    const std::size_t middle = item.find('=');
    const std::string_view text = std::string_view(item).substr(std::min(item.size(), middle + 1));
    qasm::InputValue input{std::string_view(item).substr(0, middle), text == "true" ? 1.0 : 0.0};
    bool is_read = text == "true" || text == "false";
    if (!is_read) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), input.value);
        is_read = error == std::errc{} && end == text.data() + text.size() && std::isfinite(input.value);
    }
    if (middle == std::string::npos || middle == 0 || !is_read)
        throw Error(ErrorKind::usage, fmt::format("--inputs is given \"{}\"; expected NAME=VALUE", item),
                    "--inputs theta=0.3,flag=true");
    return input;
}

}  // namespace

GivenReadOptions::GivenReadOptions(const ParsedOptions& given) : items_(given.list_or("inputs", "")) {
    if (const auto most = given.integer("max-operations", 0, INT64_MAX))
        options_.max_expansion = static_cast<std::uint64_t>(*most);
    for (const std::string& item : items_) {
        const qasm::InputValue input = input_value(item);
        for (const qasm::InputValue& other : inputs_)
            if (other.name == input.name)
                throw Error(ErrorKind::usage, fmt::format("--inputs gives {} twice", input.name));
        inputs_.push_back(input);
    }
    options_.inputs = inputs_;
}

}  // namespace qdcnn::cli
