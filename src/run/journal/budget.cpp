#include "qdcnn/run/budget.h"

#include <fmt/format.h>

#include <functional>

#include "qdcnn/base/error.h"
#include "qdcnn/run/journal.h"

namespace qdcnn::run {
namespace {

/// Sums of money in binary come out a little off.
constexpr double kSlack = 1e-9;

/// One of the two bounds: how it is called, and what a cost is in its unit, if that is known.
struct Bound {
    double most;
    std::string unit;
    std::string option;
    std::function<std::optional<double>(const vendors::Cost&)> amount_of;
};

void require_bound(const Bound& bound, const Budget& budget, const JobRecord& candidate,
                   std::span<const JobRecord> jobs) {
    const auto amount_of = [&](const JobRecord& job) {
        const auto amount = bound.amount_of(cost_of(job));
        if (!amount || !(*amount >= 0.0))
            throw Error(
                ErrorKind::budget,
                fmt::format("job {} on {} has no known cost in {}, so no sum can be kept below {} {}", job.id,
                            job.device, bound.unit, bound.most, bound.unit),
                fmt::format("Nothing was sent. Bound something else than {}, or nothing.", bound.option));
        return *amount;
    };
    const double wanted = amount_of(candidate);
    double spent = 0.0;
    for (const auto& job : jobs) {
        if (job.id == candidate.id || !counts_for_budget(job)) continue;
        if (budget.since && job.submitted < *budget.since) continue;
        spent += amount_of(job);
    }
    if (spent + wanted <= bound.most * (1.0 + kSlack)) return;
    throw Error(ErrorKind::budget,
                fmt::format("job {} would cost {} {}; the jobs so far cost {}, and {} allows {}",
                            candidate.id, wanted, bound.unit, spent, bound.option, bound.most),
                "Nothing was sent. Allow more, or send less.");
}

}  // namespace

bool counts_for_budget(const JobRecord& job) {
    return job.state == JobState::sending || job.state == JobState::unknown || !job.vendor_id.empty();
}

vendors::Cost cost_of(const JobRecord& job) {
    if (!job.billed) return job.quote;
    auto cost = *job.billed;
    if (!cost.qpu_seconds) cost.qpu_seconds = job.quote.qpu_seconds;
    if (!cost.amount) {
        cost.amount = job.quote.amount;
        cost.currency = job.quote.currency;
    }
    return cost;
}

void require_budget(const Budget& budget, const JobRecord& candidate, std::span<const JobRecord> jobs) {
    if (budget.max_cost) {
        const auto& currency = candidate.quote.currency;
        const auto amount = [&](const vendors::Cost& cost) {
            return cost.currency == currency ? cost.amount : std::nullopt;
        };
        require_bound({*budget.max_cost, currency.empty() ? "money" : currency, "--max-cost", amount}, budget,
                      candidate, jobs);
    }
    if (budget.max_qpu_seconds)
        require_bound({*budget.max_qpu_seconds, "QPU seconds", "--max-qpu-seconds",
                       [](const vendors::Cost& cost) { return cost.qpu_seconds; }},
                      budget, candidate, jobs);
}

}  // namespace qdcnn::run
