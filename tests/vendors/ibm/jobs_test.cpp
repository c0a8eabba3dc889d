#include "vendors/ibm/jobs.h"

#include <gtest/gtest.h>

#include "scripted_ibm.h"

namespace qdcnn::vendors::ibm {
namespace {

using namespace std::chrono_literals;
using http::Failure;
using http::FailureKind;
using http::Method;
using http::Reach;
using nlohmann::json;

const std::string kJobs = kBase + "/jobs";
const std::string kBody = R"({"backend":"line","program_id":"sampler","tags":["key"]})";

/// What becomes of a submit with this outcome: its kind, and the error's.
std::string submit(const http::Outcome& outcome, int* sendings = nullptr) {
    ScriptedIbm ibm;
    ibm.transport.always(Method::post, kJobs, [&](const http::Request&) { return outcome; });
    const SubmitOutcome read = ibm.service()->submit(kBody, "key");
    if (sendings) *sendings = static_cast<int>(ibm.sent_to("/jobs").size());
    if (const auto* accepted = std::get_if<Accepted>(&read)) return "accepted " + accepted->vendor_id;
    if (const auto* refused = std::get_if<Refused>(&read))
        return std::string("refused ") + to_string(refused->error.kind());
    return std::string("unclear ") + to_string(std::get<Unclear>(read).error.kind());
}

http::Outcome failure(FailureKind kind, Reach reach) { return Failure{.kind = kind, .reach = reach}; }

TEST(Submit, outcomes) {
    EXPECT_EQ(submit(reply(200, R"({"id":"j1","backend":"line"})")), "accepted j1");
    EXPECT_EQ(submit(reply(201, R"({"id":"j1"})")), "accepted j1");
    // A success that names no job may be one.
    for (const char* body : {"", "<html>", "{}", R"({"id":""})", R"({"id":7})", "[]"})
        EXPECT_EQ(submit(reply(200, body)), "unclear outcome_unknown") << body;
    EXPECT_EQ(submit(reply(400, "{}")), "refused invalid_input");
    EXPECT_EQ(submit(reply(401, "{}")), "refused auth");
    EXPECT_EQ(submit(reply(403, "{}")), "refused auth");
    EXPECT_EQ(submit(reply(404, "{}")), "refused not_found");
    EXPECT_EQ(submit(reply(409, "{}")), "refused quota");
    EXPECT_EQ(submit(reply(413, "{}")), "refused invalid_input");
    EXPECT_EQ(submit(reply(429, "{}")), "refused rate_limited");
    for (const int status : {302, 408, 500, 502, 503, 504, 520, 524})
        EXPECT_EQ(submit(reply(status, "{}")), "unclear outcome_unknown") << status;
    EXPECT_EQ(submit(failure(FailureKind::reset, Reach::maybe_sent)), "unclear outcome_unknown");
    EXPECT_EQ(submit(failure(FailureKind::timeout, Reach::maybe_sent)), "unclear outcome_unknown");
    EXPECT_EQ(submit(failure(FailureKind::truncated, Reach::answered)), "unclear outcome_unknown");
    EXPECT_EQ(submit(failure(FailureKind::tls, Reach::not_sent)), "refused network");
}

TEST(Submit, is_sent_once_whatever_comes_back) {
    for (const http::Outcome& outcome :
         {reply(500), reply(503, "", {{"Retry-After", "1"}}), reply(429, "", {{"Retry-After", "1"}}),
          reply(502), failure(FailureKind::reset, Reach::maybe_sent),
          failure(FailureKind::timeout, Reach::maybe_sent)}) {
        int sendings = 0;
        submit(outcome, &sendings);
        EXPECT_EQ(sendings, 1);
    }
}

TEST(Submit, again_only_after_a_refused_token) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::post, kJobs, reply(401, "{}"));
    ibm.transport.expect(Method::post, kJobs, reply(200, R"({"id":"j1"})"));
    EXPECT_EQ(std::get<Accepted>(ibm.service()->submit(kBody, "key")).vendor_id, "j1");
}

