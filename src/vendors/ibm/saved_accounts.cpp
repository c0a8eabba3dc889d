#include "vendors/ibm/saved_accounts.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/base/suggest.h"

namespace qdcnn::vendors::ibm {
namespace {

using nlohmann::ordered_json;

constexpr const char* kDefaultChannel = "ibm_quantum_platform";
constexpr std::array<const char*, 2> kChannels = {kDefaultChannel, "ibm_cloud"};

std::string default_name(const std::string& channel) {
    return channel == "ibm_cloud" ? "default-ibm-cloud" : "default-ibm-quantum-platform";
}

/// One entry of Qiskit's file. Its getters name file, entry and key, and never a value: any of them may be a
/// token that ended up at the wrong key.
class Entry {
  public:
    Entry(std::string file_name, std::string name, const ordered_json& value)
        : file_name_(std::move(file_name)), name_(std::move(name)), value_(&value) {}

    [[noreturn]] void fail(ErrorKind kind, const std::string& message, const std::string& hint = {}) const {
        throw Error(kind, fmt::format("entry \"{}\": {}", redactor().redact(name_), message), hint)
            .at({file_name_, 0, 0});
    }

    /// nullptr where the key is not there or null, as Qiskit takes it.
    const ordered_json* find(const char* key) const {
        if (!value_->is_object()) fail(ErrorKind::invalid_input, "expected an object");
        const auto found = value_->find(key);
        return found == value_->end() || found->is_null() ? nullptr : &*found;
    }

    std::optional<std::string> text(const char* key) const {
        const ordered_json* found = find(key);
        if (found == nullptr) return std::nullopt;
        if (!found->is_string()) fail(ErrorKind::invalid_input, fmt::format("the key {} is no text", key));
        return found->get<std::string>();
    }

    bool flag(const char* key) const {
        const ordered_json* found = find(key);
        if (found == nullptr) return false;
        if (!found->is_boolean())
            fail(ErrorKind::invalid_input, fmt::format("the key {} is neither true nor false", key));
        return found->get<bool>();
    }

    std::vector<std::string> texts(const char* key) const {
        const ordered_json* found = find(key);
        if (found == nullptr) return {};
        const bool are_texts =
            found->is_array() &&
            std::all_of(found->begin(), found->end(), [](const auto& one) { return one.is_string(); });
        if (!are_texts) fail(ErrorKind::invalid_input, fmt::format("the key {} is no list of texts", key));
        return found->get<std::vector<std::string>>();
    }

    Account account() const;

  private:
    void take_verify(Account& account) const;
    void take_proxies(Account& account) const;
    void take_channel(Account& account) const;

    std::string file_name_;
    std::string name_;
    const ordered_json* value_;
};

void Entry::take_channel(Account& account) const {
    const auto channel = text("channel");
    if (!channel) fail(ErrorKind::invalid_input, "the key channel is missing");
    if (*channel == "ibm_quantum")
        fail(ErrorKind::unsupported, "its channel ibm_quantum is a service that is no more",
             "Save the account again with the channel ibm_quantum_platform and an IBM Cloud API key.");
    if (*channel == "local")
        fail(ErrorKind::unsupported, "its channel is local", "Simulate here with --backend local.");
    if (std::find(kChannels.begin(), kChannels.end(), *channel) == kChannels.end())
        fail(ErrorKind::invalid_input, "the key channel is neither ibm_quantum_platform nor ibm_cloud");
    account.channel = *channel;
}

void Entry::take_verify(Account& account) const {
    const ordered_json* verify = find("verify");
    if (verify == nullptr || (verify->is_boolean() && verify->get<bool>())) return;
    if (verify->is_boolean())
        fail(ErrorKind::unsupported,
             "verify is false, and certificates are always checked here: without that anybody on the way "
             "could "
             "take the token",
             "Take the key verify out; for a server with a certificate of your own give it with --ca-file.");
    account.ca_file = text("verify");  // As the requests library takes it.
}

void Entry::take_proxies(Account& account) const {
    const ordered_json* proxies = find("proxies");
    if (proxies == nullptr) return;
    const Entry inner(file_name_, name_ + ".proxies", *proxies);
    if (inner.find("username_ntlm") != nullptr || inner.find("password_ntlm") != nullptr)
        fail(ErrorKind::unsupported, "its proxy wants NTLM, which is not spoken here",
             "Run a proxy of your own that speaks it, such as cntlm, and name that with --proxy.");
    const ordered_json* urls = inner.find("urls");
    if (urls == nullptr) return;
    const Entry by_protocol(file_name_, name_ + ".proxies.urls", *urls);
    for (const char* protocol : {"https", "all"})
        if (!account.proxy) account.proxy = by_protocol.text(protocol);
    if (account.proxy) accounts::register_secrets_of_url(*account.proxy);
    if (!account.proxy && !urls->empty())
        account.warnings.push_back(fmt::format(
            "{}, entry {}: of its proxies only those for \"https\" and \"all\" are used", file_name_, name_));
}

Account Entry::account() const {
    Account account;
    const auto token = text("token");
    if (!token || token->empty())
        fail(ErrorKind::auth, token ? "the key token is empty" : "the key token is missing",
             "Save the account again with Qiskit, or run qdcnn auth login ibm.");
    redactor().add_secret(*token);
    account.token = *token;
    take_channel(account);
    take_verify(account);
    take_proxies(account);
    account.url = text("url").value_or(account.url);
    account.instance = text("instance");
    account.region = text("region");
    account.plans = texts("plans_preference");
    account.tags = texts("tags");
    account.is_private_endpoint = flag("private_endpoint");
    account.origin = fmt::format("{}, entry {}", file_name_, name_);
    return account;
}

/// The file's entries in its own order, by which Qiskit decides between several that fit.
class SavedAccounts {
  public:
    SavedAccounts(const std::string& text, std::string file_name) : file_name_(std::move(file_name)) {
        // For the place of a mistake; the other kind of document keeps the order.
        parse_json(text, file_name_);
        document_ = ordered_json::parse(text);
        if (!document_.is_object())
            throw Error(ErrorKind::invalid_input, "expected an object of accounts by their names")
                .at({file_name_, 0, 0});
    }

    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& item : document_.items()) all.push_back(item.key());
        return all;
    }

