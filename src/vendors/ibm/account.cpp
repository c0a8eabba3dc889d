#include "qdcnn/vendors/ibm/account.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <tuple>

#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/redact.h"
#include "vendors/ibm/saved_accounts.h"

namespace qdcnn::vendors::ibm {
namespace {

using accounts::Level;
using accounts::Settings;
using accounts::StoredAccount;
using accounts::Surroundings;

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

std::optional<std::string> environment_channel(const Surroundings& surroundings) {
    const auto channel = surroundings.value("QISKIT_IBM_CHANNEL");
    if (channel) check_channel(*channel, "QISKIT_IBM_CHANNEL");
    return channel;
}

std::optional<Account> from_qiskit_variables(const Surroundings& surroundings, const AccountChoice& choice) {
    const auto token = surroundings.value("QISKIT_IBM_TOKEN");
    if (!token) return std::nullopt;
    redactor().add_secret(*token);
    Account account;
    account.token = *token;
    account.origin = "QISKIT_IBM_TOKEN";
    account.level = Level::environment;
    account.channel = choice.channel.value_or(environment_channel(surroundings).value_or(account.channel));
    account.url = surroundings.value("QISKIT_IBM_URL").value_or(account.url);
    account.instance = surroundings.value("QISKIT_IBM_INSTANCE");
    return account;
}

/// QRMI names its variables after the device and the service; the service was called QRS before it was QCS,
/// and early releases wrote no device before it.
constexpr const char* kQrmiServices[] = {"QCS", "QRS"};

/// device: empty for the variables without one, which also stand in for those that the device does not have.
std::optional<Account> from_qrmi_variables(const Surroundings& surroundings, const std::string& device) {
    std::vector<std::string> prefixes{""};
    if (!device.empty()) prefixes.insert(prefixes.begin(), device + "_");
    std::string found_as;
    const auto value = [&](const std::string& field) -> std::optional<std::string> {
        for (const std::string& prefix : prefixes)
            for (const char* service : kQrmiServices) {
                found_as = fmt::format("{}QRMI_IBM_{}_{}", prefix, service, field);
                if (auto text = surroundings.value(found_as)) return text;
            }
        return std::nullopt;
    };
    const auto key = value("IAM_APIKEY");
    if (!key) return std::nullopt;
    redactor().add_secret(*key);
    Account account;
    account.token = *key;
    account.origin = found_as;
    account.level = Level::environment;
    account.instance = value("SERVICE_CRN");
    account.iam_url = value("IAM_ENDPOINT");
    if (const auto endpoint = value("ENDPOINT")) {
        account.api_url = without_slash(*endpoint);
        // QRMI's own examples end in /api and in /api/v1.
        if (account.api_url->ends_with("/api")) *account.api_url += "/v1";
    }
    return account;
}

/// Devices whose own variables hold a key, by name.
std::set<std::string> devices_with_keys(const Surroundings& surroundings) {
    std::set<std::string> devices;
    if (!surroundings.variable_names) return devices;
    for (const std::string& name : surroundings.variable_names())
        for (const char* service : kQrmiServices) {
            const std::string ending = fmt::format("_QRMI_IBM_{}_IAM_APIKEY", service);
            if (name.size() > ending.size() && name.ends_with(ending) && surroundings.value(name))
                devices.insert(name.substr(0, name.size() - ending.size()));
        }
    return devices;
}

/// Where no device is named: what the variables of devices say.
std::optional<Account> from_devices_variables(const Surroundings& surroundings) {
    const auto facts = [](const Account& account) {
        return std::tie(account.token, account.instance, account.iam_url, account.api_url);
    };
    std::optional<Account> first;
    std::vector<std::string> others;
    for (const std::string& device : devices_with_keys(surroundings)) {
        std::optional<Account> account = from_qrmi_variables(surroundings, device);
        if (!account) continue;
        if (first && facts(*first) != facts(*account)) {
            others.push_back(device);
            continue;
        }
        if (!first) first = std::move(account);
        first->devices.push_back(device);
    }
    if (!others.empty())
        first->warnings.push_back(
            fmt::format("the account is that of {}; the variables of {} name another: give the device's name",
                        fmt::join(first->devices, ", "), fmt::join(others, ", ")));
    return first;
}

std::optional<Account> from_own_store(const Surroundings& surroundings) {
    const accounts::SecretStore store(surroundings.config_folder() + "/accounts");
    const auto stored = store.read("ibm");
    if (!stored) return std::nullopt;
    Account account = account_of(*stored, store.path("ibm"));
    return account;
}

/// No home, no file.
std::string saved_accounts_file(const Surroundings& surroundings) {
    const std::string home = surroundings.home();
    return home.empty() ? "" : home + "/.qiskit/qiskit-ibm.json";
}

std::optional<Account> from_qiskit_file(const Surroundings& surroundings, const AccountChoice& choice) {
    const std::string file = saved_accounts_file(surroundings);
    if (file.empty() || !exists(file)) {
        if (choice.name)
            throw Error(
                ErrorKind::auth,
                fmt::format("the account \"{}\" is asked for, and there is no file ~/.qiskit/qiskit-ibm.json",
                            *choice.name),
                "Save it with Qiskit, or leave the name out and use qdcnn auth login ibm.");
        return std::nullopt;
    }
    auto account = pick_saved_account(read_file(file), file, choice, environment_channel(surroundings));
    if (account)
        if (const std::string warning = warning_of_mode(file); !warning.empty())
            account->warnings.push_back(warning);
    return account;
}

std::optional<Account> pick(const Surroundings& surroundings, const AccountChoice& choice) {
    if (choice.name) return from_qiskit_file(surroundings, choice);
    if (auto account = from_qiskit_variables(surroundings, choice)) return account;
    if (auto account = from_qrmi_variables(surroundings, choice.device.value_or(""))) return account;
    if (!choice.device)
        if (auto account = from_devices_variables(surroundings)) return account;
    if (auto account = from_own_store(surroundings)) return account;
    return from_qiskit_file(surroundings, choice);
}

/// What the settings say in place of the account, unless it comes from an earlier level.
void apply(const Settings& settings, Account& account) {
    const auto counts = [&](const char* name) {
        const auto& value = settings.value(name);
        return value && value->level <= account.level;
    };
    if (counts("ibm.instance")) account.instance = settings.text("ibm.instance");
    if (counts("ibm.region")) account.region = settings.text("ibm.region");
    if (counts("ibm.plans")) account.plans = settings.texts("ibm.plans");
    if (counts("ibm.tags")) account.tags = settings.texts("ibm.tags");
    if (counts("ibm.url")) account.url = settings.text("ibm.url").value();
    // A flag is about this call; an account's own file and proxy are about the account.
    const auto is_flag = [&](const char* name) {
        const auto& value = settings.value(name);
        return value && value->level == Level::flag;
    };
    if (is_flag("ca_file")) account.ca_file.reset();
    if (is_flag("proxy")) account.proxy.reset();
}

}  // namespace

std::optional<Account> find_account(const Settings& settings, const Surroundings& surroundings,
                                    const AccountChoice& choice) {
    AccountChoice complete = choice;
    if (!complete.name) complete.name = settings.text("ibm.account");
    if (complete.channel) check_channel(*complete.channel, "the channel asked for");
    std::optional<Account> account = pick(surroundings, complete);
    if (!account) return std::nullopt;
    apply(settings, *account);
    const auto or_variable = [&](std::optional<std::string>& url, const char* variable) {
        if (!url) url = surroundings.value(variable);
        if (url) url = without_slash(*url);
    };
    or_variable(account->iam_url, "IAM_URL");
    or_variable(account->search_url, "GLOBAL_SEARCH_URL");
    or_variable(account->catalog_url, "GLOBAL_CATALOG_URL");
    account->url = without_slash(account->url);
    return account;
}

Account require_account(const Settings& settings, const Surroundings& surroundings,
                        const AccountChoice& choice) {
    if (auto account = find_account(settings, surroundings, choice)) return std::move(*account);
    throw Error(ErrorKind::auth, "there is no account for IBM Quantum",
                "Run qdcnn auth login ibm, or set QISKIT_IBM_TOKEN. To try without an account: --backend "
                "rehearsal.");
}

}  // namespace qdcnn::vendors::ibm
