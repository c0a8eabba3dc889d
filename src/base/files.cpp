#include "qdcnn/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <system_error>

#include "qdcnn/base/error.h"

namespace qdcnn {
namespace {

/// Closes on every way out.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }
    int close() {
        const int result = ::close(number_);
        number_ = -1;
        return result;
    }

  private:
    int number_;
};

[[noreturn]] void throw_storage(const std::string& action, const std::string& path, int code) {
    throw Error(ErrorKind::storage, fmt::format("cannot {} {}: {}", action, path, std::strerror(code)),
                code == ENOSPC ? "Free some disk space or choose another folder; nothing was changed." : "");
}

}  // namespace

std::string read_file(const std::string& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0)
        throw Error(ErrorKind::not_found, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode))
        throw Error(ErrorKind::not_found, fmt::format("cannot open {}: it is a folder", path));
    std::string content;
    char buffer[1 << 16];
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
        if (count == 0) return content;
        if (count < 0) {
            if (errno == EINTR) continue;
            throw_storage("read", path, errno);
        }
        content.append(buffer, static_cast<std::size_t>(count));
    }
}

namespace {

/// All of it, or a storage error naming `path` after `clean_up`.
void write_all(Descriptor& file, std::string_view content, const std::string& path,
               const std::function<void()>& clean_up) {
    auto give_up = [&](int code) {
        clean_up();
        throw_storage("write", path, code);
    };
    while (!content.empty()) {
        const ssize_t count = ::write(file.get(), content.data(), content.size());
        if (count < 0) {
            if (errno == EINTR) continue;
            give_up(errno);
        }
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    // Pipes and terminals cannot be synced, which is no failure.
    if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) give_up(errno);
    if (file.close() != 0) give_up(errno);
}

}  // namespace

void write_file_atomic(const std::string& path, std::string_view content) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (device.get() < 0) throw_storage("write", path, errno);
        write_all(device, content, path, [] {});
        return;
    }
    // A link stays a link: the file it points to is replaced.
    std::error_code not_there;
    const auto resolved = std::filesystem::canonical(path, not_there);
    const std::string target = not_there ? path : resolved.string();
    const std::string temporary = fmt::format("{}.{}.tmp", target, ::getpid());
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) throw_storage("write", path, errno);
    const auto remove_temporary = [&] { ::unlink(temporary.c_str()); };
    write_all(file, content, path, remove_temporary);
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
        const int code = errno;
        remove_temporary();
        throw_storage("write", path, code);
    }
}

void make_folders(const std::string& path) {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) throw_storage("make folder", path, code.value());
}

}  // namespace qdcnn
