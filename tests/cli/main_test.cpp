#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/run_cli.h"

namespace qdcnn::test {
namespace {

TEST(CommandLine, HelpListsTheCommands) {
    const CliAnswer answer = run_cli({"--help"});
    EXPECT_EQ(answer.code, 0);
    EXPECT_NE(answer.out.find("device"), std::string::npos);
    EXPECT_EQ(answer.err, "");
}

TEST(CommandLine, UnknownCommandSuggestsTheNearest) {
    const CliAnswer answer = run_cli({"devise"});
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.out, "");
    EXPECT_NE(answer.err.find("Did you mean \"device\"?"), std::string::npos) << answer.err;
}

TEST(CommandLine, UnknownOptionIsNamedWithTheNearest) {
    const CliAnswer answer = run_cli({"device", "list", "--jsn"});
    EXPECT_EQ(answer.code, 2);
    EXPECT_NE(answer.err.find("--jsn"), std::string::npos) << answer.err;
    EXPECT_NE(answer.err.find("Did you mean \"--json\"?"), std::string::npos) << answer.err;
}

TEST(CommandLine, ErrorsAreJsonWhenAsked) {
    const CliAnswer answer = run_cli({"frobnicate", "--json"});
    EXPECT_EQ(answer.code, 2);
    const auto error = nlohmann::json::parse(answer.err);
    EXPECT_EQ(error.at("schema"), "qdcnn.error/1");
    EXPECT_EQ(error.at("kind"), "usage");
    EXPECT_NE(error.at("message").get<std::string>().find("frobnicate"), std::string::npos);
    EXPECT_TRUE(error.contains("hint"));
    EXPECT_TRUE(error.at("position").is_null());
}

}  // namespace
}  // namespace qdcnn::test
