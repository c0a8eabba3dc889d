#include "api.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/vendors/ibm/typed_json.h"

// IBM Quantum Platform, REST API of the runtime, version 2026-04-15.

namespace qdcnn::server {
namespace {

using nlohmann::json;

std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from < path.size()) {
        const std::size_t end = std::min(path.find('/', from), path.size());
        if (end > from) parts.push_back(path.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

/// The parts behind the API's base. Nothing where the path is none of the API's.
std::optional<std::vector<std::string>> api_path(const std::string& path) {
    const std::string base = std::string(kApiBase) + "/";
    if (!path.starts_with(base)) return std::nullopt;
    return parts_of(path.substr(base.size()));
}

[[noreturn]] void unknown_path(const Request& request) {
    refuse(404, code::kUnknownPath, fmt::format("There is no {} {} here.", request.method, request.path));
}

struct KindRow {
    const char* kind;
    const char* method;
    /// Parts of the path; "*" stands for any.
    std::vector<std::string> path;
};

const std::vector<KindRow> kKinds{
    {"devices", "GET", {"backends"}},
    {"configuration", "GET", {"backends", "*", "configuration"}},
    {"properties", "GET", {"backends", "*", "properties"}},
    {"status", "GET", {"backends", "*", "status"}},
    {"usage", "GET", {"instances", "usage"}},
    {"submit", "POST", {"jobs"}},
    {"list", "GET", {"jobs"}},
    {"job", "GET", {"jobs", "*"}},
    {"delete", "DELETE", {"jobs", "*"}},
    {"results", "GET", {"jobs", "*", "results"}},
    {"cancel", "POST", {"jobs", "*", "cancel"}},
    {"tag", "PUT", {"jobs", "*", "tags"}},
    {"metrics", "GET", {"jobs", "*", "metrics"}},
    {"logs", "GET", {"jobs", "*", "logs"}},
    {"session_create", "POST", {"sessions"}},
    {"session", "GET", {"sessions", "*"}},
    {"session_close", "PATCH", {"sessions", "*"}},
    {"session_cancel", "DELETE", {"sessions", "*", "close"}},
    {"tags", "GET", {"tags"}},
    {"versions", "GET", {"versions"}},
};

bool fits(const KindRow& row, const std::string& method, const std::vector<std::string>& path) {
    return method == row.method && std::equal(path.begin(), path.end(), row.path.begin(), row.path.end(),
                                              [](const std::string& part, const std::string& pattern) {
                                                  return pattern == "*" || pattern == part;
                                              });
}

}  // namespace

Api::Api(const Settings& settings, Store& store, FaultBook& faults,
         const std::vector<std::unique_ptr<Device>>& devices, std::function<void()> job_came)
    : settings_(settings),
      store_(store),
      faults_(faults),
      devices_(devices),
      job_came_(std::move(job_came)),
      account_(settings) {}

std::string Api::kind_of(const Request& request) {
    if (request.path == "/identity/token") return "token";
    if (request.path == "/v3/resources/search") return "search";
    if (request.path.starts_with("/catalog/")) return "catalog";
    if (const auto path = api_path(request.path))
        for (const KindRow& row : kKinds)
            if (fits(row, request.method, *path)) return row.kind;
    return "other";
}

Reply Api::answer(const Request& request) {
    try {
        return route(request);
    } catch (const Refused& refused) {
        return refused.reply;
    } catch (const Error& error) {
        const bool is_theirs = error.kind() == ErrorKind::invalid_input || error.kind() == ErrorKind::parse;
        return refusal(is_theirs ? 400 : 500, is_theirs ? code::kBadRequest : code::kInternal, error.what(),
                       error.hint());
    } catch (const std::exception& error) {
        return refusal(500, code::kInternal, error.what());
    }
}

Reply Api::route(const Request& request) {
    if (request.path.starts_with("/rehearsal/")) return rehearsal(request);
    const std::string kind = kind_of(request);
    if (kind == "token" && request.method == "POST") return account_.token(request);
    if (kind == "search" && request.method == "POST") return account_.search(request);
    if (kind == "catalog" && request.method == "GET")
        return account_.catalog(request.path.substr(std::string("/catalog/").size()));
    const auto path = api_path(request.path);
    if (!path || path->empty()) unknown_path(request);
    return runtime(request, *path);
}

Reply Api::runtime(const Request& request, const Path& path) {
    const std::string instance = account_.authorise(request);
    if (path[0] == "backends") return devices(request, path);
    if (path[0] == "jobs") return jobs(request, path, instance);
    if (path[0] == "sessions") return sessions(request, path, instance);
    const std::string kind = kind_of(request);
    if (kind == "usage") return usage(instance);
    if (kind == "tags") return tags(request, instance);
    if (kind == "versions")
        return json_reply({{"versions", {"2025-01-01", "2026-02-01", "2026-03-15", "2026-04-15"}}});
    unknown_path(request);
}

Reply Api::rehearsal(const Request& request) {
    if (request.method == "GET" && request.path == "/rehearsal/stats") {
        const Stats stats = store_.stats();
        return json_reply({{"schema", "qdcnn.rehearsal/1"},
                           {"process", ::getpid()},
                           {"submits", stats.submits},
                           {"jobs", stats.jobs},
                           {"requests", stats.requests}});
    }
    if (settings_.takes_faults && request.path == "/rehearsal/faults") {
        if (request.method == "POST") {
            const json body = parse_json(request.body, "body");
            faults_.add(fault_of(JsonView(body, "fault")));
            return nothing_reply();
        }
        if (request.method == "DELETE") {
            faults_.clear();
            return nothing_reply();
        }
    }
    unknown_path(request);
}

const Device& Api::device(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& device : devices_) {
        if (device->name() == name) return *device;
        names.push_back(device->name());
    }
    refuse(404, code::kDeviceNotFound, fmt::format("Backend {} not found.", name), suggestion(name, names));
}

Reply Api::devices(const Request& request, const Path& path) const {
    const std::string kind = kind_of(request);
    if (kind == "devices") {
        json list = json::array();
        for (const auto& device : devices_)
            list.push_back(device->summary(store_.queue_length(device->name())));
        return json_reply({{"devices", list}});
    }
    if (kind == "configuration") return {.body = device(path[1]).configuration()};
    if (kind == "properties") return {.body = device(path[1]).properties()};
    if (kind == "status")
        return json_reply({{"state", true},
                           {"status", "active"},
                           {"message", "available"},
                           {"length_queue", store_.queue_length(device(path[1]).name())},
                           {"backend_version", "1.0.0"}});
    unknown_path(request);
}

Reply Api::usage(const std::string& instance) const {
    const double consumed = store_.charged_seconds(instance);
    json document{
        {"instance_id", instance}, {"plan_id", "plan-rehearsal"}, {"usage_consumed_seconds", consumed}};
    if (const auto limit = settings_.limits.usage_seconds) {
        document["usage_limit_seconds"] = *limit;
        document["usage_limit_reached"] = consumed >= *limit;
    }
    return json_reply(document);
}

}  // namespace qdcnn::server
