#pragma once

#include <optional>
#include <string>

namespace qdcnn::http {

/// The parts of a URL that decide how it may be reached.
struct Url {
    std::string scheme;  ///< in lower case
    std::string host;    ///< in lower case, an IPv6 address in brackets
    std::string port;    ///< also where the URL does not write it
    bool has_user = false;

    /// scheme, host and port: the same for all that one server under one name answers.
    bool operator==(const Url&) const = default;
};

/// Nothing where the text is no absolute URL that curl reads.
std::optional<Url> parse_url(const std::string& text);

/// localhost, 127.0.0.0/8 and ::1, in their full spelling. Curl resolves localhost itself, whatever a name
/// server says.
bool is_loopback(const Url& url);

}  // namespace qdcnn::http
