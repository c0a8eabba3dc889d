#pragma once

#include <string>

#include "message.h"
#include "qdcnn/server/server.h"

namespace qdcnn::server {

/// Keys, access tokens and instances of the one account that the server has.
class AccountDesk {
  public:
    /// Outlived by the settings.
    explicit AccountDesk(const Settings& settings) : settings_(settings) {}

    /// POST /identity/token
    Reply token(const Request& request) const;
    /// POST /v3/resources/search
    Reply search(const Request& request) const;
    /// GET /catalog/{plan}
    Reply catalog(const std::string& plan) const;

    /// The CRN that a request of the runtime is for. Refuses a request without a valid token, or for an
    /// instance that is none.
    std::string authorise(const Request& request) const;

  private:
    std::string signature(const std::string& text) const;
    void check_token(const Request& request) const;
    bool is_key(const std::string& key) const;

    const Settings& settings_;
};

}  // namespace qdcnn::server
