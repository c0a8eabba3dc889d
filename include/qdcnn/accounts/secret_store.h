#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qdcnn::accounts {

/// What is kept of an account. Which names there are is the vendor's business.
struct StoredAccount {
    std::map<std::string, std::string> secrets{};
    /// What is no secret: an instance, a region.
    std::map<std::string, std::vector<std::string>> facts{};
};

/// Accounts of vendors, one file each: <folder>/<vendor>.json, mode 0600, in a folder of mode 0700. Whatever
/// is read or written here is registered with the redactor.
class SecretStore {
  public:
    /// folder: accounts/ below Surroundings::config_folder(). Made by the first write.
    explicit SecretStore(std::string folder) : folder_(std::move(folder)) {}

    std::string path(const std::string& vendor) const;

    /// Nothing where there is no file. Throws Error(auth), naming the command that mends it, when the file or
    /// a folder can be read or written by others, belongs to another user, or is a link; Error(parse |
    /// invalid_input) when it is no account, without showing what stands there.
    std::optional<StoredAccount> read(const std::string& vendor) const;

    /// Replaces the file in one step, also a link or one that others can read. Throws Error(auth) for its
    /// folders as `read` does, and Error(storage).
    void write(const std::string& vendor, const StoredAccount& account) const;

    /// False where there is none.
    bool remove(const std::string& vendor) const;

  private:
    std::string folder_;
};

/// The account in a file's text. Throws Error(parse | invalid_input).
StoredAccount parse_account(const std::string& text, const std::string& file_name);

/// The last four characters behind dots, "****abcd"; of a short secret none.
std::string masked(const std::string& secret);

/// Registers user and password of a URL, such as a proxy's, with the redactor.
void register_secrets_of_url(const std::string& url);

}  // namespace qdcnn::accounts