TEST(Submit, throws_where_there_is_no_token) {
    ScriptedIbm ibm;
    ibm.transport.always(Method::post, kHost + "/identity/token",
                         [](const http::Request&) { return reply(400, "{}"); });
    EXPECT_EQ(error_from([&] { ibm.service()->submit(kBody, "key"); }).kind(), ErrorKind::auth);
    EXPECT_TRUE(ibm.sent_to("/jobs").empty());
}

TEST(Submit, five_a_minute) {
    ScriptedIbm ibm;
    std::vector<Clock::TimePoint> times;
    ibm.transport.always(Method::post, kJobs, [&](const http::Request&) {
        times.push_back(ibm.clock.now());
        return reply(200, R"({"id":"j"})");
    });
    const auto service = ibm.service();
    for (int k = 0; k < 12; ++k) service->submit(kBody, "key");
    for (std::size_t k = 5; k < times.size(); ++k) EXPECT_GE(times[k] - times[k - 5], 60s);
    EXPECT_EQ(times[4], times[0]);
}

RemoteJob read(const std::string& text) {
    const json document = json::parse(text);
    return read_job(JsonView(document, "job"));
}

TEST(JobState, words) {
    const auto state = [](const std::string& text) { return read(R"({"id":"j",)" + text + "}").state; };
    EXPECT_EQ(state(R"("state":{"status":"Queued"})"), RemoteState::queued);
    EXPECT_EQ(state(R"("state":{"status":"Running"})"), RemoteState::running);
    EXPECT_EQ(state(R"("state":{"status":"Completed"})"), RemoteState::done);
    EXPECT_EQ(state(R"("state":{"status":"COMPLETED"})"), RemoteState::done);
    EXPECT_EQ(state(R"("state":{"status":"Failed"})"), RemoteState::failed);
    EXPECT_EQ(state(R"("state":{"status":"Cancelled"})"), RemoteState::cancelled);
    EXPECT_EQ(state(R"("state":{"status":"Cancelled","reason_code":1305})"), RemoteState::failed);
    EXPECT_EQ(state(R"("state":{"status":"Cancelled","reason_code":"1305"})"), RemoteState::failed);
    EXPECT_EQ(state(R"("state":{"status":"Cancelled","reasonCode":1305})"), RemoteState::failed);
    EXPECT_EQ(state(R"("state":{"status":"Cancelled","reason_code":1306})"), RemoteState::cancelled);
    EXPECT_EQ(state(R"("state":{"status":"Cancelled"},"status":"Cancelled - Ran too long")"),
              RemoteState::failed);
    EXPECT_EQ(state(R"("status":"Cancelled - Ran too long")"), RemoteState::failed);
    EXPECT_EQ(state(R"("status":"Completed")"), RemoteState::done);
    // Never an end.
    EXPECT_EQ(state(R"("state":{"status":"Done and dusted"})"), std::nullopt);
    EXPECT_EQ(state(R"("state":{"status":""})"), std::nullopt);
    EXPECT_EQ(state(R"("state":7)"), std::nullopt);
    EXPECT_EQ(read(R"({"id":"j","state":{"status":"Pausing"}})").vendor_state, "Pausing");
}

TEST(JobState, reason_and_the_rest) {
    const RemoteJob job =
        read(R"({"id":"j","backend":"line","created":"2026-01-01T00:00:00Z","tags":["a","b"],
        "estimated_running_time_seconds":1.5,
        "state":{"status":"Failed","reason":"It broke.","reason_code":1234,"reason_solution":"Mend it."}})");
    EXPECT_EQ(job.reason, "Error code 1234; It broke. Mend it.");
    EXPECT_EQ(job.device, "line");
    EXPECT_EQ(job.created, "2026-01-01T00:00:00Z");
    EXPECT_EQ(job.tags, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(job.estimated_seconds, 1.5);
}

TEST(Jobs, a_reply_that_describes_no_job_says_nothing_of_its_state) {
    for (const char* body : {"", "<html>hidden</html>", "[]", "{}", R"({"id":7})"}) {
        ScriptedIbm ibm;
        ibm.transport.expect(Method::get, kJobs + "/j?exclude_params=true", reply(200, body));
        const Error error = error_from([&] { ibm.service()->status("j"); });
        EXPECT_EQ(error.kind(), ErrorKind::vendor) << body;
        EXPECT_EQ(std::string(error.what()).find("hidden"), std::string::npos);
    }
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kJobs + "/j?exclude_params=true", reply(404, "{}"));
    EXPECT_EQ(error_from([&] { ibm.service()->status("j"); }).kind(), ErrorKind::not_found);
}

