#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/circuit_job.h"
#include "cli/commands.h"
#include "cli/job_json.h"
#include "cli/remote_options.h"
#include "cli/run_options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/run/remote_backend.h"

namespace qdcnn::cli {

using nlohmann::ordered_json;

Options estimate_options() {
    Options options(
        "estimate",
        "What a circuit, or a model's first round, would cost on a vendor's device, and how likely "
        "it runs without an error by the device's calibration. Sends no job.");
    CircuitJob::add_options(options);
    add_run_options(options);
    options.required_too("backend");
    options.required_too("shots");
    options.value("primitive", "sampler|estimator", "who makes expectation values");
    options.value("options", "FILE.json", "the vendor's own options");
    return options;
}

int run_estimate(const ParsedOptions& given, Console& console) {
    const std::string name = *given.text("backend");
    if (!run::is_remote(name))
        throw Error(ErrorKind::usage, "only vendors' devices cost; \"" + name + "\" is this machine");
    const CircuitJob job(given);
    run::OpenOptions options = remote_options_of(given, console, job.work());
    // Today's calibration, not that of work in progress.
    options.remote.work.clear();
    const auto device = std::make_shared<run::RemoteDevice>(run::full_name(name), options.remote);
    run::Quote quote;
    job.run_on(run::make_quoting_backend(device, nullptr, quote), options, run_options_of(given));

    std::optional<std::int64_t> queue;
    for (const vendors::DeviceSummary& one : device->service().devices())
        if (one.name == device->device()) queue = one.queue_length;
    const std::string date = device->target().date;
    if (given.json()) {
        ordered_json answer{{"schema", "qdcnn.estimate/1"},
                            {"backend", device->name()},
                            {"jobs", quote.jobs + quote.known_jobs},
                            {"circuits", quote.circuits},
                            {"shots", quote.shots},
                            {"cost", to_json(quote.cost)},
                            {"success", nullptr},
                            {"two_qubit_gates", quote.two_qubit_gates},
                            {"two_qubit_depth", quote.two_qubit_depth},
                            {"depth", quote.depth},
                            {"calibration", date},
                            {"queue_length", nullptr},
                            {"rounds_left", job.rounds_left()},
                            {"warnings", quote.warnings}};
        if (quote.log_success) answer["success"] = std::exp(*quote.log_success);
        if (queue) answer["queue_length"] = *queue;
        console.out << to_text(answer) << '\n';
        return 0;
    }
    console.out << fmt::format("{}, calibration {}\n", device->name(), date.empty() ? "not dated" : date);
    console.out << fmt::format("  {} jobs, {} circuits, {} shots\n", quote.jobs + quote.known_jobs,
                               quote.circuits, quote.shots);
    console.out << "  cost     " << in_words(quote.cost) << '\n';
    console.out << fmt::format("  success  {}\n",
                               quote.log_success ? fmt::format("{:.3f} of the shots without an error, by "
                                                               "the device's figures",
                                                               std::exp(*quote.log_success))
                                                 : std::string("no figures"));
    console.out << fmt::format("  circuit  {} two-qubit gates, depth {} ({} of two qubits)\n",
                               quote.two_qubit_gates, quote.depth, quote.two_qubit_depth);
    if (queue) console.out << fmt::format("  queue    {} jobs before it\n", *queue);
    if (job.rounds_left() > 0)
        console.out << fmt::format("  {} rounds follow, which cost too\n", job.rounds_left());
    return 0;
}

}  // namespace qdcnn::cli
