#include "cli/run_options.h"

#include <limits>

namespace qdcnn::cli {

void add_run_options(Options& options) {
    options.value("backend", "NAME",
                  "local (default, no noise), local:DEVICE or local:FILE (that device's noise), a vendor's "
                  "VENDOR:DEVICE or VENDOR:least_busy, or rehearsal[:DEVICE]");
    options.value("shots", "N", "measurements a circuit; without it expectation values are exact");
    options.value("seed", "N", "of the shots (default 0)");
}

backend::RunOptions run_options_of(const ParsedOptions& given) {
    backend::RunOptions options;
    if (const auto shots = given.integer("shots", 1, 1'000'000'000))
        options.shots = static_cast<std::uint64_t>(*shots);
    options.seed = static_cast<std::uint64_t>(
        given.integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
    return options;
}

}  // namespace qdcnn::cli
