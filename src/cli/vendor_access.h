#pragma once

#include "cli/console.h"
#include "cli/options.h"
#include "qdcnn/run/budget.h"
#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// Where the journal is, how vendors are opened and how often they are asked: the settings `state`,
/// `poll.shortest`, `poll.longest` and `reconcile.gap`.
run::JournalPlace journal_place(const Console& console);

/// --max-cost and --max-qpu-seconds, or the settings of those names.
run::Budget budget_of(const ParsedOptions& given);

}  // namespace qdcnn::cli
