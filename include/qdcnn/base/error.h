#pragma once

#include <optional>
#include <stdexcept>
#include <string>

namespace qdcnn {

/// What went wrong, in the few kinds a caller can act on. `exit_code` gives the command line's number.
enum class ErrorKind {
    usage,
    invalid_input,
    parse,
    unsupported,
    not_found,
    auth,
    quota,
    budget,
    rate_limited,
    network,
    timeout,
    vendor,
    job_failed,
    outcome_unknown,
    storage,
    out_of_memory,
    cancelled,
    internal
};

/// A place in a text the user wrote. Lines and columns count from 1; 0 means "not known".
struct Position {
    std::string file;
    int line = 0;
    int column = 0;
};

/// The one exception of the library.
/// message: what was wrong, with the value, and what was expected. hint: what to do about it (may be empty).
class Error : public std::runtime_error {
  public:
    Error(ErrorKind kind, const std::string& message, std::string hint = {});

    ErrorKind kind() const { return kind_; }
    const std::string& hint() const { return hint_; }
    const std::optional<Position>& position() const { return position_; }

    /// The same error at a place.
    Error at(Position position) const;
    /// The same error with "context: " before its message.
    Error with_context(const std::string& context) const;

  private:
    ErrorKind kind_;
    std::string hint_;
    std::optional<Position> position_;
};

/// The kind as the contract's JSON writes it, for example "invalid_input".
const char* to_string(ErrorKind kind);

/// The process exit code of the command-line contract.
int exit_code(ErrorKind kind);

}  // namespace qdcnn
