#include <fmt/format.h>

#include <ostream>

#include "cli/circuit_job.h"
#include "cli/commands.h"
#include "cli/job_json.h"
#include "cli/quote_json.h"
#include "cli/remote_options.h"
#include "cli/run_options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/run/remote_backend.h"

namespace qdcnn::cli {

Options submit_options() {
    Options options("submit",
                    "Sends a circuit, or a model's first round, to a vendor's device and does not wait. The "
                    "same command again finds the job in the journal and sends nothing.");
    CircuitJob::add_options(options);
    add_run_options(options);
    options.required_too("backend");
    options.required_too("shots");
    add_remote_options(options);
    return options;
}

int run_submit(const ParsedOptions& given, Console& console) {
    const backend::RunOptions run = run_options_of(given);
    const std::string name = *given.text("backend");
    if (!run::is_remote(name))
        throw Error(ErrorKind::usage, "jobs are for vendors' devices; \"" + name + "\" is this machine",
                    "Use qdcnn simulate or eval here.");
    const CircuitJob job(given);
    const run::OpenOptions options = remote_options_of(given, console, job.work());
    const auto device = std::make_shared<run::RemoteDevice>(run::full_name(name), options.remote);

    run::Quote quote;
    job.run_on(run::make_quoting_backend(device, nullptr, quote), options, run);
    if (given.has("dry-run")) {
        print_plan(quote, device->name(), given.json(), console.out);
        return 0;
    }
    require_consent(quote, device->name(), given, console);
    try {
        job.run_on(run::make_remote_backend(device), options, run);
    } catch (const Error& error) {
        leave_session(*device, error, console);
        throw;
    }
    if (const auto session = end_session(*device, console))
        console.err << fmt::format("session {} takes no more jobs, those it has go on\n", *session);

    std::vector<run::JobRecord> jobs;
    for (const std::string& id : device->jobs()) jobs.push_back(device->journal().find(id));
    if (given.json()) {
        console.out << to_text(jobs.size() == 1 ? to_json(jobs.front()) : to_json(jobs)) << '\n';
        return 0;
    }
    for (const run::JobRecord& one : jobs) console.out << in_words(one) << '\n';
    if (quote.jobs == 0) console.err << "the journal had all of it; --new sends it again\n";
    if (job.rounds_left() > 0)
        console.err << fmt::format("{} rounds follow: qdcnn eval with the same options goes on\n",
                                   job.rounds_left());
    console.err << fmt::format("come back with: qdcnn job wait {}\n", jobs.front().id);
    return 0;
}

}  // namespace qdcnn::cli
