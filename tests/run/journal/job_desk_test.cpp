#include "qdcnn/run/job_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>

#include "qdcnn/base/error.h"
#include "qdcnn/base/virtual_clock.h"
#include "support/fake_cloud.h"
#include "support/temporary_folder.h"

namespace qdcnn::run {
namespace {

using namespace std::chrono_literals;
using test::CloudCall;
using test::CloudFault;
using test::FakeCloud;
using test::FakeCloudOptions;
using test::plain_job;
using vendors::Recovery;

/// A desk at a fake vendor, with faults in the order they are scripted.
class DeskTest : public ::testing::Test {
  protected:
    void open(FakeCloudOptions options) {
        options.fault = [this](CloudCall call) {
            calls.push_back(call);
            if (script.empty() || script.front().first != call) return CloudFault::none;
            const auto fault = script.front().second;
            script.pop_front();
            return fault;
        };
        cloud.emplace(temporary / "cloud", options);
        journal.emplace(temporary / "jobs", JournalOptions{.clock = &clock});
        desk.emplace(*journal, *cloud, clock);
    }
    void open(Recovery recovery) { open(FakeCloudOptions{.recovery = recovery}); }

    template <typename Call>
    Error error_of(Call call) {
        try {
            call();
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was thrown";
        return Error(ErrorKind::internal, "nothing was thrown");
    }
    long count(CloudCall call) const { return std::count(calls.begin(), calls.end(), call); }

    test::TemporaryFolder temporary;
    VirtualClock clock{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
    std::deque<std::pair<CloudCall, CloudFault>> script;
    std::vector<CloudCall> calls;
    std::optional<FakeCloud> cloud;
    std::optional<Journal> journal;
    std::optional<JobDesk> desk;
};

TEST_F(DeskTest, GoesFromWorkToResult) {
    open(FakeCloudOptions{.billed = vendors::Cost{.qpu_seconds = 0.5, .currency = "USD"}, .queued_calls = 3});
    const auto job = desk->submit(plain_job("work"));
    EXPECT_EQ(job.state, JobState::accepted);
    EXPECT_EQ(desk->poll(job.id).state, JobState::queued);
    EXPECT_EQ(desk->poll(job.id).queue_position, 1);
    const auto done = desk->wait(job.id);
    EXPECT_EQ(done.state, JobState::done);
    ASSERT_TRUE(done.billed);
    EXPECT_EQ(done.billed->qpu_seconds, 0.5);
    EXPECT_EQ(desk->fetch(job.id), "result of work");
    EXPECT_EQ(count(CloudCall::fetch), 1);
    EXPECT_FALSE(done.is_reported);
    EXPECT_TRUE(desk->set_reported(job.id).is_reported);
}

TEST_F(DeskTest, TheSameWorkIsSentOnce) {
    open(Recovery::searchable);
    const auto first = desk->submit(plain_job("work"));
    EXPECT_EQ(desk->submit(plain_job("work")).id, first.id);
    desk->wait(first.id);
    EXPECT_EQ(desk->submit(plain_job("work")).state, JobState::done);
    EXPECT_EQ(cloud->jobs().size(), 1U);
    EXPECT_NE(desk->submit(plain_job("work"), {.is_new = true}).id, first.id);
    EXPECT_NE(desk->submit(plain_job("work", "elsewhere")).id, first.id);
    EXPECT_NE(desk->submit(plain_job("work"), {.group = "g", .part = 1, .parts = 2}).id, first.id);
    EXPECT_EQ(cloud->jobs().size(), 4U);
}

TEST_F(DeskTest, WhatTheVendorWillNeverTakeHasFailedAndMakesRoom) {
    open(Recovery::searchable);
    script = {{CloudCall::submit, CloudFault::refused}};
    EXPECT_EQ(error_of([&] { desk->submit(plain_job("work")); }).kind(), ErrorKind::invalid_input);
    const auto refused = journal->list()[0];
    EXPECT_EQ(refused.state, JobState::failed);
    EXPECT_NE(refused.message.find("the vendor says no"), std::string::npos);
    EXPECT_FALSE(counts_for_budget(refused));
    const auto job = desk->submit(plain_job("work"));
    EXPECT_NE(job.id, refused.id);
    EXPECT_EQ(cloud->jobs().size(), 1U);
}

TEST_F(DeskTest, WhatWasNotSentIsSentLater) {
    open(Recovery::blind);
    script = {{CloudCall::submit, CloudFault::not_sent}};
    EXPECT_EQ(error_of([&] { desk->submit(plain_job("work")); }).kind(), ErrorKind::network);
    EXPECT_EQ(journal->list()[0].state, JobState::intent);
    EXPECT_EQ(desk->submit(plain_job("work")).state, JobState::accepted);
    EXPECT_EQ(journal->list().size(), 1U);
}

TEST_F(DeskTest, AFailedJobIsNotSentAgainUntold) {
    open(Recovery::searchable);
    const auto job = desk->submit(plain_job("work"));
    desk->cancel(job.id);
    EXPECT_EQ(desk->submit(plain_job("work")).state, JobState::cancelled);
    EXPECT_EQ(cloud->jobs().size(), 1U);
    EXPECT_EQ(desk->submit(plain_job("work"), {.is_new = true}).state, JobState::accepted);
}

TEST_F(DeskTest, DeduplicatedIsSentAgainWithItsKey) {
    open(Recovery::deduplicates);
    script = {{CloudCall::submit, CloudFault::reply_lost}, {CloudCall::submit, CloudFault::lost_on_way}};
    const auto job = desk->submit(plain_job("work"));
    EXPECT_EQ(job.state, JobState::accepted);
    EXPECT_EQ(job.sendings.size(), 3U);
    EXPECT_EQ(cloud->jobs().size(), 1U);
}

TEST_F(DeskTest, ARefusalOfTheSecondSendingSaysNothingOfTheFirst) {
    open(Recovery::deduplicates);
    script = {{CloudCall::submit, CloudFault::reply_lost},
              {CloudCall::submit, CloudFault::refused},
              {CloudCall::submit, CloudFault::not_sent}};
    EXPECT_EQ(error_of([&] { desk->submit(plain_job("work")); }).kind(), ErrorKind::outcome_unknown);
    EXPECT_EQ(journal->list()[0].state, JobState::unknown);
    EXPECT_EQ(desk->submit(plain_job("work")).state, JobState::accepted);
    EXPECT_EQ(cloud->jobs().size(), 1U);
}

TEST_F(DeskTest, ALostReplyIsFoundByTheKey) {
    open(Recovery::searchable);
    script = {{CloudCall::submit, CloudFault::reply_lost}};
    const auto job = desk->submit(plain_job("work"));
    EXPECT_EQ(job.vendor_id, "v1");
    EXPECT_EQ(job.sendings.size(), 1U);
    EXPECT_EQ(clock.now(), Clock::TimePoint{});
}

TEST_F(DeskTest, WhatIsAbsentTwiceIsSentAgain) {
    open(Recovery::searchable);
    script = {{CloudCall::submit, CloudFault::lost_on_way}};
    const auto job = desk->submit(plain_job("work"));
    EXPECT_EQ(job.sendings.size(), 2U);
    EXPECT_EQ(count(CloudCall::find), 2);
    EXPECT_GE(clock.now() - Clock::TimePoint{}, 30s);
    EXPECT_EQ(cloud->jobs().size(), 1U);
    EXPECT_FALSE(job.absent_since);
}

TEST_F(DeskTest, OnceAbsentIsNotAbsent) {
    open(FakeCloudOptions{.recovery = Recovery::searchable, .hidden_finds = 1});
    script = {{CloudCall::submit, CloudFault::reply_lost}};
    EXPECT_EQ(desk->submit(plain_job("work")).sendings.size(), 1U);
    EXPECT_EQ(cloud->jobs().size(), 1U);
}

TEST_F(DeskTest, ASearchThatFailsDecidesNothing) {
    open(Recovery::searchable);
    script = {{CloudCall::submit, CloudFault::reply_lost}, {CloudCall::find, CloudFault::trouble}};
    const auto error = error_of([&] { desk->submit(plain_job("work")); });
    EXPECT_EQ(error.kind(), ErrorKind::outcome_unknown);
    EXPECT_NE(error.hint().find("reconcile"), std::string::npos);
    EXPECT_EQ(journal->list()[0].state, JobState::unknown);
    EXPECT_EQ(desk->reconcile().jobs.at(0).vendor_id, "v1");
    EXPECT_EQ(cloud->jobs().size(), 1U);
}

TEST_F(DeskTest, OfSeveralUnderOneKeyTheOldestIsTakenAndTheOthersNamed) {
    open(Recovery::searchable);
    script = {{CloudCall::submit, CloudFault::reply_lost}, {CloudCall::find, CloudFault::trouble}};
    error_of([&] { desk->submit(plain_job("work")); });
    const auto key = journal->list()[0].key;
    cloud->submit(cloud->body(plain_job("work"), key), key);
    const auto job = desk->submit(plain_job("work"));
    EXPECT_EQ(job.vendor_id, "v1");
    EXPECT_NE(job.message.find("v2"), std::string::npos) << job.message;
}

TEST_F(DeskTest, ABlindVendorsJobWaitsForAPerson) {
    open(Recovery::blind);
    script = {{CloudCall::submit, CloudFault::reply_lost}};
    const auto error = error_of([&] { desk->submit(plain_job("work")); });
    EXPECT_EQ(error.kind(), ErrorKind::outcome_unknown);
    EXPECT_NE(std::string(error.what()).find("job attach"), std::string::npos) << error.what();
    const auto id = journal->list()[0].id;
    // However often it is asked for, it is not sent again.
    EXPECT_EQ(error_of([&] { desk->submit(plain_job("work")); }).kind(), ErrorKind::outcome_unknown);
    EXPECT_EQ(desk->reconcile().jobs.at(0).state, JobState::unknown);
    EXPECT_EQ(error_of([&] { desk->wait(id); }).kind(), ErrorKind::outcome_unknown);
    EXPECT_EQ(error_of([&] { desk->cancel(id); }).kind(), ErrorKind::outcome_unknown);
    EXPECT_EQ(cloud->jobs().size(), 1U);
    EXPECT_EQ(desk->attach("v1", id).id, id);
    EXPECT_EQ(desk->wait(id).state, JobState::done);
    EXPECT_EQ(desk->submit(plain_job("work")).id, id);
}

TEST_F(DeskTest, ABlindVendorsLostJobIsSentAgainOnceDeclaredAbsent) {
    open(Recovery::blind);
    script = {{CloudCall::submit, CloudFault::lost_on_way}};
    error_of([&] { desk->submit(plain_job("work")); });
    const auto id = journal->list()[0].id;
    EXPECT_EQ(desk->declare_absent(id).state, JobState::intent);
    EXPECT_EQ(desk->submit(plain_job("work")).id, id);
    EXPECT_EQ(cloud->jobs().size(), 1U);
    EXPECT_EQ(error_of([&] { desk->declare_absent(id); }).kind(), ErrorKind::invalid_input);
}

TEST_F(DeskTest, AttachTakesAJobOfAnotherClient) {
    open(Recovery::searchable);
    cloud->submit("key\nforeign", "key");
    const auto job = desk->attach("v1");
    EXPECT_EQ(job.state, JobState::queued);
    EXPECT_EQ(desk->attach("v1").id, job.id);
    desk->wait(job.id);
    EXPECT_EQ(journal->raw_result(job.id), "result of foreign");
    EXPECT_EQ(error_of([&] { journal->content(job.id); }).kind(), ErrorKind::not_found);
    EXPECT_EQ(error_of([&] { desk->attach("nowhere"); }).kind(), ErrorKind::not_found);
    EXPECT_EQ(journal->list().size(), 1U);
}

TEST_F(DeskTest, AttachKnowsItsOwnByTheKey) {
    open(Recovery::searchable);
    script = {{CloudCall::submit, CloudFault::reply_lost}, {CloudCall::find, CloudFault::trouble}};
    error_of([&] { desk->submit(plain_job("work")); });
    EXPECT_EQ(desk->attach("v1").id, journal->list()[0].id);
    EXPECT_EQ(journal->list().size(), 1U);
}

TEST_F(DeskTest, AFailedQuestionChangesNothing) {
    open(Recovery::searchable);
    const auto job = desk->submit(plain_job("work"));
    desk->poll(job.id);
    const auto before = journal->events(job.id).size();
    for (const auto fault :
         {CloudFault::not_sent, CloudFault::lost_on_way, CloudFault::trouble, CloudFault::refused}) {
        script = {{CloudCall::status, fault}};
        error_of([&] { desk->poll(job.id); });
        EXPECT_EQ(journal->find(job.id).state, JobState::queued);
    }
    EXPECT_EQ(journal->events(job.id).size(), before);
}

TEST_F(DeskTest, WaitingOutlivesTroubleAndTellsIt) {
    open(Recovery::searchable);
    const auto job = desk->submit(plain_job("work"));
    for (int i = 0; i < 20; ++i) script.push_back({CloudCall::status, CloudFault::trouble});
    script.push_back({CloudCall::fetch, CloudFault::lost_on_way});
    int troubles = 0;
    const auto done = desk->wait(
        job.id, {.on_progress = [&](const WaitProgress& p) { troubles += p.trouble.has_value(); }});
    EXPECT_EQ(done.state, JobState::done);
    EXPECT_EQ(troubles, 21);
}

TEST_F(DeskTest, PollsGrowFromASecondToAMinute) {
    open(FakeCloudOptions{.queued_calls = 0, .running_calls = 40});
    const auto job = desk->submit(plain_job("work"));
    std::vector<double> pauses;
    std::chrono::seconds unchanged{};
    desk->wait(job.id, {.on_progress = [&](const WaitProgress& p) {
                   pauses.push_back(std::chrono::duration<double>(p.next_poll).count());
                   unchanged = std::max(unchanged, p.unchanged_for);
               }});
    EXPECT_EQ(count(CloudCall::status), 41);
    ASSERT_EQ(pauses.size(), 41U);
    EXPECT_LT(pauses[1], 2.0);
    for (std::size_t i = 0; i + 1 < pauses.size(); ++i) {
        EXPECT_GE(pauses[i], 1.0);
        EXPECT_LE(pauses[i], 60.0);
    }
    EXPECT_GT(pauses[20], 40.0);
    EXPECT_NE(pauses[25], pauses[26]);  // Jitter.
    EXPECT_GT(unchanged, 10min);
}

TEST_F(DeskTest, ADeadlineLeavesTheJobAlone) {
    open(FakeCloudOptions{.queued_calls = 1000});
    const auto job = desk->submit(plain_job("work"));
    const auto deadline = clock.now() + 5min;
    EXPECT_EQ(desk->wait(job.id, {.deadline = deadline}).state, JobState::queued);
    EXPECT_EQ(clock.now(), deadline);
    EXPECT_EQ(count(CloudCall::cancel), 0);
    EXPECT_FALSE(cloud->jobs()[0].is_cancelled);
}

TEST_F(DeskTest, SeveralAreWaitedForTogether) {
    open(FakeCloudOptions{.queued_calls = 5, .running_calls = 5});
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(desk->submit(plain_job("work " + std::to_string(i))).id);
    const auto start = clock.now();
    const auto jobs = desk->wait(ids);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(jobs[i].id, ids[i]);
        EXPECT_EQ(jobs[i].state, JobState::done);
    }
    EXPECT_EQ(count(CloudCall::status), 55);
    EXPECT_LT(clock.now() - start, 3min);
}

TEST_F(DeskTest, CancelIsTheVendorsToGrant) {
    open(FakeCloudOptions{.queued_calls = 0, .running_calls = 0});
    const auto job = desk->submit(plain_job("work"));
    cloud->status(job.vendor_id);
    EXPECT_EQ(error_of([&] { desk->cancel(job.id); }).kind(), ErrorKind::vendor);
    EXPECT_EQ(journal->find(job.id).state, JobState::accepted);
    desk->wait(job.id);
    EXPECT_EQ(desk->cancel(job.id).state, JobState::done);
}

TEST_F(DeskTest, APrivateResultThatWasGivenOutAndLostIsSaidToBe) {
    open(FakeCloudOptions{.is_private = true});
    const auto job = desk->submit(plain_job("work"), {.is_private = true});
    script = {{CloudCall::fetch, CloudFault::reply_lost}};
    const auto ended = desk->wait(job.id);
    EXPECT_EQ(ended.state, JobState::failed);
    EXPECT_NE(ended.message.find("private"), std::string::npos) << ended.message;
    EXPECT_EQ(error_of([&] { desk->fetch(job.id); }).kind(), ErrorKind::job_failed);
    EXPECT_TRUE(counts_for_budget(ended));
}

TEST_F(DeskTest, ThePerMinuteRateHoldsOverAllDesks) {
    open(FakeCloudOptions{.limits = {.submits_per_minute = 5}});
    Journal other_journal(temporary / "jobs", {.clock = &clock});
    JobDesk other(other_journal, *cloud, clock);
    std::vector<Clock::TimePoint> times;
    for (int i = 0; i < 13; ++i) {
        (i % 2 == 0 ? *desk : other).submit(plain_job("work " + std::to_string(i)));
        times.push_back(clock.now());
    }
    for (std::size_t i = 5; i < times.size(); ++i) EXPECT_GT(times[i] - times[i - 5], 60s) << i;
    EXPECT_LT(times.back() - times.front(), 130s);
}

TEST_F(DeskTest, ThePerMinuteRateHoldsForThreadsThatAllComeAtOnce) {
    constexpr int kThreads = 40;
    std::mutex mutex;
    std::vector<Clock::TimePoint> times;
    FakeCloudOptions options{.limits = {.submits_per_minute = 5}};
    options.fault = [&](CloudCall call) {
        const std::lock_guard lock(mutex);
        if (call == CloudCall::submit) times.push_back(clock.now());
        return CloudFault::none;
    };
    FakeCloud busy(temporary / "cloud", options);
    Journal shared(temporary / "jobs", {.clock = &clock});
    JobDesk busy_desk(shared, busy, clock);
    std::vector<std::thread> threads;
    std::deque<VirtualClock::Participant> participants;
    for (int i = 0; i < kThreads; ++i) participants.emplace_back(clock);
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&, i, participant = std::move(participants[static_cast<std::size_t>(i)])] {
            busy_desk.submit(plain_job("work " + std::to_string(i)));
        });
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(times.size(), static_cast<std::size_t>(kThreads));
    std::sort(times.begin(), times.end());
    for (std::size_t i = 5; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 5], 60s) << i;
    EXPECT_LT(times.back() - times.front(), 8 * 70s);
}

TEST_F(DeskTest, AnotherVendorsJobIsNotAsked) {
    open(Recovery::searchable);
    const auto job = desk->submit(plain_job("work"));
    FakeCloud elsewhere(temporary / "elsewhere", {.vendor = "other"});
    JobDesk other(*journal, elsewhere, clock);
    EXPECT_EQ(error_of([&] { other.poll(job.id); }).kind(), ErrorKind::invalid_input);
    EXPECT_TRUE(other.reconcile().jobs.empty());
}

}  // namespace
}  // namespace qdcnn::run
