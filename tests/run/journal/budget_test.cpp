#include "qdcnn/run/budget.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>

#include "qdcnn/base/error.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/run/job_desk.h"
#include "support/fake_cloud.h"
#include "support/temporary_folder.h"

namespace qdcnn::run {
namespace {

using test::FakeCloud;
using test::plain_job;

JobRecord job_of(const std::string& id, JobState state, vendors::Cost quote) {
    JobRecord job;
    job.id = id;
    job.state = state;
    job.vendor_id = is_at_vendor(state) || state == JobState::done ? "v" + id : "";
    job.quote = std::move(quote);
    return job;
}

vendors::Cost dollars(double amount) { return {.amount = amount, .currency = "USD"}; }

std::optional<ErrorKind> refusal(const Budget& budget, const JobRecord& candidate,
                                 const std::vector<JobRecord>& jobs) {
    try {
        require_budget(budget, candidate, jobs);
        return std::nullopt;
    } catch (const Error& error) {
        return error.kind();
    }
}

TEST(Budget, WhatMayHaveBeenSentCounts) {
    const auto candidate = job_of("1", JobState::intent, dollars(4));
    for (const auto state : {JobState::sending, JobState::accepted, JobState::queued, JobState::running,
                             JobState::done, JobState::unknown})
        EXPECT_EQ(refusal({.max_cost = 9.0}, candidate, {job_of("2", state, dollars(6))}), ErrorKind::budget)
            << to_string(state);
    for (const auto state : {JobState::intent, JobState::failed, JobState::cancelled})
        EXPECT_EQ(refusal({.max_cost = 9.0}, candidate, {job_of("2", state, dollars(6))}), std::nullopt)
            << to_string(state);
}

TEST(Budget, ExactlyUsedUpIsWithin) {
    std::vector<JobRecord> jobs;
    for (int i = 0; i < 9; ++i) jobs.push_back(job_of(fmt::format("{}", i), JobState::done, dollars(0.1)));
    const auto candidate = job_of("x", JobState::intent, dollars(0.1));
    EXPECT_EQ(refusal({.max_cost = 1.0}, candidate, jobs), std::nullopt);
    EXPECT_EQ(refusal({.max_cost = 0.999}, candidate, jobs), ErrorKind::budget);
}

TEST(Budget, ABillTakesTheQuotesPlaceFieldByField) {
    auto job = job_of("2", JobState::done, {.qpu_seconds = 10.0, .amount = 3.0, .currency = "USD"});
    job.billed = vendors::Cost{.qpu_seconds = 2.0};
    EXPECT_EQ(cost_of(job).qpu_seconds, 2.0);
    EXPECT_EQ(cost_of(job).amount, 3.0);
    const auto candidate =
        job_of("1", JobState::intent, {.qpu_seconds = 1.0, .amount = 1.0, .currency = "USD"});
    EXPECT_EQ(refusal({.max_cost = 4.0, .max_qpu_seconds = 3.0}, candidate, {job}), std::nullopt);
    EXPECT_EQ(refusal({.max_qpu_seconds = 2.9}, candidate, {job}), ErrorKind::budget);
}

TEST(Budget, WhatIsNotKnownIsNotWithin) {
    const auto known = job_of("1", JobState::intent, dollars(1));
    const auto free_of_figures = job_of("2", JobState::done, {});
    EXPECT_EQ(refusal({.max_cost = 9.0}, free_of_figures, {}), ErrorKind::budget);
    EXPECT_EQ(refusal({.max_cost = 9.0}, known, {free_of_figures}), ErrorKind::budget);
    EXPECT_EQ(
        refusal({.max_cost = 9.0}, known, {job_of("3", JobState::done, {.amount = 1.0, .currency = "EUR"})}),
        ErrorKind::budget);
    EXPECT_EQ(refusal({.max_cost = 9.0}, job_of("4", JobState::intent, dollars(-1)), {}), ErrorKind::budget);
    EXPECT_EQ(refusal({}, free_of_figures, {free_of_figures}), std::nullopt);
}

TEST(Budget, SinceLeavesOutWhatWasBefore) {
    auto old = job_of("1", JobState::done, dollars(100));
    old.submitted = "2026-01-31T23:59:59.999Z";
    const auto candidate = job_of("2", JobState::intent, dollars(1));
    EXPECT_EQ(refusal({.max_cost = 9.0}, candidate, {old}), ErrorKind::budget);
    EXPECT_EQ(refusal({.max_cost = 9.0, .since = "2026-02-01T00:00:00.000Z"}, candidate, {old}),
              std::nullopt);
}

/// Sends one job of one dollar of ten allowed. 0: sent, 1: the budget said no, 2: anything else.
int submit_one(Journal& journal, FakeCloud& cloud, int number) {
    try {
        JobDesk(journal, cloud, system_clock())
            .submit(plain_job(fmt::format("work {}", number)), {.budget = {.max_cost = 10.0}});
        return 0;
    } catch (const Error& error) {
        return error.kind() == ErrorKind::budget ? 1 : 2;
    }
}

constexpr int kSubmits = 50;

TEST(Money, FiftyThreadsAgainstABudgetForTenSendTen) {
    const test::TemporaryFolder folder;
    FakeCloud cloud(folder / "cloud", {});
    // Half of them share a journal, as threads of one program do; half open their own.
    Journal shared(folder / "jobs");
    std::atomic<int> outcomes[3] = {};
    std::vector<std::thread> threads;
    for (int i = 0; i < kSubmits; ++i)
        threads.emplace_back([&, i] {
            const auto own = i % 2 == 0 ? std::make_unique<Journal>(folder / "jobs") : nullptr;
            ++outcomes[submit_one(own ? *own : shared, cloud, i)];
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(outcomes[0], 10);
    EXPECT_EQ(outcomes[1], 40);
    EXPECT_EQ(cloud.jobs().size(), 10U);
}

TEST(Money, FiftyProcessesAgainstABudgetForTenSendTen) {
    const test::TemporaryFolder folder;
    FakeCloud cloud(folder / "cloud", {});
    std::vector<int> processes;
    for (int i = 0; i < kSubmits; ++i) {
        const int process = ::fork();
        ASSERT_GE(process, 0);
        if (process == 0) {
            int outcome = 2;
            try {
                Journal journal(folder / "jobs");
                outcome = submit_one(journal, cloud, i);
            } catch (const std::exception& error) {
                fmt::print(stderr, "{}\n", error.what());
            }
            ::_exit(outcome);
        }
        processes.push_back(process);
    }
    int outcomes[3] = {};
    for (const int process : processes) {
        int status = 0;
        ASSERT_EQ(::waitpid(process, &status, 0), process);
        ASSERT_TRUE(WIFEXITED(status));
        ++outcomes[std::min(WEXITSTATUS(status), 2)];
    }
    EXPECT_EQ(outcomes[0], 10);
    EXPECT_EQ(outcomes[1], 40);
    EXPECT_EQ(cloud.jobs().size(), 10U);
}

TEST(Money, TheSameWorkFromManyThreadsIsOneJob) {
    const test::TemporaryFolder folder;
    FakeCloud cloud(folder / "cloud", {.queued_calls = 2});
    Journal journal(folder / "jobs");
    JobDesk desk(
        journal, cloud, system_clock(),
        {.shortest_poll = std::chrono::milliseconds(1), .longest_poll = std::chrono::milliseconds(2)});
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            const auto job = desk.submit(plain_job("work"));
            if (desk.wait(job.id).state == JobState::done && desk.fetch(job.id) == "result of work") ++done;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(done, 8);
    EXPECT_EQ(cloud.jobs().size(), 1U);
    EXPECT_EQ(cloud.jobs()[0].given_out, 1);
}

}  // namespace
}  // namespace qdcnn::run
