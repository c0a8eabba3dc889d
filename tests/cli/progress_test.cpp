// What is said while a job is waited for.
#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "cli/console.h"
#include "cli/remote_options.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/run/job_desk.h"
#include "support/fake_cloud.h"

namespace qdcnn::test {
namespace {

using namespace std::chrono_literals;

/// A line of a wait, and when it was said.
struct Line {
    Clock::Duration when;
    std::string text;
};

/// Waits for `duration` on a job that is in the state running all that time.
std::vector<Line> lines_of_wait(Clock::Duration duration, bool is_terminal) {
    TemporaryFolder temporary;
    VirtualClock clock{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
    FakeCloud cloud(temporary.file("cloud"), {.queued_calls = 0, .running_calls = 1'000'000});
    run::Journal journal(temporary.file("jobs"), {.clock = &clock});
    run::JobDesk desk(journal, cloud, clock);
    const run::JobRecord job = desk.submit(plain_job("work"));
    std::ostringstream out, err;
    cli::Console console{.out = out, .err = err, .err_is_terminal = is_terminal};
    const auto print = cli::job_progress(console);
    std::vector<Line> lines;
    const Clock::TimePoint start = clock.now();
    run::WaitOptions options{.deadline = start + duration};
    options.on_progress = [&](const run::WaitProgress& progress) {
        err.str("");
        print(progress);
        if (!err.str().empty()) lines.push_back({clock.now() - start, err.str()});
    };
    desk.wait(job.id, options);
    return lines;
}

/// The first line that holds the text.
std::optional<Line> first(const std::vector<Line>& lines, const std::string& text) {
    for (const Line& line : lines)
        if (line.text.find(text) != std::string::npos) return line;
    return std::nullopt;
}

TEST(Progress, SaysForHowLongNothingHasChanged) {
    for (const bool is_terminal : {false, true}) {
        const std::vector<Line> lines = lines_of_wait(3h, is_terminal);
        ASSERT_FALSE(lines.empty());
        EXPECT_NE(lines[0].text.find("job "), std::string::npos) << lines[0].text;
        EXPECT_NE(lines[0].text.find(" on device: running, "), std::string::npos) << lines[0].text;
        // From ten minutes on, and within the minute that lies between two questions, a quarter more.
        const auto begin = first(lines, "no change for ");
        ASSERT_TRUE(begin);
        const bool is_ten = begin->text.find("no change for 10 min") != std::string::npos;
        EXPECT_TRUE(is_ten || begin->text.find("no change for 11 min") != std::string::npos) << begin->text;
        EXPECT_GE(begin->when, 10min);
        EXPECT_LE(begin->when, 10min + 80s);
        // Rounded to a tenth of an hour.
        const auto two_hours = first(lines, "no change for 2.0 h");
        ASSERT_TRUE(two_hours);
        EXPECT_GE(two_hours->when, 117min);
        EXPECT_LE(two_hours->when, 123min);
        EXPECT_NE(two_hours->text.find("2.0 h old"), std::string::npos) << two_hours->text;
        // It is said to the end, and no oftener than is asked: about once a minute.
        EXPECT_NE(lines.back().text.find("no change for 3.0 h"), std::string::npos) << lines.back().text;
        EXPECT_LT(lines.size(), 240u);
    }
}

TEST(Progress, IsQuietWhileAChangeIsYoung) {
    // Off a terminal a job that does not change gets at most one line in ten seconds.
    std::optional<Clock::Duration> before;
    for (const Line& line : lines_of_wait(9min, false)) {
        EXPECT_EQ(line.text.find("no change"), std::string::npos) << line.text;
        if (before) {
            EXPECT_GE(line.when - *before, 9s);
        }
        before = line.when;
    }
}

}  // namespace
}  // namespace qdcnn::test
