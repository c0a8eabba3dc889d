#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "qdcnn/base/error.h"

namespace qdcnn::http {

enum class Method { get, head, post, put, patch, del };

/// "GET" and so on.
const char* to_string(Method method);

/// Header fields in order. Names are compared without regard to case; a name may stand more than once.
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields);

    /// Throws Error(invalid_input), without the value, when the name is no token of RFC 9110 or the value
    /// holds a line end or a NUL.
    void add(std::string name, std::string value);
    /// Removes fields of that name, then adds.
    void set(std::string name, std::string value);

    /// The first of that name.
    std::optional<std::string> get(std::string_view name) const;
    std::vector<std::string> get_all(std::string_view name) const;
    bool has(std::string_view name) const { return get(name).has_value(); }

    std::vector<Field>::const_iterator begin() const { return fields_.begin(); }
    std::vector<Field>::const_iterator end() const { return fields_.end(); }

  private:
    std::vector<Field> fields_;
};

/// What a second sending of a request does.
enum class Effect {
    read,        ///< nothing is changed however often it is sent
    idempotent,  ///< twice is the same as once
    once         ///< twice costs twice: a submit
};

struct Request {
    Method method = Method::get;
    /// https, or http to this machine (localhost, 127.x.x.x, [::1]). No user or password in it.
    std::string url{};
    Headers headers{};
    std::string body{};
    /// When not said: GET and HEAD read; PUT and DELETE are idempotent; POST and PATCH are sent once. A POST
    /// that only asks (a search, a token) says Effect::read.
    std::optional<Effect> effect{};
    /// From the start of this sending to the last byte of the reply, redirects included. More than zero.
    std::chrono::milliseconds time_limit{60'000};
    /// For finding, reaching and greeting the server.
    std::chrono::milliseconds connect_limit{10'000};
    /// Of the reply's body, after decompression.
    std::size_t max_response_bytes = std::size_t{64} << 20;
};

/// request.effect, or what the method says.
Effect effect_of(const Request& request);

/// A reply that came whole, whatever its status.
struct Response {
    int status = 0;
    Headers headers{};
    std::string body{};
    /// Sendings that led to this one, itself included.
    int attempts = 1;

    bool is_success() const { return status >= 200 && status < 300; }
};

enum class FailureKind {
    dns,           ///< no address for the server (or the proxy)
    refused,       ///< no connection: refused or unreachable
    proxy,         ///< the proxy would not connect us
    tls,           ///< no safe connection: certificate, name, date, version
    timeout,       ///< the time limit passed
    reset,         ///< the connection ended before a whole status line and headers, or broke within the body
    truncated,     ///< the body ended before its announced end
    too_large,     ///< the reply is larger than the request allows
    bad_redirect,  ///< a redirect of a write, to another host, in a circle, or to nowhere
    protocol,      ///< what came is no HTTP/1.x
    held_back,     ///< not sent: the vendor asked for a longer pause than the policy waits
    interrupted    ///< base/interrupt.h was set
};

/// "dns" and so on.
const char* to_string(FailureKind kind);

/// How far a failed request got.
enum class Reach {
    not_sent,    ///< not a byte of it left: the server knows nothing of it
    maybe_sent,  ///< it may have arrived and may have been acted on
    answered     ///< the server's status line came, the rest did not
};

const char* to_string(Reach reach);

/// No whole reply.
struct Failure {
    FailureKind kind = FailureKind::protocol;
    Reach reach = Reach::maybe_sent;
    /// The status, where the server answered.
    std::optional<int> status{};
    /// For people: names the host, never a body, a token, a path or a query.
    std::string message{};
    /// Sendings that led to this one, itself included.
    int attempts = 1;
};

/// Failures are values: what to do about one depends on the request and the vendor.
using Outcome = std::variant<Response, Failure>;

/// The failure as an error to throw, with a hint: timeout, cancelled, rate_limited (held_back) or else
/// network. A submit that may have been sent is the caller's to call outcome_unknown.
Error error_of(const Failure& failure);

}  // namespace qdcnn::http
