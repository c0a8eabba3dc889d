#include "vendors/ibm/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"

// IBM Quantum, parameter schemas of the primitives, version 2 (ibm-quantum-schemas 0.13).

namespace qdcnn::vendors::ibm {
namespace {

using enum OptionType;
using enum OptionOf;
using nlohmann::json;

constexpr double kAbove0 = std::numeric_limits<double>::min();
constexpr double kMax = 1e308;

/// A value at its path among the options.
void check_number(const OptionRow& row, const JsonView& value, bool is_whole) {
    if (!value.value().is_number() || (is_whole && !value.value().is_number_integer()))
        value.fail(
            fmt::format("expected a {}number, found {}", is_whole ? "whole " : "", to_text(value.value())));
    if (const double number = value.number(); !(number >= row.low && number <= row.high))
        value.fail(row.high < kMax ? fmt::format("expected {} to {}, found {}", row.low, row.high, number)
                   : row.low == kAbove0
                       ? fmt::format("expected a number above 0, found {}", number)
                       : fmt::format("expected a number of at least {}, found {}", row.low, number));
}

void check_word(const OptionRow& row, const JsonView& value) {
    const std::string word = value.text();
    if (std::find(row.words.begin(), row.words.end(), word) != row.words.end()) return;
    throw Error(ErrorKind::invalid_input,
                fmt::format("{}: \"{}\" is none of {}", value.path(), word, fmt::join(row.words, ", ")),
                suggestion(word, {row.words.begin(), row.words.end()}));
}

void check_value(const OptionRow& row, const JsonView& value) {
    switch (row.type) {
        case flag:
            value.boolean();
            return;
        case whole:
            check_number(row, value, true);
            return;
        case number:
            check_number(row, value, false);
            return;
        case word:
            check_word(row, value);
            return;
        case whole_or_auto:
        case number_or_auto:
            if (value.value() != json("auto")) check_number(row, value, row.type == whole_or_auto);
            return;
        case wholes:
        case numbers:
            for (const JsonView& element : value.elements()) check_number(row, element, row.type == wholes);
            return;
        case words:
            if (value.value().is_string()) return check_word(row, value);
            if (value.size() == 0) value.fail("expected one word at least");
            for (const JsonView& element : value.elements()) check_word(row, element);
            return;
        case texts:
            value.texts();
            return;
        case text:
            value.text();
            return;
        case anything:
            return;
    }
}

bool is_for(const OptionRow& row, bool is_estimator) {
    return row.program == both || (row.program == estimator) == is_estimator;
}

const OptionRow* find_row(const std::string& path, bool is_estimator) {
    for (const OptionRow& row : option_rows())
        if (row.path == path && is_for(row, is_estimator)) return &row;
    return nullptr;
}

bool is_group(const std::string& path, bool is_estimator) {
    const std::string start = path + ".";
    return std::any_of(option_rows().begin(), option_rows().end(), [&](const OptionRow& row) {
        return row.path.starts_with(start) && is_for(row, is_estimator);
    });
}

[[noreturn]] void refuse_key(const std::string& path, const JsonView& value, bool is_estimator) {
    if (find_row(path, !is_estimator))
        value.fail(fmt::format("an option of the {} alone", is_estimator ? "sampler" : "estimator"));
    std::vector<std::string> known;
    for (const OptionRow& row : option_rows())
        if (is_for(row, is_estimator)) known.emplace_back(row.path);
    // A slip in the last word, or the right word in the wrong group.
    std::string hint = nearest_name(path, known);
    const std::string last = path.substr(path.rfind('.') + 1);
    for (const std::string& name : known)
        if (hint.empty() && name.substr(name.rfind('.') + 1) == last) hint = name;
    throw Error(ErrorKind::invalid_input, fmt::format("{}: no such option is known", value.path()),
                hint.empty() ? suggestion(path, known) : fmt::format("Did you mean {}?", hint));
}

/// The object without nulls, its values checked.
json checked(const JsonView& object, const std::string& path, bool is_estimator) {
    json kept = json::object();
    for (const std::string& key : object.keys()) {
        const JsonView value = object.at(key);
        const std::string own = path.empty() ? key : path + "." + key;
        const OptionRow* row = find_row(own, is_estimator);
        if (!row && !is_group(own, is_estimator)) refuse_key(own, value, is_estimator);
        if (value.value().is_null()) continue;
        if (row) {
            check_value(*row, value);
            kept[key] = value.value();
            continue;
        }
        if (!value.value().is_object()) value.fail("expected an object of options");
        if (json inner = checked(value, own, is_estimator); !inner.empty()) kept[key] = std::move(inner);
    }
    return kept;
}

/// Takes the value at a path out; null where there is none.
json take(json& object, std::string_view path) {
    json* at = &object;
    std::string last(path);
    if (const std::size_t dot = path.find('.'); dot != std::string_view::npos) {
        const auto group = object.find(std::string(path.substr(0, dot)));
        if (group == object.end() || !group->is_object()) return nullptr;
        at = &*group;
        last = path.substr(dot + 1);
    }
    const auto found = at->find(last);
    if (found == at->end()) return nullptr;
    json value = std::move(*found);
    at->erase(found);
    return value;
}

/// Noise factors that a fit needs.
std::size_t needed_factors(const std::string& extrapolator) {
    constexpr std::string_view kPolynomial = "polynomial_degree_";
    if (extrapolator.starts_with(kPolynomial))
        return static_cast<std::size_t>(extrapolator[kPolynomial.size()] - '0') + 1;
    return extrapolator == "double_exponential" ? 4 : 2;
}

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorKind::invalid_input, "options: " + message, hint);
}

