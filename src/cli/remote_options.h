#pragma once

#include <functional>
#include <span>
#include <string>

#include "cli/console.h"
#include "cli/options.h"
#include "qdcnn/run/open_backend.h"

namespace qdcnn::cli {

/// What all commands that send jobs take: --yes, --dry-run, --new, --max-cost, --max-qpu-seconds,
/// --primitive,
/// --resilience-level, --options, --session, --mode, --session-seconds, --private, --max-execution-seconds.
void add_remote_options(Options& options);
/// Throws Error(usage) when one of them is given beside a backend of this machine.
void refuse_remote_options(const ParsedOptions& given);

/// --timeout.
std::optional<Clock::Duration> time_limit_of(const ParsedOptions& given);

/// All of the above for one piece of work. `work` are the texts that decide what is run: the same texts and
/// options are the same work.
run::OpenOptions remote_options_of(const ParsedOptions& given, Console& console,
                                   std::span<const std::string> work);

/// Shows on stderr how a job stands: redrawn on a terminal; elsewhere a line at every change and now and
/// then.
std::function<void(const run::WaitProgress&)> job_progress(Console& console);

/// Closes the session that was opened for the work, and returns its id; nothing where none was. That it
/// cannot be closed is a warning: the vendor closes it when it is idle, and the results are here.
std::optional<std::string> end_session(run::RemoteDevice& device, Console& console);

/// Instead, where the work ends in an error: a session in which jobs still run, or may, stays open for the
/// same command, and that is said. After an interrupt closing takes a few seconds at most.
std::optional<std::string> leave_session(run::RemoteDevice& device, const Error& why, Console& console);

/// Writes down that the job's result was shown. The answer is out: where that fails it is a warning.
void set_reported(run::JobDesk& desk, const std::string& id, Console& console);

/// Shows the quote. Returns when nothing is to be paid, --yes is given, or the person at the terminal says
/// yes; else throws Error(budget).
void require_consent(const run::Quote& quote, const std::string& where, const ParsedOptions& given,
                     Console& console);

}  // namespace qdcnn::cli
