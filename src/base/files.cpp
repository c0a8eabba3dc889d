#include "qdcnn/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
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

using Produce = std::function<void(const WritePiece&)>;

Produce all_of(std::string_view content) {
    return [content](const WritePiece& write) { write(content); };
}

void write_piece(const Descriptor& file, std::string_view piece, const std::string& path) {
    while (!piece.empty()) {
        const ssize_t count = ::write(file.get(), piece.data(), piece.size());
        if (count < 0) {
            if (errno == EINTR) continue;
            throw_storage("write", path, errno);
        }
        piece.remove_prefix(static_cast<std::size_t>(count));
    }
}

/// All that is produced, or, after `clean_up`, its error or a storage error naming `path`.
void write_all(Descriptor& file, const Produce& produce, const std::string& path,
               const std::function<void()>& clean_up) {
    try {
        produce([&](std::string_view piece) { write_piece(file, piece, path); });
        // Pipes and terminals cannot be synced, which is no failure.
        if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS)
            throw_storage("write", path, errno);
        if (file.close() != 0) throw_storage("write", path, errno);
    } catch (...) {
        clean_up();
        throw;
    }
}

/// The file that the path names, links followed, whether it is there or not.
std::string behind_links(const std::string& path) {
    std::filesystem::path target = path;
    std::error_code code;
    // As many as Linux follows; past that opening the file says what is wrong.
    for (int links = 0; links < 40 && std::filesystem::is_symlink(target, code); ++links) {
        const auto next = std::filesystem::read_symlink(target, code);
        if (code) break;
        target = target.parent_path() / next;  // an absolute one replaces the whole
    }
    return target.string();
}

/// Opens a file beside `target` that nobody else has, its mode less the umask. -1 and errno as open.
int make_temporary(const std::string& target, mode_t mode, std::string& name) {
    static std::atomic<unsigned> count{0};
    for (;;) {
        name = fmt::format("{}.{}.{}.tmp", target, ::getpid(), ++count);
        const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        // One left by a process of the same number that was killed.
        if (file >= 0 || errno != EEXIST) return file;
    }
}

/// Makes a rename last through a power cut.
void sync_folder_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path();
    Descriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // One that may be written but not read cannot be synced, nor can those of some file systems.
    if (folder.get() < 0) return;
    if (::fsync(folder.get()) != 0 && errno == EIO) throw_storage("sync the folder of", path, errno);
}

/// A temporary file beside `target`, synced, then renamed to it. `path` stands in messages. With the exact
/// mode, or else less the umask.
void replace_file(const std::string& target, const std::string& path, const Produce& produce, mode_t mode,
                  bool is_exact) {
    std::string temporary;
    Descriptor file(make_temporary(target, is_exact ? 0600 : mode, temporary));
    if (file.get() < 0) throw_storage("write", path, errno);
    const auto remove_temporary = [&] { ::unlink(temporary.c_str()); };
    if (is_exact && ::fchmod(file.get(), mode) != 0) {
        const int code = errno;
        remove_temporary();
        throw_storage("keep the permissions of", path, code);
    }
    write_all(file, produce, path, remove_temporary);
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
        const int code = errno;
        remove_temporary();
        throw_storage("write", path, code);
    }
    sync_folder_of(target);
}

}  // namespace

void write_file_atomic(const std::string& path, const Produce& produce) {
    struct stat status {};
    const bool is_there = ::stat(path.c_str(), &status) == 0;
    if (is_there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (device.get() < 0) throw_storage("write", path, errno);
        write_all(device, produce, path, [] {});
        return;
    }
    // Never open to more eyes than the file it replaces.
    const mode_t mode = is_there ? status.st_mode & 0777 : 0644;
    replace_file(behind_links(path), path, produce, mode, is_there);
}

void write_file_atomic(const std::string& path, std::string_view content) {
    write_file_atomic(path, all_of(content));
}

void write_private_file(const std::string& path, std::string_view content) {
    replace_file(path, path, all_of(content), 0600, true);
}

bool exists(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

void make_folders(const std::string& path) {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) throw_storage("make folder", path, code.value());
}

}  // namespace qdcnn