void check_zne(const CheckedOptions& options) {
    const json& factors = options.at("resilience.zne.noise_factors");
    const json& extrapolator = options.at("resilience.zne.extrapolator");
    const std::size_t count = options.noise_factors();
    std::vector<std::string> fits{"exponential", "linear"};
    if (extrapolator.is_string()) fits = {extrapolator.get<std::string>()};
    if (extrapolator.is_array()) fits = extrapolator.get<std::vector<std::string>>();
    if (factors.is_null() && extrapolator.is_null()) return;
    for (const std::string& fit : fits)
        if (count < needed_factors(fit))
            refuse(fmt::format("resilience.zne.extrapolator {} needs {} noise factors, found {}", fit,
                               needed_factors(fit), count));
}

void check_together(const CheckedOptions& options) {
    if (options.has_pec() && options.is_on("resilience.zne_mitigation"))
        refuse("resilience.pec_mitigation and resilience.zne_mitigation exclude each other");
    const bool has_learning = !options.at("resilience.measure_noise_learning").is_null();
    const json& mitigation = options.at("resilience.measure_mitigation");
    const bool has_mitigation = mitigation.is_null() ? options.level() >= 1 : mitigation == json(true);
    if (has_learning && !has_mitigation)
        refuse("resilience.measure_noise_learning is for resilience.measure_mitigation, which is off",
               "Set resilience.measure_mitigation, or a resilience_level of 1.");
    check_zne(options);
}

}  // namespace

