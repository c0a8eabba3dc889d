#include "recorder.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/redact.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;

/// JSON as JSON, all else as text.
json readable(const std::string& body) {
    json value = json::parse(body, nullptr, false);
    if (value.is_discarded()) value = body;
    return value;
}

}  // namespace

Recorder::Recorder(std::string folder) : folder_(std::move(folder)) {
    if (!folder_.empty()) make_folders(folder_);
}

void Recorder::record(const std::string& kind, const Request& request, const Reply& reply) {
    if (folder_.empty()) return;
    json query = json::object(), headers = json::object();
    for (const auto& [name, value] : request.query) query[name].push_back(value);
    for (const auto& [name, value] : request.headers)
        headers[name] = name == "authorization" ? std::string(Redactor::kMarker) : value;
    // Nothing of an exchange about keys is worth keeping but that it took place.
    const bool is_secret = kind == "token";
    const json document{
        {"kind", kind},
        {"method", request.method},
        {"path", request.path},
        {"query", is_secret ? json::object() : query},
        {"headers", headers},
        {"body", is_secret ? json(Redactor::kMarker) : readable(request.body)},
        {"reply",
         {{"status", reply.status}, {"body", is_secret ? json(Redactor::kMarker) : readable(reply.body)}}}};
    const std::lock_guard lock(mutex_);
    write_file_atomic(fmt::format("{}/{:05}-{}.json", folder_, number_++, kind),
                      redactor().redact(to_text(document, 1)) + "\n");
}

}  // namespace qdcnn::server
