#include "qdcnn/http/retry.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace qdcnn::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::system_clock;
using std::chrono::year;

Response response(int status, Headers headers = {}) {
    return {.status = status, .headers = std::move(headers)};
}
Failure failure(FailureKind kind, Reach reach) { return {.kind = kind, .reach = reach}; }

const Request kRead{.method = Method::get};
const Request kSubmit{.method = Method::post};

TEST(Retry, StatusesOfReads) {
    const RetryPolicy policy;
    for (const int status : {429, 500, 502, 503, 504})
        EXPECT_TRUE(is_retried(policy, kRead, response(status), false));
    for (const int status : {200, 204, 400, 401, 403, 404, 409, 501}) {
        EXPECT_FALSE(is_retried(policy, kRead, response(status), false)) << status;
        EXPECT_FALSE(is_retried(policy, kRead, response(status), true)) << status;
    }
    EXPECT_FALSE(is_retried(policy, kRead, response(413), false));
    EXPECT_TRUE(is_retried(policy, kRead, response(413), true));
}

TEST(Retry, SubmitsAreRepeatedOnlyWhereNothingCanHaveHappened) {
    const RetryPolicy policy;
    EXPECT_TRUE(is_retried(policy, kSubmit, response(429), false));
    for (const int status : {500, 502, 503, 504})
        EXPECT_FALSE(is_retried(policy, kSubmit, response(status), true)) << status;
    for (const FailureKind kind :
         {FailureKind::dns, FailureKind::refused, FailureKind::timeout, FailureKind::reset}) {
        EXPECT_TRUE(is_retried(policy, kSubmit, failure(kind, Reach::not_sent), false));
        EXPECT_FALSE(is_retried(policy, kSubmit, failure(kind, Reach::maybe_sent), false));
        EXPECT_FALSE(is_retried(policy, kSubmit, failure(kind, Reach::answered), false));
    }
}

TEST(Retry, NoListOfFailuresMakesASubmitRepeatable) {
    RetryPolicy policy;
    policy.submits.failures = {FailureKind::timeout, FailureKind::reset};
    EXPECT_FALSE(is_retried(policy, kSubmit, failure(FailureKind::timeout, Reach::maybe_sent), false));
    policy.deduplicates_submits = true;
    EXPECT_TRUE(is_retried(policy, kSubmit, failure(FailureKind::timeout, Reach::maybe_sent), false));
    EXPECT_TRUE(is_retried(policy, kSubmit, response(502), false));
}

TEST(Retry, WhatStaysIsNotRepeated) {
    const RetryPolicy policy;
    for (const FailureKind kind : {FailureKind::tls, FailureKind::too_large, FailureKind::bad_redirect,
                                   FailureKind::held_back, FailureKind::interrupted})
        EXPECT_FALSE(is_retried(policy, kRead, failure(kind, Reach::not_sent), false)) << to_string(kind);
}

TEST(Retry, FullJitterWithinADoublingCeiling) {
    const RetryPolicy policy{.first_wait = 100ms, .longest_wait = 1000ms};
    Random random(5);
    for (int attempts = 1; attempts <= 40; ++attempts) {
        const milliseconds ceiling = attempts >= 5 ? 1000ms : milliseconds(100 << (attempts - 1));
        milliseconds least = 1h, most = 0ms;
        for (int i = 0; i < 300; ++i) {
            const milliseconds wait = backoff(policy, attempts, random);
            least = std::min(least, wait);
            most = std::max(most, wait);
        }
        EXPECT_LE(most, ceiling);
        EXPECT_GE(most, ceiling * 9 / 10);
        EXPECT_LE(least, ceiling / 10);
    }
}

TEST(HttpDate, ThreeForms) {
    const system_clock::time_point expected = sys_days(year(1994) / 11 / 6) + 8h + 49min + 37s;
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
    EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), expected);
    EXPECT_EQ(parse_http_date("Tue, 29 Feb 2028 00:00:00 GMT"),
              system_clock::time_point(sys_days(year(2028) / 2 / 29)));
    EXPECT_EQ(parse_http_date("Monday, 01-Jan-29 00:00:00 GMT"),
              system_clock::time_point(sys_days(year(2029) / 1 / 1)));
}

TEST(HttpDate, WhatIsNone) {
    for (const char* text :
         {"", "x", "7", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1494 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT and more", "1994-11-06T08:49:37Z"})
        EXPECT_FALSE(parse_http_date(text)) << text;
    // Later than a time point can be.
    EXPECT_GT(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"),
              system_clock::time_point(sys_days(year(2199) / 1 / 1)));
}

TEST(RetryAfter, SecondsDatesAndMilliseconds) {
    const RetryPolicy policy;
    const system_clock::time_point now = sys_days(year(2030) / 1 / 1) + 12h;
    const auto wait = [&](Headers headers) {
        return retry_after(response(503, std::move(headers)), policy, now);
    };
    EXPECT_EQ(wait({}), std::nullopt);
    EXPECT_EQ(wait({{"retry-after", "120"}}), 120s);
    EXPECT_EQ(wait({{"Retry-After", "0"}}), 0s);
    EXPECT_EQ(wait({{"Retry-After", "Tue, 01 Jan 2030 12:01:00 GMT"}}), 60s);
    EXPECT_EQ(wait({{"Retry-After", "Tue, 01 Jan 2030 11:00:00 GMT"}}), 0s);
    // The server's clock is an hour behind ours: its own Date tells what it means.
    EXPECT_EQ(
        wait({{"Retry-After", "Tue, 01 Jan 2030 11:00:30 GMT"}, {"Date", "Tue, 01 Jan 2030 11:00:00 GMT"}}),
        30s);
    EXPECT_EQ(wait({{"Retry-After", "9"}, {"retry-after-ms", "250"}}), 250ms);
    EXPECT_EQ(wait({{"Retry-After", "9"}, {"retry-after-ms", "soon"}}), 9s);
    for (const char* text : {"", "-5", "1.5", "soon", "5 s", "0x10", "Tue"})
        EXPECT_EQ(wait({{"Retry-After", text}}), std::nullopt);
    EXPECT_EQ(wait({{"Retry-After", "99999999999999999999999"}}), milliseconds(std::chrono::hours(24 * 365)));
    EXPECT_EQ(wait({{"Retry-After", "9223372036854775807"}}), milliseconds(std::chrono::hours(24 * 365)));
}

TEST(RetryBudget, RetriesInProportionToSuccesses) {
    RetryBudget budget(3, 0.5);
    EXPECT_TRUE(budget.take() && budget.take() && budget.take());
    EXPECT_FALSE(budget.take());
    budget.succeeded();
    EXPECT_FALSE(budget.take());
    budget.succeeded();
    EXPECT_TRUE(budget.take());
    for (int i = 0; i < 100; ++i) budget.succeeded();
    EXPECT_TRUE(budget.take() && budget.take() && budget.take());
    EXPECT_FALSE(budget.take());
}

}  // namespace
}  // namespace qdcnn::http
