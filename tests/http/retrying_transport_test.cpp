#include "qdcnn/http/retrying_transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "http/outcomes.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/http/scripted_transport.h"

namespace qdcnn::http {
namespace {

using namespace std::chrono_literals;
using TimePoint = Clock::TimePoint;

const std::string kUrl = "https://api.test/jobs";

Response response(int status, Headers headers = {}) {
    return {.status = status, .headers = std::move(headers)};
}
Failure failure(FailureKind kind, Reach reach) { return {.kind = kind, .reach = reach, .message = "script"}; }
int status_of(const Outcome& outcome) {
    const auto* one = std::get_if<Response>(&outcome);
    return one == nullptr ? -1 : one->status;
}

class RetryingTransportTest : public testing::Test {
  protected:
    Outcome send(Method method = Method::get) {
        RetryingTransport transport(script, clock, settings);
        const Request request{.method = method, .url = kUrl};
        return transport.send(request);
    }
    VirtualClock clock;
    ScriptedTransport script;
    RetryingTransport::Settings settings;
};

TEST_F(RetryingTransportTest, GoesOnUntilItSucceeds) {
    script.expect(Method::get, kUrl, response(503));
    script.expect(Method::get, kUrl, failure(FailureKind::timeout, Reach::maybe_sent));
    script.expect(Method::get, kUrl, failure(FailureKind::refused, Reach::not_sent));
    script.expect(Method::get, kUrl, response(200));
    const Outcome outcome = send();
    EXPECT_EQ(status_of(outcome), 200);
    EXPECT_EQ(std::get<Response>(outcome).attempts, 4);
    EXPECT_EQ(script.expectations_left(), 0u);
    EXPECT_GT(clock.now(), TimePoint());
}

TEST_F(RetryingTransportTest, EndsWithTheLastOutcomeAfterTheLastAttempt) {
    script.always(Method::get, kUrl, [](const Request&) { return response(502); });
    const Outcome outcome = send();
    EXPECT_EQ(status_of(outcome), 502);
    EXPECT_EQ(script.sent().size(), 5u);
}

TEST_F(RetryingTransportTest, ASubmitIsSentOnceWhateverComesBack) {
    for (const Outcome& outcome : std::vector<Outcome>{
             response(200), response(500), response(502), response(503, {{"Retry-After", "1"}}),
             response(504), response(404), failure(FailureKind::timeout, Reach::maybe_sent),
             failure(FailureKind::reset, Reach::maybe_sent),
             failure(FailureKind::truncated, Reach::answered)}) {
        SCOPED_TRACE(describe(outcome));
        ScriptedTransport one;
        one.expect(Method::post, kUrl, outcome);
        RetryingTransport transport(one, clock, {});
        transport.send(Request{.method = Method::post, .url = kUrl});
        EXPECT_EQ(one.sent().size(), 1u);
    }
}

TEST_F(RetryingTransportTest, ASubmitThatDidNotLeaveIsSentAgain) {
    script.expect(Method::post, kUrl, failure(FailureKind::refused, Reach::not_sent));
    script.expect(Method::post, kUrl, response(429, {{"Retry-After", "3"}}));
    script.expect(Method::post, kUrl, failure(FailureKind::timeout, Reach::maybe_sent));
    const Outcome outcome = send(Method::post);
    expect_failure(outcome, FailureKind::timeout, Reach::maybe_sent);
    EXPECT_EQ(std::get<Failure>(outcome).attempts, 3);
}

TEST_F(RetryingTransportTest, AnEarlierAttemptThatMayHaveActedIsNotForgotten) {
    settings.policy.deduplicates_submits = true;
    settings.policy.max_attempts = 2;
    script.expect(Method::post, kUrl, failure(FailureKind::timeout, Reach::maybe_sent));
    script.expect(Method::post, kUrl, failure(FailureKind::refused, Reach::not_sent));
    expect_failure(send(Method::post), FailureKind::refused, Reach::maybe_sent);
    // Refusals are no deeds.
    script.expect(Method::post, kUrl, response(429));
    script.expect(Method::post, kUrl, failure(FailureKind::refused, Reach::not_sent));
    expect_failure(send(Method::post), FailureKind::refused, Reach::not_sent);
}

TEST_F(RetryingTransportTest, WaitsAsLongAsTheReplyAsksAndNotMuchLonger) {
    script.expect(Method::get, kUrl, response(503, {{"Retry-After", "20"}}));
    script.expect(Method::get, kUrl, response(200));
    EXPECT_EQ(status_of(send()), 200);
    EXPECT_GE(clock.now(), TimePoint() + 20s);
    EXPECT_LE(clock.now(), TimePoint() + 20s + settings.policy.first_wait);
}

TEST_F(RetryingTransportTest, ALongRetryAfterIsHandedOnAndHoldsTheNextBack) {
    script.expect(Method::get, kUrl, response(429, {{"Retry-After", "3600"}}));
    EXPECT_EQ(status_of(send()), 429);
    EXPECT_EQ(clock.now(), TimePoint());
    expect_failure(send(), FailureKind::held_back, Reach::not_sent);
    EXPECT_EQ(script.sent().size(), 1u);
    clock.advance(3599s);
    script.expect(Method::get, kUrl, response(200));
    EXPECT_EQ(status_of(send()), 200);
    EXPECT_GE(clock.now(), TimePoint() + 3600s);
}

TEST_F(RetryingTransportTest, RetryAfterOfASubmitThatIsHandedOnPausesTheOthers) {
    settings.policy.submits.statuses.clear();
    script.expect(Method::post, kUrl, response(429, {{"Retry-After", "15"}}));
    EXPECT_EQ(status_of(send(Method::post)), 429);
    script.expect(Method::get, kUrl, response(200));
    EXPECT_EQ(status_of(send()), 200);
    EXPECT_EQ(clock.now(), TimePoint() + 15s);
}

TEST_F(RetryingTransportTest, RetryAfterOfASuccessIsAboutThatJobOnly) {
    script.expect(Method::get, kUrl, response(202, {{"Retry-After", "100"}}));
    script.expect(Method::get, kUrl, response(200));
    EXPECT_EQ(status_of(send()), 202);
    EXPECT_EQ(status_of(send()), 200);
    EXPECT_EQ(clock.now(), TimePoint());
}

TEST_F(RetryingTransportTest, NoAttemptBeginsAfterTheBudgetOfTime) {
    settings.policy.max_attempts = 1000;
    settings.policy.total_budget = 60s;
    settings.budget = std::make_shared<RetryBudget>(1e9, 0);
    script.always(Method::get, kUrl, [&](const Request&) {
        EXPECT_LE(clock.now(), TimePoint() + 60s);
        return response(503, {{"Retry-After", "7"}});
    });
    EXPECT_EQ(status_of(send()), 503);
    EXPECT_GE(script.sent().size(), 4u);
    EXPECT_LE(script.sent().size(), 9u);
}

TEST_F(RetryingTransportTest, AnOutageIsNotAnsweredWithManyTimesTheTraffic) {
    script.always(Method::get, kUrl, [](const Request&) { return response(503); });
    settings.budget = std::make_shared<RetryBudget>(20, 0.2);
    for (int i = 0; i < 500; ++i) send();
    EXPECT_EQ(script.sent().size(), 520u);
}

TEST_F(RetryingTransportTest, ManyRequestsEachGetTheirOwnOutcome) {
    std::vector<Request> requests;
    std::map<std::string, int> calls;
    for (int i = 0; i < 30; ++i) {
        const std::string url = kUrl + "/" + std::to_string(i);
        requests.push_back({.method = Method::get, .url = url});
        script.always(Method::get, url, [&calls, i](const Request& request) -> Outcome {
            const int call = ++calls[request.url];
            if (i % 3 == 1 && call < 3) return failure(FailureKind::reset, Reach::maybe_sent);
            if (i % 3 == 2) return response(404);
            return response(200 + i % 3 + 10 * call);
        });
    }
    settings.budget = std::make_shared<RetryBudget>(100, 0);
    settings.limiter = std::make_shared<RateLimiter>(RateLimit{10, 1s});
    RetryingTransport transport(script, clock, settings);
    const auto outcomes = transport.send_all(requests);
    ASSERT_EQ(outcomes.size(), 30u);
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(status_of(outcomes[i]), i % 3 == 0 ? 210 : i % 3 == 1 ? 231 : 404) << i;
    EXPECT_EQ(script.sent().size(), 50u);
    EXPECT_GE(clock.now(), TimePoint() + 4s);  // 50 requests at 10 a second.
}

TEST_F(RetryingTransportTest, AnInterruptEndsTheWaits) {
    script.expect(Method::get, kUrl, [](const Request&) {
        interrupt().set(2);
        return response(503);
    });
    const std::vector<Request> requests = {{.method = Method::get, .url = kUrl},
                                           {.method = Method::get, .url = kUrl}};
    settings.limiter = std::make_shared<RateLimiter>(RateLimit{1, 10s});
    RetryingTransport transport(script, clock, settings);
    const auto outcomes = transport.send_all(requests);
    interrupt().clear();
    EXPECT_EQ(status_of(outcomes[0]), 503);
    expect_failure(outcomes[1], FailureKind::interrupted, Reach::not_sent);
}

/// Answers everything, and keeps how many came at once.
class Counting final : public Transport {
  public:
    std::vector<Outcome> send_all(std::span<const Request> requests) override {
        sizes.push_back(requests.size());
        return std::vector<Outcome>(requests.size(), response(200));
    }
    int max_parallel() const override { return 4; }
    std::vector<std::size_t> sizes;
};

TEST_F(RetryingTransportTest, TakesNoMorePermitsThanAreUsedAtOnce) {
    Counting inner;
    RetryingTransport transport(inner, clock, {});
    EXPECT_EQ(transport.max_parallel(), 4);
    EXPECT_EQ(transport.send_all(std::vector<Request>(10, Request{.url = kUrl})).size(), 10u);
    EXPECT_EQ(inner.sizes, (std::vector<std::size_t>{4, 4, 2}));
}

/// A service that was down and comes back, and counts how it is asked.
class Service final : public Transport {
  public:
    struct Call {
        int client;
        TimePoint arrived, answered;
        Clock::Duration asked_to_wait{};
    };