TEST(Jobs, results_come_byte_by_byte_or_not_yet) {
    ScriptedIbm ibm;
    const std::string bytes("{any\0 bytes \xff", 13);
    ibm.transport.expect(Method::get, kJobs + "/j/results", reply(204));
    ibm.transport.expect(Method::get, kJobs + "/j/results", reply(200, ""));
    ibm.transport.expect(Method::get, kJobs + "/j/results", reply(200, bytes));
    const auto service = ibm.service();
    EXPECT_EQ(service->fetch("j"), std::nullopt);
    EXPECT_EQ(service->fetch("j"), std::nullopt);
    EXPECT_EQ(service->fetch("j"), bytes);
}

TEST(Jobs, a_page_of_a_proxy_is_no_result) {
    ScriptedIbm ibm;
    for (const char* page : {"<html>Log in</html>", "[]", "\"text\"", "  null"}) {
        ibm.transport.expect(Method::get, kJobs + "/j/results", reply(200, page));
        EXPECT_EQ(error_from([&] { ibm.service()->fetch("j"); }).kind(), ErrorKind::vendor) << page;
    }
}

TEST(Jobs, what_is_said_of_another_job_says_nothing) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kJobs + "/j?exclude_params=true",
                         reply(200, R"({"id":"k","state":{"status":"Failed"},"status":"Failed"})"));
    EXPECT_EQ(error_from([&] { ibm.service()->status("j"); }).kind(), ErrorKind::vendor);
}

TEST(Jobs, a_second_sending_that_finds_it_done_has_done_it) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::post, kJobs + "/j/cancel", reply(502));
    ibm.transport.expect(Method::post, kJobs + "/j/cancel", reply(409, "{}"));
    ibm.transport.expect(Method::del, kJobs + "/j", reply(502));
    ibm.transport.expect(Method::del, kJobs + "/j", reply(404, "{}"));
    const auto service = ibm.service();
    EXPECT_TRUE(service->cancel("j"));
    service->delete_job("j");
}

TEST(Jobs, cancel) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::post, kJobs + "/j/cancel", reply(204));
    ibm.transport.expect(Method::post, kJobs + "/j/cancel", reply(409, R"({"errors":[{"code":1293}]})"));
    ibm.transport.expect(Method::post, kJobs + "/j/cancel", reply(404, "{}"));
    const auto service = ibm.service();
    EXPECT_TRUE(service->cancel("j"));
    EXPECT_FALSE(service->cancel("j"));
    EXPECT_EQ(error_from([&] { service->cancel("j"); }).kind(), ErrorKind::not_found);
    EXPECT_TRUE(ibm.sent_to("/cancel").at(0).body.empty());
}

json row(int number, const json& tags = {"key"}) {
    return {{"id", "j" + std::to_string(number)}, {"state", {{"status", "Queued"}}}, {"tags", tags}};
}

json rows(int from, int to) {
    json all = json::array();
    for (int k = from; k < to; ++k) all.push_back(row(k));
    return all;
}

TEST(Jobs, listing_asks_page_by_page) {
    ScriptedIbm ibm;
    const std::string start = kJobs + "?exclude_params=true&tags=key";
    // Fewer than were asked for, and more to come.
    ibm.transport.expect(Method::get, start + "&limit=200&offset=0",
                         reply(200, to_text(json{{"jobs", rows(0, 150)}, {"count", 210}})));
    ibm.transport.expect(Method::get, start + "&limit=200&offset=150",
                         reply(200, to_text(json{{"jobs", rows(150, 210)}, {"count", 210}})));
    EXPECT_EQ(ibm.service()->find("key").size(), 210u);
    ibm.transport.expect(Method::get, start + "&limit=200&offset=0",
                         reply(200, to_text(json{{"jobs", rows(0, 200)}})));
    ibm.transport.expect(Method::get, start + "&limit=200&offset=200",
                         reply(200, to_text(json{{"jobs", rows(200, 201)}})));
    EXPECT_EQ(ibm.service()->find("key").size(), 201u);
    ibm.transport.expect(Method::get, start + "&limit=200&offset=0", reply(200, R"({"jobs":[],"count":0})"));
    EXPECT_TRUE(ibm.service()->find("key").empty());
}

