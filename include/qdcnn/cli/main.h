#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace qdcnn::cli {

/// The command `qdcnn`: arguments without the program's name, answers on `out`, everything else on `err`.
/// Returns the process exit code of the contract. Tests call it in their own process with string streams.
int main(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
         bool err_is_terminal = false);

}  // namespace qdcnn::cli
