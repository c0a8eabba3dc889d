#include "qdcnn/http/scripted_transport.h"

#include <gtest/gtest.h>

#include "http/outcomes.h"
#include "qdcnn/base/error.h"

namespace qdcnn::http {
namespace {

TEST(ScriptedTransport, AnswersInOrderAndRemembers) {
    ScriptedTransport script;
    script.expect(Method::post, "https://a.test/jobs", Response{.status = 200, .body = "first"});
    script.expect(Method::get, "https://a.test/jobs/1", Failure{.kind = FailureKind::timeout});
    script.always(Method::get, "https://a.test/status",
                  [](const Request& request) { return Response{.status = 200, .body = request.body + "!"}; });
    expect_response(script.send({.method = Method::get, .url = "https://a.test/status", .body = "x"}), 200,
                    "x!");
    expect_response(script.send({.method = Method::post, .url = "https://a.test/jobs", .body = "job"}), 200,
                    "first");
    EXPECT_EQ(script.expectations_left(), 1u);
    expect_failure(script.send({.method = Method::get, .url = "https://a.test/jobs/1"}), FailureKind::timeout,
                   Reach::maybe_sent);
    EXPECT_EQ(script.expectations_left(), 0u);
    ASSERT_EQ(script.sent().size(), 3u);
    EXPECT_EQ(script.sent()[1].body, "job");
}

TEST(ScriptedTransport, ASurpriseSaysWhatWasExpected) {
    ScriptedTransport script;
    script.expect(Method::post, "https://a.test/jobs", Response{.status = 200});
    try {
        script.send({.method = Method::get, .url = "https://a.test/other"});
        FAIL() << "answered";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "the script expects POST https://a.test/jobs, not GET https://a.test/other");
    }
}

}  // namespace
}  // namespace qdcnn::http