std::span<const OptionRow> option_rows() {
    static const std::vector<OptionRow> rows{
        {"default_shots", whole, both, 1},
        {"default_precision", number, estimator, kAbove0},
        {"seed_estimator", whole, estimator, 0},
        {"resilience_level", whole, estimator, 0, 2},
        {"max_execution_time", whole, both, 1, 10'800},
        {"dynamical_decoupling.enable", flag},
        {"dynamical_decoupling.sequence_type", word, both, 0, 0, {"XX", "XpXm", "XY4"}},
        {"dynamical_decoupling.extra_slack_distribution", word, both, 0, 0, {"middle", "edges"}},
        {"dynamical_decoupling.scheduling_method", word, both, 0, 0, {"alap", "asap"}},
        {"dynamical_decoupling.skip_reset_qubits", flag},
        {"execution.init_qubits", flag},
        {"execution.rep_delay", number, both, 0},
        {"execution.meas_type", word, sampler, 0, 0, {"classified", "kerneled", "avg_kerneled"}},
        {"twirling.enable_gates", flag},
        {"twirling.enable_measure", flag},
        {"twirling.num_randomizations", whole_or_auto, both, 1},
        {"twirling.shots_per_randomization", whole_or_auto, both, 1},
        {"twirling.strategy", word, both, 0, 0, {"active", "active-accum", "active-circuit", "all"}},
        {"resilience.measure_mitigation", flag, estimator},
        {"resilience.measure_noise_learning.num_randomizations", whole, estimator, 1},
        {"resilience.measure_noise_learning.shots_per_randomization", whole_or_auto, estimator, 1},
        {"resilience.zne_mitigation", flag, estimator},
        {"resilience.zne.amplifier",
         word,
         estimator,
         0,
         0,
         {"gate_folding", "gate_folding_front", "gate_folding_back", "pea"}},
        {"resilience.zne.noise_factors", numbers, estimator, 1},
        {"resilience.zne.extrapolator",
         words,
         estimator,
         0,
         0,
         {"exponential", "double_exponential", "linear", "polynomial_degree_1", "polynomial_degree_2",
          "polynomial_degree_3", "polynomial_degree_4", "polynomial_degree_5", "polynomial_degree_6",
          "polynomial_degree_7", "fallback"}},
        {"resilience.zne.extrapolated_noise_factors", numbers, estimator, 0},
        {"resilience.pec_mitigation", flag, estimator},
        {"resilience.pec.max_overhead", number, estimator, kAbove0},
        {"resilience.pec.noise_gain", number_or_auto, estimator, 0},
        {"resilience.layer_noise_learning.max_layers_to_learn", whole, estimator, 1},
        {"resilience.layer_noise_learning.shots_per_randomization", whole, estimator, 1},
        {"resilience.layer_noise_learning.num_randomizations", whole, estimator, 1},
        {"resilience.layer_noise_learning.layer_pair_depths", wholes, estimator, 0},
        {"resilience.layer_noise_model", anything, estimator},
        {"simulator.noise_model", anything},
        {"simulator.seed_simulator", whole, both, 0},
        {"simulator.coupling_map", anything},
        {"simulator.basis_gates", texts},
        {"environment.log_level", word, both, 0, 0, {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}},
        {"environment.job_tags", texts},
        {"environment.private", flag},
        {"experimental", anything},
    };
    return rows;
}

const json& CheckedOptions::at(std::string_view path) const {
    static const json none = nullptr;
    const json* at = &inside;
    while (!path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        const auto found = at->is_object() ? at->find(std::string(path.substr(0, dot))) : at->end();
        if (!at->is_object() || found == at->end()) return none;
        at = &*found;
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return *at;
}

bool CheckedOptions::has_gate_twirling() const {
    const json& said = at("twirling.enable_gates");
    return said.is_null() ? is_estimator && level() == 2 : said == json(true);
}

bool CheckedOptions::has_zne() const {
    const json& said = at("resilience.zne_mitigation");
    return said.is_null() ? is_estimator && level() == 2 && !has_pec() : said == json(true);
}

std::size_t CheckedOptions::noise_factors() const {
    const json& factors = at("resilience.zne.noise_factors");
    return factors.is_array() ? factors.size() : 3;
}

CheckedOptions check_options(const std::string& options_json, bool is_estimator) {
    const json document = parse_json(options_json, "options");
    if (!document.is_object()) refuse("expected a JSON object");
    CheckedOptions options;
    options.is_estimator = is_estimator;
    options.inside = checked(JsonView(document, "options"), "", is_estimator);
    // These travel outside params.options.
    if (const json level = take(options.inside, "resilience_level"); !level.is_null())
        options.resilience_level = level.get<std::int64_t>();
    if (const json time = take(options.inside, "max_execution_time"); !time.is_null())
        options.max_execution_seconds = time.get<std::int64_t>();
    if (const json level = take(options.inside, "environment.log_level"); !level.is_null())
        options.log_level = level.get<std::string>();
    if (const json tags = take(options.inside, "environment.job_tags"); !tags.is_null())
        options.tags = tags.get<std::vector<std::string>>();
    if (const json is_private = take(options.inside, "environment.private"); !is_private.is_null())
        options.is_private = is_private.get<bool>();
    options.inside.erase("environment");
    if (const json image = take(options.inside, "experimental.image"); !image.is_null()) {
        if (!image.is_string() || image.get<std::string>().find(':') == std::string::npos)
            refuse("experimental.image is no \"name:tag\"");
        options.image = image.get<std::string>();
    }
    if (options.at("experimental").is_object() && options.at("experimental").empty())
        options.inside.erase("experimental");
    check_together(options);
    return options;
}

}  // namespace qdcnn::vendors::ibm
