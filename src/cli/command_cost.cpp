#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/job_json.h"
#include "cli/vendor_access.h"
#include "qdcnn/base/json.h"
#include "qdcnn/report/table.h"
#include "qdcnn/run/budget.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

/// What the jobs of one device cost.
struct Account {
    std::size_t jobs = 0;
    std::size_t billed_jobs = 0;
    std::uint64_t shots = 0;
    vendors::Cost quoted;
    vendors::Cost spent;

    /// spent: the bill, or the quote while there is none.
    void add(const run::JobRecord& job) {
        const vendors::Cost cost = run::cost_of(job);
        quoted = jobs == 0 ? job.quote : run::sum(quoted, job.quote);
        spent = jobs == 0 ? cost : run::sum(spent, cost);
        quoted.basis.clear();
        spent.basis.clear();
        ++jobs;
        billed_jobs += job.billed.has_value();
        shots += job.shots;
    }
};

}  // namespace

Options cost_options() {
    return Options(
        "cost",
        "What the jobs of the journal cost, device by device: bills where the vendor has sent them, "
        "quotes where not. Jobs that were never sent cost nothing.");
}

int run_cost(const ParsedOptions& given, Console& console) {
    run::JournalPlace place = journal_place(console);
    run::Journal journal(place.journal_folder.empty() ? run::default_journal_folder() : place.journal_folder);
    std::map<std::pair<std::string, std::string>, Account> devices;
    for (const run::JobRecord& job : journal.list())
        if (run::counts_for_budget(job)) devices[{job.vendor, job.device}].add(job);
    if (given.json()) {
        ordered_json rows = ordered_json::array();
        for (const auto& [device, account] : devices)
            rows.push_back({{"vendor", device.first},
                            {"device", device.second},
                            {"jobs", account.jobs},
                            {"billed_jobs", account.billed_jobs},
                            {"shots", account.shots},
                            {"quoted", to_json(account.quoted)},
                            {"spent", to_json(account.spent)}});
        console.out << to_text(ordered_json{{"schema", "qdcnn.cost/1"}, {"devices", std::move(rows)}})
                    << '\n';
        return 0;
    }
    report::Table table{{{"device"},
                         {"jobs", report::Align::right},
                         {"billed", report::Align::right},
                         {"shots", report::Align::right},
                         {"quoted"},
                         {"spent"}},
                        {}};
    for (const auto& [device, account] : devices)
        table.rows.push_back({device.first + ":" + device.second, fmt::format("{}", account.jobs),
                              fmt::format("{}", account.billed_jobs), fmt::format("{}", account.shots),
                              in_words(account.quoted), in_words(account.spent)});
    console.out << report::to_text(table);
    return 0;
}

}  // namespace qdcnn::cli
