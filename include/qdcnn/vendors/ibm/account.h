#pragma once

#include <string>
#include <vector>

namespace qdcnn::vendors::ibm {

/// An account with IBM Quantum Platform, whatever file or variable it is from. Empty text: not said.
struct Account {
    /// As it was saved; for people.
    std::string name{};
    /// "ibm_quantum_platform" or "ibm_cloud": two names of one service.
    std::string channel = "ibm_quantum_platform";
    /// The API key of IBM Cloud: a secret.
    std::string token{};
    /// Empty: https://cloud.ibm.com. With the word "experimental" in it, it is the API's base as it stands.
    std::string url{};
    /// A CRN or a name. Empty or "auto": any that the account has, chosen by what follows.
    std::string instance{};
    std::string region{};
    /// Only these plans, the first first.
    std::vector<std::string> plans{};
    /// All of them must be on the instance.
    std::vector<std::string> tags{};
    /// Reach IBM by its private network.
    bool has_private_endpoint = false;
    /// For the transport: what requests go through, and certificates (PEM) to trust.
    std::string proxy{};
    std::string ca_file{};

    // Where the services beside the runtime are reached instead, as IAM_URL, GLOBAL_SEARCH_URL and
    // GLOBAL_CATALOG_URL say it: for a server on this machine.
    std::string iam_url{};
    std::string search_url{};
    std::string catalog_url{};
};

}  // namespace qdcnn::vendors::ibm
