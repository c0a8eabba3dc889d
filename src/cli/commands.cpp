#include "cli/commands.h"

#include <array>

namespace qdcnn::cli {

// Defined in command_<name>.cpp.
Options device_options();
int run_device(const ParsedOptions&, Console&);
Options report_options();
int run_report(const ParsedOptions&, Console&);
Options sweep_options();
int run_sweep(const ParsedOptions&, Console&);

std::span<const Command> commands() {
    static const std::vector<Command> table{
        {"device", "lists devices and shows one", device_options, run_device},
        {"report", "puts results on one HTML page", report_options, run_report},
        {"sweep", "accuracy against noise strength", sweep_options, run_sweep},
    };
    return table;
}

}  // namespace qdcnn::cli
