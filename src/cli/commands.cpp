#include "cli/commands.h"

#include <array>

namespace qdcnn::cli {

// Defined in command_<name>.cpp.
Options device_options();
int run_device(const ParsedOptions&, Console&);

std::span<const Command> commands() {
    static const std::vector<Command> table{
        {"device", "lists devices and shows one", device_options, run_device},
    };
    return table;
}

}  // namespace qdcnn::cli
