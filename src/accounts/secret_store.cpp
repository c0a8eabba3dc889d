#include "qdcnn/accounts/secret_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/redact.h"

namespace qdcnn::accounts {
namespace {

constexpr const char* kSchema = "qdcnn.account/1";

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::auth, fmt::format("{} {}", path, what), hint);
}

/// mode: what others must not have of it.
void check_owner_and_mode(const std::string& path, const struct stat& status, mode_t forbidden,
                          const std::string& right_mode) {
    if (status.st_uid != ::geteuid())
        refuse(path, "belongs to another user, who could have put anything there",
               "Remove it and run qdcnn auth login again.");
    if ((status.st_mode & forbidden) != 0)
        refuse(
            path,
            fmt::format("can be {} by other users (mode {:04o})",
                        (status.st_mode & forbidden & 022) != 0 ? "changed" : "read", status.st_mode & 07777),
            fmt::format("Run: chmod {} {}\nIf others use this machine, make a new token at the vendor's.",
                        right_mode, path));
}

/// The folder and the one it lies in, for who can rename a folder can put another one in its place. False
/// where there is none.
bool check_folder(const std::string& folder) {
    struct stat status {};
    const std::string parent = std::filesystem::path(folder).parent_path().string();
    if (::stat(parent.c_str(), &status) == 0) check_owner_and_mode(parent, status, 022, "go-w");
    if (::lstat(folder.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return false;
        throw Error(ErrorKind::storage, fmt::format("cannot look at {}: {}", folder, std::strerror(errno)));
    }
    if (!S_ISDIR(status.st_mode)) refuse(folder, "is no folder", "Remove it.");
    check_owner_and_mode(folder, status, 077, "700");
    return true;
}

/// Those that are missing, for their owner alone whatever the umask, as the XDG base directory specification
/// asks.
void make_private_folders(const std::filesystem::path& folder) {
    if (folder.has_relative_path() && !exists(folder.parent_path().string()))
        make_private_folders(folder.parent_path());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw Error(ErrorKind::storage,
                    fmt::format("cannot make folder {}: {}", folder.string(), std::strerror(errno)));
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { ::close(number_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return number_; }

  private:
    const int number_;
};

/// The whole of a small file. What is checked is what is read: the file stays the same behind its descriptor.
std::optional<std::string> read_checked(const std::string& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (number < 0 && errno == ENOENT) return std::nullopt;
    if (number < 0 && errno == ELOOP) refuse(path, "is a link", "Remove it and run qdcnn auth login again.");
    if (number < 0)
        throw Error(ErrorKind::storage, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    const Descriptor file(number);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        refuse(path, "is no regular file", "Remove it and run qdcnn auth login again.");
    check_owner_and_mode(path, status, 077, "600");
    std::string content;
    char buffer[1 << 14];
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            throw Error(ErrorKind::storage, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
        if (count == 0) return content;
        content.append(buffer, static_cast<std::size_t>(count));
        if (content.size() > (1u << 20)) refuse(path, "is too large for an account", "Remove it.");
    }
}

void register_secrets(const StoredAccount& account) {
    for (const auto& [name, secret] : account.secrets) redactor().add_secret(secret);
}

}  // namespace

std::string SecretStore::path(const std::string& vendor) const {
    const bool is_name = !vendor.empty() && std::all_of(vendor.begin(), vendor.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!is_name) throw Error(ErrorKind::usage, fmt::format("\"{}\" is no vendor's name", vendor));
    return folder_ + "/" + vendor + ".json";
}

std::optional<StoredAccount> SecretStore::read(const std::string& vendor) const {
    const std::string file = path(vendor);
    if (!check_folder(folder_)) return std::nullopt;
    const std::optional<std::string> text = read_checked(file);
    if (!text) return std::nullopt;
    return parse_account(*text, file);
}

void SecretStore::write(const std::string& vendor, const StoredAccount& account) const {
    register_secrets(account);
    const std::string file = path(vendor);
    make_private_folders(folder_);
    check_folder(folder_);
    nlohmann::json document{
        {"schema", kSchema}, {"vendor", vendor}, {"secrets", account.secrets}, {"facts", account.facts}};
    write_private_file(file, to_text(document, 2) + "\n");
}

bool SecretStore::remove(const std::string& vendor) const {
    const std::string file = path(vendor);
    if (::unlink(file.c_str()) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    throw Error(ErrorKind::storage, fmt::format("cannot remove {}: {}", file, std::strerror(errno)));
}

StoredAccount parse_account(const std::string& text, const std::string& file_name) {
    const nlohmann::json document = parse_json(text, file_name);
    const JsonView view(document, "");
    StoredAccount account;
    try {
        if (const std::string schema = view.at("schema").text(); schema != kSchema)
            view.at("schema").fail(fmt::format("expected \"{}\"", kSchema));
        const JsonView secrets = view.at("secrets");
        for (const std::string& name : secrets.keys()) account.secrets[name] = secrets.at(name).text();
        register_secrets(account);
        if (view.has("facts")) {
            const JsonView facts = view.at("facts");
            for (const std::string& name : facts.keys()) account.facts[name] = facts.at(name).texts();
        }
    } catch (const Error& error) {
        throw error.at({file_name, 0, 0});
    }
    return account;
}

std::string masked(const std::string& secret) {
    // Of a short one four characters would be too large a part.
    return "****" + (secret.size() >= 16 ? secret.substr(secret.size() - 4) : "");
}

void register_secrets_of_url(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t end = url.rfind('@');
    if (end == std::string::npos || end < start) return;
    const std::string user = url.substr(start, end - start);
    redactor().add_secret(user);
    if (const std::size_t colon = user.find(':'); colon != std::string::npos)
        redactor().add_secret(user.substr(colon + 1));
}

}  // namespace qdcnn::accounts
