#include "run/journal/witness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "qdcnn/base/error.h"
#include "qdcnn/base/hash.h"

namespace qdcnn::run {
namespace {

constexpr int kLines = 16;
constexpr std::size_t kDigits = 20;
constexpr std::size_t kLineSize = kDigits + 1 + 64 + 1;

std::string line_of(std::int64_t sequence) {
    const auto digits = fmt::format("{:0{}}", sequence, kDigits);
    return fmt::format("{} {}\n", digits, sha256_hex(digits));
}

[[noreturn]] void fail(const char* action, const std::string& path) {
    throw Error(ErrorKind::storage, fmt::format("cannot {} {}: {}", action, path, std::strerror(errno)));
}

/// Of pread and pwrite alike: again after a signal, and until all is done or the end is reached.
template <typename Call>
bool transfer(char* bytes, std::size_t size, off_t offset, Call call) {
    while (size > 0) {
        const ssize_t count = call(bytes, size, offset);
        if (count == 0) return true;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes += count;
        size -= static_cast<std::size_t>(count);
        offset += count;
    }
    return true;
}

}  // namespace

Witness::~Witness() {
    if (file_ >= 0) ::close(file_);
}

std::string Witness::empty() {
    std::string text;
    for (int i = 0; i < kLines; ++i) text += std::string(kLineSize - 1, ' ') + '\n';
    return text;
}

void Witness::open() {
    file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (file_ < 0) fail("open", path_);
}

std::int64_t Witness::read() const {
    std::string text(kLines * kLineSize, ' ');
    if (!transfer(text.data(), text.size(), 0,
                  [&](char* bytes, std::size_t size, off_t at) { return ::pread(file_, bytes, size, at); }))
        fail("read", path_);
    std::int64_t newest = 0;
    for (std::size_t at = 0; at < text.size(); at += kLineSize) {
        std::int64_t sequence = 0;
        const char* begin = text.data() + at;
        if (std::from_chars(begin, begin + kDigits, sequence).ec != std::errc()) continue;
        // What was torn or damaged says nothing.
        if (sequence > newest && text.compare(at, kLineSize, line_of(sequence)) == 0) newest = sequence;
    }
    return newest;
}

void Witness::write(std::int64_t sequence) {
    std::string line = line_of(sequence);
    const auto at = static_cast<off_t>(static_cast<std::size_t>(sequence % kLines) * kLineSize);
    if (!transfer(line.data(), line.size(), at, [&](char* bytes, std::size_t size, off_t offset) {
            return ::pwrite(file_, bytes, size, offset);
        }))
        fail("write", path_);
    while (::fdatasync(file_) != 0)
        if (errno != EINTR) fail("sync", path_);
}

}  // namespace qdcnn::run
