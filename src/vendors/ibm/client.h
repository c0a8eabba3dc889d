#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/base/json.h"
#include "qdcnn/http/retry.h"
#include "qdcnn/http/retrying_transport.h"
#include "vendors/ibm/addresses.h"
#include "vendors/ibm/identity.h"

namespace qdcnn::vendors::ibm {

/// IBM's rules for sending again.
http::RetryPolicy retry_policy();

/// A call of the runtime's API.
struct Call {
    http::Method method = http::Method::get;
    /// Behind the base, percent-encoded, for example "/jobs".
    std::string path{};
    Query query{};
    /// JSON text; empty: none.
    std::string body{};
    /// As "asking for the job's status", for messages.
    std::string doing{};
    std::optional<http::Effect> effect{};
    std::chrono::milliseconds time_limit{60'000};
    std::size_t max_response_bytes = std::size_t{64} << 20;
    /// Statuses that are an answer, beside successes.
    std::vector<int> answers{};
};

/// Where a call goes.
struct Route {
    std::string base;
    std::string crn;
};

/// Sends calls with the account's token and IBM's headers, by its rules; a token that is refused is fetched
/// once more. Usable from several threads.
class Client {
  public:
    /// transport: without retries. It and the clock outlive this.
    Client(http::Transport& transport, Clock& clock, std::uint64_t seed, const Addresses& addresses,
           std::string api_key);

    /// What `send` and `try_send` send with this token: the one place where a request is written.
    static http::Request request_of(const Route& route, const Call& call, const std::string& token);

    /// The reply, a success or one of call.answers. Throws Error otherwise.
    http::Response send(const Route& route, const Call& call);
    /// Whatever came of it, but for a refused token. Throws Error where there is no token: then nothing was
    /// sent.
    http::Outcome try_send(const Route& route, const Call& call);
    /// The body of a success as JSON; throws Error(vendor) when it is none.
    nlohmann::json ask(const Route& route, const Call& call);

    /// The search and the catalogue take the token alone. url: the whole address.
    nlohmann::json ask_platform(http::Method method, const std::string& url, const std::string& body,
                                const std::string& doing);

    /// The reply's JSON object. Throws Error(vendor) where it is none.
    static nlohmann::json read(const http::Response& response, const std::string& doing);

  private:
    http::Outcome with_token(const std::function<http::Outcome(const std::string& token)>& send);
    http::RetryingTransport transport_;
    TokenSource tokens_;
};

}  // namespace qdcnn::vendors::ibm
