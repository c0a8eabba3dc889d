#include "cli/remote_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <thread>

#include "cli/job_json.h"
#include "cli/vendor_access.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/hash.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::cli {
namespace {

constexpr const char* kOnlyRemote[] = {"dry-run",
                                       "new",
                                       "max-cost",
                                       "max-qpu-seconds",
                                       "options",
                                       "session",
                                       "private",
                                       "primitive",
                                       "yes",
                                       "timeout",
                                       "fallback",
                                       "resilience-level",
                                       "no-twin",
                                       "twin",
                                       "max-execution-seconds",
                                       "mode",
                                       "session-seconds"};
/// Between two lines about a job that does not change, where there is no terminal.
constexpr std::chrono::seconds kPlainLine{10};
/// From when on it is said that nothing changes.
constexpr std::chrono::minutes kLongUnchanged{10};

/// --options and --resilience-level as one object.
std::string vendor_options(const ParsedOptions& given, run::Primitive primitive) {
    nlohmann::json options = nlohmann::json::object();
    if (const auto path = given.text("options")) options = read_json_file(*path);
    if (!options.is_object())
        throw Error(ErrorKind::invalid_input, *given.text("options") + ": expected a JSON object of options");
    if (const auto level = given.integer("resilience-level", 0, 2)) {
        if (primitive != run::Primitive::estimator)
            throw Error(ErrorKind::usage, "--resilience-level is the estimator's",
                        "Give --primitive estimator too.");
        options["resilience_level"] = *level;
    }
    return to_text(options);
}

/// --mode, --session and --session-seconds.
void take_session(const ParsedOptions& given, run::RemoteOptions& remote) {
    const std::string mode = given.text_or("mode", "job");
    if (mode == "session")
        remote.mode = vendors::SessionMode::dedicated;
    else if (mode == "batch")
        remote.mode = vendors::SessionMode::batch;
    else if (mode != "job")
        throw Error(ErrorKind::usage, "unknown mode \"" + mode + "\"",
                    suggestion(mode, {"job", "session", "batch"}));
    remote.session = given.text("session");
    if (remote.mode && remote.session)
        throw Error(ErrorKind::usage, "--session names one that is open, --mode " + mode + " opens one",
                    "Give one of them.");
    if (const auto seconds = given.integer("session-seconds", 1, 1'000'000)) {
        if (!remote.mode)
            throw Error(ErrorKind::usage, "--session-seconds goes with --mode session or batch");
        remote.session_seconds = static_cast<std::uint64_t>(*seconds);
    }
}

/// How long something may take that is still to be done after an interrupt.
constexpr std::chrono::seconds kLongestGoodbye{5};

/// Puts an interrupt off: until the end of this, or until the longest time has passed.
class Respite {
  public:
    Respite() : signal_(interrupt().signal_number()) {
        if (signal_ == 0) return;
        interrupt().clear();
        timer_ = std::jthread([signal = signal_](const std::stop_token& stop) {
            std::mutex mutex;
            std::unique_lock lock(mutex);
            std::condition_variable_any ended;
            ended.wait_for(lock, stop, kLongestGoodbye, [] { return false; });
            if (!stop.stop_requested()) interrupt().set(signal);
        });
    }
    ~Respite() {
        if (signal_ != 0) interrupt().set(signal_);
    }
    Respite(const Respite&) = delete;
    Respite& operator=(const Respite&) = delete;

  private:
    const int signal_;
    std::jthread timer_;
};

std::string standing(const run::WaitProgress& progress) {
    const run::JobRecord& job = progress.job;
    std::string text = fmt::format("job {} on {}: {}", job.id, job.device, to_string(job.state));
    if (job.queue_position) text += fmt::format(", place {} in the queue", *job.queue_position);
    text += fmt::format(", {} old", spoken_time(static_cast<double>(progress.age.count())));
    if (progress.unchanged_for >= kLongUnchanged)
        text += fmt::format(", no change for {}",
                            spoken_time(static_cast<double>(progress.unchanged_for.count())));
    if (progress.trouble) text += fmt::format("; no answer just now ({})", progress.trouble->what());
    return text;
}

/// What is on the screen, and since when.
struct Shown {
    Console& console;
    std::string job{};
    run::JobState state = run::JobState::intent;
    std::optional<std::int64_t> place{};
    /// The job's age then.
    std::chrono::seconds when{};
    bool is_line_open = false;
    ~Shown() {
        if (is_line_open) console.err << "\r\x1b[K" << std::flush;
    }
};

}  // namespace

void add_remote_options(Options& options) {
    options.flag("yes", "send what costs money without asking");
    options.flag("dry-run", "check and price everything, show what would be sent, send nothing");
    options.flag("new", "another job, even where the journal has one of the same work");
    options.value("max-cost", "X", "the most that all jobs of the journal together may cost");
    options.value("max-qpu-seconds", "X", "the most time on quantum processors they may take");
    options.value("primitive", "sampler|estimator",
                  "who makes expectation values: this program from raw shots (default), or the vendor");
    options.value("resilience-level", "0..2", "what the vendor's estimator does against errors");
    options.value("options", "FILE.json", "the vendor's own options, as its schema has them");
    options.value("session", "ID", "an open session or batch of the vendor's");
    options.value("mode", "job|session|batch",
                  "each job by itself (default), or all in a session or batch that is opened for them and "
                  "closed afterwards");
    options.value("session-seconds", "N", "how long that session or batch may last");
    options.flag("private", "the vendor forgets the parameters and gives the result out once");
    options.value("max-execution-seconds", "X", "the vendor ends the job after so much time");
    add_account_options(options);
}

