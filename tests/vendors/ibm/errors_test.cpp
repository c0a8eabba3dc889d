#include "vendors/ibm/errors.h"

#include <gtest/gtest.h>

#include "qdcnn/base/redact.h"

namespace qdcnn::vendors::ibm {
namespace {

struct Case {
    int status;
    std::string body;
    ErrorKind kind;
    std::string in_message, in_hint;
};

TEST(Errors, bodies_of_every_form) {
    const Case cases[]{
        {404, R"({"errors":[{"code":1291,"message":"Job x not found.","solution":"Verify the job id.",
                  "more_info":"https://x"}],"trace":"0b"})",
         ErrorKind::not_found, "code 1291: Job x not found.", "Verify the job id."},
        {400, R"({"errors":[{"code":"1002","message":"bad"}]})", ErrorKind::invalid_input, "code 1002: bad",
         ""},
        {403, R"({"error":{"code":1200,"message":"Not authorised"}})", ErrorKind::auth, "1200: Not auth",
         "API key"},
        {400, R"({"errorCode":"BXNIM0415E","errorMessage":"unknown"})", ErrorKind::auth,
         "BXNIM0415E: unknown", "API key"},
        {429, R"({"errors":[{"code":1202,"message":"slow"}]})", ErrorKind::rate_limited, "1202", "minute"},
        {404, R"({"errors":[{"code":1007,"message":"no device"}]})", ErrorKind::not_found, "1007",
         "device list"},
        {400, R"({"errors":[{"code":1204,"message":"tags"}]})", ErrorKind::invalid_input, "1204", "8 tags"},
        {503, R"({"errors":[{"code":1999,"message":"maintenance"}]})", ErrorKind::vendor, "1999",
         "maintenance"},
        {409, "{}", ErrorKind::quota, "answered 409", "limit"},
        {502, "<html>Bad gateway</html>", ErrorKind::vendor, "answered 502", "later"},
        {500, "", ErrorKind::vendor, "answered 500", "later"},
        {418, "null", ErrorKind::vendor, "answered 418", ""},
        {401, R"({"errors":[{"code":1000,"message":"odd"}]})", ErrorKind::auth, "1000: odd", "API key"},
    };
    for (const Case& one : cases) {
        const Error error = error_of(http::Response{.status = one.status, .body = one.body}, "asking");
        EXPECT_EQ(error.kind(), one.kind) << one.body;
        EXPECT_TRUE(std::string(error.what()).starts_with("asking: IBM Quantum answered")) << error.what();
        EXPECT_NE(std::string(error.what()).find(one.in_message), std::string::npos) << error.what();
        EXPECT_NE(error.hint().find(one.in_hint), std::string::npos) << error.hint();
    }
}

TEST(Errors, what_is_no_error_body_says_nothing) {
    for (const char* body :
         {"", "x", "[]", "7", R"({"errors":[]})", R"({"errors":[7]})", R"({"errors":{}})",
          R"({"error":"text"})", R"({"error":{"code":{},"message":[]}})", "{\"a\":\xff}"}) {
        const Fault fault = read_fault(body);
        EXPECT_EQ(fault.code + fault.message + fault.solution, "") << body;
    }
}

TEST(Errors, text_from_outside_is_one_short_line_without_secrets) {
    redactor().add_secret("secret-in-an-error");
    const std::string body = R"({"errors":[{"code":1,"message":"a\nb\u001bc secret-in-an-error )" +
                             std::string(5000, 'x') + "\"}]}";
    const Fault fault = read_fault(body);
    EXPECT_TRUE(fault.message.starts_with("a b c [redacted] xxx")) << fault.message;
    EXPECT_LT(fault.message.size(), 500u);
}

TEST(Errors, failures_say_what_was_asked) {
    const http::Outcome outcome = http::Failure{.kind = http::FailureKind::timeout, .message = "no answer"};
    const Error error = error_of(outcome, "asking for job 7");
    EXPECT_EQ(error.kind(), ErrorKind::timeout);
    EXPECT_TRUE(std::string(error.what()).starts_with("asking for job 7")) << error.what();
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
