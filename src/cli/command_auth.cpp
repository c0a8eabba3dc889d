#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/read_secret.h"
#include "cli/vendor_access.h"
#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/vendors/ibm/account.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

accounts::SecretStore store_of(const Console& console) {
    return accounts::SecretStore(console.surroundings.config_folder() + "/accounts");
}

/// The facts that flags name; settings of files and variables stay where they are.
std::map<std::string, std::vector<std::string>> facts_of_flags(const accounts::Settings& settings) {
    std::map<std::string, std::vector<std::string>> facts;
    constexpr std::array<std::pair<const char*, const char*>, 6> kFacts = {{{"ibm.instance", "instance"},
                                                                            {"ibm.region", "region"},
                                                                            {"ibm.plans", "plans"},
                                                                            {"ibm.tags", "tags"},
                                                                            {"ibm.url", "url"},
                                                                            {"ca_file", "ca_file"}}};
    for (const auto& [setting, fact] : kFacts) {
        const auto& value = settings.value(setting);
        if (!value || value->level != accounts::Level::flag) continue;
        const std::string name = fact;
        facts[name] = name == "plans" || name == "tags" ? settings.texts(setting) : std::vector{value->text};
    }
    return facts;
}

/// Asks the vendor for its devices with this token, before anything is kept. Returns how many there are.
/// Throws what Service::devices does.
std::size_t count_devices(const std::string& token, Console& console) {
    if (console.open_service) return console.open_service("ibm")->devices().size();
    accounts::Surroundings trial = console.surroundings;
    // As if the token were in the variable, which comes before all files.
    trial.variable = [&](const char* name) -> const char* {
        const std::string_view variable = name;
        if (variable == "QISKIT_IBM_TOKEN") return token.c_str();
        if (variable == "QISKIT_IBM_URL" || variable == "QISKIT_IBM_INSTANCE") return nullptr;
        return console.surroundings.variable(name);
    };
    return run::open_vendor("ibm", console.settings, trial)->devices().size();
}

/// Nothing where it is not checked.
std::optional<std::size_t> checked_devices(const ParsedOptions& given, const std::string& token,
                                           Console& console) {
    if (given.has("offline")) return std::nullopt;
    if (console.settings.value("ibm.account"))
        throw Error(ErrorKind::usage,
                    "the setting ibm.account names an entry of ~/.qiskit/qiskit-ibm.json, which comes first",
                    "Take the setting out; qdcnn config show --origin says where it is from.");
    try {
        return count_devices(token, console);
    } catch (const Error& error) {
        const std::string hint = error.kind() == ErrorKind::network || error.kind() == ErrorKind::timeout
                                     ? "With --offline the token is kept without asking."
                                     : error.hint();
        throw Error(error.kind(), fmt::format("the token is not kept: {}", error.what()), hint);
    }
}

int login(const ParsedOptions& given, Console& console) {
    const accounts::SecretStore store = store_of(console);
    const std::string token = read_secret(given.text("token-file"), "IBM Cloud API key: ", console.err);
    const std::optional<std::size_t> devices = checked_devices(given, token, console);
    accounts::StoredAccount kept{.secrets = {{"token", token}}, .facts = facts_of_flags(console.settings)};
    // Its URL may hold a password.
    if (const auto& proxy = console.settings.value("proxy"); proxy && proxy->level == accounts::Level::flag)
        kept.secrets["proxy"] = proxy->text;
    store.write("ibm", kept);
    const std::string file = store.path("ibm");
    if (given.json())
        console.out << to_text(ordered_json{
                           {"schema", "qdcnn.auth/1"},
                           {"vendor", "ibm"},
                           {"logged_in", true},
                           {"token", accounts::masked(token)},
                           {"origin", file},
                           {"devices", devices ? ordered_json(*devices) : ordered_json(nullptr)}})
                    << '\n';
    else
        console.out << fmt::format("kept in {}: {}, {}\n", file, accounts::masked(token),
                                   devices ? fmt::format("{} devices", *devices) : "not checked");
    const auto picked = vendors::ibm::find_account(console.settings, console.surroundings);
    if (picked && picked->origin != file)
        console.err << fmt::format("warning: {} comes first and is what is used\n", picked->origin);
    return 0;
}

/// Null for what is not there.
ordered_json or_null(const std::optional<std::string>& text) {
    return text ? ordered_json(*text) : ordered_json(nullptr);
}

