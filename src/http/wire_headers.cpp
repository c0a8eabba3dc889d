#include "http/wire_headers.h"

#include "http/url.h"
#include "qdcnn/http/transport.h"

namespace qdcnn::http {

Headers wire_headers(const Request& request) {
    const auto url = parse_url(request.url);
    if (!url) throw Error(ErrorKind::invalid_input, "the request's URL is none");
    const bool is_usual = url->port == (url->scheme == "https" ? "443" : "80");
    Headers headers{{"Host", is_usual ? url->host : url->host + ":" + url->port},
                    {"User-Agent", kUserAgent},
                    {"Accept-Encoding", kAcceptedEncodings}};
    for (const auto& [name, value] : request.headers) headers.add(name, value);
    if (!request.body.empty()) headers.add("Content-Length", std::to_string(request.body.size()));
    return headers;
}

}  // namespace qdcnn::http
