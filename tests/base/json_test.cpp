#include "qdcnn/base/json.h"

#include <gtest/gtest.h>

#include <functional>

#include "qdcnn/base/error.h"

namespace qdcnn {
namespace {

Error error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorKind::internal, "");
}

TEST(Json, BadTextNamesLineAndColumn) {
    const Error error = error_of([] { parse_json("{\n  \"a\": 1,\n  oops\n}", "model.json"); });
    EXPECT_EQ(error.kind(), ErrorKind::parse);
    ASSERT_TRUE(error.position());
    EXPECT_EQ(error.position()->file, "model.json");
    EXPECT_EQ(error.position()->line, 3);
    EXPECT_EQ(error.position()->column, 3);
}

TEST(Json, CutTextSaysSo) {
    const Error error = error_of([] { parse_json("{\"a\": [1, 2", "model.json"); });
    EXPECT_NE(std::string(error.what()).find("cut short"), std::string::npos) << error.what();
}

TEST(Json, ANumberTooLargeIsAParseError) {
    const Error error = error_of([] { parse_json("[1e999]", "model.json"); });
    EXPECT_EQ(error.kind(), ErrorKind::parse);
    EXPECT_NE(std::string(error.what()).find("1e999"), std::string::npos) << error.what();
    ASSERT_TRUE(error.position());
    EXPECT_EQ(error.position()->file, "model.json");
}

TEST(Json, WholeNumbersDoNotWrap) {
    const auto document =
        parse_json(R"([9223372036854775807, 9223372036854775808, {"secret": "s"}, -1])", "");
    const JsonView view(document, "v");
    EXPECT_EQ(view.at(std::size_t{0}).integer(), 9223372036854775807);
    EXPECT_EQ(view.at(3).integer(), -1);
    EXPECT_EQ(error_of([&] { view.at(1).integer(); }).kind(), ErrorKind::invalid_input);
    EXPECT_STREQ(error_of([&] { view.at(2).integer(); }).what(),
                 "v[2]: expected a whole number, found object");
}

TEST(Json, TextOfBrokenUtf8HasReplacements) {
    EXPECT_EQ(to_text(nlohmann::json("a\xff")), "\"a\xef\xbf\xbd\"");
    EXPECT_EQ(to_text(nlohmann::json{{"a", 1}}, 1), "{\n \"a\": 1\n}");
}

TEST(Json, ViewsNameThePath) {
    const auto document = parse_json(R"({"qubits": [{"t1": 1.5}, {"t1": "long"}], "n": 2.5})", "");
    const JsonView view(document, "");
    EXPECT_EQ(view.at("qubits").at(0).at("t1").number(), 1.5);
    EXPECT_STREQ(error_of([&] { view.at("qubits").at(1).at("t1").number(); }).what(),
                 "qubits[1].t1: expected a number, found string");
    EXPECT_STREQ(error_of([&] { view.at("qubits").at(0).at("t2"); }).what(),
                 "qubits[0]: the key \"t2\" is missing");
    EXPECT_STREQ(error_of([&] { view.at("qubits").at(2); }).what(),
                 "qubits: element 2 is missing (there are 2)");
    EXPECT_STREQ(error_of([&] { view.at("n").integer(); }).what(), "n: expected a whole number, found 2.5");
    EXPECT_EQ(view.number_or("missing", 3.0), 3.0);
    EXPECT_EQ(error_of([&] { view.text_or("n", ""); }).kind(), ErrorKind::invalid_input);
}

TEST(Errors, KeepTheirKindThroughContextAndPlace) {
    const Error error =
        Error(ErrorKind::parse, "odd", "do this").with_context("while reading").at({"f", 2, 3});
    EXPECT_STREQ(error.what(), "while reading: odd");
    EXPECT_EQ(error.kind(), ErrorKind::parse);
    EXPECT_EQ(error.hint(), "do this");
    EXPECT_EQ(error.position()->line, 2);
}

TEST(Errors, ExitCodesFollowTheContract) {
    EXPECT_EQ(exit_code(ErrorKind::job_failed), 1);
    EXPECT_EQ(exit_code(ErrorKind::usage), 2);
    EXPECT_EQ(exit_code(ErrorKind::not_found), 3);
    EXPECT_EQ(exit_code(ErrorKind::auth), 4);
    EXPECT_EQ(exit_code(ErrorKind::network), 5);
    EXPECT_EQ(exit_code(ErrorKind::rate_limited), 6);
    EXPECT_EQ(exit_code(ErrorKind::budget), 7);
    EXPECT_EQ(exit_code(ErrorKind::timeout), 8);
    EXPECT_EQ(exit_code(ErrorKind::outcome_unknown), 9);
    EXPECT_EQ(exit_code(ErrorKind::storage), 10);
    EXPECT_EQ(exit_code(ErrorKind::internal), 70);
    EXPECT_EQ(exit_code(ErrorKind::cancelled), 130);
}

}  // namespace
}  // namespace qdcnn
