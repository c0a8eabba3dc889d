#pragma once

#include <iosfwd>
#include <optional>
#include <string>

namespace qdcnn::cli {

/// A secret from a file, or without one from a person at the terminal, who is asked on `err` and does not see
/// what is typed, or from standard input. Blanks and line ends around it are taken off; it is registered with
/// the redactor. Throws Error(not_found) for a file that is none, Error(cancelled) on an interrupt, with the
/// terminal as it was before; Error(invalid_input) for what is empty, long or holds a control character.
std::string read_secret(const std::optional<std::string>& file, const std::string& prompt, std::ostream& err);

}  // namespace qdcnn::cli
