#include "vendors/ibm/identity.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "qdcnn/base/redact.h"
#include "scripted_ibm.h"
#include "vendors/ibm/client.h"

namespace qdcnn::vendors::ibm {
namespace {

using namespace std::chrono_literals;
using http::Method;

const char* const kNoUsage = R"({"usage_consumed_seconds":0})";

const std::string kToken = kHost + "/identity/token";

struct Iam {
    http::ScriptedTransport transport;
    VirtualClock clock;
    TokenSource tokens{transport, clock, kHost, "key of + a test"};
};

TEST(Identity, asks_as_ibms_client_does) {
    Iam iam;
    iam.transport.expect(Method::post, kToken, reply(200, token_reply("t1")));
    EXPECT_EQ(iam.tokens.token(), "t1");
    const http::Request request = iam.transport.sent().at(0);
    EXPECT_EQ(request.body,
              "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=key%20of%20%2B%20a%20test&"
              "response_type=cloud_iam");
    EXPECT_EQ(request.headers.get("content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(http::effect_of(request), http::Effect::read);
}

TEST(Identity, a_token_serves_for_four_fifths_of_its_time) {
    Iam iam;
    iam.transport.expect(Method::post, kToken, reply(200, token_reply("t1")));
    iam.transport.expect(Method::post, kToken, reply(200, token_reply("t2")));
    EXPECT_EQ(iam.tokens.token(), "t1");
    iam.clock.advance(2879s);
    EXPECT_EQ(iam.tokens.token(), "t1");
    iam.clock.advance(2s);
    EXPECT_EQ(iam.tokens.token(), "t2");
}

TEST(Identity, the_time_is_in_the_token_where_the_reply_does_not_say) {
    Iam iam;
    // {"iat":1000,"exp":1100}
    iam.transport.expect(Method::post, kToken,
                         reply(200, R"({"access_token":"e30.eyJpYXQiOjEwMDAsImV4cCI6MTEwMH0.x"})"));
    iam.transport.expect(Method::post, kToken, reply(200, token_reply("t2")));
    iam.tokens.token();
    iam.clock.advance(79s);
    iam.tokens.token();
    EXPECT_EQ(iam.transport.expectations_left(), 1u);
    iam.clock.advance(2s);
    EXPECT_EQ(iam.tokens.token(), "t2");
}

TEST(Identity, a_renewal_that_fails_stalls_nobody_while_the_token_is_good) {
    Iam iam;
    int asked = 0;
    iam.transport.always(Method::post, kToken, [&](const http::Request&) {
        return ++asked == 1 ? reply(200, token_reply("t1")) : reply(503);
    });
    iam.tokens.token();
    iam.clock.advance(2900s);
    EXPECT_EQ(iam.tokens.token(), "t1");
    EXPECT_EQ(asked, 2);
    // The next try comes after a while, not with every call.
    EXPECT_EQ(iam.tokens.token(), "t1");
    EXPECT_EQ(asked, 2);
    iam.clock.advance(61s);
    EXPECT_EQ(iam.tokens.token(), "t1");
    EXPECT_EQ(asked, 3);
    iam.clock.advance(630s);
    EXPECT_EQ(error_from([&] { iam.tokens.token(); }).kind(), ErrorKind::vendor);
}

TEST(Identity, a_failed_fetch_does_not_close_the_way_for_the_next) {
    Iam iam;
    iam.transport.expect(Method::post, kToken, reply(500));
    iam.transport.expect(Method::post, kToken, reply(200, token_reply("t1")));
    EXPECT_THROW(iam.tokens.token(), Error);
    const auto before = iam.clock.now();
    EXPECT_EQ(iam.tokens.token(), "t1");
    EXPECT_EQ(iam.clock.now(), before);
}

TEST(Identity, an_unknown_key_is_an_auth_error_without_the_key) {
    Iam iam;
    iam.transport.expect(
        Method::post, kToken,
        reply(400, R"({"errorCode":"BXNIM0415E","errorMessage":"Provided API key could not be found."})"));
    const Error error = error_from([&] { iam.tokens.token(); });
    EXPECT_EQ(error.kind(), ErrorKind::auth);
    EXPECT_NE(std::string(error.what()).find("BXNIM0415E: Provided API key"), std::string::npos)
        << error.what();
    EXPECT_EQ(std::string(error.what()).find("key of"), std::string::npos);
}

TEST(Identity, a_page_of_a_proxy_is_not_shown) {
    Iam iam;
    iam.transport.expect(Method::post, kToken, reply(200, R"(<html>log in here, secret-of-the-page)"));
    const Error error = error_from([&] { iam.tokens.token(); });
    EXPECT_EQ(error.kind(), ErrorKind::vendor);
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
}

TEST(Identity, tokens_are_taken_out_of_what_people_see) {
    Iam iam;
    iam.transport.expect(Method::post, kToken, reply(200, token_reply("quite-a-secret-access-token")));
    iam.tokens.token();
    EXPECT_EQ(redactor().redact("x quite-a-secret-access-token y"), "x [redacted] y");
}

/// Calls from many threads at once, the first of which is held until the others came.
void ask_together(Iam& iam, const http::Outcome& outcome, std::atomic<int>& fetches, std::atomic<int>& good,
                  std::atomic<int>& bad) {
    constexpr int kThreads = 16;
    std::atomic<int> started{0};
    iam.transport.always(Method::post, kToken, [&](const http::Request&) {
        ++fetches;
        while (started < kThreads) std::this_thread::yield();
        std::this_thread::sleep_for(50ms);
        return outcome;
    });
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&] {
            ++started;
            try {
                iam.tokens.token();
                ++good;
            } catch (const Error&) {
                ++bad;
            }
        });
}

TEST(Identity, one_fetch_for_all_who_ask_at_once) {
    Iam iam;
    std::atomic<int> fetches{0}, good{0}, bad{0};
    ask_together(iam, reply(200, token_reply("t1")), fetches, good, bad);
    EXPECT_EQ(fetches, 1);
    EXPECT_EQ(good, 16);
}

TEST(Identity, one_failure_for_all_who_asked_at_once) {
    Iam iam;
    std::atomic<int> fetches{0}, good{0}, bad{0};
    ask_together(iam, reply(400, "{}"), fetches, good, bad);
    EXPECT_EQ(fetches, 1);
    EXPECT_EQ(bad, 16);
}

TEST(Client, a_refused_token_is_fetched_once_more) {
    ScriptedIbm ibm;
    int tokens = 0;
    ibm.transport.always(Method::post, kToken, [&](const http::Request&) {
        return reply(200, token_reply("token-" + std::to_string(++tokens)));
    });
    ibm.transport.always(Method::get, kBase + "/instances/usage", [](const http::Request& request) {
        const bool is_good = request.headers.get("Authorization") == "Bearer token-2";
        return is_good ? reply(200, R"({"usage_consumed_seconds":5})") : reply(401, "{}");
    });
    EXPECT_EQ(ibm.service()->usage().consumed, 5);
    EXPECT_EQ(tokens, 2);
}

TEST(Client, a_token_refused_twice_is_an_auth_error) {
    ScriptedIbm ibm;
    ibm.transport.always(Method::get, kBase + "/instances/usage", [](const http::Request&) {
        return reply(401, R"({"errors":[{"code":1200,"message":"The token is missing or invalid."}]})");
    });
    EXPECT_EQ(error_from([&] { ibm.service()->usage(); }).kind(), ErrorKind::auth);
    EXPECT_EQ(ibm.sent_to("/instances/usage").size(), 2u);
}

TEST(Client, every_call_carries_ibms_headers_and_our_name) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(200, kNoUsage));
    ibm.service()->usage();
    const http::Headers headers = ibm.sent_to("/instances/usage").at(0).headers;
    EXPECT_EQ(headers.get("Authorization"), "Bearer token-of-a-test");
    EXPECT_EQ(headers.get("Service-CRN"), kCrn);
    EXPECT_EQ(headers.get("IBM-API-Version"), "2026-04-15");
    EXPECT_TRUE(headers.get("X-Qx-Client-Application").value_or("").starts_with("qdcnn/"));
}

TEST(Client, reads_are_sent_again_by_ibms_rules) {
    for (const int status : {500, 502, 503, 504, 520, 521, 522, 524}) {
        ScriptedIbm ibm;
        ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(status));
        ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(200, kNoUsage));
        ibm.service()->usage();
        EXPECT_EQ(ibm.transport.expectations_left(), 0u) << status;
    }
    for (const int status : {400, 403, 429, 501}) {
        ScriptedIbm ibm;
        ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(status));
        EXPECT_THROW(ibm.service()->usage(), Error) << status;
    }
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(429, "", {{"Retry-After", "7"}}));
    ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(200, kNoUsage));
    const auto before = ibm.clock.now();
    ibm.service()->usage();
    EXPECT_GE(ibm.clock.now() - before, 7s);
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
