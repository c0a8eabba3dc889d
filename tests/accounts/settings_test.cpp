#include "qdcnn/accounts/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "accounts/setting_checks.h"
#include "expect_error.h"
#include "qdcnn/base/redact.h"
#include "tree.h"

namespace qdcnn::accounts {
namespace {

TEST(settings, flag_beats_variable_beats_project_beats_user_beats_built_in) {
    Tree tree;
    const auto level = [&](const std::map<std::string, std::string>& flags = {}) {
        const Settings settings = Settings::load(tree.surroundings(), flags);
        return settings.value("log.level")->text + " " + to_string(settings.value("log.level")->level);
    };
    EXPECT_EQ(level(), "off built_in");
    tree.write("home/.config/qdcnn/config.toml", "[log]\nlevel = \"error\"\n");
    EXPECT_EQ(level(), "error user");
    tree.write("home/project/qdcnn.toml", "log.level = \"warning\"\n");
    EXPECT_EQ(level(), "warning project");
    tree.variables["QDCNN_LOG_LEVEL"] = "info";
    EXPECT_EQ(level(), "info environment");
    EXPECT_EQ(level({{"log-level", "debug"}}), "debug flag");
    tree.variables["QDCNN_LOG_LEVEL"] = "";
    EXPECT_EQ(level(), "warning project") << "an empty variable is none";
}

TEST(settings, origins_name_file_and_line_variable_and_flag) {
    Tree tree;
    tree.write("home/.config/qdcnn/config.toml",
               "# mine\n\nproxy = \"http://p:1\"\n[ibm]\nregion = \"eu-de\"\n");
    tree.write("home/project/qdcnn.toml", "[ibm]\nplans = [\"open\", \"flex\"]\n");
    tree.variables["SSL_CERT_FILE"] = "ca.pem";
    const Settings settings = Settings::load(tree.surroundings(), {{"instance", "mine"}});
    EXPECT_EQ(settings.user_file(), tree.path("home/.config/qdcnn/config.toml"));
    EXPECT_EQ(settings.value("proxy")->place, settings.user_file() + ":3");
    EXPECT_EQ(settings.value("ibm.region")->place, settings.user_file() + ":5");
    EXPECT_EQ(settings.value("ibm.plans")->place, tree.path("home/project/qdcnn.toml") + ":2");
    EXPECT_EQ(settings.texts("ibm.plans"), (std::vector<std::string>{"open", "flex"}));
    EXPECT_EQ(settings.value("ca_file")->place, "SSL_CERT_FILE");
    EXPECT_EQ(settings.text("ca_file"), tree.path("home/project/sub/ca.pem"));
    EXPECT_EQ(settings.value("ibm.instance")->place, "--instance");
    EXPECT_EQ(settings.number("poll.longest"), 60.0);
    EXPECT_EQ(settings.text("state"), tree.path("home/.local/state/qdcnn"));
    EXPECT_FALSE(settings.value("max_cost"));
}

TEST(settings, own_variable_comes_before_that_of_other_programs) {
    Tree tree;
    tree.variables["https_proxy"] = "http://small:1";
    tree.variables["HTTPS_PROXY"] = "http://large:1";
    EXPECT_EQ(Settings::load(tree.surroundings()).text("proxy"), "http://small:1");
    tree.variables["QDCNN_PROXY"] = "http://own:1";
    EXPECT_EQ(Settings::load(tree.surroundings()).value("proxy")->place, "QDCNN_PROXY");
}

TEST(settings, paths_count_from_their_file_and_from_home) {
    const auto read = [](const std::string& text) {
        return parse_settings(text, "/a/b/config.toml", Level::user, "/home/ada").at("ca_file").text;
    };
    EXPECT_EQ(read("ca_file = \"../c.pem\""), "/a/c.pem");
    EXPECT_EQ(read("ca_file = \"~/c.pem\""), "/home/ada/c.pem");
    EXPECT_EQ(read("ca_file = \"/c.pem\""), "/c.pem");
}

TEST(settings, what_is_not_known_or_of_another_type_is_refused_with_its_place) {
    const auto read = [](const std::string& text) {
        return [text] { parse_settings(text, "/u/config.toml", Level::user); };
    };
    Error error = error_of(read("\n[ibm]\nregoin = \"x\""));
    EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error.position()->file, "/u/config.toml");
    EXPECT_EQ(error.position()->line, 3);
    EXPECT_NE(error.hint().find("ibm.region"), std::string::npos) << error.hint();
    EXPECT_EQ(error_of(read("max_cost = \"much\"")).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of(read("max_cost = -1")).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of(read("max_cost = nan")).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of(read("log.level = \"loud\"")).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of(read("ibm.plans = \"open\"\nibm.tags = [1]")).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of(read("log = 3")).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of(read("proxy = ")).kind(), ErrorKind::parse);
    EXPECT_EQ(error_of(read("a" + std::string(70'000, ' '))).kind(), ErrorKind::invalid_input);
}

TEST(settings, wrong_flags_are_usage_and_wrong_variables_name_themselves) {
    Tree tree;
    const Error flag = error_of([&] { Settings::load(tree.surroundings(), {{"max-cost", "much"}}); });
    EXPECT_EQ(flag.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(flag.what()).find("--max-cost"), std::string::npos);
    tree.variables["QDCNN_MAX_COST"] = "much";
    const Error variable = error_of([&] { Settings::load(tree.surroundings()); });
    EXPECT_EQ(variable.kind(), ErrorKind::invalid_input);
    EXPECT_NE(std::string(variable.what()).find("QDCNN_MAX_COST"), std::string::npos);
}

TEST(settings, secrets_in_a_file_are_refused_and_not_shown) {
    for (const char* text :
         {"token = \"canary-5f1e\"", "[ibm]\ntoken = \"canary-5f1e\"", "[ibm]\napi_key = \"canary-5f1e\"",
          "[ibm]\nIAM-APIKEY = \"canary-5f1e\"", "[braket]\nsecret_access_key = \"canary-5f1e\"",
          "proxy = \"http://ada:canary-5f1e@host:1\"", "[ibm]\ntoken = \"canary-5f1e\n"}) {
        const Error error = error_of([&] { parse_settings(text, "/u/config.toml", Level::user); });
        EXPECT_TRUE(error.kind() == ErrorKind::invalid_input || error.kind() == ErrorKind::parse) << text;
        EXPECT_EQ((error.what() + error.hint()).find("canary"), std::string::npos) << error.what();
    }
    redactor().add_secret("canary-at-a-wrong-key");
    const Error error = error_of(
        [&] { parse_settings("ibm.instance = \"canary-at-a-wrong-key\"", "/u/config.toml", Level::user); });
    EXPECT_EQ((error.what() + error.hint()).find("canary"), std::string::npos) << error.what();
}

TEST(settings, a_projects_file_does_not_decide_where_a_token_goes_or_raise_a_limit) {
    Tree tree;
    const auto project = [&](const std::string& text) { tree.write("home/project/qdcnn.toml", text); };
    for (const SettingRow& row : setting_rows()) {
        if (row.in_project != InProject::refused) continue;
        project(std::string(row.name) + (row.type == SettingType::number ? " = 1" : " = \"x\""));
        const Error error = error_of([&] { Settings::load(tree.surroundings()); });
        EXPECT_NE(std::string(error.what()).find("project"), std::string::npos) << row.name;
        EXPECT_NE(error.hint().find(own_variable(row)), std::string::npos) << error.hint();
    }
    tree.write("home/.config/qdcnn/config.toml", "max_cost = 10");
    project("max_cost = 20");
    EXPECT_EQ(Settings::load(tree.surroundings()).number("max_cost"), 10.0);
    project("max_cost = 5");
    EXPECT_EQ(Settings::load(tree.surroundings()).number("max_cost"), 5.0);
}

TEST(settings, a_projects_file_is_looked_for_up_to_the_repository_or_home) {
    Tree tree;
    const auto found = [&] { return Settings::load(tree.surroundings()).project_file(); };
    tree.write("qdcnn.toml", "");
    EXPECT_EQ(found(), "") << "above home it is anybody's";
    tree.write("home/qdcnn.toml", "");
    EXPECT_EQ(found(), tree.path("home/qdcnn.toml"));
    std::filesystem::create_directory(tree.path("home/project/.git"));
    EXPECT_EQ(found(), "") << "above the repository's root it is another project's";
    tree.write("home/project/qdcnn.toml", "");
    EXPECT_EQ(found(), tree.path("home/project/qdcnn.toml"));
    tree.working_folder = tree.path("elsewhere");
    EXPECT_EQ(found(), "") << "outside of home and repository only the folder itself counts";
    tree.write("elsewhere/qdcnn.toml", "");
    EXPECT_EQ(found(), tree.path("elsewhere/qdcnn.toml"));
}

TEST(settings, rows_are_whole) {
    std::set<std::string> names, flags;
    for (const SettingRow& row : setting_rows()) {
        EXPECT_TRUE(names.insert(std::string(row.name)).second) << row.name;
        EXPECT_TRUE(row.flag.empty() || flags.insert(std::string(row.flag)).second) << row.flag;
        EXPECT_FALSE(row.help.empty()) << row.name;
        EXPECT_EQ(row.type == SettingType::choice, !row.words.empty()) << row.name;
        if (!row.built_in.empty()) {
            EXPECT_EQ(checked_value(row, std::string(row.built_in), "/", "/"), row.built_in);
        }
    }
    EXPECT_EQ(own_variable(*find_row("ibm.instance")), "QDCNN_IBM_INSTANCE");
    EXPECT_EQ(error_of([] { Settings().text("max_cost"); }).kind(), ErrorKind::internal);
    EXPECT_EQ(error_of([] { Settings().value("none"); }).kind(), ErrorKind::internal);
}

}  // namespace
}  // namespace qdcnn::accounts
