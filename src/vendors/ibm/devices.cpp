#include "vendors/ibm/devices.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/log.h"
#include "qdcnn/base/suggest.h"
#include "vendors/ibm/errors.h"

namespace qdcnn::vendors::ibm {

std::vector<DeviceSummary> Devices::listing(const Route& route) {
    const std::string doing = "listing the devices";
    Query query;
    if (settings_.has_mocks) query.emplace_back("include_mocks", "True");
    const nlohmann::json document = client_.ask(route, {.path = "/backends", .query = query, .doing = doing});
    return reading(doing, [&] {
        std::vector<DeviceSummary> devices;
        for (const JsonView& device : JsonView(document, "reply").at("devices").elements()) {
            devices.push_back(read_device(device));
            // A mock takes no jobs, so that it is never the least busy.
            if (is_mock(device)) devices.back().is_online = false;
        }
        return devices;
    });
}

std::vector<DeviceSummary> Devices::list() {
    const std::vector<Instance> instances = instances_.get();
    const std::vector<Route> routes = instances_.routes();
    std::vector<DeviceSummary> devices;
    std::optional<Error> failure;
    for (const Route& route : routes) {
        try {
            for (DeviceSummary& summary : listing(route)) {
                const std::lock_guard lock(mutex_);
                routes_.emplace(summary.name, route);
                if (std::none_of(devices.begin(), devices.end(),
                                 [&](const DeviceSummary& other) { return other.name == summary.name; }))
                    devices.push_back(std::move(summary));
            }
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled) throw;
            log_line(LogLevel::warning, fmt::format("instance {}: {}", route.crn, error.what()));
            failure = error;
        }
    }
    if (devices.empty() && failure) throw *failure;
    return devices;
}

Route Devices::route(const std::string& device) {
    const std::vector<Route> routes = instances_.routes();
    if (routes.size() == 1) return routes.front();
    const auto known = [&]() -> std::optional<Route> {
        const std::lock_guard lock(mutex_);
        const auto found = routes_.find(device);
        return found == routes_.end() ? std::nullopt : std::optional(found->second);
    };
    if (const auto route = known()) return *route;
    list();
    if (const auto route = known()) return *route;
    not_found(device);
}

void Devices::not_found(const std::string& device) {
    std::vector<std::string> names;
    for (const DeviceSummary& summary : list()) names.push_back(summary.name);
    throw Error(ErrorKind::not_found, fmt::format("there is no device \"{}\" for this account", device),
                suggestion(device, names));
}

http::Response Devices::ask(const std::string& device, const char* document, Query query,
                            const std::string& doing) {
    Call call{.path = fmt::format("/backends/{}/{}", percent_encoded(device), document),
              .query = std::move(query),
              .doing = doing,
              .answers = {404}};
    http::Response response = client_.send(route(device), call);
    if (response.status == 404) not_found(device);
    return response;
}

DeviceSummary Devices::status(const std::string& device) {
    const std::string doing = fmt::format("asking for the status of {}", device);
    const http::Response response = ask(device, "status", {}, doing);
    const nlohmann::json document = Client::read(response, doing);
    return reading(doing, [&] {
        const JsonView status(document, "status");
        DeviceSummary summary{.name = device, .is_online = status.at("state").boolean()};
        summary.status = status.text_or("status", "");
        if (status.has("length_queue") && status.at("length_queue").value().is_number_integer())
            summary.queue_length = std::max<std::int64_t>(0, status.at("length_queue").integer());
        return summary;
    });
}

DeviceDocuments Devices::documents(const std::string& device, const std::string& calibration_id,
                                   const std::string& updated_before) {
    Query query;
    if (!calibration_id.empty()) query.emplace_back("calibration_id", calibration_id);
    DeviceDocuments documents;
    documents.configuration =
        ask(device, "configuration", query, fmt::format("asking for the configuration of {}", device)).body;
    if (!updated_before.empty()) query.emplace_back("updated_before", updated_before);
    documents.properties =
        ask(device, "properties", query, fmt::format("asking for the calibration of {}", device)).body;
    return documents;
}

DeviceFacts Devices::facts(const std::string& device, const std::string& calibration_id, bool is_fresh) {
    const std::pair key(device, calibration_id);
    if (!is_fresh) {
        const std::lock_guard lock(mutex_);
        if (const auto found = facts_.find(key); found != facts_.end()) return found->second;
    }
    // Asked for outside the lock: a slow reply holds nobody up.
    const DeviceDocuments texts = documents(device, calibration_id, "");
    DeviceFacts facts = reading(fmt::format("reading what {} is", device),
                                [&] { return read_facts(texts, device, settings_.has_fractional_gates); });
    const std::lock_guard lock(mutex_);
    return facts_[key] = std::move(facts);
}

}  // namespace qdcnn::vendors::ibm
