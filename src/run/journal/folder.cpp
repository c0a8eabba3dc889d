#include "run/journal/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/hash.h"

namespace qdcnn::run {
namespace {

[[noreturn]] void fail(const char* action, const std::string& path) {
    throw Error(ErrorKind::storage, fmt::format("cannot {} {}: {}", action, path, std::strerror(errno)));
}

void make_private_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("make folder", path);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) fail("look at", path);
    if (!S_ISDIR(status.st_mode)) throw Error(ErrorKind::storage, fmt::format("{} is no folder", path));
    if ((status.st_mode & 077) != 0)
        throw Error(ErrorKind::storage,
                    fmt::format("{} has mode {:03o}: others may look into the job journal, expected 700",
                                path, status.st_mode & 0777),
                    fmt::format("chmod 700 {}", path));
}

}  // namespace

Folder::Folder(std::string path, const JournalOptions& options) : path_(std::move(path)), options_(options) {
    const auto parent = std::filesystem::path(path_).parent_path();
    if (!parent.empty()) make_folders(parent.string());
    for (const char* part : {"", "/contents", "/results"}) make_private_folder(path_ + part);
}

std::string Folder::content(const std::string& hash) const { return path_ + "/contents/" + hash + ".json"; }

std::string Folder::result(const std::string& job, const std::string& hash) const {
    return path_ + "/results/" + job + "-" + hash + ".raw";
}

bool Folder::is_on_network() const {
    // Of linux/magic.h and the file systems' own sources: NFS, SMB, CIFS, SMB2, FUSE (sshfs), 9P, AFS, Ceph,
    // Lustre, GPFS.
    constexpr std::array<std::uint32_t, 10> kTypes = {0x6969,     0x517B,     0xFF534D42, 0xFE534D42,
                                                      0x65735546, 0x01021997, 0x5346414F, 0x00C36400,
                                                      0x0BD00BD0, 0x47504653};
    struct statfs status {};
    if (::statfs(path_.c_str(), &status) != 0) fail("look at", path_);
    return std::find(kTypes.begin(), kTypes.end(), static_cast<std::uint32_t>(status.f_type)) != kTypes.end();
}

void Folder::make_private_file(const std::string& path) const {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) fail("make", path);
    ::close(file);
}

void Folder::write(const std::string& path, std::string_view bytes) const {
    if (options_.write_file)
        options_.write_file(path, bytes);
    else
        write_file_atomic(path, bytes);
}

void Folder::write_content(const std::string& hash, std::string_view bytes) const {
    const auto path = content(hash);
    if (exists(path) && sha256_hex(read_file(path)) == hash) return;
    write(path, bytes);
}

std::string Folder::read_checked(const std::string& path, const std::string& hash) const {
    auto bytes = read_file(path);
    if (sha256_hex(bytes) != hash)
        throw Error(
            ErrorKind::storage,
            fmt::format("{} does not have the hash {} it was written with", path, hash.substr(0, 12)),
            "Put back a copy of the file; the vendor may also give the result out again once the file is "
            "moved away.");
    return bytes;
}

std::optional<std::string> Folder::find_result(const std::string& job) const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path_ + "/results", ignored)) {
        const auto name = entry.path().filename().string();
        const auto hash = name.substr(std::min<std::size_t>(name.size(), job.size() + 1), 64);
        if (entry.path() == result(job, hash) && sha256_hex(read_file(entry.path().string())) == hash)
            return hash;
    }
    return std::nullopt;
}

std::string default_journal_folder() { return accounts::Surroundings::of_process().state_folder() + "/jobs"; }

}  // namespace qdcnn::run
