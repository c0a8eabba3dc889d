#include "cli/read_options.h"

#include <fmt/format.h>

namespace qdcnn::cli {

void add_read_options(Options& options) {
    options.value(
        "max-operations", "N",
        fmt::format("takes programs whose loops and gates expand to N operations more than their text has "
                    "bytes (default {})",
                    qasm::ReadOptions{}.max_expansion));
}

qasm::ReadOptions read_options(const ParsedOptions& given) {
    qasm::ReadOptions limits;
    if (const auto most = given.integer("max-operations", 0, INT64_MAX))
        limits.max_expansion = static_cast<std::uint64_t>(*most);
    return limits;
}

}  // namespace qdcnn::cli
