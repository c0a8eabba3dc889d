#pragma once

#include <optional>
#include <span>
#include <string>

#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

struct JobRecord;

/// Bounds on what all jobs of a journal together may cost, checked before each sending.
struct Budget {
    /// In the currency of the jobs' quotes.
    std::optional<double> max_cost{};
    std::optional<double> max_qpu_seconds{};
    /// Only jobs first sent at this time or later count (ISO 8601, UTC, as JobRecord::submitted); all where
    /// nothing is said.
    std::optional<std::string> since{};
};

/// Whether money was or may have been spent on the job: it was sent, or may have been.
bool counts_for_budget(const JobRecord& job);

/// The bill's figures where the vendor sent them, the quote's where not.
vendors::Cost cost_of(const JobRecord& job);

/// Throws Error(budget), with the sums, where the candidate's quote and the costs of all other jobs that
/// count are more than the budget allows; also where one of these costs is not known, or is in another
/// currency than the candidate's, for then no sum is.
void require_budget(const Budget& budget, const JobRecord& candidate, std::span<const JobRecord> jobs);

}  // namespace qdcnn::run
