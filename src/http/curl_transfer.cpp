#include "http/curl_transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "http/curl_failure.h"
#include "http/wire_headers.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/redact.h"

namespace qdcnn::http {
namespace {

using std::chrono::milliseconds;

constexpr int kMostRedirects = 5;
constexpr std::size_t kMostHeaderBytes = std::size_t{256} << 10;

template <typename T>
void set(CURL* handle, CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(handle, option, value);
    // An option that is refused may be one that keeps the connection safe.
    if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code != CURLE_OK)
        throw Error(ErrorKind::internal, fmt::format("curl refuses option {}: {}", static_cast<int>(option),
                                                     curl_easy_strerror(code)));
}

bool is_redirect(const Response& response) {
    const int status = response.status;
    const bool moves = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return moves && response.headers.has("Location");
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const char* name_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::dns:
            return "no address found for";
        case FailureKind::refused:
            return "no connection to";
        case FailureKind::proxy:
            return "the proxy would not connect to";
        case FailureKind::tls:
            return "no safe connection to";
        case FailureKind::timeout:
            return "no reply in time from";
        case FailureKind::reset:
            return "the connection broke to";
        case FailureKind::truncated:
            return "a reply cut short from";
        case FailureKind::too_large:
            return "too large a reply from";
        case FailureKind::bad_redirect:
            return "a redirect that is not followed from";
        case FailureKind::protocol:
            return "no valid HTTP reply from";
        case FailureKind::held_back:
            return "nothing sent to";
        case FailureKind::interrupted:
            return "interrupted while waiting for";
    }
    return "";
}

/// Whether the body's end is announced, or there is none.
bool has_known_end(const Request& request, const Response& response) {
    const Headers& headers = response.headers;
    return request.method == Method::head || response.status == 204 || response.status == 304 ||
           headers.has("Content-Length") || headers.has("Transfer-Encoding");
}

}  // namespace

void require_sendable(const Request& request) {
    const auto refuse = [](const std::string& message, const std::string& hint = {}) {
        throw Error(ErrorKind::invalid_input, message, hint);
    };
    const std::optional<Url> url = parse_url(request.url);
    if (!url)
        refuse("this is no URL that a request can be sent to: \"" + redactor().redact(request.url) + "\"");
    if (url->has_user) refuse(fmt::format("the URL of {} holds a user name or password", url->host));
    if (url->scheme != "https" && !(url->scheme == "http" && is_loopback(*url)))
        refuse(fmt::format("{}://{}: only https is sent over the network, http to this machine", url->scheme,
                           url->host),
               "Write the address with https.");
    if (request.time_limit <= milliseconds(0) || request.connect_limit <= milliseconds(0))
        refuse(fmt::format("a request to {} without a time limit above 0 ms", url->host));
    if (!request.body.empty() && (request.method == Method::get || request.method == Method::head))
        refuse(fmt::format("a {} request to {} with a body", to_string(request.method), url->host));
}

Transfer::Transfer(const Request& request, const TransportSettings& settings)
    : request_(&request),
      settings_(&settings),
      deadline_(std::chrono::steady_clock::now() + request.time_limit),
      handle_(curl_easy_init()),
      url_text_(request.url),
      url_(parse_url(request.url).value()) {
    if (!handle_) throw std::bad_alloc();
    set_up();
}