int status(const ParsedOptions& given, Console& console) {
    // "ibm:DEVICE": with the variables that begin with the device's name.
    const std::string& vendor = given.words()[1];
    vendors::ibm::AccountChoice choice;
    if (const std::size_t colon = vendor.find(':'); colon != std::string::npos)
        choice.device = vendor.substr(colon + 1);
    const auto account = vendors::ibm::require_account(console.settings, console.surroundings, choice);
    for (const std::string& warning : account.warnings) console.err << "warning: " << warning << '\n';
    if (given.json()) {
        console.out << to_text(ordered_json{{"schema", "qdcnn.auth/1"},
                                            {"vendor", "ibm"},
                                            {"logged_in", true},
                                            {"token", accounts::masked(account.token)},
                                            {"origin", account.origin},
                                            {"level", to_string(account.level)},
                                            {"channel", account.channel},
                                            {"url", account.url},
                                            {"instance", or_null(account.instance)},
                                            {"region", or_null(account.region)},
                                            {"plans", account.plans},
                                            {"tags", account.tags},
                                            {"ca_file", or_null(account.ca_file)},
                                            {"has_own_proxy", account.proxy.has_value()},
                                            {"warnings", account.warnings}})
                    << '\n';
        return 0;
    }
    console.out << fmt::format("ibm: {} from {}\n", accounts::masked(account.token), account.origin);
    const auto line = [&](const char* name, const std::string& value) {
        if (!value.empty()) console.out << fmt::format("  {:<9} {}\n", name, value);
    };
    line("channel", account.channel);
    line("url", account.url);
    line("instance", account.instance.value_or("chosen among all"));
    line("region", account.region.value_or(""));
    line("plans", fmt::format("{}", fmt::join(account.plans, ", ")));
    line("ca file", account.ca_file.value_or(""));
    line("proxy", account.proxy ? "its own" : "");
    line("tags", fmt::format("{}", fmt::join(account.tags, ", ")));
    return 0;
}

int logout(const ParsedOptions& given, Console& console) {
    const accounts::SecretStore store = store_of(console);
    const bool was_there = store.remove("ibm");
    if (given.json())
        console.out << to_text(ordered_json{{"schema", "qdcnn.auth/1"},
                                            {"vendor", "ibm"},
                                            {"logged_in", false},
                                            {"removed", was_there}})
                    << '\n';
    else
        console.out << (was_there ? "removed " + store.path("ibm") : "there was no account") << '\n';
    if (const auto left = vendors::ibm::find_account(console.settings, console.surroundings))
        console.err << fmt::format("warning: the account of {} is still there\n", left->origin);
    return 0;
}

struct Action {
    const char* name;
    int (*run)(const ParsedOptions&, Console&);
};
constexpr std::array<Action, 3> kActions = {{{"login", login}, {"status", status}, {"logout", logout}}};

}  // namespace

Options auth_options() {
    Options options(
        "auth",
        "Keeps a vendor's token in a file that only you can read, says which account is used, or "
        "removes the token: qdcnn auth login ibm. The token is typed without being shown, or read "
        "from a file or from standard input; it is never an argument, for others can see those.");
    options.positional("login|status|logout VENDOR", "what to do, and the vendor (ibm)", true);
    options.value("token-file", "FILE", "login: read the token from there; - for standard input");
    options.flag("offline", "login: keep the token without asking the vendor whether it is good");
    add_account_options(options);
    return options;
}

int run_auth(const ParsedOptions& given, Console& console) {
    const auto& words = given.words();
    // What a third word holds may well be the token: it is not shown.
    if (words.size() > 2)
        throw Error(
            ErrorKind::usage, "auth takes an action and a vendor and nothing more",
            "A token is no argument, for others can see those: leave it out and you are asked for it.");
    const bool is_status_of_device =
        words[0] == "status" && words.size() == 2 && words[1].starts_with("ibm:");
    if (words.size() == 2 && words[1] != "ibm" && !is_status_of_device)
        throw Error(ErrorKind::usage, "the vendor is not known; there is: ibm", "qdcnn auth login ibm");
    if (words.size() < 2)
        throw Error(ErrorKind::usage, "auth takes an action and a vendor", "qdcnn auth login ibm");
    std::vector<std::string> names;
    for (const Action& action : kActions) {
        if (words[0] == action.name) return action.run(given, console);
        names.emplace_back(action.name);
    }
    throw Error(ErrorKind::usage, fmt::format("unknown action \"{}\"", words[0]),
                suggestion(words[0], names));
}

}  // namespace qdcnn::cli
