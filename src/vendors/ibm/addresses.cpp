#include "vendors/ibm/addresses.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"

namespace qdcnn::vendors::ibm {
namespace {

constexpr std::string_view kDefaultHost = "cloud.ibm.com";
constexpr std::string_view kVerbatim = "experimental";

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

/// IBM's services are named after the host of the account's url; its port and path count for nothing.
std::string host_of(const std::string& url) {
    if (url.empty()) return std::string(kDefaultHost);
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos)
        throw Error(ErrorKind::invalid_input, "the account's url is no URL",
                    "For example https://cloud.ibm.com");
    const std::size_t start = scheme + 3;
    const std::string host = url.substr(start, url.find_first_of(":/?#", start) - start);
    if (host.empty() || host.find('@') != std::string::npos)
        throw Error(ErrorKind::invalid_input, "the account's url names no host",
                    "For example https://cloud.ibm.com");
    return host;
}

/// Field k of a CRN, from 0.
std::string crn_field(const std::string& crn, int k) {
    std::size_t start = 0;
    for (; k > 0; --k) {
        start = crn.find(':', start);
        if (start == std::string::npos) return {};
        ++start;
    }
    return crn.substr(start, crn.find(':', start) - start);
}

}  // namespace

bool is_crn(const std::string& instance) { return instance.starts_with("crn:"); }

std::string region_of(const std::string& crn) { return is_crn(crn) ? crn_field(crn, 5) : ""; }

Addresses addresses_of(const Account& account) {
    const std::string host = host_of(account.url);
    const std::string prefix = account.is_private_endpoint ? "private." : "";
    const std::string instance = account.instance.value_or("");
    const char* stage = is_crn(instance) && crn_field(instance, 2) == "staging" ? "test." : "";
    const auto or_else = [](const std::optional<std::string>& own, std::string usual) {
        return own ? without_slash(*own) : std::move(usual);
    };
    // IAM is one for all hosts.
    return {.iam = or_else(account.iam_url, fmt::format("https://{}iam.{}{}", prefix, stage, kDefaultHost)),
            .search = or_else(account.search_url, fmt::format("https://api.global-search-tagging.{}", host)),
            .catalog = or_else(account.catalog_url, fmt::format("https://globalcatalog.{}/api/v1", host))};
}

std::string api_base(const Account& account, const std::string& instance) {
    if (account.api_url) return without_slash(*account.api_url);
    if (account.url.find(kVerbatim) != std::string::npos) return without_slash(account.url);
    if (!is_crn(instance) && !account.url.empty()) return without_slash(account.url);
    const std::string region = region_of(instance), host = host_of(account.url);
    if (account.is_private_endpoint) return fmt::format("https://private.{}.quantum.{}/api/v1", region, host);
    if (region.empty() || region == "us-east") return fmt::format("https://quantum.{}/api/v1", host);
    return fmt::format("https://{}.quantum.{}/api/v1", region, host);
}

std::string percent_encoded(const std::string& text) {
    std::string encoded;
    for (const char c : text) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '-' || c == '.' || c == '_' || c == '~';
        if (is_plain)
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string query_text(const Query& query) {
    std::string text;
    for (const auto& [name, value] : query)
        text += (text.empty() ? "?" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
    return text;
}

}  // namespace qdcnn::vendors::ibm
