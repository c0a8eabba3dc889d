#include <gtest/gtest.h>

#include <cstdio>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/run/job_desk.h"
#include "support/fake_cloud.h"
#include "support/temporary_folder.h"
#include "torture/disk_rig.h"

#ifdef QDCNN_SANITIZED
constexpr int kStride = 29;
constexpr int kOperationStride = 7;
#else
constexpr int kStride = 5;
constexpr int kOperationStride = 1;
#endif

namespace qdcnn::test {
namespace {

void expect_clean(const DiskTally& tally) {
    EXPECT_GT(tally.faults, 5);
    EXPECT_GT(tally.refused, 0);
    EXPECT_EQ(tally.lost, 0);
    EXPECT_EQ(tally.doubled, 0);
    EXPECT_EQ(tally.unknown_to_journal, 0);
    EXPECT_EQ(tally.strange, 0);
}

class Disk : public ::testing::TestWithParam<bool> {};

TEST_P(Disk, FullOnce) {
    const TemporaryFolder folder;
    expect_clean(failing_disk(DiskFaults::Kind::full, false, GetParam(), kOperationStride, folder.path()));
}
TEST_P(Disk, FullFromThenOn) {
    const TemporaryFolder folder;
    expect_clean(failing_disk(DiskFaults::Kind::full, true, GetParam(), kOperationStride, folder.path()));
}
TEST_P(Disk, ErrorOnce) {
    const TemporaryFolder folder;
    expect_clean(failing_disk(DiskFaults::Kind::io, false, GetParam(), kOperationStride, folder.path()));
}
TEST_P(Disk, ErrorFromThenOn) {
    const TemporaryFolder folder;
    expect_clean(failing_disk(DiskFaults::Kind::io, true, GetParam(), kOperationStride, folder.path()));
}

std::string name_of(const ::testing::TestParamInfo<bool>& mode) { return mode.param ? "Rollback" : "Wal"; }
INSTANTIATE_TEST_SUITE_P(Modes, Disk, ::testing::Bool(), name_of);

class DiskCalls : public ::testing::TestWithParam<const char*> {};

TEST_P(DiskCalls, EachThatFailsOnceIsRefusedOrSurvived) {
    if (!can_inject()) {
        std::puts("Nothing can be traced here; the tests of Disk have faults of their own.");
        return;
    }
    const TemporaryFolder folder;
    const auto tally = failing_calls(QDCNN_TORTURE_PROGRAM, GetParam(), false, kStride, folder.path());
    EXPECT_GT(tally.faults, 5);
    EXPECT_TRUE(tally.is_clean()) << tally.lost << " lost, " << tally.doubled << " doubled, "
                                  << tally.unknown_to_journal << " unknown, " << tally.strange << " strange";
}

INSTANTIATE_TEST_SUITE_P(Errors, DiskCalls, ::testing::Values("ENOSPC", "EIO", "EINTR"));

TEST(DiskModes, WithoutSharedMemoryThereIsARollbackJournal) {
    const TemporaryFolder folder;
    run::Journal journal(folder / "jobs", {.vfs = faulty_vfs(false)});
    EXPECT_EQ(journal.mode(), "delete");
    FakeCloud cloud(folder / "cloud", {});
    run::JobDesk(journal, cloud, system_clock()).submit(plain_job("work"));
    EXPECT_EQ(journal.list().size(), 1U);
}

TEST(DiskAccept, AnIdThatCannotBeWrittenDownIsTold) {
    const TemporaryFolder folder;
    VirtualClock clock;
    run::JournalOptions options{.clock = &clock, .vfs = faulty_vfs()};
    // Full from the moment that the vendor has answered.
    options.on_step = [](run::Step step) {
        if (step != run::Step::submit_after_reply) return;
        disk_faults().count = 0;
        disk_faults().is_lasting = true;
        disk_faults().first = 1;
    };
    FakeCloud cloud(folder / "cloud", {.recovery = vendors::Recovery::blind});
    std::string id;
    {
        run::Journal journal(folder / "jobs", options);
        try {
            run::JobDesk(journal, cloud, clock).submit(plain_job("work"));
            FAIL() << "a full disk took the id";
        } catch (const Error& error) {
            disk_faults().first = 0;
            EXPECT_EQ(error.kind(), ErrorKind::storage);
            EXPECT_NE(std::string(error.what()).find("as v1"), std::string::npos) << error.what();
            EXPECT_NE(error.hint().find("job attach v1"), std::string::npos) << error.hint();
        }
        id = journal.list()[0].id;
        EXPECT_EQ(journal.list()[0].state, run::JobState::sending);
    }
    run::Journal journal(folder / "jobs");
    run::JobDesk desk(journal, cloud, clock);
    EXPECT_THROW(desk.submit(plain_job("work")), Error);
    EXPECT_EQ(desk.attach("v1", id).id, id);
    EXPECT_EQ(cloud.jobs().size(), 1U);
}

TEST(DiskResult, AResultThatTheDiskDidNotTakeIsNotAskedForAgain) {
    const TemporaryFolder folder;
    VirtualClock clock;
    bool is_full = false;
    run::JournalOptions options{.clock = &clock};
    options.write_file = [&](const std::string& path, std::string_view bytes) {
        if (is_full) throw Error(ErrorKind::storage, "full");
        write_file_atomic(path, bytes);
    };
    run::Journal journal(folder / "jobs", options);
    FakeCloud cloud(folder / "cloud", {.queued_calls = 0, .running_calls = 0, .is_private = true});
    run::JobDesk desk(journal, cloud, clock);
    const auto job = desk.submit(plain_job("work"), {.is_private = true});
    is_full = true;
    EXPECT_THROW(desk.wait(job.id), Error);
    EXPECT_TRUE(run::is_at_vendor(journal.find(job.id).state));
    is_full = false;
    EXPECT_EQ(desk.fetch(job.id), "result of work");
    EXPECT_EQ(cloud.jobs()[0].given_out, 1);
}

}  // namespace
}  // namespace qdcnn::test
