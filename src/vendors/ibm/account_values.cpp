#include <fmt/format.h>
#include <fmt/ranges.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/vendors/ibm/account.h"
#include "vendors/ibm/saved_accounts.h"

namespace qdcnn::vendors::ibm {
namespace {

struct OptionalKey {
    const char* name;
    std::optional<std::string> Account::*field;
};
constexpr OptionalKey kOptionalKeys[] = {
    {"instance", &Account::instance},     {"region", &Account::region},
    {"api_url", &Account::api_url},       {"iam_url", &Account::iam_url},
    {"search_url", &Account::search_url}, {"catalog_url", &Account::catalog_url},
};

struct ListKey {
    const char* name;
    std::vector<std::string> Account::*field;
};
constexpr ListKey kListKeys[] = {
    {"plans", &Account::plans}, {"tags", &Account::tags}, {"devices", &Account::devices}};

std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        if (comma > start) parts.push_back(text.substr(start, comma - start));
        start = comma + 1;
    }
    return parts;
}

}  // namespace

std::map<std::string, std::string> values_of(const Account& account) {
    std::map<std::string, std::string> values{
        {"token", account.token}, {"url", account.url}, {"channel", account.channel}};
    for (const OptionalKey& key : kOptionalKeys)
        if (const auto& value = account.*key.field) values[key.name] = *value;
    for (const ListKey& key : kListKeys)
        if (const auto& list = account.*key.field; !list.empty())
            values[key.name] = fmt::format("{}", fmt::join(list, ","));
    if (account.is_private_endpoint) values["private_endpoint"] = "true";
    return values;
}

Account account_of_values(const std::map<std::string, std::string>& values) {
    const auto value = [&](const char* name) -> std::optional<std::string> {
        const auto found = values.find(name);
        if (found == values.end() || found->second.empty()) return std::nullopt;
        return found->second;
    };
    Account account;
    const auto token = value("token");
    if (!token)
        throw Error(ErrorKind::auth, "there is no token for IBM Quantum",
                    "Run qdcnn auth login ibm, or set QISKIT_IBM_TOKEN.");
    redactor().add_secret(*token);
    account.token = *token;
    account.url = value("url").value_or(account.url);
    account.channel = value("channel").value_or(account.channel);
    check_channel(account.channel, "the channel");
    for (const OptionalKey& key : kOptionalKeys) account.*key.field = value(key.name);
    for (const ListKey& key : kListKeys) account.*key.field = parts_of(value(key.name).value_or(""));
    account.is_private_endpoint = value("private_endpoint") == "true";
    return account;
}

}  // namespace qdcnn::vendors::ibm
