#include <ctime>

#include "fuzz/input.h"
#include "qdcnn/http/retry.h"

// Lines: Retry-After, Date, a header that counts milliseconds, a name; the rest is that header's value. Waits
// are at most a year; a date that is read is the same when it is written the usual way; a header is kept as
// it is or refused without being shown.
namespace {

using namespace qdcnn;
using fuzz::expect;

std::string imf_date(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char buffer[64];
    std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return buffer;
}

void check_date(const std::string& text) {
    const auto date = http::parse_http_date(text);
    if (!date) return;
    expect(http::parse_http_date(imf_date(*date)) == date, "a date is read differently again", text);
}

/// The header is left out where it cannot be one.
void try_add(http::Headers& headers, const std::string& name, const std::string& value) {
    const std::string message =
        fuzz::message_of({ErrorKind::invalid_input}, [&] { headers.add(name, value); });
    if (message.empty())
        expect(headers.get_all(name).back() == value, "a header is kept otherwise", value);
    else if (value.size() >= 8 && value.find_first_of("\r\n") != std::string::npos &&
             name.find(value) == std::string::npos)
        expect(message.find(value) == std::string::npos, "a value is shown", message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    http::Response response;
    response.status = 503;
    for (const char* name : {"Retry-After", "Date", "retry-after-ms"}) {
        const std::string value = input.line();
        check_date(value);
        try_add(response.headers, name, value);
    }
    const std::chrono::system_clock::time_point now{std::chrono::hours(24 * 365 * 56)};
    static const http::RetryPolicy policy;
    const auto wait = http::retry_after(response, policy, now);
    if (wait)
        expect(*wait >= std::chrono::milliseconds(0) && *wait <= std::chrono::hours(24 * 365),
               "a wait of no sense");
    const std::string name = input.line();
    try_add(response.headers, name, input.rest());
    return 0;
}
