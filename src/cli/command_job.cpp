#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "cli/commands.h"
#include "cli/job_json.h"
#include "cli/remote_options.h"
#include "cli/vendor_access.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/run/remote_backend.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

/// One call of `qdcnn job`.
class JobCommand {
  public:
    JobCommand(const ParsedOptions& given, Console& console)
        : given_(given), console_(console), folder_(journal_place(console).journal_folder) {
        if (folder_.empty()) folder_ = run::default_journal_folder();
    }

    int list() {
        run::Journal journal(folder_);
        print(journal.list());
        return 0;
    }

    /// As the vendor says it, or, where it cannot be asked, as the journal has it.
    int show(const std::string& id) {
        run::JobRecord job = find(id);
        if (run::is_at_vendor(job.state)) {
            try {
                job = desk_of(job).poll(job.id);
            } catch (const Error& error) {
                if (error.kind() == ErrorKind::storage || error.kind() == ErrorKind::cancelled) throw;
                console_.err << "note: as of " << job.changed << "; no answer just now: " << error.what()
                             << '\n';
            }
        }
        print(job);
        if (given_.json()) return 0;
        run::Journal journal(folder_);
        for (const run::JobEvent& event : journal.events(job.id))
            console_.out << fmt::format("  {}  {:<9}  {}\n", event.time, to_string(event.state),
                                        event.detail);
        return 0;
    }

    int wait(const std::string& id) {
        const run::JobRecord job = find(id);
        run::WaitOptions options{.deadline = {}, .on_progress = job_progress(console_)};
        if (const auto limit = time_limit_of(given_)) options.deadline = system_clock().now() + *limit;
        const run::JobRecord after = waited(job, options);
        print(after);
        if (after.state == run::JobState::done) return 0;
        if (run::is_finished(after.state))
            throw Error(ErrorKind::job_failed,
                        fmt::format("job {} {}: {}", after.id, to_string(after.state), after.message));
        throw Error(ErrorKind::timeout, fmt::format("job {} is still {}", after.id, to_string(after.state)),
                    "It goes on; wait again.");
    }

    int fetch(const std::string& id) {
        const run::JobRecord job = find(id);
        run::JobDesk& desk = desk_of(job);
        if (run::is_at_vendor(job.state)) desk.poll(job.id);
        const std::string raw = desk.fetch(job.id);
        const vendors::JobResult result = desk.service().decode(raw, desk.journal().content(job.id));
        const run::JobRecord after = find(id);
        if (given_.json()) {
            ordered_json answer = to_json(after);
            answer["results"] = results_json(result);
            console_.out << to_text(answer) << '\n';
        } else {
            print_results(result);
            console_.out << "raw result: " << after.result_path.value_or("") << '\n';
        }
        console_.out.flush();
        set_reported(desk, job.id, console_);
        return 0;
    }

    int cancel(const std::string& id) {
        const run::JobRecord job = find(id);
        run::JobDesk& desk = desk_of(job);
        const run::JobRecord after = desk.cancel(job.id);
        print(run::is_at_vendor(after.state) ? desk.poll(job.id) : after);
        return 0;
    }

    int attach(const std::string& vendor_id) {
        // "ibm:DEVICE": with the account that the device's own variables name.
        const std::string where = given_.text_or("vendor", "ibm");
        const std::string vendor = where.substr(0, where.find(':'));
        const std::string device = where.substr(std::min(vendor.size() + 1, where.size()));
        print(open(vendor, device).attach(vendor_id, given_.text_or("for", "")));
        return 0;
    }

    int reconcile(const std::optional<std::string>& id) {
        if (given_.has("absent")) {
            if (!id) throw Error(ErrorKind::usage, "--absent takes a job", "qdcnn job reconcile ID --absent");
            const run::JobRecord job = find(*id);
            print(desk_of(job).declare_absent(job.id));
            return 0;
        }
        // A device may have an account of its own.
        std::set<std::pair<std::string, std::string>> devices, accounts;
        {
            run::Journal journal(folder_);
            for (const run::JobRecord& job : journal.list())
                if (!run::is_finished(job.state)) devices.emplace(job.vendor, job.device);
        }
        std::vector<run::JobRecord> jobs;
        bool is_clean = true;
        for (const auto& [vendor, device] : devices) {
            run::JobDesk& desk = open(vendor, device);
            if (!accounts.emplace(vendor, desk.service().account()).second) continue;
            run::JobDesk::Reconciled all = desk.reconcile(budget_of(console_));
            jobs.insert(jobs.end(), all.jobs.begin(), all.jobs.end());
            for (const std::string& trouble : all.troubles) console_.err << "warning: " << trouble << '\n';
            is_clean = is_clean && all.troubles.empty();
        }
        print(jobs);
        for (const run::JobRecord& job : jobs)
            if (job.state == run::JobState::unknown)
                throw Error(ErrorKind::outcome_unknown, "job " + job.id + ": " + job.message);
        return is_clean ? 0 : 1;
    }

