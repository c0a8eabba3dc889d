#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/vendor_access.h"
#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/json.h"
#include "qdcnn/http/transport.h"
#include "qdcnn/vendors/ibm/account.h"
#include "qdcnn/vendors/transport_settings.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

enum class Health { fine, warning, wrong };

const char* to_string(Health health) {
    switch (health) {
        case Health::fine:
            return "ok";
        case Health::warning:
            return "warning";
        case Health::wrong:
            return "wrong";
    }
    return "";
}

struct Finding {
    std::string name;
    Health health = Health::fine;
    std::string message;
    std::string hint{};
};

/// A journal in which the next job cannot be written down is a job that is not sent.
constexpr std::uint64_t kLeastSpace = std::uint64_t{64} << 20;

class Examination {
  public:
    /// look: returns what is to be said, or throws what is wrong.
    void check(const std::string& name, const std::function<std::string()>& look) {
        try {
            findings_.push_back({name, Health::fine, look()});
        } catch (const Error& error) {
            const auto& place = error.position();
            findings_.push_back({name, Health::wrong,
                                 (place && !place->file.empty() ? place->file + ": " : "") + error.what(),
                                 error.hint()});
        }
    }
    void warn(const std::string& name, const std::string& message, const std::string& hint = {}) {
        findings_.push_back({name, Health::warning, message, hint});
    }
    const std::vector<Finding>& findings() const { return findings_; }
    bool is_anything_wrong() const {
        return std::any_of(findings_.begin(), findings_.end(),
                           [](const Finding& one) { return one.health == Health::wrong; });
    }

  private:
    std::vector<Finding> findings_;
};

/// The folder, or the nearest one above it that is there.
std::string existing(const std::string& folder) {
    std::filesystem::path at = folder;
    while (!is_folder(at.string()) && at != at.parent_path()) at = at.parent_path();
    return at.string();
}

void look_at_state_folder(const Console& console, Examination& examination) {
    examination.check("state folder", [&] {
        const auto folder = console.settings.text("state");
        if (!folder) throw Error(ErrorKind::not_found, "there is none", "Set HOME or QDCNN_STATE.");
        const std::string there = existing(*folder);
        if (::access(there.c_str(), W_OK | X_OK) != 0)
            throw Error(
                ErrorKind::storage, fmt::format("{} cannot be written", there),
                "Jobs are written down there before they are sent. Set QDCNN_STATE to a folder of yours.");
        return *folder + (there == *folder ? "" : ", not made yet");
    });
    const auto folder = console.settings.text("state");
    if (!folder) return;
    struct stat status {};
    if (::stat(folder->c_str(), &status) == 0 && (status.st_mode & 022) != 0)
        examination.warn("state folder", fmt::format("{} can be changed by other users", *folder),
                         fmt::format("Run: chmod go-w {}", *folder));
    struct statvfs space {};
    if (::statvfs(existing(*folder).c_str(), &space) == 0 && space.f_bavail * space.f_frsize < kLeastSpace)
        examination.warn("state folder",
                         fmt::format("only {} MB are free", (space.f_bavail * space.f_frsize) >> 20),
                         "Free some disk space before you send jobs.");
}

/// The file's name.
std::string check_certificates(const std::string& file, const std::string& where_from) {
    if (read_file(file).find("-----BEGIN ") == std::string::npos)
        throw Error(ErrorKind::invalid_input, fmt::format("{} holds no certificate in PEM", file),
                    where_from);
    return file;
}

void look_at_network_settings(const Console& console, Examination& examination) {
    const http::TransportSettings network = vendors::transport_settings(console.settings);
    examination.check("certificates", [&]() -> std::string {
        if (network.ca_file.empty()) return "the system's";
        return check_certificates(network.ca_file, "qdcnn config show --origin says where the name is from.");
    });
    examination.check("proxy", [&]() -> std::string {
        if (network.proxy.empty()) return "none";
        http::make_curl_transport({.proxy = network.proxy, .no_proxy = network.no_proxy});
        // Its URL may hold a password.
        return "from " + console.settings.value("proxy")->place;
    });
}

/// Returns whether there is an account.
bool look_at_account(const Console& console, Examination& examination) {
    examination.check("store for tokens", [&]() -> std::string {
        const accounts::SecretStore store(console.surroundings.config_folder() + "/accounts");
        return store.read("ibm") ? store.path("ibm") : "empty";
    });
    std::optional<vendors::ibm::Account> account;
    examination.check("ibm account", [&]() -> std::string {
        account = vendors::ibm::find_account(console.settings, console.surroundings);
        return account ? fmt::format("{} from {}", accounts::masked(account->token), account->origin)
                       : "none";
    });
    if (!account) return false;
    for (const std::string& warning : account->warnings) examination.warn("ibm account", warning);
    const std::string where_from = "Its name is from " + account->origin + ".";
    if (account->ca_file)
        examination.check("certificates of the account",
                          [&] { return check_certificates(*account->ca_file, where_from); });
    if (account->proxy)
        examination.check("proxy of the account", [&]() -> std::string {
            http::make_curl_transport({.proxy = *account->proxy});
            return "from " + account->origin;
        });
    return true;
}

void look_at_vendor(const std::string& vendor, const Console& console, Examination& examination) {
    examination.check(vendor + " reached", [&] {
        const auto service = journal_place(console).open_service(vendor);
        return fmt::format("{} devices", service->devices().size());
    });
}

void print(const std::vector<Finding>& findings, std::ostream& out) {
    for (const Finding& one : findings) {
        out << fmt::format("{:<8} {}: {}\n", to_string(one.health), one.name, one.message);
        if (!one.hint.empty()) out << fmt::format("{:<8} {}\n", "", one.hint);
    }
}

ordered_json to_json(const std::vector<Finding>& findings) {
    ordered_json all = ordered_json::array();
    for (const Finding& one : findings)
        all.push_back({{"name", one.name},
                       {"state", to_string(one.health)},
                       {"message", one.message},
                       {"hint", one.hint}});
    return all;
}

}  // namespace

Options doctor_options() {
    Options options("doctor",
                    "Looks at what jobs on real devices need: folders and who can read them, certificates, "
                    "proxy, account. Exit 1 when something is wrong.");
    options.flag("network", "also ask the rehearsal, and the account's vendor, for their devices");
    return options;
}

int run_doctor(const ParsedOptions& given, Console& console) {
    Examination examination;
    examination.check("settings", [&] {
        const auto named = [](const std::string& file) { return file.empty() ? "none" : file; };
        return fmt::format("project's file: {}, your own: {}", named(console.settings.project_file()),
                           named(console.settings.user_file()));
    });
    look_at_state_folder(console, examination);
    look_at_network_settings(console, examination);
    const bool has_account = look_at_account(console, examination);
    if (given.has("network")) {
        look_at_vendor("rehearsal", console, examination);
        if (has_account) look_at_vendor("ibm", console, examination);
    }
    const bool is_fine = !examination.is_anything_wrong();
    if (given.json())
        console.out << to_text(ordered_json{{"schema", "qdcnn.doctor/1"},
                                            {"ok", is_fine},
                                            {"checks", to_json(examination.findings())}})
                    << '\n';
    else
        print(examination.findings(), console.out);
    return is_fine ? 0 : 1;
}

}  // namespace qdcnn::cli
