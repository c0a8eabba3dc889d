// What a job's state in the journal makes of questions that were answered badly, or not at all: nothing.
#include <gtest/gtest.h>

#include <ostream>

#include "qdcnn/run/job_desk.h"
#include "support/temporary_folder.h"
#include "vendors/ibm/scripted_ibm.h"

namespace qdcnn::run {
namespace {

using namespace std::chrono_literals;
using http::FailureKind;
using http::Method;
using vendors::ibm::kBase;
using vendors::ibm::reply;

const std::string kJob = kBase + "/jobs/v1";

struct StatusFault {
    const char* name;
    http::Outcome outcome;
    /// Of what polling throws. Nothing: it is an answer that says nothing.
    std::optional<ErrorKind> error;
    /// `wait` goes on asking.
    bool is_waited_out = true;
};

void PrintTo(const StatusFault& fault, std::ostream* out) { *out << fault.name; }

http::Outcome failure(FailureKind kind) {
    return http::Failure{.kind = kind, .reach = http::Reach::maybe_sent, .message = "no reply"};
}

std::vector<StatusFault> status_faults() {
    using enum ErrorKind;
    const char* const failed = R"("state":{"status":"Failed"},"status":"Failed"})";
    const std::string page = "<html>Please log in</html>";
    return {
        {"html", reply(200, page), vendor},
        {"bad_utf8", reply(200, "{\"id\":\"v1\",\"status\":\"\xff\"," + std::string(failed)), vendor},
        {"array", reply(200, "[]"), vendor},
        {"empty_object", reply(200, "{}"), vendor},
        {"empty", reply(200, ""), vendor},
        {"nothing_204", reply(204), vendor},
        {"no_id", reply(200, "{" + std::string(failed)), vendor},
        {"another_job", reply(200, R"({"id":"v2",)" + std::string(failed)), vendor},
        {"cut_short", reply(200, R"({"id":"v1","state":{"status":"Failed")"), vendor},
        {"unknown_word", reply(200, R"({"id":"v1","state":{"status":"Paused"},"status":"Paused"})"), {}},
        {"no_word", reply(200, R"({"id":"v1"})"), {}},
        {"number_for_word", reply(200, R"({"id":"v1","state":{"status":3},"status":3})"), {}},
        {"status_400", reply(400, page), invalid_input, false},
        {"status_401", reply(401), auth, false},
        {"status_403", reply(403), auth, false},
        {"status_404", reply(404, "{}"), not_found, false},
        {"status_409", reply(409), quota, false},
        {"status_429", reply(429), rate_limited},
        {"status_429_says_when", reply(429, "", {{"Retry-After", "5"}}), rate_limited},
        {"status_500", reply(500), vendor},
        {"status_502", reply(502, page), vendor},
        {"status_503_says_when", reply(503, "", {{"Retry-After", "5"}}), vendor},
        {"dns", failure(FailureKind::dns), network},
        {"refused", failure(FailureKind::refused), network},
        {"tls", failure(FailureKind::tls), network},
        {"timeout", failure(FailureKind::timeout), timeout},
        {"reset", failure(FailureKind::reset), network},
        {"truncated", failure(FailureKind::truncated), network},
        {"too_large", failure(FailureKind::too_large), network},
        {"bad_redirect", failure(FailureKind::bad_redirect), network},
        {"protocol", failure(FailureKind::protocol), network},
    };
}

class StatusFaults : public testing::TestWithParam<StatusFault> {
  protected:
    /// A job of IBM's that runs, in the journal.
    StatusFaults() {
        ibm_.transport.always(Method::get, kJob + "?exclude_params=true",
                              [this](const http::Request&) { return status_; });
        ibm_.transport.always(Method::get, kJob + "/results",
                              [this](const http::Request&) { return results_; });
        ibm_.transport.always(Method::get, kJob + "/metrics",
                              [](const http::Request&) { return reply(200, "{}"); });
        set_state("Running");
        id_ = desk_.attach("v1").id;
    }

    void set_state(const std::string& word) {
        status_ = reply(200, R"({"id":"v1","backend":"line","state":{"status":")" + word +
                                 R"("},"status":")" + word + R"("})");
    }
    /// All that is written of it.
    std::string entry() {
        const JobRecord job = journal_.find(id_);
        return std::string(to_string(job.state)) + " " + job.changed + " " + job.message + " " +
               std::to_string(job.is_ready) + std::to_string(job.result_path.has_value()) + " " +
               std::to_string(journal_.events(id_).size());
    }

    test::TemporaryFolder folder_;
    vendors::ibm::ScriptedIbm ibm_;
    http::Outcome status_, results_;
    std::unique_ptr<vendors::Service> service_ = ibm_.service();
    Journal journal_{folder_ / "jobs", {.clock = &ibm_.clock}};
    JobDesk desk_{journal_, *service_, ibm_.clock};
    std::string id_;
};

TEST_P(StatusFaults, LeaveTheJobAlone) {
    const std::string before = entry();
    ASSERT_TRUE(before.starts_with("running"));
    status_ = GetParam().outcome;
    for (int k = 0; k < 3; ++k) {
        std::optional<ErrorKind> kind;
        try {
            desk_.poll(id_);
        } catch (const Error& error) {
            kind = error.kind();
        }
        EXPECT_EQ(kind, GetParam().error);
        EXPECT_EQ(entry(), before);
    }
    desk_.reconcile();
    EXPECT_EQ(entry(), before);
    // Afterwards it goes on.
    set_state("Queued");
    EXPECT_EQ(desk_.poll(id_).state, JobState::queued);
}

TEST_P(StatusFaults, AreWaitedOutWhereTheyPass) {
    const std::string before = entry();
    status_ = GetParam().outcome;
    results_ = reply(200, R"({"results":[],"metadata":{}})");
    int questions = 0;
    const auto wait = [&] {
        return desk_.wait(id_, {.deadline = ibm_.clock.now() + 24h, .on_progress = [&](const auto& progress) {
                                    if (++questions > 5) return;
                                    EXPECT_EQ(progress.trouble.has_value(), GetParam().error.has_value());
                                    EXPECT_EQ(entry(), before);
                                    if (questions == 5) set_state("Completed");
                                }});
    };
    if (GetParam().is_waited_out) {
        EXPECT_EQ(wait().state, JobState::done);
        EXPECT_GE(questions, 6);
    } else {
        EXPECT_THROW(wait(), Error);
        EXPECT_EQ(entry(), before);
    }
}

TEST_P(StatusFaults, ForAResultAreNoResult) {
    set_state("Completed");
    desk_.poll(id_);
    results_ = GetParam().outcome;
    // What may be a result is kept as it came, for a private job gives out no other.
    const auto* response = std::get_if<http::Response>(&results_);
    if (response && response->status == 200 && response->body.starts_with("{")) {
        EXPECT_EQ(desk_.fetch(id_), response->body);
        EXPECT_EQ(journal_.find(id_).state, JobState::done);
        return;
    }
    EXPECT_THROW(desk_.fetch(id_), Error);
    const JobRecord job = journal_.find(id_);
    EXPECT_EQ(job.state, JobState::running);
    EXPECT_TRUE(job.is_ready);
    EXPECT_FALSE(job.result_path);
    results_ = reply(200, R"({"results":[],"metadata":{}})");
    desk_.fetch(id_);
    EXPECT_EQ(journal_.find(id_).state, JobState::done);
}

INSTANTIATE_TEST_SUITE_P(Ibm, StatusFaults, testing::ValuesIn(status_faults()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace qdcnn::run
