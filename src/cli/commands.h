#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "cli/options.h"

namespace qdcnn::cli {

/// A row of the command table. A new command is a file command_<name>.cpp and a row in commands.cpp.
struct Command {
    std::string_view name;
    std::string_view summary;
    Options (*options)();
    /// Returns 0, or 3 for a finished run that found its input wrong (check), the code that invalid input has
    /// elsewhere, or 1 for any other negative answer (doctor); errors are thrown.
    int (*run)(const ParsedOptions& given, Console& console);
};

std::span<const Command> commands();

}  // namespace qdcnn::cli
