#include <fmt/format.h>

#include <algorithm>

#include "api.h"
#include "programs.h"
#include "qdcnn/base/error.h"
#include "qdcnn/vendors/ibm/typed_json.h"

// IBM Quantum Platform, REST API of the runtime: /jobs and /tags.

namespace qdcnn::server {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTags = 8;
constexpr std::size_t kMaxTagLength = 86;
constexpr std::int64_t kMaxCost = 10'800;
constexpr std::int64_t kMaxPage = 200;

std::vector<std::string> read_tags(const JsonView& place) {
    const std::vector<std::string> tags = place.texts();
    if (tags.size() > kMaxTags)
        refuse(400, code::kTooManyTags, fmt::format("{} tags, expected at most {}.", tags.size(), kMaxTags));
    for (const std::string& tag : tags)
        if (tag.empty() || tag.size() > kMaxTagLength)
            refuse(400, code::kTagTooLong,
                   fmt::format("A tag of {} characters, expected 1 to {}.", tag.size(), kMaxTagLength));
    return tags;
}

bool is_true(const std::optional<std::string>& parameter) {
    return parameter == "true" || parameter == "True" || parameter == "1";
}

std::optional<std::int64_t> time_parameter(const Request& request, const std::string& name) {
    const auto text = request.parameter(name);
    if (!text) return std::nullopt;
    const auto time = parse_iso_time(*text);
    if (!time) refuse(400, code::kBadRequest, fmt::format("{} is \"{}\", expected a time.", name, *text));
    return time;
}

/// As the service does it: what is out of range is replaced without a word.
std::int64_t number_parameter(const Request& request, const std::string& name, std::int64_t low,
                              std::int64_t high, std::int64_t otherwise) {
    const auto text = request.parameter(name);
    if (!text) return otherwise;
    char* end = nullptr;
    const long long value = std::strtoll(text->c_str(), &end, 10);
    return *end == '\0' && value >= low && value <= high ? value : otherwise;
}

json envelope_of(const JsonView& body) {
    static const std::vector<std::string> kKeys{
        "program_id", "backend", "params",        "runtime",      "log_level", "session_id",    "tags",
        "cost",       "private", "start_session", "session_time", "hub",       "calibration_id"};
    json envelope = json::object();
    for (const std::string& key : body.keys()) {
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end())
            body.fail(fmt::format("there is no field \"{}\"", key));
        if (key != "params") envelope[key] = body.at(key).value();
    }
    return envelope;
}

}  // namespace

StoredJob Api::job(const std::string& id, const std::string& instance) const {
    const auto found = store_.find(id);
    if (!found || found->instance != instance)
        refuse(404, code::kJobNotFound, fmt::format("Job {} not found.", id), "Verify the job id.");
    return *found;
}

Reply Api::jobs(const Request& request, const Path& path, const std::string& instance) {
    const std::string kind = kind_of(request);
    if (kind == "submit") return submit(request, instance);
    if (kind == "list") return list(request, instance);
    if (path.size() < 2) refuse(405, code::kUnknownPath, "This method is not allowed here.");
    const StoredJob found = job(path[1], instance);
    if (kind == "job") return json_reply(job_document(found, !is_true(request.parameter("exclude_params"))));
    if (kind == "results") return results(found);
    if (kind == "cancel") return cancel(found);
    if (kind == "delete") return remove(found);
    if (kind == "tag") return set_tags(request, found);
    if (kind == "metrics") return metrics(found);
    if (kind == "logs") return logs(found);
    refuse(404, code::kUnknownPath, fmt::format("There is no {} {} here.", request.method, request.path));
}

void Api::check_rate() const {
    const int allowed = settings_.limits.submits_per_minute;
    const std::int64_t minute = 60'000'000;
    if (allowed <= 0 || store_.made_since(now_microseconds() - minute) < allowed) return;
    Reply reply = refusal(429, code::kRateLimit, fmt::format("More than {} submits in a minute.", allowed),
                          "Wait and try again.");
    reply.headers.emplace_back("Retry-After", "60");
    throw Refused{std::move(reply)};
}

