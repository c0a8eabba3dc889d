#include "options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "qdcnn/base/suggest.h"

// IBM Quantum, parameter schemas of the primitives, version 2 (ibm-quantum-schemas 0.13).

namespace qdcnn::server {
namespace {

// Apart from the client's own table on purpose: what the one gets wrong, the other refuses.

constexpr double kAny = std::numeric_limits<double>::infinity();

/// What an option may be. Null is always allowed.
struct Rule {
    enum Type { boolean, whole, number, word, whole_or_auto, numbers, wholes, words, anything } type;
    double low = -kAny;
    double high = kAny;
    std::vector<std::string> allowed{};
};

using Rules = std::map<std::string, Rule>;

const Rule kFlag{Rule::boolean};
const Rule kPositive{Rule::whole, 1};
const Rule kAutoCount{Rule::whole_or_auto, 1};
const Rule kSeed{Rule::whole, 0};
const Rule kPrecision{Rule::number, std::numeric_limits<double>::min()};

const Rules kCommon{
    {"default_shots", kPositive},
    {"dynamical_decoupling.enable", kFlag},
    {"dynamical_decoupling.sequence_type", {Rule::word, -kAny, kAny, {"XX", "XpXm", "XY4"}}},
    {"dynamical_decoupling.extra_slack_distribution", {Rule::word, -kAny, kAny, {"middle", "edges"}}},
    {"dynamical_decoupling.scheduling_method", {Rule::word, -kAny, kAny, {"alap", "asap"}}},
    {"dynamical_decoupling.skip_reset_qubits", kFlag},
    {"execution.init_qubits", kFlag},
    {"execution.rep_delay", {Rule::number, 0}},
    {"twirling.enable_gates", kFlag},
    {"twirling.enable_measure", kFlag},
    {"twirling.num_randomizations", kAutoCount},
    {"twirling.shots_per_randomization", kAutoCount},
    {"twirling.strategy", {Rule::word, -kAny, kAny, {"active", "active-accum", "active-circuit", "all"}}},
    {"simulator.noise_model", {Rule::anything}},
    {"simulator.seed_simulator", kSeed},
    {"simulator.coupling_map", {Rule::anything}},
    {"simulator.basis_gates", {Rule::words}},
    {"experimental", {Rule::anything}},
};

const Rules kSampler{
    {"execution.meas_type", {Rule::word, -kAny, kAny, {"classified", "kerneled", "avg_kerneled"}}},
};

const Rules kEstimator{
    {"default_precision", kPrecision},
    {"seed_estimator", kSeed},
    {"resilience.measure_mitigation", kFlag},
    {"resilience.measure_noise_learning.num_randomizations", kPositive},
    {"resilience.measure_noise_learning.shots_per_randomization", kAutoCount},
    {"resilience.zne_mitigation", kFlag},
    {"resilience.zne.amplifier",
     {Rule::word, -kAny, kAny, {"gate_folding", "gate_folding_front", "gate_folding_back", "pea"}}},
    {"resilience.zne.noise_factors", {Rule::numbers, 1}},
    {"resilience.zne.extrapolator", {Rule::words}},
    {"resilience.zne.extrapolated_noise_factors", {Rule::numbers, 0}},
    {"resilience.pec_mitigation", kFlag},
    {"resilience.pec.max_overhead", {Rule::number, 0}},
    {"resilience.pec.noise_gain", {Rule::anything}},
    {"resilience.layer_noise_learning.max_layers_to_learn", {Rule::whole, 0}},
    {"resilience.layer_noise_learning.shots_per_randomization", kPositive},
    {"resilience.layer_noise_learning.num_randomizations", kPositive},
    {"resilience.layer_noise_learning.layer_pair_depths", {Rule::wholes, 0}},
    {"resilience.layer_noise_model", {Rule::anything}},
};

void check_number(const Rule& rule, const JsonView& value, bool is_whole) {
    if (is_whole && !value.value().is_number_integer()) value.fail("expected a whole number");
    if (!(value.number() >= rule.low && value.number() <= rule.high))
        value.fail(fmt::format("{} is out of range", to_text(value.value())));
}

void check_value(const Rule& rule, const JsonView& value) {
    if (value.value().is_null()) return;
    switch (rule.type) {
        case Rule::boolean:
            value.boolean();
            return;
        case Rule::whole:
            check_number(rule, value, true);
            return;
        case Rule::number:
            check_number(rule, value, false);
            return;
        case Rule::whole_or_auto:
            if (value.value() != "auto") check_number(rule, value, true);
            return;
        case Rule::word:
            if (std::find(rule.allowed.begin(), rule.allowed.end(), value.text()) == rule.allowed.end())
                value.fail(fmt::format("\"{}\" is none of {}", value.text(), fmt::join(rule.allowed, ", ")));
            return;
        case Rule::numbers:
        case Rule::wholes:
            for (const JsonView& element : value.elements())
                check_number(rule, element, rule.type == Rule::wholes);
            return;
        case Rule::words:
            if (!value.value().is_string()) value.texts();
            return;
        case Rule::anything:
            return;
    }
}

/// path: of `value` within the options, empty for the options themselves.
void check_group(const Rules& rules, const std::string& path, const JsonView& value) {
    if (value.value().is_null()) return;
    for (const std::string& key : value.keys()) {
        const std::string name = path.empty() ? key : path + "." + key;
        if (const auto rule = rules.find(name); rule != rules.end()) {
            check_value(rule->second, value.at(key));
            continue;
        }
        const auto below = rules.lower_bound(name + ".");
        if (below == rules.end() || !below->first.starts_with(name + "."))
            value.fail(fmt::format("there is no option \"{}\"", name));
        check_group(rules, name, value.at(key));
    }
}

}  // namespace

void check_options(const std::string& program, const JsonView& options) {
    Rules rules = kCommon;
    const Rules& own = program == "sampler" ? kSampler : kEstimator;
    rules.insert(own.begin(), own.end());
    check_group(rules, "", options);
}

}  // namespace qdcnn::server
