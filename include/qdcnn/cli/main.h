#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "qdcnn/run/remote_device.h"

namespace qdcnn::cli {

/// The command `qdcnn`: arguments without the program's name, answers on `out`, everything else on `err`.
/// Returns the process exit code of the contract. Tests call it in their own process with string streams.
/// open_service: opens vendors in place of those that are known here; may be empty.
int main(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
         bool err_is_terminal = false, const run::ServiceOpener& open_service = {});

}  // namespace qdcnn::cli
