#include "cli/commands.h"

#include "qdcnn/base/error.h"

namespace qdcnn::cli {

Options device_options() {
    Options options("device", "Lists the devices known here, or shows one: qdcnn device list, qdcnn device show NAME.");
    options.positional("list|show NAME", "what to do", true);
    return options;
}

int run_device(const ParsedOptions& given, Console&) {
    throw Error(ErrorKind::usage, "unknown action \"" + given.words()[0] + "\"", "Use list or show NAME.");
}

}  // namespace qdcnn::cli
