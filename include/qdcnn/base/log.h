#pragma once

#include <string>
#include <string_view>

namespace qdcnn {

enum class LogLevel { off, error, warning, info, debug };

/// "debug" and the like; throws Error(usage) naming those there are.
LogLevel log_level(const std::string& name);

/// Begins to log lines of `level` and more urgent ones to stderr, or to the end of the file at `path`. Until
/// then, and again after LogLevel::off, nothing is logged. The file is made with mode 0600. Throws
/// Error(storage) when it cannot be opened, when others may read it, or when it is no regular file.
void open_log(LogLevel level, const std::string& path = {});

/// For callers whose line is costly to make.
bool log_is_on(LogLevel level);

/// One line with date, level and process id. Secrets are taken out (base/redact.h) and control characters
/// escaped, so that what came from outside cannot begin a line of its own. Usable from any thread; never
/// throws.
void log_line(LogLevel level, std::string_view text) noexcept;

}  // namespace qdcnn
