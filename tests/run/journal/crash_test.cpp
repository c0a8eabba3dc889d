#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "torture/crash_rig.h"

// Processes are forked here, which the thread sanitizer does not follow; and a child of a program under the
// address sanitizer is slow to start.
#ifdef QDCNN_SANITIZED
constexpr int kKills = 30;
constexpr int kMost = 2;
#else
constexpr int kKills = 201;
constexpr int kMost = 1'000'000;
#endif

namespace qdcnn::test {
namespace {

using run::Step;
using vendors::Recovery;

void expect_nothing_lost(const CrashTally& tally) {
    EXPECT_GT(tally.jobs, 0);
    EXPECT_EQ(tally.lost, 0);
    EXPECT_EQ(tally.doubled, 0);
    EXPECT_EQ(tally.in_doubt_silent, 0);
    EXPECT_EQ(tally.errors, 0);
}

class Crash : public ::testing::TestWithParam<Recovery> {};

TEST_P(Crash, AtEachStepNothingIsLostOrDoubled) {
    const TemporaryFolder folder;
    std::set<Step> reached;
    const auto tally = kills_at_each_step(GetParam(), false, kMost, folder.path(), reached);
    expect_nothing_lost(tally);
    EXPECT_EQ(tally.results_lost, 0);
    for (const auto step : run::all_steps()) {
        // Only a vendor that can be searched is asked, and a blind one's job is not sent again.
        const bool is_there = step == Step::recover_after_look      ? GetParam() == Recovery::searchable
                              : step == Step::recover_before_resend ? GetParam() != Recovery::blind
                                                                    : true;
        EXPECT_EQ(reached.count(step) == 1, is_there) << to_string(step);
    }
    if (GetParam() != Recovery::blind) {
        EXPECT_EQ(tally.in_doubt, 0);
    } else {
        EXPECT_GT(tally.in_doubt, 0);
    }
}

TEST_P(Crash, AtRandomNothingIsLostOrDoubled) {
    const TemporaryFolder folder;
    const auto tally = random_kills(GetParam(), kKills / 3, 20260301, folder.path());
    EXPECT_GE(tally.kills, kKills / 3);
    expect_nothing_lost(tally);
}

std::string name_of(const ::testing::TestParamInfo<Recovery>& vendor) {
    switch (vendor.param) {
        case Recovery::deduplicates:
            return "deduplicates";
        case Recovery::searchable:
            return "searchable";
        case Recovery::blind:
            return "blind";
    }
    return "unknown";
}

INSTANTIATE_TEST_SUITE_P(Vendors, Crash,
                         ::testing::Values(Recovery::deduplicates, Recovery::searchable, Recovery::blind),
                         name_of);

// Between a vendor that gives a result out once and the disk lies a moment that nothing can close; that it
// was lost is said, and only then.
TEST(CrashPrivate, OnlyTheReplyInMemoryIsLostAndThatIsSaid) {
    const TemporaryFolder folder;
    std::set<Step> reached;
    const auto tally = kills_at_each_step(Recovery::searchable, true, kMost, folder.path(), reached);
    expect_nothing_lost(tally);
    // fetch.after_reply, once for each of the three beginnings.
    EXPECT_EQ(tally.results_lost, 3);
}

}  // namespace
}  // namespace qdcnn::test
