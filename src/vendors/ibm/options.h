#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/base/json.h"

namespace qdcnn::vendors::ibm {

enum class OptionType : std::uint8_t {
    flag,
    whole,
    number,
    word,
    whole_or_auto,
    number_or_auto,
    wholes,
    numbers,
    words,  ///< a list of words, or one
    texts,  ///< a list of any texts
    text,
    anything
};

enum class OptionOf : std::uint8_t { both, sampler, estimator };

/// An option of the primitives, version 2.
struct OptionRow {
    /// Keys joined by dots.
    std::string_view path;
    OptionType type;
    OptionOf program = OptionOf::both;
    /// Of numbers, inclusive.
    double low = -1e308;
    double high = 1e308;
    std::vector<std::string_view> words{};
};

std::span<const OptionRow> option_rows();

/// Options that were checked, each where the request has it.
struct CheckedOptions {
    bool is_estimator = false;
    /// params.options, without nulls.
    nlohmann::json inside = nlohmann::json::object();
    // Beside params.options, or beside params.
    std::optional<std::int64_t> resilience_level{};
    std::string log_level = "WARNING";
    std::vector<std::string> tags{};
    bool is_private = false;
    std::optional<std::int64_t> max_execution_seconds{};
    std::string image{};

    /// The value at a path of `inside`; null where it is not set.
    const nlohmann::json& at(std::string_view path) const;
    bool is_on(std::string_view path) const { return at(path) == nlohmann::json(true); }
    /// What the server does where nothing is said.
    std::int64_t level() const { return resilience_level.value_or(1); }
    bool has_dynamical_decoupling() const { return is_on("dynamical_decoupling.enable"); }
    bool has_gate_twirling() const;
    bool has_pec() const { return is_on("resilience.pec_mitigation"); }
    bool has_zne() const;
    bool has_pea() const { return has_zne() && at("resilience.zne.amplifier") == nlohmann::json("pea"); }
    std::size_t noise_factors() const;
};

/// Throws Error(invalid_input) naming the option: one that is not known (with "did you mean") or not this
/// primitive's, a value of the wrong type or out of range, two that exclude each other.
CheckedOptions check_options(const std::string& options_json, bool is_estimator);

}  // namespace qdcnn::vendors::ibm
