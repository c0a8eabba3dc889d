#include "qdcnn/base/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>

#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn {
namespace {

/// Writes each line in one call, so that lines of several processes in one file do not mix.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    DescriptorSink(int descriptor, bool owns) : descriptor_(descriptor), owns_(owns) {}
    ~DescriptorSink() override {
        if (owns_) ::close(descriptor_);
    }
    DescriptorSink(const DescriptorSink&) = delete;
    DescriptorSink& operator=(const DescriptorSink&) = delete;

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        // A log that cannot be written stops nobody's work.
        if (::write(descriptor_, line.data(), line.size()) < 0) return;
    }
    void flush_() override {}

    int descriptor_;
    bool owns_;
};

int open_private(const std::string& path) {
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (descriptor < 0)
        throw Error(ErrorKind::storage,
                    fmt::format("cannot open the log file {}: {}", path, std::strerror(errno)));
    struct stat status {};
    std::string problem;
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        problem = "is no regular file";
    } else if ((status.st_mode & 0077) != 0) {
        problem = fmt::format("has mode {:04o}: others may use it", status.st_mode & 07777);
    }
    if (problem.empty()) return descriptor;
    ::close(descriptor);
    throw Error(ErrorKind::storage, fmt::format("the log file {} {}", path, problem),
                fmt::format("Choose another file, or run: chmod 600 {}", path));
}

std::string escape_controls(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            escaped += c;
        } else {
            escaped += fmt::format("\\x{:02x}", byte);
        }
    }
    return escaped;
}

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::off:
            return spdlog::level::off;
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::debug:
            return spdlog::level::debug;
    }
    return spdlog::level::off;
}

std::atomic<LogLevel> current_level{LogLevel::off};
std::mutex logger_mutex;
std::shared_ptr<spdlog::logger>& logger() {
    static std::shared_ptr<spdlog::logger> instance;
    return instance;
}

}  // namespace

LogLevel log_level(const std::string& name) {
    const std::vector<std::string> names = {"off", "error", "warning", "info", "debug"};
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<LogLevel>(i);
    throw Error(ErrorKind::usage, fmt::format("there is no log level \"{}\"", name), suggestion(name, names));
}

void open_log(LogLevel level, const std::string& path) {
    std::shared_ptr<spdlog::logger> opened;
    if (level != LogLevel::off) {
        const auto sink = path.empty() ? std::make_shared<DescriptorSink>(STDERR_FILENO, false)
                                       : std::make_shared<DescriptorSink>(open_private(path), true);
        opened = std::make_shared<spdlog::logger>("qdcnn", sink);
        opened->set_level(level_of(level));
        opened->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l [%P] %v", spdlog::pattern_time_type::utc);
    }
    const std::lock_guard lock(logger_mutex);
    logger() = std::move(opened);
    current_level = level;
}

bool log_is_on(LogLevel level) { return level != LogLevel::off && level <= current_level.load(); }

void log_line(LogLevel level, std::string_view text) noexcept {
    if (!log_is_on(level)) return;
    try {
        std::shared_ptr<spdlog::logger> open;
        {
            const std::lock_guard lock(logger_mutex);
            open = logger();
        }
        if (open) open->log(level_of(level), escape_controls(redactor().redact(text)));
    } catch (...) {  // Out of memory: a line less.
    }
}

}  // namespace qdcnn
