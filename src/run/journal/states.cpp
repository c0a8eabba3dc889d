#include <fmt/format.h>

#include <utility>

#include "qdcnn/base/error.h"
#include "qdcnn/run/journal.h"

namespace qdcnn::run {
namespace {

using enum JobState;

struct StateRow {
    JobState state;
    const char* name;
    /// The states that may come next.
    std::vector<JobState> next;
};

const std::vector<StateRow>& state_rows() {
    static const std::vector<StateRow> rows = {
        // Cancelled here, before it was sent.
        {intent, "intent", {sending, cancelled}},
        // Back to intent: the vendor did nothing and may take it later.
        {sending, "sending", {accepted, intent, failed, unknown}},
        {accepted, "accepted", {queued, running, done, failed, cancelled}},
        {queued, "queued", {running, done, failed, cancelled}},
        // Vendors put a job back into the queue when a device goes down.
        {running, "running", {queued, done, failed, cancelled}},
        {done, "done", {}},
        {failed, "failed", {}},
        {cancelled, "cancelled", {}},
        // Found; sent again, for it is absent or the vendor deduplicates; or a person says it is not there.
        {unknown, "unknown", {accepted, sending, intent}},
    };
    return rows;
}

constexpr std::array<std::pair<Step, const char*>, kStepCount> kSteps = {{
    {Step::submit_before_content, "submit.before_content"},
    {Step::submit_after_content, "submit.after_content"},
    {Step::submit_after_intent, "submit.after_intent"},
    {Step::submit_after_lock, "submit.after_lock"},
    {Step::submit_after_sending, "submit.after_sending"},
    {Step::submit_after_reply, "submit.after_reply"},
    {Step::submit_after_accepted, "submit.after_accepted"},
    {Step::recover_before_look, "recover.before_look"},
    {Step::recover_after_look, "recover.after_look"},
    {Step::recover_before_resend, "recover.before_resend"},
    {Step::poll_after_reply, "poll.after_reply"},
    {Step::poll_after_write, "poll.after_write"},
    {Step::fetch_before_request, "fetch.before_request"},
    {Step::fetch_after_reply, "fetch.after_reply"},
    {Step::fetch_after_file, "fetch.after_file"},
    {Step::fetch_after_done, "fetch.after_done"},
    {Step::report_after_write, "report.after_write"},
    {Step::journal_before_commit, "journal.before_commit"},
    {Step::journal_after_commit, "journal.after_commit"},
}};

const StateRow& row_of(JobState state) { return state_rows()[static_cast<std::size_t>(state)]; }

}  // namespace

const char* to_string(JobState state) {
    // In the order of the enumeration, which the tests check.
    return row_of(state).name;
}

JobState job_state(const std::string& name) {
    for (const auto& row : state_rows())
        if (name == row.name) return row.state;
    throw Error(ErrorKind::invalid_input, fmt::format("\"{}\" is no state of a job", name));
}

bool is_finished(JobState state) { return row_of(state).next.empty(); }

bool is_at_vendor(JobState state) { return state == accepted || state == queued || state == running; }

bool may_follow(JobState from, JobState to) {
    if (from == to) return true;
    for (const auto next : row_of(from).next)
        if (next == to) return true;
    return false;
}

const char* to_string(Step step) {
    for (const auto& [known, name] : kSteps)
        if (known == step) return name;
    return "?";
}

std::array<Step, kStepCount> all_steps() {
    std::array<Step, kStepCount> steps{};
    for (std::size_t i = 0; i < kStepCount; ++i) steps[i] = kSteps[i].first;
    return steps;
}

}  // namespace qdcnn::run
