#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "qdcnn/vendors/ibm/service.h"
#include "vendors/ibm/client.h"

namespace qdcnn::vendors::ibm {

/// All instances of the key's account, in the search's order; without plan and pricing where the catalogue
/// does not tell them.
std::vector<Instance> find_instances(Client& client, const Addresses& addresses);

/// Those that the account asks for, in the order in which they are tried. Throws Error(not_found) where none
/// is left, naming those there are.
std::vector<Instance> pick_instances(const std::vector<Instance>& all, const Account& account);

/// The account's instances, found when they are first asked for. Usable from several threads.
class Instances {
  public:
    /// All outlive this.
    Instances(Client& client, const Account& account, const Addresses& addresses)
        : client_(client), account_(account), addresses_(addresses) {}

    /// As pick_instances says. A failure is not kept: the next call asks again.
    std::vector<Instance> get();
    /// Where calls about jobs go: get()'s, or, without asking anybody, the one whose CRN the account names.
    std::vector<Route> routes();

  private:
    Client& client_;
    const Account& account_;
    const Addresses& addresses_;
    std::mutex mutex_;
    std::optional<std::vector<Instance>> found_;
};

}  // namespace qdcnn::vendors::ibm
