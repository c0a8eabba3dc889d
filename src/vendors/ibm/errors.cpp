#include "vendors/ibm/errors.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "qdcnn/base/json.h"
#include "qdcnn/base/redact.h"

namespace qdcnn::vendors::ibm {
namespace {

/// A code of IBM's registry (quantum.cloud.ibm.com/docs/errors).
struct CodeRow {
    std::string_view code;
    ErrorKind kind;
    std::string_view hint;
};

constexpr CodeRow kCodes[] = {
    {"1000", ErrorKind::vendor, "The service failed; try again later."},
    {"1002", ErrorKind::invalid_input, ""},
    {"1003", ErrorKind::invalid_input, ""},
    {"1004", ErrorKind::vendor, "The device is not available; see qdcnn device list, or try again later."},
    {"1007", ErrorKind::not_found, "See qdcnn device list."},
    {"1008", ErrorKind::invalid_input, ""},
    {"1200", ErrorKind::auth, "Check the API key and that it may use this instance."},
    {"1201", ErrorKind::auth, "Check the API key: qdcnn auth status ibm."},
    {"1202", ErrorKind::rate_limited, "Wait a minute: five jobs a minute are taken."},
    {"1204", ErrorKind::invalid_input, "A job has at most 8 tags of at most 86 characters."},
    {"1205", ErrorKind::invalid_input, "A job has at most 8 tags of at most 86 characters."},
    {"1305", ErrorKind::job_failed, "Raise max_execution_time, or send less in one job."},
    {"1999", ErrorKind::vendor, "The service is under maintenance; try again later."},
    {"BXNIM0415E", ErrorKind::auth, "The API key is not known; make one at cloud.ibm.com/iam/apikeys."},
};

struct StatusRow {
    int status;
    ErrorKind kind;
    std::string_view hint;
};

constexpr StatusRow kStatuses[] = {
    {400, ErrorKind::invalid_input, ""},
    {401, ErrorKind::auth, "Check the API key: qdcnn auth status ibm."},
    {402, ErrorKind::quota, "The plan does not pay for this."},
    {403, ErrorKind::auth, "The API key may not do this; check the instance it is used with."},
    {404, ErrorKind::not_found, ""},
    {409, ErrorKind::quota, "The instance's limit is reached, or the job is not in a state for this."},
    {413, ErrorKind::invalid_input, "Send less in one job."},
    {422, ErrorKind::invalid_input, ""},
    {429, ErrorKind::rate_limited, "Wait a minute."},
    {503, ErrorKind::vendor, "The service may be under maintenance; try again later."},
};

constexpr std::size_t kLongestText = 400;

/// One line, bounded, without secrets: it comes from outside.
std::string plain(const std::string& text) {
    std::string line = redactor().redact(text);
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    if (line.size() <= kLongestText) return line;
    std::size_t end = kLongestText;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    return line.substr(0, end) + "...";
}

/// Text or a number as text; empty for anything else.
std::string text_of(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return {};
    if (found->is_string()) return plain(found->get<std::string>());
    if (found->is_number_integer()) return found->dump();
    return {};
}

Fault fault_of(const nlohmann::json& object, const char* code, const char* message) {
    if (!object.is_object()) return {};
    return {.code = text_of(object, code),
            .message = text_of(object, message),
            .solution = text_of(object, "solution")};
}

const CodeRow* find_code(const std::string& code) {
    for (const CodeRow& row : kCodes)
        if (row.code == code) return &row;
    return nullptr;
}

StatusRow row_of(int status) {
    for (const StatusRow& row : kStatuses)
        if (row.status == status) return row;
    if (status >= 400 && status < 500) return {status, ErrorKind::vendor, ""};
    return {status, ErrorKind::vendor, "Try again later."};
}

}  // namespace

Fault read_fault(const std::string& body) {
    const nlohmann::json document = nlohmann::json::parse(body, nullptr, false);
    if (!document.is_object()) return {};
    if (const auto errors = document.find("errors");
        errors != document.end() && errors->is_array() && !errors->empty())
        return fault_of(errors->front(), "code", "message");
    if (const auto error = document.find("error"); error != document.end() && error->is_object())
        return fault_of(*error, "code", "message");
    return fault_of(document, "errorCode", "errorMessage");
}

Error error_of(const http::Response& response, const std::string& doing) {
    const Fault fault = read_fault(response.body);
    const CodeRow* known = find_code(fault.code);
    const StatusRow row = row_of(response.status);
    std::string message = fmt::format("{}: IBM Quantum answered {}", doing, response.status);
    if (!fault.code.empty()) message += fmt::format(", code {}", fault.code);
    if (!fault.message.empty()) message += ": " + fault.message;
    // A refusal of the key, or of the pace, is one whatever code comes with it.
    const bool is_refused = response.status == 401 || response.status == 429;
    const std::string_view own = known && !is_refused && !known->hint.empty() ? known->hint : row.hint;
    std::string hint = fault.solution;
    if (!own.empty()) hint += (hint.empty() ? "" : " ") + std::string(own);
    return {known && !is_refused ? known->kind : row.kind, message, hint};
}

Error error_of(const http::Outcome& outcome, const std::string& doing) {
    if (const auto* response = std::get_if<http::Response>(&outcome)) return error_of(*response, doing);
    return http::error_of(std::get<http::Failure>(outcome)).with_context(doing);
}

Error unreadable(const std::string& doing, const std::string& why) {
    return {ErrorKind::vendor, fmt::format("{}: the reply is not what it should be: {}", doing, plain(why)),
            "Is a proxy in between that answers itself?"};
}

}  // namespace qdcnn::vendors::ibm