  private:
    /// An interrupt says how to come back.
    run::JobRecord waited(const run::JobRecord& job, const run::WaitOptions& options) {
        try {
            return desk_of(job).wait(job.id, options);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::cancelled) throw;
            throw Error(ErrorKind::cancelled,
                        fmt::format("interrupted; job {} goes on at {}", job.id, job.vendor),
                        fmt::format("Come back with: qdcnn job wait {}", job.id));
        }
    }
    run::JobRecord find(const std::string& id) {
        run::Journal journal(folder_);
        return journal.find(id);
    }

    run::JobDesk& open(const std::string& vendor, const std::string& device = {}) {
        run::JournalPlace place = journal_place(console_, device);
        place.journal_folder = folder_;
        desk_ = run::open_desk(vendor, place, device);
        return desk_->desk;
    }
    run::JobDesk& desk_of(const run::JobRecord& job) { return open(job.vendor, job.device); }

    void print(const run::JobRecord& job) {
        console_.out << (given_.json() ? to_text(to_json(job)) : in_words(job)) << '\n';
        if (given_.json()) return;
        console_.out << "  quoted " << in_words(job.quote) << '\n';
        if (job.billed) console_.out << "  billed " << in_words(*job.billed) << '\n';
        if (job.result_path) console_.out << "  result " << *job.result_path << '\n';
    }

    void print(const std::vector<run::JobRecord>& jobs) {
        if (given_.json()) {
            console_.out << to_text(to_json(jobs)) << '\n';
            return;
        }
        for (const run::JobRecord& job : jobs) console_.out << in_words(job) << '\n';
    }

    /// A list of PUBs, each {"rows": [{"counts"}]} or {"rows": [{"values", "deviations"}]}.
    static ordered_json results_json(const vendors::JobResult& result) {
        ordered_json pubs = ordered_json::array();
        if (const auto* sampled = std::get_if<backend::SamplerResult>(&result)) {
            for (const backend::SamplerPubResult& pub : sampled->pubs) {
                ordered_json rows = ordered_json::array();
                for (std::size_t row = 0; row < rows_of(pub); ++row) {
                    ordered_json counts = ordered_json::object();
                    for (const auto& [key, count] : pub.joint_counts(row)) counts[key] = count;
                    rows.push_back({{"counts", std::move(counts)}});
                }
                pubs.push_back({{"rows", std::move(rows)}});
            }
            return pubs;
        }
        for (const backend::EstimatorPubResult& pub : std::get<backend::EstimatorResult>(result).pubs) {
            ordered_json rows = ordered_json::array();
            for (std::size_t row = 0; row < pub.rows; ++row) {
                ordered_json values = ordered_json::array(), deviations = ordered_json::array();
                for (std::size_t o = 0; o < pub.observables; ++o) {
                    values.push_back(pub.value(row, o));
                    deviations.push_back(pub.deviation(row, o));
                }
                rows.push_back({{"values", std::move(values)}, {"deviations", std::move(deviations)}});
            }
            pubs.push_back({{"rows", std::move(rows)}});
        }
        return pubs;
    }

    void print_results(const vendors::JobResult& result) {
        const auto title = [&](std::size_t pubs, std::size_t rows, std::size_t p, std::size_t row) {
            if (pubs > 1 || rows > 1) console_.out << fmt::format("PUB {}, row {}\n", p, row);
        };
        if (const auto* sampled = std::get_if<backend::SamplerResult>(&result)) {
            for (std::size_t p = 0; p < sampled->size(); ++p)
                for (std::size_t row = 0; row < rows_of((*sampled)[p]); ++row) {
                    title(sampled->size(), rows_of((*sampled)[p]), p, row);
                    for (const auto& [key, count] : (*sampled)[p].joint_counts(row))
                        console_.out << fmt::format("{}  {}\n", key, count);
                }
            return;
        }
        const auto& estimated = std::get<backend::EstimatorResult>(result);
        for (std::size_t p = 0; p < estimated.size(); ++p)
            for (std::size_t row = 0; row < estimated[p].rows; ++row) {
                title(estimated.size(), estimated[p].rows, p, row);
                for (std::size_t o = 0; o < estimated[p].observables; ++o)
                    console_.out << fmt::format("expectation  {:.10g} +- {:.2g}\n",
                                                estimated[p].value(row, o), estimated[p].deviation(row, o));
            }
    }

    static std::size_t rows_of(const backend::SamplerPubResult& pub) {
        return pub.data.empty() ? 0 : pub.data.front().shots.rows();
    }

    const ParsedOptions& given_;
    Console& console_;
    std::string folder_;
    std::shared_ptr<run::VendorDesk> desk_;
};