void Transfer::set_up() {
    CURL* handle = handle_.get();
    curl_easy_reset(handle);
    error_[0] = '\0';
    header_bytes_ = 0;
    headers_are_complete_ = false;
    response_ = {};
    set(handle, CURLOPT_PRIVATE, this);
    set(handle, CURLOPT_ERRORBUFFER, error_);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    // A name server that does not answer must not hold the end of the transfer up.
    set(handle, CURLOPT_QUICK_EXIT, 1L);
    set(handle, CURLOPT_URL, url_text_.c_str());
    // Over HTTP/1.1 one connection carries one request at a time, so what happens to it happens to that
    // request.
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_ACCEPT_ENCODING, kAcceptedEncodings);
    set(handle, CURLOPT_USERAGENT, kUserAgent);
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - std::chrono::steady_clock::now());
    const auto limit = std::max<long>(1, left.count());
    set(handle, CURLOPT_TIMEOUT_MS, limit);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, std::min<long>(limit, request_->connect_limit.count()));
    // A HEAD announces the size of a body that does not come.
    if (request_->method != Method::head)
        set(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_->max_response_bytes));
    set(handle, CURLOPT_PREREQFUNCTION, &Transfer::before_request);
    set(handle, CURLOPT_PREREQDATA, this);
    set(handle, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    set(handle, CURLOPT_HEADERDATA, this);
    set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(handle, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(handle, CURLOPT_WRITEDATA, this);
    // On a kept connection curl sends again when it finds it dead, which a submit must not be.
    if (is_submit()) set(handle, CURLOPT_FRESH_CONNECT, 1L);
    set_up_security();
    set_up_method();
    set_up_headers();
}

void Transfer::set_up_security() {
    CURL* handle = handle_.get();
    const bool is_local = is_loopback(url_);
    set(handle, CURLOPT_PROTOCOLS_STR, is_local ? "http,https" : "https");
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    set(handle, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    if (!settings_->ca_file.empty()) {
        for (const CURLoption option : {CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO})
            set(handle, option, settings_->ca_file.c_str());
        for (const CURLoption option : {CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH})
            set(handle, option, static_cast<const char*>(nullptr));
    }
    // Never left unset: curl would then read the environment by rules of its own.
    set(handle, CURLOPT_PROXY, is_local ? "" : settings_->proxy.c_str());
    set(handle, CURLOPT_NOPROXY, is_local ? "*" : settings_->no_proxy.c_str());
}

void Transfer::set_up_method() {
    CURL* handle = handle_.get();
    const bool has_body = request_->method == Method::post || request_->method == Method::put ||
                          request_->method == Method::patch || !request_->body.empty();
    if (has_body) {
        set(handle, CURLOPT_POST, 1L);
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_->body.size()));
        set(handle, CURLOPT_POSTFIELDS, request_->body.c_str());
    } else if (request_->method == Method::head) {
        set(handle, CURLOPT_NOBODY, 1L);
    } else {
        set(handle, CURLOPT_HTTPGET, 1L);
    }
    if (request_->method != Method::head) set(handle, CURLOPT_CUSTOMREQUEST, to_string(request_->method));
}

void Transfer::set_up_headers() {
    StringList list;
    const auto append = [&](const std::string& line) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) throw std::bad_alloc();
        (void)list.release();
        list.reset(longer);
    };
    // "Name;" sends an empty value and "Name:" none, in curl's own writing.
    for (const auto& [name, value] : request_->headers)
        append(value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
    if (!request_->headers.has("Content-Type")) append("Content-Type:");
    // With Expect, a refusal would make curl send once more.
    append("Expect:");
    header_list_ = std::move(list);
    set(handle_.get(), CURLOPT_HTTPHEADER, header_list_.get());
}

Reach Transfer::reach() const {
    if (response_.status != 0) return Reach::answered;
    return times_sent_ > 0 ? Reach::maybe_sent : Reach::not_sent;
}

std::optional<Outcome> Transfer::finish(CURLcode code) {
    if (code == CURLE_OK && !aborted_ && is_redirect(response_)) return follow();
    return outcome_of(code);
}

Outcome Transfer::outcome_of(CURLcode code) const {
    if (aborted_) return failure(*aborted_, abort_reason_);
    // Curl takes any end of a TLS connection for its end in good order. A body that is as long as the
    // connection would then end where whoever cuts the line likes.
    if (code == CURLE_OK && headers_are_complete_ && url_.scheme == "https" &&
        !has_known_end(*request_, response_))
        return failure(FailureKind::truncated, "its length is not announced");
    if (code == CURLE_OK && headers_are_complete_) return response_;
    // Curl takes the end of the connection within the headers for their end.
    if (code == CURLE_OK && response_.status != 0)
        return failure(FailureKind::truncated, "it ended within its headers");
    if (code == CURLE_OK) return failure(FailureKind::protocol, "no status of 200 or more");
    long proxy_status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    FailureKind kind = kind_of(code, reach(), proxy_status);
    // Curl has one code for a broken connection and for chunks that are none.
    if (kind == FailureKind::reset && std::string_view(error_).find("chunk") != std::string_view::npos)
        kind = FailureKind::protocol;
    // Before the request is sent, curl's own text tells of names and certificates; later it may quote the
    // reply.
    const bool says_more = reach() == Reach::not_sent && error_[0] != '\0';
    return failure(kind, says_more ? error_ : curl_easy_strerror(code));
}

