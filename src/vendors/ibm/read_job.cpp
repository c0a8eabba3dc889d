#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "qdcnn/base/error.h"
#include "vendors/ibm/jobs.h"

namespace qdcnn::vendors::ibm {
namespace {

/// "A job ran longer than max_execution_time": IBM calls that cancelled.
constexpr std::string_view kRanTooLong = "1305";

/// Text or a whole number as text; else empty.
std::string word(const JsonView& object, const char* key) {
    if (!object.has(key)) return {};
    const nlohmann::json& value = object.at(key).value();
    if (value.is_string()) return value.get<std::string>();
    return value.is_number_integer() ? value.dump() : "";
}

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::optional<RemoteState> state_of(const std::string& vendor_state, const std::string& code,
                                    const std::string& whole_status) {
    const std::string state = upper(vendor_state);
    if (state == "QUEUED") return RemoteState::queued;
    if (state == "RUNNING") return RemoteState::running;
    if (state == "COMPLETED") return RemoteState::done;
    if (state == "FAILED") return RemoteState::failed;
    const bool ran_too_long = code == kRanTooLong || upper(whole_status) == "CANCELLED - RAN TOO LONG";
    if (state == "CANCELLED - RAN TOO LONG" || (state == "CANCELLED" && ran_too_long))
        return RemoteState::failed;
    if (state == "CANCELLED") return RemoteState::cancelled;
    return std::nullopt;
}

}  // namespace

RemoteJob read_job(const JsonView& job) {
    RemoteJob read{.vendor_id = job.at("id").text(), .device = word(job, "backend")};
    const std::string whole_status = word(job, "status");
    std::string code;
    read.vendor_state = whole_status;
    if (job.has("state") && job.at("state").value().is_object()) {
        const JsonView state = job.at("state");
        if (const std::string own = word(state, "status"); !own.empty()) read.vendor_state = own;
        code = word(state, "reason_code");
        if (code.empty()) code = word(state, "reasonCode");
        read.reason = word(state, "reason");
        if (!code.empty()) read.reason = fmt::format("Error code {}; {}", code, read.reason);
        if (const std::string solution = word(state, "reason_solution"); !solution.empty())
            read.reason += (read.reason.empty() ? "" : " ") + solution;
    }
    read.state = state_of(read.vendor_state, code, whole_status);
    if (read.state == RemoteState::failed && read.reason.empty() && upper(whole_status) != "FAILED")
        read.reason = whole_status;
    read.estimated_seconds = job.number_if("estimated_running_time_seconds");
    if (const auto position = job.number_if("position_in_queue"))
        read.queue_position = static_cast<std::int64_t>(*position);
    if (job.has("tags") && job.at("tags").value().is_array()) read.tags = job.at("tags").texts();
    read.created = word(job, "created");
    return read;
}

std::optional<double> charged_seconds(const JsonView& metrics) {
    if (!metrics.has("usage") || !metrics.at("usage").value().is_object()) return std::nullopt;
    const JsonView usage = metrics.at("usage");
    if (upper(word(usage, "status")) == "PENDING") return std::nullopt;
    // The older ones are from before the versions of 2026.
    for (const char* key : {"qpu_charge_time_seconds", "quantum_seconds", "seconds"})
        if (const auto seconds = usage.number_if(key)) return seconds;
    return std::nullopt;
}

Usage read_usage(const JsonView& document) {
    Usage usage;
    usage.consumed = document.at("usage_consumed_seconds").number();
    usage.limit = document.number_if("usage_limit_seconds");
    if (!usage.limit) usage.limit = document.number_if("usage_allocation_seconds");
    if (usage.limit) usage.remaining = std::max(*usage.limit - usage.consumed, 0.0);
    usage.is_limit_reached = document.boolean_or("usage_limit_reached", false);
    if (document.has("usage_period") && document.at("usage_period").value().is_object()) {
        usage.period_start = word(document.at("usage_period"), "start_time");
        usage.period_end = word(document.at("usage_period"), "end_time");
    }
    return usage;
}

void check_tags(const std::vector<std::string>& tags) {
    if (tags.size() > kMostTags)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a job has at most {} tags, found {}", kMostTags, tags.size()));
    for (const std::string& tag : tags)
        if (tag.empty() || tag.size() > kLongestTag)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("a tag has 1 to {} characters, found {}", kLongestTag, tag.size()));
}

}  // namespace qdcnn::vendors::ibm
