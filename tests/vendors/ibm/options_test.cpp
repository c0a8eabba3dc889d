#include "vendors/ibm/options.h"

#include <gtest/gtest.h>

#include "scripted_ibm.h"

namespace qdcnn::vendors::ibm {
namespace {

using nlohmann::json;

/// {"a": {"b": value}} for "a.b".
json nested(const std::string& path, const json& value) {
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos) return {{path, value}};
    return nested(path.substr(0, dot), json{{path.substr(dot + 1), value}});
}

/// A value that the row takes.
json good(const OptionRow& row) {
    const double number = std::max(row.low, std::min(row.high, 3.0));
    switch (row.type) {
        case OptionType::flag:
            return true;
        case OptionType::whole:
            return static_cast<std::int64_t>(number);
        case OptionType::number:
            return number;
        case OptionType::word:
            return std::string(row.words.back());
        case OptionType::whole_or_auto:
        case OptionType::number_or_auto:
            return "auto";
        case OptionType::wholes:
            return json::array({3, 4, 5, 6});
        case OptionType::numbers:
            return json::array({1.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0});
        case OptionType::words:
            return json::array({std::string(row.words.front())});
        case OptionType::texts:
            return json::array({"a"});
        case OptionType::text:
            return "a";
        case OptionType::anything:
            return {{"a", 1}};
    }
    return nullptr;
}

/// Values that it does not.
std::vector<json> bad(const OptionRow& row) {
    switch (row.type) {
        case OptionType::flag:
            return {1, "true"};
        case OptionType::whole:
            return {row.low - 1, 1.5, "3", true};
        case OptionType::number:
            return {row.low > 0 ? 0.0 : row.low - 1, "3"};
        case OptionType::word:
            return {"no such word", 3};
        case OptionType::whole_or_auto:
            return {"automatic", row.low - 1, 1.5};
        case OptionType::number_or_auto:
            return {"automatic", row.low - 1};
        case OptionType::wholes:
            return {3, json::array({1.5}), json::array({row.low - 1})};
        case OptionType::numbers:
            return {3, json::array({"1"}), json::array({row.low - 1})};
        case OptionType::words:
            return {"no such word", json::array({"no such word"}), json::array()};
        case OptionType::texts:
            return {"a", json::array({1})};
        case OptionType::text:
            return {1};
        case OptionType::anything:
            return {};
    }
    return {};
}

CheckedOptions checked(const json& options, bool is_estimator) {
    return check_options(to_text(options), is_estimator);
}

ErrorKind refused(const json& options, bool is_estimator = true) {
    return error_from([&] { checked(options, is_estimator); }).kind();
}

TEST(Options, each_row_takes_what_it_says_and_refuses_the_rest) {
    for (const OptionRow& row : option_rows())
        for (const bool is_estimator : {false, true}) {
            const std::string path(row.path);
            SCOPED_TRACE(path);
            if (row.program != OptionOf::both && (row.program == OptionOf::estimator) != is_estimator) {
                EXPECT_EQ(refused(nested(path, good(row)), is_estimator), ErrorKind::invalid_input);
                continue;
            }
            json options = nested(path, good(row));
            const CheckedOptions kept = checked(options, is_estimator);
            const bool is_inside = row.path != "resilience_level" && row.path != "max_execution_time" &&
                                   !row.path.starts_with("environment");
            EXPECT_EQ(kept.inside, is_inside ? options : json::object());
            EXPECT_EQ(checked(nested(path, nullptr), is_estimator).inside, json::object());
            for (const json& value : bad(row)) {
                const Error error = error_from([&] { checked(nested(path, value), is_estimator); });
                EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
                EXPECT_NE(std::string(error.what()).find("options." + path), std::string::npos)
                    << error.what();
            }
        }
}

TEST(Options, slips_get_did_you_mean) {
    const auto hint = [](const json& options) { return error_from([&] { checked(options, true); }).hint(); };
    EXPECT_EQ(hint({{"default_shot", 3}}), "Did you mean default_shots?");
    EXPECT_EQ(hint({{"twirling", {{"enable_gate", true}}}}), "Did you mean twirling.enable_gates?");
    EXPECT_EQ(hint({{"resilience", {{"enable_measure", true}}}}), "Did you mean twirling.enable_measure?");
    const Error wrong = error_from([] { checked({{"seed_estimator", 3}}, false); });
    EXPECT_NE(std::string(wrong.what()).find("estimator alone"), std::string::npos) << wrong.what();
    EXPECT_EQ(refused({{"twirling", 3}}), ErrorKind::invalid_input);
    EXPECT_EQ(error_from([] { check_options("[]", true); }).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_from([] { check_options("{", true); }).kind(), ErrorKind::parse);
}

TEST(Options, some_travel_beside_the_others) {
    const CheckedOptions options =
        checked({{"resilience_level", 2},
                 {"max_execution_time", 60},
                 {"environment", {{"log_level", "DEBUG"}, {"job_tags", {"a"}}, {"private", true}}},
                 {"experimental", {{"image", "name:tag"}, {"x", 1}}}},
                true);
    EXPECT_EQ(options.inside, json({{"experimental", {{"x", 1}}}}));
    EXPECT_EQ(options.resilience_level, 2);
    EXPECT_EQ(options.max_execution_seconds, 60);
    EXPECT_EQ(options.log_level, "DEBUG");
    EXPECT_EQ(options.tags, std::vector<std::string>{"a"});
    EXPECT_TRUE(options.is_private);
    EXPECT_EQ(options.image, "name:tag");
    EXPECT_EQ(refused({{"experimental", {{"image", "no tag"}}}}), ErrorKind::invalid_input);
}

TEST(Options, that_exclude_each_other) {
    const auto zne = [](const json& factors, const json& extrapolator) {
        return json{{"resilience", {{"zne", {{"noise_factors", factors}, {"extrapolator", extrapolator}}}}}};
    };
    EXPECT_NO_THROW(checked(zne({1, 2}, "linear"), true));
    EXPECT_EQ(refused(zne(json::array({1}), "linear")), ErrorKind::invalid_input);
    EXPECT_EQ(refused(zne({1, 2, 3}, "double_exponential")), ErrorKind::invalid_input);
    EXPECT_NO_THROW(checked(zne({1, 2, 3, 4}, {"double_exponential", "polynomial_degree_3"}), true));
    EXPECT_EQ(refused(zne({1, 2, 3}, {"linear", "polynomial_degree_3"})), ErrorKind::invalid_input);
    EXPECT_EQ(refused({{"resilience", {{"zne", {{"extrapolator", "polynomial_degree_3"}}}}}}),
              ErrorKind::invalid_input);  // Three factors where none are said.
    EXPECT_EQ(refused({{"resilience", {{"pec_mitigation", true}, {"zne_mitigation", true}}}}),
              ErrorKind::invalid_input);
    const json learning{{"measure_noise_learning", {{"num_randomizations", 8}}}};
    EXPECT_NO_THROW(checked({{"resilience", learning}}, true));
    EXPECT_EQ(refused({{"resilience", learning}, {"resilience_level", 0}}), ErrorKind::invalid_input);
    json off = learning;
    off["measure_mitigation"] = false;
    EXPECT_EQ(refused({{"resilience", off}}), ErrorKind::invalid_input);
}

TEST(Options, what_the_server_does_where_nothing_is_said) {
    EXPECT_FALSE(checked(json::object(), true).has_gate_twirling());
    EXPECT_TRUE(checked({{"resilience_level", 2}}, true).has_gate_twirling());
    EXPECT_TRUE(checked({{"resilience_level", 2}}, true).has_zne());
    EXPECT_FALSE(
        checked({{"resilience_level", 2}, {"resilience", {{"zne_mitigation", false}}}}, true).has_zne());
    EXPECT_FALSE(checked(json::object(), false).has_gate_twirling());
    EXPECT_TRUE(checked({{"twirling", {{"enable_gates", true}}}}, false).has_gate_twirling());
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
