#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "qdcnn/cli/main.h"

namespace qdcnn::test {

struct CliAnswer {
    int code;
    std::string out;
    std::string err;
};

/// The command line in this process.
inline CliAnswer run_cli(const std::vector<std::string>& arguments,
                         const run::ServiceOpener& open_service = {}) {
    std::ostringstream out, err;
    const int code = cli::main(arguments, out, err, false, open_service);
    return {code, out.str(), err.str()};
}

}  // namespace qdcnn::test
