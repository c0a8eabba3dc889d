#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/http/message.h"

namespace qdcnn::http {

/// Sends requests. Whatever the network does comes back as an Outcome; what the caller got wrong (a URL that
/// is none, plain http to another machine, no time limit) throws Error(invalid_input) before anything is
/// sent.
class Transport {
  public:
    virtual ~Transport() = default;

    /// All of them, several at once, outcomes in the order of the requests. Usable from several threads.
    virtual std::vector<Outcome> send_all(std::span<const Request> requests) = 0;
    /// Of these, how many are under way at once.
    virtual int max_parallel() const = 0;

    Outcome send(const Request& request);
};

struct TransportSettings {
    /// Certificates (PEM) to trust instead of the system's. Empty: the system's.
    std::string ca_file{};
    /// What https requests go through, for example http://proxy.example:3128. Empty: none. Requests to this
    /// machine never do.
    std::string proxy{};
    /// Hosts that are reached directly, separated by commas: names with all below them, addresses, or *.
    std::string no_proxy{};
    /// Requests of one send_all under way at once.
    int max_parallel = 8;
    /// How long an interrupt waits for the answer to a request of Effect::once that may have been sent
    /// already.
    std::chrono::milliseconds interrupt_grace{5'000};

    /// ca_file from CURL_CA_BUNDLE or else SSL_CERT_FILE, proxy from https_proxy, HTTPS_PROXY, all_proxy or
    /// ALL_PROXY, no_proxy from no_proxy or NO_PROXY; the first that is set and not empty. `variable` stands
    /// in for std::getenv.
    static TransportSettings from_environment(const std::function<const char*(const char*)>& variable = {});
};

/// Over the network, with libcurl. HTTP/1.1; TLS 1.2 or later with certificate and name checked, which
/// nothing switches off. Connections are kept and used again, but not for requests of Effect::once: an old
/// connection may be found dead after the sending, and then only a second sending would tell. Redirects (301,
/// 302, 303, 307, 308 with a Location) are followed for GET and HEAD to the same scheme, host and port, five
/// at most. User-Agent: qdcnn/<version>. Bodies with Content-Encoding gzip or deflate come back decoded.
/// Throws Error(not_found) when ca_file cannot be read, Error(invalid_input) when max_parallel < 1 or the
/// proxy is no URL.
std::unique_ptr<Transport> make_curl_transport(
    TransportSettings settings = TransportSettings::from_environment());

/// All header fields of a request as that transport writes them: Host, User-Agent and Accept-Encoding, the
/// request's own, and the length of its body where it has one. Throws Error(invalid_input) for a URL that is
/// none.
Headers wire_headers(const Request& request);

}  // namespace qdcnn::http