void refuse_remote_options(const ParsedOptions& given) {
    const auto refuse = [&](const std::string& name) {
        if (given.has(name))
            throw Error(ErrorKind::usage, fmt::format("--{} is for vendors' devices", name),
                        "Give --backend VENDOR:DEVICE or rehearsal, or leave it out.");
    };
    for (const char* name : kOnlyRemote) refuse(name);
    for (const accounts::SettingRow& row : accounts::setting_rows())
        if (row.name.starts_with("ibm.") && !row.flag.empty()) refuse(std::string(row.flag));
}

std::optional<Clock::Duration> time_limit_of(const ParsedOptions& given) {
    const auto seconds = given.number("timeout", 0, 1e9);
    if (!seconds) return std::nullopt;
    return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(*seconds));
}

run::OpenOptions remote_options_of(const ParsedOptions& given, Console& console,
                                   std::span<const std::string> work) {
    run::OpenOptions options;
    // A model's raw shots are worth keeping; of one circuit with an observable its value is wanted.
    const std::string primitive =
        given.text_or("primitive", given.has("observable") ? "estimator" : "sampler");
    options.primitive = run::primitive_of(primitive);
    run::RemoteOptions& remote = options.remote;
    const std::string name = run::full_name(*given.text("backend"));
    const std::string device = name.substr(name.find(':') + 1);
    // Which device that will be is for the account to say.
    remote.place = journal_place(console, device == "least_busy" ? std::string() : device);
    remote.may_be_dynamic = options.primitive == run::Primitive::sampler;
    remote.options_json = vendor_options(given, options.primitive);
    remote.is_new = given.has("new");
    remote.budget = budget_of(console);
    take_session(given, remote);
    remote.is_private = given.has("private");
    remote.max_execution_seconds = given.number("max-execution-seconds", 1, 1e6);
    remote.sends_seed = name.starts_with("rehearsal:");
    remote.time_limit = time_limit_of(given);
    remote.on_progress = job_progress(console);
    nlohmann::json all{{"work", std::vector<std::string>(work.begin(), work.end())},
                       {"backend", name},
                       {"shots", given.text_or("shots", "")},
                       {"seed", given.text_or("seed", "0")},
                       {"primitive", primitive},
                       {"options", remote.options_json},
                       {"session", given.text_or("session", "")},
                       {"private", remote.is_private}};
    if (remote.mode) all["mode"] = *given.text("mode");
    remote.work = sha256_hex(to_text(all)).substr(0, 16);
    return options;
}

std::function<void(const run::WaitProgress&)> job_progress(Console& console) {
    auto shown = std::make_shared<Shown>(Shown{console});
    return [shown](const run::WaitProgress& progress) {
        const run::JobRecord& job = progress.job;
        if (shown->console.err_is_terminal) {
            shown->console.err << "\r\x1b[K" << standing(progress) << std::flush;
            shown->is_line_open = true;
            return;
        }
        const bool is_change =
            job.id != shown->job || job.state != shown->state || job.queue_position != shown->place;
        if (!is_change && progress.age - shown->when < kPlainLine) return;
        shown->job = job.id;
        shown->state = job.state;
        shown->place = job.queue_position;
        shown->when = progress.age;
        shown->console.err << standing(progress) << std::endl;
    };
}

std::optional<std::string> end_session(run::RemoteDevice& device, Console& console) {
    const std::optional<std::string> session = device.session();
    try {
        device.end_session();
    } catch (const Error& error) {
        console.err << fmt::format("warning: session {} was not closed, it ends by itself: {}\n",
                                   session.value_or(""), error.what());
    }
    return session;
}

std::optional<std::string> leave_session(run::RemoteDevice& device, const Error& why, Console& console) {
    const std::optional<std::string> session = device.session();
    if (!session) return std::nullopt;
    if (why.kind() == ErrorKind::outcome_unknown || device.has_open_jobs()) {
        console.err << fmt::format(
            "note: session {} stays open, for its jobs go on; the same command takes it up, and the vendor "
            "ends it when it is idle or its time is over\n",
            *session);
        return session;
    }
    const Respite respite;
    return end_session(device, console);
}

void set_reported(run::JobDesk& desk, const std::string& id, Console& console) {
    try {
        desk.set_reported(id);
    } catch (const Error& error) {
        console.err << "warning: the journal does not know that job " << id << " was shown: " << error.what()
                    << '\n';
    }
}

void require_consent(const run::Quote& quote, const std::string& where, const ParsedOptions& given,
                     Console& console) {
    if (quote.jobs == 0) return;
    const std::string words =
        fmt::format("{} job{} for {}: {} circuits, {} shots, {}", quote.jobs, quote.jobs > 1 ? "s" : "",
                    where, quote.circuits, quote.shots, in_words(quote.cost));
    console.err << "quote: " << words << std::endl;
    for (const std::string& warning : quote.warnings) console.err << "warning: " << warning << '\n';
    if (!quote.costs_money() || given.has("yes")) return;
    if (console.err_is_terminal && isatty(STDIN_FILENO)) {
        console.err << "Send? [y/N] " << std::flush;
        std::string answer;
        std::getline(std::cin, answer);
        if (answer == "y" || answer == "Y" || answer == "yes") return;
        throw Error(ErrorKind::budget, "nothing was sent");
    }
    throw Error(ErrorKind::budget, "consent is missing for " + words,
                "Give --yes to send it, or --dry-run to look at the request.");
}

}  // namespace qdcnn::cli
