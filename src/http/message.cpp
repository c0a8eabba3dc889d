#include "qdcnn/http/message.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace qdcnn::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_token_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

const char* hint_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::dns:
        case FailureKind::refused:
            return "Check the connection and the address; behind a proxy, set HTTPS_PROXY.";
        case FailureKind::proxy:
            return "Check HTTPS_PROXY and NO_PROXY, and whether the proxy wants a password.";
        case FailureKind::tls:
            return "Check this machine's date; where the network has its own certificates, name their file "
                   "with "
                   "--ca-file or SSL_CERT_FILE.";
        case FailureKind::timeout:
            return "Try again, or allow more time.";
        case FailureKind::held_back:
            return "Try again later.";
        case FailureKind::reset:
        case FailureKind::truncated:
            return "Try again.";
        case FailureKind::too_large:
        case FailureKind::bad_redirect:
        case FailureKind::protocol:
            return "Check the address: this may not be the service, or something between changes replies.";
        case FailureKind::interrupted:
            return "";
    }
    return "";
}

}  // namespace

const char* to_string(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
    }
    return "";
}

const char* to_string(FailureKind kind) {
    switch (kind) {
        case FailureKind::dns:
            return "dns";
        case FailureKind::refused:
            return "refused";
        case FailureKind::proxy:
            return "proxy";
        case FailureKind::tls:
            return "tls";
        case FailureKind::timeout:
            return "timeout";
        case FailureKind::reset:
            return "reset";
        case FailureKind::truncated:
            return "truncated";
        case FailureKind::too_large:
            return "too_large";
        case FailureKind::bad_redirect:
            return "bad_redirect";
        case FailureKind::protocol:
            return "protocol";
        case FailureKind::held_back:
            return "held_back";
        case FailureKind::interrupted:
            return "interrupted";
    }
    return "";
}

const char* to_string(Reach reach) {
    switch (reach) {
        case Reach::not_sent:
            return "not_sent";
        case Reach::maybe_sent:
            return "maybe_sent";
        case Reach::answered:
            return "answered";
    }
    return "";
}

Headers::Headers(std::initializer_list<Field> fields) {
    for (const Field& field : fields) add(field.first, field.second);
}

void Headers::add(std::string name, std::string value) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_character))
        throw Error(ErrorKind::invalid_input, "a header's name is letters, digits and !#$%&'*+-.^_`|~ only");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the value of the header {} holds a line end or a NUL", name),
                    "Where it comes from a file, remove the line end.");
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
    std::erase_if(fields_, [&](const Field& field) { return same_name(field.first, name); });
    add(std::move(name), std::move(value));
}

std::optional<std::string> Headers::get(std::string_view name) const {
    for (const Field& field : fields_)
        if (same_name(field.first, name)) return field.second;
    return std::nullopt;
}

std::vector<std::string> Headers::get_all(std::string_view name) const {
    std::vector<std::string> values;
    for (const Field& field : fields_)
        if (same_name(field.first, name)) values.push_back(field.second);
    return values;
}

Effect effect_of(const Request& request) {
    if (request.effect) return *request.effect;
    switch (request.method) {
        case Method::get:
        case Method::head:
            return Effect::read;
        case Method::put:
        case Method::del:
            return Effect::idempotent;
        case Method::post:
        case Method::patch:
            return Effect::once;
    }
    return Effect::once;
}

Error error_of(const Failure& failure) {
    ErrorKind kind = ErrorKind::network;
    if (failure.kind == FailureKind::timeout) kind = ErrorKind::timeout;
    if (failure.kind == FailureKind::held_back) kind = ErrorKind::rate_limited;
    if (failure.kind == FailureKind::interrupted) kind = ErrorKind::cancelled;
    return Error(kind, failure.message, hint_of(failure.kind));
}

}  // namespace qdcnn::http