void Api::check_session(const std::string& id, const std::string& instance,
                        const std::string& backend) const {
    const StoredSession found = session(id, instance);
    if (!found.document.at("accepting_jobs").get<bool>())
        refuse(409, code::kSessionClosed, fmt::format("Session {} is closed.", id), "Open another session.");
    if (found.document.at("backend_name") != backend)
        refuse(400, code::kBadRequest, fmt::format("Session {} is one of another backend.", id));
}

void Api::check_submit(const JsonView& body, const std::string& instance) {
    check_rate();
    if (const auto limit = settings_.limits.usage_seconds;
        limit && store_.charged_seconds(instance) >= *limit)
        refuse(403, code::kUsageLimit, "The instance has used all of its time.");
    if (body.has("cost")) {
        const std::int64_t cost = body.at("cost").integer();
        if (cost < 0 || cost > kMaxCost) body.at("cost").fail(fmt::format("{} is out of range", cost));
    }
    const std::string& backend = device(body.at("backend").text()).name();
    if (body.has("session_id")) check_session(body.at("session_id").text(), instance, backend);
    check_params(body.at("program_id").text(), body.at("params").value(), settings_.limits);
}

Reply Api::submit(const Request& request, const std::string& instance) {
    const json document = vendors::ibm::parse_python_json(request.body, "body");
    const JsonView body(document, "body");
    StoredJob job;
    {
        // One at a time, so that the limits hold.
        const std::lock_guard lock(submit_mutex_);
        job.envelope = envelope_of(body);
        check_submit(body, instance);
        job.instance = instance;
        job.backend = body.at("backend").text();
        job.program = body.at("program_id").text();
        job.session = body.text_or("session_id", "");
        if (body.has("tags")) job.tags = read_tags(body.at("tags"));
        job.is_private = body.boolean_or("private", false);
        job.caller = request.header("x-qx-client-application");
        job.created = now_microseconds();
        job.id = store_.next_id(settings_.seed);
        store_.add(job, to_text(body.at("params").value()));
    }
    job_came_();
    json reply{{"id", job.id}, {"backend", job.backend}};
    if (!job.session.empty()) reply["session_id"] = job.session;
    if (job.is_private) reply["private"] = true;
    if (body.has("calibration_id")) reply["calibration_id"] = body.at("calibration_id").value();
    return json_reply(reply);
}

json Api::job_document(const StoredJob& job, bool has_params) const {
    json state{{"status", job.status}};
    if (!job.reason.empty()) state["reason"] = job.reason;
    if (job.reason_code != 0) state["reason_code"] = job.reason_code;
    json document{{"id", job.id},
                  {"backend", job.backend},
                  {"state", state},
                  {"status", job.reason_code == code::kRanTooLong ? "Cancelled - Ran too long" : job.status},
                  {"program", {{"id", job.program}}},
                  {"created", iso_time(job.created)},
                  {"cost", job.envelope.value("cost", kMaxCost)},
                  {"tags", job.tags},
                  {"user_id", "IBMid-REHEARSAL"},
                  {"usage",
                   {{"qpu_charge_time_seconds", job.charged_seconds},
                    {"status", is_open(job) ? "pending" : "complete"}}}};
    if (!job.session.empty()) document["session_id"] = job.session;
    if (job.is_private) document["private"] = true;
    if (job.envelope.contains("calibration_id")) document["calibration_id"] = job.envelope["calibration_id"];
    if (has_params && !job.is_private)
        document["params"] = vendors::ibm::parse_python_json(store_.params(job.id), "params");
    return document;
}