    std::optional<Entry> named(const std::string& name) const {
        const auto found = document_.find(name);
        if (found == document_.end()) return std::nullopt;
        return Entry(file_name_, name, *found);
    }

    /// The first with the flag; where a channel is asked for also its default name or else its last entry.
    std::optional<Entry> default_of(const std::optional<std::string>& channel) const {
        std::optional<Entry> by_name, any;
        for (const auto& item : document_.items()) {
            const Entry entry(file_name_, item.key(), item.value());
            if (channel && entry.text("channel") != channel) continue;
            if (entry.flag("is_default_account")) return entry;
            if (!channel) continue;
            if (item.key() == default_name(*channel)) by_name = entry;
            any = entry;
        }
        return by_name ? by_name : any;
    }

  private:
    std::string file_name_;
    ordered_json document_;
};

}  // namespace

void check_channel(const std::string& channel, const std::string& place) {
    if (std::find(kChannels.begin(), kChannels.end(), channel) == kChannels.end())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} is \"{}\", expected ibm_quantum_platform or ibm_cloud", place,
                                redactor().redact(channel)));
}

std::optional<Account> pick_saved_account(const std::string& text, const std::string& file_name,
                                          const AccountChoice& choice,
                                          const std::optional<std::string>& environment_channel) {
    const SavedAccounts saved(text, file_name);
    if (choice.name) {
        if (const auto entry = saved.named(*choice.name)) return entry->account();
        throw Error(ErrorKind::auth, fmt::format("there is no entry \"{}\"", *choice.name),
                    suggestion(*choice.name, saved.names()))
            .at({file_name, 0, 0});
    }
    auto entry = saved.default_of(choice.channel);
    if (!entry)
        entry = saved.default_of(choice.channel.value_or(environment_channel.value_or(kDefaultChannel)));
    for (const char* channel : kChannels)
        if (!entry) entry = saved.named(default_name(channel));
    return entry ? std::optional(entry->account()) : std::nullopt;
}

Account account_of(const accounts::StoredAccount& stored, const std::string& file_name) {
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorKind::invalid_input, message, "Run qdcnn auth login ibm again.")
            .at({file_name, 0, 0});
    };
    Account account;
    const auto token = stored.secrets.find("token");
    if (token == stored.secrets.end() || token->second.empty()) fail("the secret token is missing");
    account.token = token->second;
    account.origin = file_name;
    if (const auto proxy = stored.secrets.find("proxy"); proxy != stored.secrets.end()) {
        account.proxy = proxy->second;
        accounts::register_secrets_of_url(*account.proxy);
    }
    for (const auto& [key, values] : stored.facts) {
        const auto one = [&, &name = key, &list = values]() -> const std::string& {
            if (list.size() != 1) fail(fmt::format("{} has {} values, expected one", name, list.size()));
            return list[0];
        };
        if (key == "plans")
            account.plans = values;
        else if (key == "tags")
            account.tags = values;
        else if (key == "instance")
            account.instance = one();
        else if (key == "region")
            account.region = one();
        else if (key == "url")
            account.url = one();
        else if (key == "ca_file")
            account.ca_file = one();
        else if (key == "channel")
            check_channel(account.channel = one(), "channel");
        else
            fail(fmt::format("there is no fact \"{}\"", key));
    }
    return account;
}

std::string warning_of_mode(const std::string& file_name) {
    struct stat status {};
    if (::stat(file_name.c_str(), &status) != 0 || (status.st_mode & 077) == 0) return {};
    return fmt::format("{} can be read by other users (mode {:04o}); run: chmod 600 {}", file_name,
                       status.st_mode & 07777, file_name);
}

}  // namespace qdcnn::vendors::ibm
