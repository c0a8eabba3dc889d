#include "message.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace qdcnn::server {

std::optional<std::string> Request::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> Request::parameters(const std::string& name) const {
    std::vector<std::string> values;
    const auto [first, last] = query.equal_range(name);
    for (auto at = first; at != last; ++at) values.push_back(at->second);
    return values;
}

std::string Request::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string() : found->second;
}

Reply json_reply(const nlohmann::json& body, int status) { return {.status = status, .body = to_text(body)}; }

Reply text_reply(std::string body) { return {.body = std::move(body), .type = "text/plain; charset=utf-8"}; }

Reply nothing_reply() { return {.status = 204, .type = ""}; }

Reply refusal(int status, int code, const std::string& message, const std::string& solution) {
    nlohmann::json error{{"code", code},
                         {"message", message},
                         {"more_info", fmt::format("https://quantum.cloud.ibm.com/docs/errors#{}", code)}};
    if (!solution.empty()) error["solution"] = solution;
    return json_reply({{"errors", nlohmann::json::array({error})}, {"trace", "rehearsal"}}, status);
}

void refuse(int status, int code, const std::string& message, const std::string& solution) {
    throw Refused{refusal(status, code, message, solution)};
}

std::string iso_time(std::int64_t microseconds) {
    const auto seconds = static_cast<std::time_t>(microseconds / 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, microseconds % 1'000'000);
}

std::optional<std::int64_t> parse_iso_time(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) {
        parts = {};
        rest = ::strptime(text.c_str(), "%Y-%m-%d", &parts);
    }
    if (rest == nullptr) return std::nullopt;
    double fraction = 0;
    if (*rest == '.') {
        char* end = nullptr;
        fraction = std::strtod(rest, &end);
        rest = end;
    }
    std::int64_t offset = 0;
    if (*rest == 'Z') {
        ++rest;
    } else if (*rest == '+' || *rest == '-') {
        int hours = 0, minutes = 0, length = 0;
        if (std::sscanf(rest + 1, "%2d:%2d%n", &hours, &minutes, &length) != 2) return std::nullopt;
        offset = (hours * 60 + minutes) * 60 * (*rest == '-' ? -1 : 1);
        rest += 1 + length;
    }
    if (*rest != '\0') return std::nullopt;
    return (::timegm(&parts) - offset) * 1'000'000 + static_cast<std::int64_t>(fraction * 1e6 + 0.5);
}

std::int64_t now_microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace qdcnn::server
