#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/accounts/settings.h"
#include "qdcnn/accounts/surroundings.h"

namespace qdcnn::vendors::ibm {

/// With whose key, on which instance and through which hosts IBM Quantum is spoken to.
struct Account {
    /// The API key that IAM gives access tokens for. Registered with the redactor.
    std::string token{};
    /// Whose host names those of IAM, search, catalog and the API (`cloud.ibm.com`).
    std::string url = "https://cloud.ibm.com";
    std::string channel = "ibm_quantum_platform";
    /// CRN or name. Nothing, or "auto": chosen among all by region, plans and tags.
    std::optional<std::string> instance{};
    std::optional<std::string> region{};
    /// Names of plans, the best first.
    std::vector<std::string> plans{};
    std::vector<std::string> tags{};
    /// Where not empty, only these of its devices count: those whose own variables name the account.
    std::vector<std::string> devices{};
    bool is_private_endpoint = false;
    /// Taken as they are instead of those that follow from `url` and the instance: QRMI's endpoints, and the
    /// variables IAM_URL, GLOBAL_SEARCH_URL and GLOBAL_CATALOG_URL.
    std::optional<std::string> api_url{};
    std::optional<std::string> iam_url{};
    std::optional<std::string> search_url{};
    std::optional<std::string> catalog_url{};
    /// Instead of the settings' proxy, where the account names its own.
    std::optional<std::string> proxy{};
    /// Instead of the settings' ca_file, likewise.
    std::optional<std::string> ca_file{};
    /// Where the token was found, for people: "QISKIT_IBM_TOKEN", "/home/ada/.qiskit/qiskit-ibm.json, entry
    /// default-ibm-cloud".
    std::string origin{};
    accounts::Level level = accounts::Level::user;
    /// What is not in order and yet no reason to stop, for people.
    std::vector<std::string> warnings{};
};

/// What a caller says about which account it wants.
struct AccountChoice {
    /// An entry of Qiskit's file. When not said, the setting ibm.account.
    std::optional<std::string> name{};
    /// "ibm_quantum_platform" or "ibm_cloud".
    std::optional<std::string> channel{};
    /// Whose variables of QRMI count: <device>_QRMI_IBM_QCS_IAM_APIKEY and the like. When not said, those
    /// without a device's name, else those of the first device that has a key, by name.
    std::optional<std::string> device{};
};

/// The account that Qiskit's own client would pick, with two places of ours in the order:
///  1. the name, an entry of ~/.qiskit/qiskit-ibm.json; nothing else is looked at,
///  2. QISKIT_IBM_TOKEN, with QISKIT_IBM_URL and QISKIT_IBM_INSTANCE,
///  3. QRMI's variables: <device>_QRMI_IBM_QCS_*, <device>_QRMI_IBM_QRS_*, QRMI_IBM_QCS_*, QRMI_IBM_QRS_*,
///     with ENDPOINT, IAM_ENDPOINT, IAM_APIKEY, SERVICE_CRN. Where no device is asked for and only devices'
///     own variables are set, the account has those devices; where they name several accounts, the first
///     device's, and a warning says whose others there are,
///  4. what `qdcnn auth login ibm` has kept,
///  5. Qiskit's file: the entry with is_default_account (of the channel, where one is asked for), the
///     channel's default name, the channel's last entry; then the same for QISKIT_IBM_CHANNEL's channel or
///     ibm_quantum_platform; then the default name of either.
/// The settings ibm.instance, ibm.region, ibm.plans, ibm.tags and ibm.url replace what the account says
/// unless they come from a later level than it (a project's file does not change QISKIT_IBM_INSTANCE).
/// Nothing where there is no account. Throws Error(auth | invalid_input) naming variable, or file and key,
/// never a value: an entry that is no account, a legacy channel, verify = false (certificates are always
/// checked), NTLM proxies.
/// A file of Qiskit's that others can read is a warning, not an error: Qiskit writes it as the umask says.
std::optional<Account> find_account(const accounts::Settings& settings,
                                    const accounts::Surroundings& surroundings,
                                    const AccountChoice& choice = {});

/// As find_account; throws Error(auth) with what to do where there is none.
Account require_account(const accounts::Settings& settings, const accounts::Surroundings& surroundings,
                        const AccountChoice& choice = {});

/// The account that `name`, `channel` and the environment's channel pick from the text of Qiskit's file;
/// nothing where no entry fits. Without name, as steps 5 above.
std::optional<Account> pick_saved_account(const std::string& text, const std::string& file_name,
                                          const AccountChoice& choice,
                                          const std::optional<std::string>& environment_channel = {});

/// The account as ServiceSettings::values: token, url, channel, instance, region, plans, tags and devices
/// (separated by commas), private_endpoint (true), api_url, iam_url, search_url, catalog_url; only those that
/// it has. Its proxy and ca_file are the transport's.
std::map<std::string, std::string> values_of(const Account& account);

/// The other way round; keys that are none of these are left to the caller. Registers the token with the
/// redactor. Throws Error(auth) where there is no token, Error(invalid_input) for a channel that is none.
Account account_of_values(const std::map<std::string, std::string>& values);

}  // namespace qdcnn::vendors::ibm
