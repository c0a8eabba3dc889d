#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/commands.h"
#include "qdcnn/transpile/pass_manager.h"

// What `qdcnn transpile` prints beside its result.

namespace qdcnn::cli {

/// [3, 4, 5], or an object with "initial_layout", such as the file `transpile` writes.
std::vector<circuit::Qubit> read_layout(const std::string& path);

/// The passes there are, and at which levels.
int print_passes(const ParsedOptions& given, Console& console);

/// What each pass did: gates, depth and time.
nlohmann::ordered_json trace_json(const transpile::Result& result);
void print_trace(const transpile::Result& result, std::ostream& out);

/// The four levels side by side.
int compare_levels(const ParsedOptions& given, const circuit::Circuit& circuit, const target::Target& device,
                   const transpile::Options& options, Console& console);

/// Transpiled once with symbols and then bound, beside bound first and transpiled each time. The angles are
/// drawn from the seed.
int compare_bindings(const ParsedOptions& given, const circuit::Circuit& circuit,
                     const target::Target& device, const transpile::Options& options, Console& console);

}  // namespace qdcnn::cli