std::optional<Outcome> Transfer::follow() {
    if (request_->method != Method::get && request_->method != Method::head)
        return failure(FailureKind::bad_redirect,
                       fmt::format("a {} is not sent elsewhere", to_string(request_->method)));
    if (++redirects_ > kMostRedirects) return failure(FailureKind::bad_redirect, "redirected too often");
    char* target = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &target);
    const std::optional<Url> url = target != nullptr ? parse_url(target) : std::nullopt;
    if (!url) return failure(FailureKind::bad_redirect, "its Location is no URL");
    if (*url != url_)
        return failure(FailureKind::bad_redirect,
                       fmt::format("to another server, {}://{}:{}", url->scheme, url->host, url->port));
    url_text_ = target;
    set_up();
    return std::nullopt;
}

Failure Transfer::give_up(FailureKind kind) const { return failure(kind, ""); }

Failure Transfer::failure(FailureKind kind, const std::string& reason) const {
    std::string text = fmt::format("{} {}", name_of(kind), url_.host);
    if (!reason.empty()) text += ": " + redactor().redact(reason);
    // Names in certificates and Locations are the other side's to choose.
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
    Failure result{.kind = kind, .reach = reach(), .status = std::nullopt, .message = std::move(text)};
    if (response_.status != 0) result.status = response_.status;
    return result;
}

void Transfer::abort(FailureKind kind, const char* reason) {
    aborted_ = kind;
    abort_reason_ = reason;
}

int Transfer::before_request(void* self, char*, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.times_sent_ > 0 && transfer.is_submit()) {
        transfer.abort(FailureKind::reset, "a submit is not sent a second time");
        return CURL_PREREQFUNC_ABORT;
    }
    ++transfer.times_sent_;
    return CURL_PREREQFUNC_OK;
}

std::size_t Transfer::take_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    try {
        return transfer.take_header_line({data, size * count}) ? size * count : 0;
    } catch (const std::exception&) {  // No exception may pass through curl.
        transfer.abort(FailureKind::protocol, "a header that is none");
        return 0;
    }
}

bool Transfer::take_header_line(std::string_view line) {
    if (headers_are_complete_) return true;  // A trailer behind the body says nothing that is read.
    header_bytes_ += line.size();
    if (header_bytes_ > kMostHeaderBytes) {
        abort(FailureKind::too_large, "its headers");
        return false;
    }
    if (line.starts_with("HTTP/")) {
        long status = 0;
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        response_ = {};
        response_.status = static_cast<int>(status >= 200 ? status : 0);
        return true;
    }
    if (response_.status == 0) return true;  // Of an interim reply (1xx).
    const std::string_view text = trimmed(line);
    if (text.empty()) return finish_headers();
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        abort(FailureKind::protocol, "a header without a colon");
        return false;
    }
    response_.headers.add(std::string(trimmed(text.substr(0, colon))),
                          std::string(trimmed(text.substr(colon + 1))));
    return true;
}

bool Transfer::finish_headers() {
    headers_are_complete_ = true;
    const std::vector<std::string> lengths = response_.headers.get_all("Content-Length");
    const bool agree =
        std::all_of(lengths.begin(), lengths.end(), [&](const auto& one) { return one == lengths[0]; });
    if (!agree) abort(FailureKind::protocol, "two lengths that differ");
    return agree;
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t bytes = size * count;
    std::string& body = transfer.response_.body;
    if (bytes > transfer.request_->max_response_bytes - body.size()) {
        transfer.abort(FailureKind::too_large, "its body");
        return 0;
    }
    try {
        body.append(data, bytes);
    } catch (const std::exception&) {
        transfer.abort(FailureKind::too_large, "no memory for its body");
        return 0;
    }
    return bytes;
}

}  // namespace qdcnn::http
