#include "vendors/ibm/sessions.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "vendors/ibm/errors.h"

namespace qdcnn::vendors::ibm {
namespace {

std::string text_at(const JsonView& object, const char* key) {
    if (!object.has(key) || !object.at(key).value().is_string()) return {};
    return object.at(key).text();
}

/// As Qiskit's Session.status() puts it.
std::string status_for_people(const std::string& state, bool is_accepting) {
    if (state == "open" || state == "inactive") return "Pending";
    if (state == "active" || state.starts_with("pending_"))
        return (state == "active" && is_accepting) || state == "pending_inactive"
                   ? "In progress, accepting new jobs"
                   : "In progress, not accepting new jobs";
    std::string status = state;
    if (!status.empty() && status[0] >= 'a' && status[0] <= 'z')
        status[0] = static_cast<char>(status[0] - 'a' + 'A');
    return status;
}

SessionInfo parse_session(const http::Response& response, const std::string& doing) {
    const nlohmann::json document = Client::read(response, doing);
    return reading(doing, [&] { return read_session(JsonView(document, "session")); });
}

}  // namespace

SessionInfo read_session(const JsonView& session) {
    SessionInfo info{.id = session.at("id").text()};
    info.device = text_at(session, "backend_name");
    info.mode = text_at(session, "mode");
    info.state = text_at(session, "state");
    info.is_accepting_jobs =
        session.has("accepting_jobs") && session.at("accepting_jobs").value() == nlohmann::json(true);
    info.status = status_for_people(info.state, info.is_accepting_jobs);
    info.max_seconds = session.number_if("max_ttl");
    info.elapsed_seconds = session.number_if("elapsed_time");
    info.started = text_at(session, "started_at");
    info.closed = text_at(session, "closed_at");
    return info;
}

SessionInfo Sessions::open(const std::string& device, SessionMode mode,
                           std::optional<std::uint64_t> max_seconds) {
    const Route route = devices_.route(device);
    nlohmann::json body{{"mode", mode == SessionMode::batch ? "batch" : "dedicated"},
                        {"backend", device},
                        {"instance", route.crn}};
    if (max_seconds) body["max_ttl"] = *max_seconds;
    const std::string doing = fmt::format("opening a session on {}", device);
    return parse_session(
        client_.send(
            route,
            {.method = http::Method::post, .path = "/sessions", .body = to_text(body), .doing = doing}),
        doing);
}

http::Response Sessions::send(const std::string& id, Call call) {
    call.path = "/sessions/" + percent_encoded(id) + call.path;
    call.answers = {404};
    http::Response response;
    for (const Route& route : instances_.routes()) {
        response = client_.send(route, call);
        if (response.status != 404) break;
    }
    return response;
}

SessionInfo Sessions::get(const std::string& id) {
    const std::string doing = fmt::format("asking for session {}", id);
    const http::Response response = send(id, {.doing = doing});
    if (response.status == 404) throw error_of(response, doing);
    return parse_session(response, doing);
}

void Sessions::close(const std::string& id) {
    // 404: it is gone already. Closing twice is closing once, so that it may be sent again.
    send(id, {.method = http::Method::patch,
              .body = R"({"accepting_jobs":false})",
              .doing = fmt::format("closing session {}", id),
              .effect = http::Effect::idempotent});
}

void Sessions::cancel(const std::string& id) {
    send(id,
         {.method = http::Method::del, .path = "/close", .doing = fmt::format("cancelling session {}", id)});
}

}  // namespace qdcnn::vendors::ibm