TEST(Jobs, find_drops_what_does_not_carry_the_key) {
    ScriptedIbm ibm;
    const json found{row(1), row(2, {"other"}), row(3, {"a", "key"})};
    ibm.transport.expect(Method::get, kJobs + "?exclude_params=true&tags=key&limit=200&offset=0",
                         reply(200, to_text(json{{"jobs", found}, {"count", 3}})));
    const auto jobs = ibm.service()->find("key");
    ASSERT_EQ(jobs.size(), 2u);
    EXPECT_EQ(jobs[1].vendor_id, "j3");
}

TEST(Jobs, a_failed_search_is_no_empty_one) {
    for (const int status : {400, 403, 500}) {
        ScriptedIbm ibm;
        ibm.transport.always(Method::get, kJobs + "?exclude_params=true&tags=key&limit=200&offset=0",
                             [&](const http::Request&) { return reply(status, "{}"); });
        EXPECT_THROW(ibm.service()->find("key"), Error) << status;
    }
    ScriptedIbm ibm;
    ibm.transport.always(Method::get, kJobs + "?exclude_params=true&tags=key&limit=200&offset=0",
                         [&](const http::Request&) { return reply(200, "{}"); });
    EXPECT_THROW(ibm.service()->find("key"), Error);
}

TEST(Jobs, filters) {
    ScriptedIbm ibm;
    ibm.transport.expect(
        Method::get,
        kJobs +
            "?exclude_params=true&backend=line&pending=true&program=sampler&tags=a&tags=b%20c&"
            "session_id=s&created_after=2026-01-01T00%3A00%3A00Z&"
            "created_before=2026-02-01T00%3A00%3A00Z&sort=ASC&limit=3&offset=4",
        reply(200, R"({"jobs":[],"count":4})"));
    ibm.service()->jobs({.limit = 3,
                         .skip = 4,
                         .device = "line",
                         .is_pending = true,
                         .program = "sampler",
                         .tags = {"a", "b c"},
                         .session = "s",
                         .created_after = "2026-01-01T00:00:00Z",
                         .created_before = "2026-02-01T00:00:00Z",
                         .is_oldest_first = true});
    EXPECT_EQ(ibm.transport.expectations_left(), 0u);
}

TEST(Jobs, logs_metrics_tags_and_deleting) {
    ScriptedIbm ibm;
    const auto service = ibm.service();
    ibm.transport.expect(Method::get, kJobs + "/j/logs", reply(200, "a line\n"));
    EXPECT_EQ(service->logs("j"), "a line\n");
    for (const int status : {204, 404}) {
        ibm.transport.expect(Method::get, kJobs + "/j/logs", reply(status));
        EXPECT_EQ(service->logs("j"), "");
    }
    ibm.transport.expect(Method::put, kJobs + "/j/tags", [](const http::Request& request) {
        EXPECT_EQ(request.body, R"({"tags":["a","b"]})");
        return reply(204);
    });
    service->set_tags("j", {"a", "b"});
    EXPECT_EQ(error_from([&] { service->set_tags("j", std::vector<std::string>(9, "a")); }).kind(),
              ErrorKind::invalid_input);
    ibm.transport.expect(Method::del, kJobs + "/j", reply(204));
    service->delete_job("j");
    ibm.transport.expect(Method::del, kJobs + "/j", reply(404, "{}"));
    EXPECT_EQ(error_from([&] { service->delete_job("j"); }).kind(), ErrorKind::not_found);
}

