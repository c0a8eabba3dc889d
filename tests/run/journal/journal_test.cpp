#include "qdcnn/run/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/run/job_desk.h"
#include "run/journal/dates.h"
#include "support/fake_cloud.h"
#include "support/temporary_folder.h"

namespace qdcnn::run {
namespace {

using test::FakeCloud;
using test::plain_job;
using test::TemporaryFolder;

constexpr JobState kStates[] = {JobState::intent, JobState::sending,   JobState::accepted,
                                JobState::queued, JobState::running,   JobState::done,
                                JobState::failed, JobState::cancelled, JobState::unknown};

TEST(JobStates, HaveTheContractsNames) {
    const char* names[] = {"intent", "sending", "accepted",  "queued", "running",
                           "done",   "failed",  "cancelled", "unknown"};
    for (std::size_t i = 0; i < std::size(kStates); ++i) {
        EXPECT_STREQ(to_string(kStates[i]), names[i]);
        EXPECT_EQ(job_state(names[i]), kStates[i]);
    }
    EXPECT_THROW(job_state("doing"), Error);
}

TEST(JobStates, AnEndIsAnEndAndNoJobIsAcceptedUnsent) {
    for (const auto from : kStates)
        for (const auto to : kStates) {
            if (from == to || !may_follow(from, to)) continue;
            EXPECT_FALSE(is_finished(from)) << to_string(from) << " " << to_string(to);
            // What is at the vendor is never taken for unsent or sent again.
            EXPECT_TRUE(!is_at_vendor(from) || is_at_vendor(to) || is_finished(to));
        }
    EXPECT_FALSE(may_follow(JobState::intent, JobState::accepted));
    EXPECT_TRUE(may_follow(JobState::unknown, JobState::sending));
}

TEST(JobSteps, EachHasANameOfItsOwn) {
    std::set<std::string> names;
    for (const auto step : all_steps()) names.insert(to_string(step));
    EXPECT_EQ(names.size(), kStepCount);
    EXPECT_EQ(names.count("?"), 0U);
}

TEST(JournalDates, AreReadAsWritten) {
    const Date date =
        std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + std::chrono::milliseconds(86'399'007);
    EXPECT_EQ(iso_date(date), "2026-02-28T23:59:59.007Z");
    EXPECT_EQ(date_of(iso_date(date)), date);
    for (const char* wrong :
         {"", "2026-02-30T00:00:00.000Z", "2026-02-28", "2026-02-28T23:59:59.007Zx",
          "2026-02-28T-1:59:59.007Z", "2026-02-28T24:00:00.000Z", "9999-02-28T00:00:00.000Z"})
        EXPECT_THROW(date_of(wrong), Error) << wrong;
}

class JournalTest : public ::testing::Test {
  protected:
    JobRecord submit(const std::string& text, const SubmitOptions& options = {}) {
        Journal journal(folder, {.clock = &clock});
        return JobDesk(journal, cloud, clock).submit(plain_job(text), options);
    }

    TemporaryFolder temporary;
    std::string folder = temporary / "jobs";
    VirtualClock clock{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
    FakeCloud cloud{temporary / "cloud", {}};
};

TEST_F(JournalTest, KeepsAJobForTheNextProcess) {
    const auto job = submit("work");
    Journal journal(folder);
    EXPECT_EQ(journal.mode(), "wal");
    const auto jobs = journal.list();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].id, job.id);
    EXPECT_EQ(jobs[0].id.size(), 8U);
    EXPECT_EQ(jobs[0].state, JobState::accepted);
    EXPECT_EQ(jobs[0].vendor_id, "v1");
    EXPECT_EQ(jobs[0].submitted, "2026-03-01T00:00:00.000Z");
    EXPECT_EQ(jobs[0].quote.amount, 1.0);
    EXPECT_EQ(jobs[0].shots, 100U);
    EXPECT_EQ(journal.content(job.id), "work");
    EXPECT_EQ(cloud.jobs()[0].key, jobs[0].key);
    const auto events = journal.events(job.id);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].state, JobState::intent);
    EXPECT_EQ(events[1].state, JobState::sending);
    EXPECT_EQ(events[2].state, JobState::accepted);
    EXPECT_EQ(events[2].detail, "accepted as v1");
}

TEST_F(JournalTest, IsForItsOwnerOnly) {
    submit("work");
    const auto mode = [](const std::string& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 0777;
    };
    EXPECT_EQ(mode(folder), 0700U);
    EXPECT_EQ(mode(folder + "/contents"), 0700U);
    EXPECT_EQ(mode(folder + "/journal.db"), 0600U);
    ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
    try {
        Journal journal(folder);
        FAIL() << "a folder that others may read was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::storage);
        EXPECT_NE(std::string(error.what()).find("755"), std::string::npos) << error.what();
    }
}

TEST_F(JournalTest, TakesARollbackJournalWhereItMust) {
    Journal journal(folder, {.is_rollback = true});
    EXPECT_EQ(journal.mode(), "delete");
    JobDesk(journal, cloud, clock).submit(plain_job("work"));
    EXPECT_EQ(Journal(folder, {.is_rollback = true}).list().size(), 1U);
}

TEST_F(JournalTest, FindsByBeginningAndByTheVendorsId) {
    const auto job = submit("work");
    Journal journal(folder);
    EXPECT_EQ(journal.find(job.id.substr(0, 3)).id, job.id);
    EXPECT_EQ(journal.find("v1").id, job.id);
    try {
        journal.find("nowhere");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.hint().find(job.id), std::string::npos);
    }
    EXPECT_THROW(journal.find(""), Error);
}

TEST_F(JournalTest, TwoThatBeginAlikeAreNotGuessedBetween) {
    for (int i = 0; i < 17; ++i) submit("work " + std::to_string(i));
    Journal journal(folder);
    // Of 17 ids two begin with the same of 16 digits.
    std::set<char> seen;
    for (const auto& job : journal.list())
        if (!seen.insert(job.id[0]).second) {
            EXPECT_THROW(journal.find(job.id.substr(0, 1)), Error);
            return;
        }
    FAIL();
}

TEST_F(JournalTest, AGroupComesInTheOrderOfItsParts) {
    for (const std::size_t part : {2U, 0U, 1U})
        submit("part " + std::to_string(part), {.group = "g", .part = part, .parts = 3});
    submit("other");
    Journal journal(folder);
    const auto jobs = journal.find_group("g");
    ASSERT_EQ(jobs.size(), 3U);
    for (std::size_t part = 0; part < 3; ++part) {
        EXPECT_EQ(jobs[part].part, part);
        EXPECT_EQ(journal.content(jobs[part].id), "part " + std::to_string(part));
    }
}

TEST_F(JournalTest, AChangedContentOrResultIsRefused) {
    const auto job = submit("work");
    Journal journal(folder);
    JobDesk desk(journal, cloud, clock);
    const auto done = desk.wait(job.id);
    ASSERT_TRUE(done.result_path);
    EXPECT_EQ(journal.raw_result(job.id), "result of work");
    for (const auto& path : {*done.result_path, folder + "/contents/" + job.fingerprint + ".json"}) {
        std::filesystem::resize_file(path, 3);
    }
    for (const auto& read : {std::function([&] { journal.raw_result(job.id); }),
                             std::function([&] { journal.content(job.id); })}) {
        try {
            read();
            FAIL() << "a cut file was read";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::storage);
            EXPECT_FALSE(error.hint().empty());
        }
    }
}

}  // namespace
}  // namespace qdcnn::run
