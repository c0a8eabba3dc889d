#include "http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

#include "http/curl_handles.h"

namespace qdcnn::http {
namespace {

std::optional<std::string> part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
    std::string copy(text);
    curl_free(text);
    return copy;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

}  // namespace

std::optional<Url> parse_url(const std::string& text) {
    const UrlHandle handle(curl_url());
    if (!handle || text.find('\0') != std::string::npos ||
        curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
        return std::nullopt;
    const auto scheme = part_of(handle.get(), CURLUPART_SCHEME);
    const auto host = part_of(handle.get(), CURLUPART_HOST);
    const auto port = part_of(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (!scheme || !host || !port) return std::nullopt;
    const bool has_user = part_of(handle.get(), CURLUPART_USER) || part_of(handle.get(), CURLUPART_PASSWORD);
    return Url{lower(*scheme), lower(*host), *port, has_user};
}

bool is_loopback(const Url& url) {
    if (url.host == "localhost" || url.host == "[::1]") return true;
    in_addr address{};
    return ::inet_pton(AF_INET, url.host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace qdcnn::http