    Service(Clock& clock, Clock::Duration outage) : clock_(clock), outage_end_(clock.now() + outage) {}

    std::vector<Outcome> send_all(std::span<const Request> requests) override {
        std::vector<Outcome> outcomes;
        for (const Request& request : requests) outcomes.push_back(answer(std::stoi(request.body)));
        return outcomes;
    }
    int max_parallel() const override { return 8; }
    const std::vector<Call>& calls() const { return calls_; }

  private:
    Outcome answer(int client) {
        const TimePoint arrived = clock_.now();
        clock_.sleep_for(50ms);  // The way there and back.
        const TimePoint answered = clock_.now();
        const std::lock_guard lock(mutex_);
        calls_.push_back({client, arrived, answered});
        if (answered >= outage_end_) return response(200);
        const int seconds = 1 + static_cast<int>(random_.below(40));
        calls_.back().asked_to_wait = std::chrono::seconds(seconds);
        return response(503, {{"Retry-After", std::to_string(seconds)}});
    }

    Clock& clock_;
    const TimePoint outage_end_;
    std::mutex mutex_;
    Random random_{9};
    std::vector<Call> calls_;
};

/// Each client in a thread of its own, all of them with work from the first moment on.
int run_clients(int count, VirtualClock& clock, const std::function<Outcome(int client)>& work) {
    std::vector<VirtualClock::Participant> participants;
    for (int i = 0; i < count; ++i) participants.emplace_back(clock);
    std::atomic<int> successes{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&, i, participant = std::move(participants[i])] {
            if (status_of(work(i)) == 200) ++successes;
        });
    for (auto& thread : threads) thread.join();
    return successes;
}

Request request_of(int client) {
    return {.method = Method::put, .url = kUrl, .body = std::to_string(client)};
}

RetryPolicy patient() {
    RetryPolicy policy;
    policy.max_attempts = 50;
    policy.total_budget = 24h;
    return policy;
}

TEST(Outage, AThousandClientsOfOneLimiterKeepTheRateAndEveryRetryAfter) {
    constexpr int kClients = 1000;
    constexpr auto kWindow = 60s;
    VirtualClock clock;
    Service service(clock, 300s);
    RetryingTransport transport(service, clock,
                                {.policy = patient(),
                                 .limiter = std::make_shared<RateLimiter>(RateLimit{25, kWindow}),
                                 .budget = std::make_shared<RetryBudget>(1e9, 0)});
    EXPECT_EQ(run_clients(kClients, clock, [&](int client) { return transport.send(request_of(client)); }),
              kClients);

    std::vector<Service::Call> calls = service.calls();
    std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.arrived < b.arrived; });
    for (std::size_t last = 25; last < calls.size(); ++last)
        ASSERT_GE(calls[last].arrived - calls[last - 25].arrived, kWindow)
            << "26 calls in a window, the last is " << last;
    // Once a reply asks for a pause, nobody calls until its end; what is under way then is under way.
    std::size_t asked = 0;
    for (const auto& call : calls) {
        if (call.asked_to_wait == 0s) continue;
        ++asked;
        for (const auto& other : calls)
            ASSERT_FALSE(other.arrived > call.answered && other.arrived < call.answered + call.asked_to_wait);
    }
    EXPECT_GT(asked, 20u);
    // 1,000 calls at 25 a minute take 40 minutes, and a tenth more for the windows that pauses cut into.
    EXPECT_LE(clock.now() - TimePoint(), 300s + 44min);
}

