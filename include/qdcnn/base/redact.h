#pragma once

#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace qdcnn {

/// Takes secrets out of text that people or files will see. Two nets: what was registered is found wherever
/// it stands, also percent-encoded or escaped as in JSON; and what looks like a secret is found by its
/// surroundings (values of names such as Authorization, apikey or access_token in headers, queries and JSON;
/// "Bearer x"; JSON web tokens; AWS key ids; PEM private keys; user and password in a URL). Usable from any
/// thread.
class Redactor {
  public:
    /// What stands in a secret's place.
    static constexpr std::string_view kMarker = "[redacted]";
    /// Shorter secrets are not registered: half of all words would hold them.
    static constexpr std::size_t kShortestSecret = 4;

    /// Registers a secret for the rest of the process. The order does not matter, twice is once.
    void add_secret(std::string_view secret);

    /// For tests that register many.
    void forget_secrets();

    /// The text without secrets. Doing it twice changes nothing more.
    std::string redact(std::string_view text) const;

  private:
    mutable std::shared_mutex mutex_;
    std::vector<std::string> secrets_;  // In every spelling that is looked for.
};

/// The process's one redactor, in front of the log and of messages that quote what came from outside.
Redactor& redactor();

}  // namespace qdcnn
