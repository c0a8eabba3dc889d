#include "cli/job_json.h"

#include <fmt/format.h>

namespace qdcnn::cli {

using nlohmann::ordered_json;

namespace {

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json text_or_null(const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

}  // namespace

ordered_json to_json(const vendors::Cost& cost) {
    return {{"qpu_seconds", or_null(cost.qpu_seconds)},
            {"amount", or_null(cost.amount)},
            {"currency", text_or_null(cost.currency)},
            {"basis", cost.basis}};
}

ordered_json to_json(const std::optional<vendors::Cost>& cost) {
    return cost ? to_json(*cost) : ordered_json(nullptr);
}

ordered_json to_json(const run::JobRecord& job) {
    return {{"schema", "qdcnn.job/1"},
            {"id", job.id},
            {"vendor", job.vendor},
            {"vendor_id", text_or_null(job.vendor_id)},
            {"device", job.device},
            {"state", to_string(job.state)},
            {"submitted", job.submitted},
            {"shots", job.shots},
            {"circuits", job.circuits},
            {"quote", to_json(job.quote)},
            {"billed", to_json(job.billed)},
            {"result", or_null(job.result_path)},
            {"changed", job.changed},
            {"account", job.account},
            {"group", job.group},
            {"part", job.part},
            {"parts", job.parts},
            {"queue_position", or_null(job.queue_position)},
            {"message", job.message},
            {"fingerprint", job.fingerprint},
            {"reported", job.is_reported}};
}

ordered_json to_json(const std::vector<run::JobRecord>& jobs) {
    ordered_json all = ordered_json::array();
    for (const run::JobRecord& job : jobs) all.push_back(to_json(job));
    return {{"schema", "qdcnn.jobs/1"}, {"jobs", std::move(all)}};
}

std::string in_words(const vendors::Cost& cost) {
    std::string text;
    if (cost.qpu_seconds) text = fmt::format("{:.3g} s of QPU time", *cost.qpu_seconds);
    if (cost.amount)
        text += fmt::format("{}{:.2f} {}", text.empty() ? "" : ", ", *cost.amount, cost.currency);
    if (text.empty()) text = "not known";
    if (!cost.basis.empty()) text += " (" + cost.basis + ")";
    return text;
}

std::string in_words(const run::JobRecord& job) {
    std::string text =
        fmt::format("{}  {:<9}  {}:{}  {} circuits, {} shots  {}", job.id, to_string(job.state), job.vendor,
                    job.device, job.circuits, job.shots, job.submitted);
    if (job.parts > 1) text += fmt::format("  part {} of {}", job.part + 1, job.parts);
    if (job.queue_position) text += fmt::format("  place {}", *job.queue_position);
    if (!job.message.empty()) text += "\n          " + job.message;
    return text;
}

std::string spoken_time(double seconds) {
    if (seconds < 100) return fmt::format("{:.0f} s", seconds);
    if (seconds < 100 * 60) return fmt::format("{:.0f} min", seconds / 60);
    if (seconds < 48 * 3600) return fmt::format("{:.1f} h", seconds / 3600);
    return fmt::format("{:.0f} days", seconds / 86400);
}

}  // namespace qdcnn::cli
