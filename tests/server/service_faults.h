#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "qdcnn/base/error.h"
#include "support/fault_proxy.h"

namespace qdcnn::server {

/// What a fault is to a call that may be sent again.
enum class FaultClass {
    passes,      ///< it is sent again, and comes through once the fault is over
    unsent,      ///< nothing was sent, so that even a submit is tried again
    stays,       ///< the first reply counts
    token,       ///< a fresh token is fetched, once
    redirected,  ///< a GET follows, five times at most; anything else does not
    nonsense     ///< a success whose body is none of the service's
};

/// Where a request ends up that does not get as far as the server.
enum class Detour {
    none,
    unknown_host,       ///< DNS has no such name
    closed_port,        ///< nobody listens
    wrong_name,         ///< TLS: the certificate is another host's
    expired,            ///< TLS: it was valid until an hour ago
    self_signed,        ///< TLS: nobody trusted has signed it
    unknown_authority,  ///< TLS: an authority has signed it that is not trusted
    cut_in_handshake    ///< the connection ends before TLS stands
};
inline constexpr int kDetourCount = 8;

struct ServiceFault {
    const char* name;
    FaultClass kind;
    /// Of what is thrown in the end where the fault does not.
    ErrorKind error;
    /// A submit is refused; else its fate is unclear.
    bool is_refusal;
    /// The server acts on the request.
    bool is_acted_on;
    /// Nothing ends it but the client's own deadline.
    bool is_stall;
    test::FaultProxy::Misdeed misdeed;
    Detour detour = Detour::none;
};

inline void PrintTo(const ServiceFault& fault, std::ostream* out) { *out << fault.name; }

namespace faults {

using test::Connection;
using PassOn = std::function<std::string()>;
using Misdeed = test::FaultProxy::Misdeed;

inline Misdeed says(std::string bytes) {
    return [bytes](Connection& connection, const PassOn&) { connection.send(bytes); };
}
inline Misdeed answers(int status, const std::string& body, const std::string& lines = {}) {
    return says(test::http_reply(status, body, lines));
}
/// With a code of nobody's, so that the status alone counts.
inline Misdeed replies(int status, const std::string& lines = {}) {
    return answers(status, R"({"errors": [{"code": "none", "message": "no"}]})", lines);
}
inline Misdeed resets_after(std::string bytes) {
    return [bytes](Connection& connection, const PassOn&) {
        connection.send(bytes);
        connection.reset();
    };
}
inline Misdeed stalls_after(std::string bytes) {
    return [bytes](Connection& connection, const PassOn&) {
        connection.send(bytes);
        connection.wait_for_end();
    };
}
inline Misdeed acts_then(const Misdeed& misdeed) {
    return [misdeed](Connection& connection, const PassOn& pass_on) {
        pass_on();
        misdeed(connection, pass_on);
    };
}
inline const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n";
inline const std::string kPage = "<html><body>Please log in</body></html>";
inline const std::string kHtmlLine = "Content-Type: text/html\r\n";
/// What a job that has failed looks like, but for whose it is.
inline const std::string kNoId = R"({"state": {"status": "Failed"}, "status": "Failed"})";

}  // namespace faults

inline std::vector<ServiceFault> service_faults() {
    using namespace faults;
    using enum FaultClass;
    using enum ErrorKind;
    // Refusal, acted on, stall.
    return {
        {"reset_before_reply", passes, network, false, false, false, resets_after("")},
        {"reset_in_headers", passes, network, false, false, false, resets_after("HTTP/1.1 200 OK\r\nCont")},
        {"reset_in_body", passes, network, false, false, false, resets_after(kHead + "\r\n{")},
        {"truncated_body", passes, network, false, false, false, says(kHead + "\r\n{\"id\"")},
        {"truncated_chunk", passes, network, false, false, false,
         says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"id\"")},
        {"stall_before_reply", passes, timeout, false, false, true, stalls_after("")},
        {"stall_in_body", passes, timeout, false, false, true, stalls_after(kHead + "\r\n{")},
        {"reset_after_commit", passes, network, false, true, false, acts_then(resets_after(""))},
        {"stall_after_commit", passes, timeout, false, true, true, acts_then(stalls_after(""))},
        {"truncated_after_commit", passes, network, false, true, false, acts_then(says(kHead + "\r\n{"))},
        {"status_502_after_commit", passes, vendor, false, true, false,
         acts_then(answers(502, kPage, kHtmlLine))},
        {"no_http", stays, network, false, false, false, says("SSH-2.0-OpenSSH_9.2\r\n")},
        {"status_400", stays, invalid_input, true, false, false, replies(400)},
        {"status_401", token, auth, true, false, false, replies(401)},
        {"status_403", stays, auth, true, false, false, replies(403)},
        {"status_404", stays, not_found, true, false, false, replies(404)},
        {"status_404_html", stays, not_found, true, false, false, answers(404, kPage, kHtmlLine)},
        {"status_409", stays, quota, true, false, false, replies(409)},
        {"status_413", stays, invalid_input, true, false, false, replies(413)},
        {"status_429", stays, rate_limited, true, false, false, replies(429)},
        {"status_429_says_when", passes, rate_limited, true, false, false,
         replies(429, "Retry-After: 2\r\n")},
        {"status_500", passes, vendor, false, false, false, replies(500)},
        {"status_501", stays, vendor, false, false, false, replies(501)},
        {"status_502_html", passes, vendor, false, false, false, answers(502, kPage, kHtmlLine)},
        {"status_503_says_when", passes, vendor, false, false, false, replies(503, "Retry-After: 3\r\n")},
        {"status_504_empty", passes, vendor, false, false, false, answers(504, "")},
        {"redirect_to_another_host", stays, network, false, false, false,
         replies(302, "Location: http://127.0.0.2:1/elsewhere\r\n")},
        {"redirect_to_another_scheme", stays, network, false, false, false,
         replies(307, "Location: ftp://127.0.0.1/elsewhere\r\n")},
        {"redirect_to_the_same_host", redirected, network, false, false, false,
         replies(307, "Location: ?again=1\r\n")},
        {"html_for_json", nonsense, vendor, false, false, false, answers(200, kPage, kHtmlLine)},
        {"html_after_commit", nonsense, vendor, false, true, false,
         acts_then(answers(200, kPage, kHtmlLine))},
        {"bad_utf8", nonsense, vendor, false, false, false, answers(200, "{\"id\": \"\xff\xc0\"}")},
        {"array_for_object", nonsense, vendor, false, false, false, answers(200, "[1, 2]")},
        {"number_for_id", nonsense, vendor, false, false, false,
         answers(200, R"({"id": 7, "jobs": 7, "devices": 7, "items": 7, "access_token": 7})")},
        {"missing_id", nonsense, vendor, false, false, false, answers(200, kNoId)},
        {"empty_200", nonsense, vendor, false, false, false, answers(200, "")},
        {"dns_unknown_host", unsent, network, true, false, false, {}, Detour::unknown_host},
        {"refused", unsent, network, true, false, false, {}, Detour::closed_port},
        {"tls_wrong_name", stays, network, true, false, false, {}, Detour::wrong_name},
        {"tls_expired", stays, network, true, false, false, {}, Detour::expired},
        {"tls_self_signed", stays, network, true, false, false, {}, Detour::self_signed},
        {"tls_unknown_authority", stays, network, true, false, false, {}, Detour::unknown_authority},
        {"tls_cut_in_handshake", stays, network, true, false, false, {}, Detour::cut_in_handshake},
    };
}

}  // namespace qdcnn::server
