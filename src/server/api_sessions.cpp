#include <fmt/format.h>

#include "api.h"
#include "qdcnn/base/error.h"

// IBM Quantum Platform, REST API of the runtime: /sessions.

namespace qdcnn::server {
namespace {

using nlohmann::json;

constexpr std::int64_t kInteractiveTtl = 60;
constexpr std::int64_t kDefaultTtl = 28'800;

void close(json& document) {
    document["accepting_jobs"] = false;
    document["state"] = "closed";
    if (document["closed_at"].is_null()) document["closed_at"] = iso_time(now_microseconds());
}

/// Seconds since the session was made.
double age(const json& document) {
    const auto made = parse_iso_time(document.at("timestamps").at(0).at("timestamp").get<std::string>());
    return static_cast<double>(now_microseconds() - made.value_or(0)) * 1e-6;
}

}  // namespace

void cancel_open_jobs(Store& store, const std::string& session) {
    JobFilter filter;
    filter.session = session;
    filter.is_pending = true;
    filter.limit = std::int64_t{1} << 40;
    for (const StoredJob& job : store.list(filter).first)
        store.update(job.id, [](StoredJob& now) {
            if (!is_open(now)) return false;
            now.status = "Cancelled";
            now.reason = "The session was cancelled";
            now.finished = now_microseconds();
            return true;
        });
}

StoredSession Api::session(const std::string& id, const std::string& instance) const {
    auto found = store_.session(id);
    if (!found || found->instance != instance)
        refuse(404, code::kSessionNotFound, fmt::format("Session {} not found.", id),
               "Verify the session id.");
    JobFilter open;
    open.session = id;
    open.is_pending = true;
    const bool is_over = age(found->document) > found->document.at("max_ttl").get<double>();
    if (is_over || (!found->document.at("accepting_jobs").get<bool>() && store_.list(open).second == 0))
        close(found->document);
    return *found;
}

Reply Api::open_session(const Request& request, const std::string& instance) {
    const json document = parse_json(request.body, "body");
    const JsonView body(document, "body");
    const std::string mode = body.at("mode").text();
    if (mode != "dedicated" && mode != "batch")
        body.at("mode").fail(fmt::format("\"{}\" is no mode, expected dedicated or batch", mode));
    if (body.has("instance") && body.at("instance").text() != instance)
        refuse(403, code::kNoInstance, "The session is for another instance than the request.");
    const std::int64_t ttl = body.has("max_ttl") && !body.at("max_ttl").value().is_null()
                                 ? body.at("max_ttl").integer()
                                 : kDefaultTtl;
    if (ttl < 1) body.at("max_ttl").fail(fmt::format("{} is out of range", ttl));
    StoredSession session{store_.next_id(settings_.seed), instance, {}};
    session.document = {
        {"id", session.id},
        {"backend_name", device(body.at("backend").text()).name()},
        {"mode", mode},
        {"state", "open"},
        {"accepting_jobs", true},
        {"max_ttl", ttl},
        {"active_ttl", ttl},
        {"interactive_ttl", kInteractiveTtl},
        {"started_at", nullptr},
        {"activated_at", nullptr},
        {"closed_at", nullptr},
        {"last_job_started", nullptr},
        {"last_job_completed", nullptr},
        {"elapsed_time", 0},
        {"user_id", "IBMid-REHEARSAL"},
        {"timestamps", json::array({{{"status", "open"}, {"timestamp", iso_time(now_microseconds())}}})}};
    store_.put(session);
    return json_reply(session.document);
}

Reply Api::sessions(const Request& request, const Path& path, const std::string& instance) {
    const std::string kind = kind_of(request);
    if (kind == "session_create") return open_session(request, instance);
    if (path.size() < 2) refuse(405, code::kUnknownPath, "This method is not allowed here.");
    StoredSession found = session(path[1], instance);
    JobFilter own;
    own.session = found.id;
    own.limit = std::int64_t{1} << 40;
    if (kind == "session") {
        double elapsed = 0;
        const auto [jobs, count] = store_.list(own);
        for (const StoredJob& job : jobs) elapsed += job.charged_seconds;
        if (count > 0 && found.document["state"] == "open") found.document["state"] = "active";
        found.document["elapsed_time"] = elapsed;
        return json_reply(found.document);
    }
    if (kind == "session_close") {
        const json body = parse_json(request.body, "body");
        if (JsonView(body, "body").at("accepting_jobs").boolean())
            refuse(400, code::kBadRequest, "A session cannot be opened again.");
        found.document["accepting_jobs"] = false;
        store_.put(found);
        return nothing_reply();
    }
    if (kind == "session_cancel") {
        cancel_open_jobs(store_, found.id);
        close(found.document);
        store_.put(found);
        return nothing_reply();
    }
    refuse(404, code::kUnknownPath, fmt::format("There is no {} {} here.", request.method, request.path));
}

}  // namespace qdcnn::server