TEST(Jobs, what_was_charged) {
    ScriptedIbm ibm;
    ibm.price_per_second = 1.5;
    const auto service = ibm.service();
    const auto billed = [&](const char* metrics) {
        ibm.transport.expect(Method::get, kJobs + "/j/metrics", reply(200, metrics));
        return service->billed("j");
    };
    EXPECT_EQ(billed(R"({"usage":{"qpu_charge_time_seconds":0,"status":"pending"}})"), std::nullopt);
    EXPECT_EQ(billed("{}"), std::nullopt);
    const auto cost = billed(R"({"usage":{"qpu_charge_time_seconds":2,"status":"complete"}})");
    EXPECT_EQ(cost.value().qpu_seconds, 2.0);
    EXPECT_EQ(cost.value().amount, 3.0);
    EXPECT_EQ(cost.value().currency, "USD");
    EXPECT_EQ(billed(R"({"usage":{"quantum_seconds":4}})").value().qpu_seconds, 4.0);
}

TEST(Jobs, usage_of_the_instance) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kBase + "/instances/usage", reply(200, R"({"usage_consumed_seconds":120,
        "usage_limit_seconds":600,"usage_limit_reached":false,
        "usage_period":{"start_time":"2026-11-01T00:00:00Z","end_time":"2026-11-28T00:00:00Z"}})"));
    const Usage usage = ibm.service()->usage();
    EXPECT_EQ(usage.consumed, 120);
    EXPECT_EQ(usage.remaining, 480);
    EXPECT_EQ(usage.period_end, "2026-11-28T00:00:00Z");
    ibm.transport.expect(Method::get, kBase + "/instances/usage",
                         reply(200, R"({"usage_consumed_seconds":700,"usage_allocation_seconds":600})"));
    EXPECT_EQ(ibm.service()->usage().remaining, 0);
}

TEST(Sessions, open_ask_close_cancel) {
    ScriptedIbm ibm;
    const auto service = ibm.service();
    ibm.transport.expect(Method::post, kBase + "/sessions", [](const http::Request& request) {
        EXPECT_EQ(json::parse(request.body),
                  json({{"mode", "dedicated"}, {"backend", "line"}, {"instance", kCrn}, {"max_ttl", 150}}));
        return reply(
            200, R"({"id":"s","backend_name":"line","state":"open","accepting_jobs":true,"mode":"dedicated",
                              "max_ttl":150,"started_at":null,"elapsed_time":0})");
    });
    const SessionInfo opened = service->open_session("line", SessionMode::dedicated, 150);
    EXPECT_EQ(opened.id, "s");
    EXPECT_EQ(opened.status, "Pending");
    EXPECT_EQ(opened.max_seconds, 150);
    ibm.transport.expect(Method::post, kBase + "/sessions", [](const http::Request& request) {
        EXPECT_EQ(json::parse(request.body),
                  json({{"mode", "batch"}, {"backend", "line"}, {"instance", kCrn}}));
        return reply(503);  // A session costs: it is not asked for twice.
    });
    EXPECT_EQ(error_from([&] { service->open_session("line", SessionMode::batch); }).kind(),
              ErrorKind::vendor);
    const auto status = [&](const char* state, bool is_accepting) {
        ibm.transport.expect(
            Method::get, kBase + "/sessions/s",
            reply(200, to_text(json{{"id", "s"}, {"state", state}, {"accepting_jobs", is_accepting}})));
        return service->session("s").status;
    };
    EXPECT_EQ(status("inactive", true), "Pending");
    EXPECT_EQ(status("active", true), "In progress, accepting new jobs");
    EXPECT_EQ(status("active", false), "In progress, not accepting new jobs");
    EXPECT_EQ(status("pending_inactive", false), "In progress, accepting new jobs");
    EXPECT_EQ(status("pending_closed", false), "In progress, not accepting new jobs");
    EXPECT_EQ(status("closed", false), "Closed");
    ibm.transport.expect(Method::patch, kBase + "/sessions/s", [](const http::Request& request) {
        EXPECT_EQ(request.body, R"({"accepting_jobs":false})");
        return reply(204);
    });
    service->close_session("s");
    ibm.transport.expect(Method::patch, kBase + "/sessions/s", reply(404));
    service->close_session("s");
    ibm.transport.expect(Method::del, kBase + "/sessions/s/close", reply(204));
    service->cancel_session("s");
    ibm.transport.expect(Method::get, kBase + "/sessions/t", reply(404));
    EXPECT_EQ(error_from([&] { service->session("t"); }).kind(), ErrorKind::not_found);
    EXPECT_EQ(ibm.transport.expectations_left(), 0u);
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
