#pragma once

#include <string>
#include <utility>
#include <vector>

#include "qdcnn/vendors/ibm/account.h"

namespace qdcnn::vendors::ibm {

/// Where an account's services are. No slash at the end.
struct Addresses {
    /// Takes /identity/token.
    std::string iam;
    /// Takes /v3/resources/search.
    std::string search;
    /// Takes the id of a plan.
    std::string catalog;
};

/// Throws Error(invalid_input) where the account's url is none.
Addresses addresses_of(const Account& account);

/// The API's base for an instance: the account's own url where that holds the word "experimental" or the
/// instance is no CRN; else by the CRN's region.
std::string api_base(const Account& account, const std::string& instance);

bool is_crn(const std::string& instance);
/// The part of a CRN that names the region; empty where it is none.
std::string region_of(const std::string& crn);

/// Everything but letters, digits and -._~ as %XX.
std::string percent_encoded(const std::string& text);

/// A query with its "?"; empty without fields.
using Query = std::vector<std::pair<std::string, std::string>>;
std::string query_text(const Query& query);

}  // namespace qdcnn::vendors::ibm
