#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "qdcnn/http/retry.h"

namespace qdcnn::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr milliseconds kYear = std::chrono::hours(24 * 365);

/// Digits only. What does not fit is as long as can be.
std::optional<milliseconds> parse_delay(std::string_view text, milliseconds unit) {
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::int64_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc() || number > kYear / unit) return kYear;
    return number * unit;
}

std::optional<unsigned> month_of(std::string_view name) {
    constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<unsigned>(found - kNames.begin()) + 1;
}

}  // namespace

std::optional<system_clock::time_point> parse_http_date(std::string_view text) {
    // sscanf needs an end, and no date is longer than "Wednesday, 06-Nov-94 08:49:37 GMT".
    if (text.size() > 40) return std::nullopt;
    const std::string copy(text);
    unsigned day = 0, hour = 0, minute = 0, second = 0;
    int year = 0, end = 0;
    char month[4] = {};
    const auto matches = [&](const char* format, auto... places) {
        end = 0;
        return std::sscanf(copy.c_str(), format, places...) == 6 && end == static_cast<int>(copy.size());
    };
    if (matches("%*[A-Za-z], %2u %3[A-Za-z] %4d %2u:%2u:%2u GMT%n", &day, month, &year, &hour, &minute,
                &second, &end)) {
        // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
    } else if (matches("%*[A-Za-z], %2u-%3[A-Za-z]-%2d %2u:%2u:%2u GMT%n", &day, month, &year, &hour, &minute,
                       &second, &end)) {
        // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT. RFC 9110 asks for the century that is nearest to the
        // present.
        year += year < 70 ? 2000 : 1900;
    } else if (!matches("%*[A-Za-z] %3[A-Za-z] %2u %2u:%2u:%2u %4d%n", month, &day, &hour, &minute, &second,
                        &year, &end)) {
        return std::nullopt;  // asctime: Sun Nov  6 08:49:37 1994
    }
    const auto month_number = month_of(month);
    if (!month_number || year < 1970 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(*month_number),
                                           std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    // Nanoseconds since 1970 end in 2262.
    if (date.year() > std::chrono::year(2200)) return std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

std::optional<milliseconds> retry_after(const Response& response, const RetryPolicy& policy,
                                        system_clock::time_point now) {
    for (const std::string& name : policy.retry_after_ms_headers)
        if (const auto value = response.headers.get(name))
            if (const auto delay = parse_delay(*value, milliseconds(1))) return delay;
    const auto value = response.headers.get("Retry-After");
    if (!value) return std::nullopt;
    if (const auto delay = parse_delay(*value, std::chrono::seconds(1))) return delay;
    const auto date = parse_http_date(*value);
    if (!date) return std::nullopt;
    // The server's own clock, for ours may be wrong.
    const auto server_now = parse_http_date(response.headers.get("Date").value_or(""));
    const auto wait = std::chrono::ceil<milliseconds>(*date - server_now.value_or(now));
    return std::clamp(wait, milliseconds(0), kYear);
}

}  // namespace qdcnn::http
