#pragma once

#include "cli/console.h"
#include "cli/options.h"
#include "qdcnn/run/budget.h"
#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// The flags that choose an account and what it is used for: --account, --instance and so on.
void add_account_options(Options& options);

/// Where the journal is, how vendors are opened and how often they are asked: the settings `state`,
/// `poll.shortest`, `poll.longest` and `reconcile.gap`. device: whose own variables count where an account is
/// looked for; empty for none. Refers to the console.
run::JournalPlace journal_place(const Console& console, const std::string& device = {});

/// The settings max_cost and max_qpu_seconds, flags or not.
run::Budget budget_of(const Console& console);

}  // namespace qdcnn::cli
