#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "qdcnn/base/json.h"

namespace qdcnn::server {

/// A request as the HTTP library read it.
struct Request {
    std::string method;
    /// Decoded, without the query.
    std::string path;
    std::multimap<std::string, std::string> query;
    /// Names in lower case.
    std::map<std::string, std::string> headers;
    std::string body;

    std::optional<std::string> parameter(const std::string& name) const;
    std::vector<std::string> parameters(const std::string& name) const;
    std::string header(const std::string& lower_case_name) const;
};

struct Reply {
    int status = 200;
    std::string body{};
    std::string type = "application/json; charset=utf-8";
    std::vector<std::pair<std::string, std::string>> headers{};
};

Reply json_reply(const nlohmann::json& body, int status = 200);
Reply text_reply(std::string body);
/// 204.
Reply nothing_reply();

/// IBM's error form. code: of IBM's registry (docs/errors) where this server knows one that fits, else one
/// of the registry's class.
Reply refusal(int status, int code, const std::string& message, const std::string& solution = {});

/// Thrown by handlers; what the client gets.
struct Refused {
    Reply reply;
};
[[noreturn]] void refuse(int status, int code, const std::string& message, const std::string& solution = {});

/// Codes of IBM's error registry. Those marked here are named by the contract, others are of the same range.
namespace code {
constexpr int kInternal = 1000;        // Registry.
constexpr int kInvalidInput = 1003;    // Registry.
constexpr int kDeviceNotFound = 1007;  // Registry.
constexpr int kNotAuthorised = 1200;   // Registry.
constexpr int kRateLimit = 1202;       // Registry.
constexpr int kTooManyTags = 1204;     // Registry.
constexpr int kTagTooLong = 1205;      // Registry.
constexpr int kRanTooLong = 1305;      // Registry.
constexpr int kNoInstance = 1216;
constexpr int kUsageLimit = 1217;
constexpr int kBadRequest = 1221;
constexpr int kProgramNotFound = 1289;
constexpr int kJobNotFound = 1291;
constexpr int kNotCancellable = 1293;
constexpr int kNotFinal = 1294;
constexpr int kSessionNotFound = 1295;
constexpr int kSessionClosed = 1296;
constexpr int kUnknownPath = 1299;
}  // namespace code

/// "2026-11-23T17:13:22.303905Z".
std::string iso_time(std::int64_t microseconds);
/// Microseconds since 1970. Nothing where the text is no ISO 8601 time with Z or an offset (none: UTC).
std::optional<std::int64_t> parse_iso_time(const std::string& text);
std::int64_t now_microseconds();

}  // namespace qdcnn::server