/// What `qdcnn job` can do, and how many ids each takes.
struct Action {
    std::string_view name;
    std::size_t least_ids;
    std::size_t most_ids;
    int (*run)(JobCommand&, const std::vector<std::string>& ids);
};

const std::vector<Action>& actions() {
    using Ids = const std::vector<std::string>&;
    static const std::vector<Action> table{
        {"list", 0, 0, [](JobCommand& command, Ids) { return command.list(); }},
        {"show", 1, 1, [](JobCommand& command, Ids ids) { return command.show(ids[0]); }},
        {"wait", 1, 1, [](JobCommand& command, Ids ids) { return command.wait(ids[0]); }},
        {"fetch", 1, 1, [](JobCommand& command, Ids ids) { return command.fetch(ids[0]); }},
        {"cancel", 1, 1, [](JobCommand& command, Ids ids) { return command.cancel(ids[0]); }},
        {"attach", 1, 1, [](JobCommand& command, Ids ids) { return command.attach(ids[0]); }},
        {"reconcile", 0, 1,
         [](JobCommand& command, Ids ids) {
             return command.reconcile(ids.empty() ? std::nullopt : std::optional(ids[0]));
         }},
    };
    return table;
}

}  // namespace

Options job_options() {
    Options options(
        "job",
        "The jobs of the journal, from any process: list; show ID, asked anew; wait ID; fetch ID (counts or "
        "values, and where the raw result lies); cancel ID; attach VENDOR-ID, a job that the journal does "
        "not "
        "have; reconcile, which finds out about all that is not finished. An ID is ours, its beginning, or "
        "the "
        "vendor's.");
    options.positional("ACTION [ID]", "what to do", true);
    options.value("timeout", "SECONDS", "wait: how long; the job goes on after it");
    options.value("vendor", "NAME[:DEVICE]", "attach: whose job it is (default ibm)");
    options.value("for", "ID", "attach: the entry, unknown so far, that it is");
    options.flag("absent",
                 "reconcile ID: you have looked, the vendor does not have it; it may be sent again");
    options.value("max-cost", "X", "reconcile: the most that all jobs together may cost");
    options.value("max-qpu-seconds", "X", "reconcile: the most time on quantum processors they may take");
    add_account_options(options);
    return options;
}

int run_job(const ParsedOptions& given, Console& console) {
    const std::string& name = given.words()[0];
    const std::vector<std::string> ids(given.words().begin() + 1, given.words().end());
    std::vector<std::string> names;
    for (const Action& action : actions()) {
        names.emplace_back(action.name);
        if (action.name != name) continue;
        if (ids.size() < action.least_ids || ids.size() > action.most_ids)
            throw Error(ErrorKind::usage,
                        fmt::format("job {} takes {}", name,
                                    action.most_ids == 0    ? "no id"
                                    : action.least_ids == 0 ? "one id at most"
                                                            : "one id"),
                        "See qdcnn job --help.");
        JobCommand command(given, console);
        return action.run(command, ids);
    }
    throw Error(ErrorKind::usage, "unknown action \"" + name + "\"", suggestion(name, names));
}

}  // namespace qdcnn::cli