TEST(Outage, AThousandSeparateClientsKeepTheirRetryAfterAndComeBackSpreadOut) {
    constexpr int kClients = 1000;
    VirtualClock clock;
    Service service(clock, 120s);
    EXPECT_EQ(run_clients(kClients, clock,
                          [&](int client) {
                              RetryingTransport transport(
                                  service, clock,
                                  {.policy = patient(), .seed = static_cast<std::uint64_t>(client)});
                              return transport.send(request_of(client));
                          }),
              kClients);
    std::map<int, std::vector<Service::Call>> by_client;
    std::map<std::int64_t, int> by_second;
    for (const auto& call : service.calls()) {
        by_client[call.client].push_back(call);
        if (call.arrived > TimePoint()) ++by_second[call.arrived.time_since_epoch() / 1s];
    }
    for (auto& [client, calls] : by_client) {
        std::sort(calls.begin(), calls.end(),
                  [](const auto& a, const auto& b) { return a.arrived < b.arrived; });
        for (std::size_t i = 1; i < calls.size(); ++i)
            ASSERT_GE(calls[i].arrived, calls[i - 1].answered + calls[i - 1].asked_to_wait)
                << "client " << client;
    }
    for (const auto& [second, count] : by_second) EXPECT_LT(count, kClients / 8) << "in second " << second;
}

}  // namespace
}  // namespace qdcnn::http