Reply Api::list(const Request& request, const std::string& instance) const {
    JobFilter filter;
    filter.instance = instance;
    filter.backend = request.parameter("backend").value_or("");
    filter.program = request.parameter("program").value_or("");
    filter.session = request.parameter("session_id").value_or("");
    filter.tags = request.parameters("tags");
    if (const auto pending = request.parameter("pending")) filter.is_pending = is_true(pending);
    filter.created_after = time_parameter(request, "created_after");
    filter.created_before = time_parameter(request, "created_before");
    filter.oldest_first = request.parameter("sort") == "ASC";
    filter.limit = number_parameter(request, "limit", 1, kMaxPage, kMaxPage);
    filter.offset = number_parameter(request, "offset", 0, std::int64_t{1} << 40, 0);
    const auto [page, count] = store_.list(filter);
    const bool has_params = !is_true(request.parameter("exclude_params"));
    json rows = json::array();
    for (const StoredJob& job : page) rows.push_back(job_document(job, has_params));
    return json_reply({{"jobs", rows}, {"count", count}, {"limit", filter.limit}, {"offset", filter.offset}});
}

Reply Api::results(const StoredJob& job) {
    if (is_open(job) || job.status == "Cancelled") return nothing_reply();
    if (job.status == "Failed") return text_reply(job.reason);
    const auto text = job.is_private ? store_.take_result(job.id) : store_.result(job.id);
    if (!text)
        refuse(404, code::kJobNotFound, "The results of this private job have been read.",
               "They are given out once.");
    return text_reply(*text);
}

Reply Api::cancel(const StoredJob& job) {
    const bool is_done = store_.update(job.id, [](StoredJob& now) {
        if (!is_open(now)) return false;
        now.status = "Cancelled";
        now.reason = "Cancelled by user";
        now.finished = now_microseconds();
        return true;
    });
    if (!is_done) refuse(409, code::kNotCancellable, "Job is already in a final state.", "No action needed.");
    return nothing_reply();
}

Reply Api::remove(const StoredJob& job) {
    if (is_open(job)) refuse(409, code::kNotFinal, "Job is not in a final state.", "Cancel it first.");
    store_.remove(job.id);
    return nothing_reply();
}

Reply Api::set_tags(const Request& request, const StoredJob& job) {
    const json document = parse_json(request.body, "body");
    const auto tags = read_tags(JsonView(document, "body").at("tags"));
    store_.update(job.id, [&](StoredJob& now) {
        now.tags = tags;
        return true;
    });
    return nothing_reply();
}

Reply Api::metrics(const StoredJob& job) const {
    const auto time = [](std::int64_t value) { return value == 0 ? json() : json(iso_time(value)); };
    json document{
        {"timestamps",
         {{"created", time(job.created)}, {"running", time(job.started)}, {"finished", time(job.finished)}}},
        {"usage",
         {{"qpu_charge_time_seconds", job.charged_seconds},
          {"status", is_open(job) ? "pending" : "complete"}}},
        {"caller", job.caller},
        {"executions", job.executions}};
    document.update(job.facts);
    return json_reply(document);
}

Reply Api::logs(const StoredJob& job) const {
    if (job.finished == 0) return nothing_reply();
    return text_reply(fmt::format("{} {} job {} on {}: {}{}\n", iso_time(job.finished),
                                  job.status == "Failed" ? "ERROR" : "INFO", job.id, job.backend, job.status,
                                  job.reason.empty() ? "" : ": " + job.reason));
}

Reply Api::tags(const Request& request, const std::string& instance) const {
    const std::string part = request.parameter("search").value_or("");
    if (part.size() < 3 || part.size() > 100)
        refuse(400, code::kBadRequest, "search is to have 3 to 100 characters.");
    std::vector<std::string> found;
    JobFilter all;
    all.instance = instance;
    all.limit = std::int64_t{1} << 40;
    for (const StoredJob& job : store_.list(all).first)
        for (const std::string& tag : job.tags)
            if (tag.find(part) != std::string::npos) found.push_back(tag);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return json_reply({{"tags", found}});
}

}  // namespace qdcnn::server
