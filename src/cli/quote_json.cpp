#include "cli/quote_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/job_json.h"
#include "qdcnn/base/json.h"
#include "qdcnn/http/transport.h"

namespace qdcnn::cli {

using nlohmann::ordered_json;

namespace {

/// Line by line as it goes over the wire.
void print(const run::ShownRequest& shown, std::ostream& out) {
    const http::Request& request = shown.request;
    out << http::to_string(request.method) << ' ' << request.url << '\n';
    for (const auto& [name, value] : http::wire_headers(request)) out << name << ": " << value << '\n';
    out << '\n' << request.body << "\n\n";
    out << fmt::format("tag {}: {}\n\n", shown.tag,
                       shown.tag == run::kKeyToCome
                           ? "a random UUID, drawn and written down before the job is sent"
                           : "the journal has it written down");
}

ordered_json to_json(const run::ShownRequest& shown) {
    ordered_json headers = ordered_json::object();
    for (const auto& [name, value] : http::wire_headers(shown.request)) headers[name] = value;
    return {{"method", http::to_string(shown.request.method)},
            {"url", shown.request.url},
            {"headers", std::move(headers)},
            {"tag", shown.tag}};
}

}  // namespace

void print_plan(const run::Quote& quote, const std::string& backend, bool as_json, std::ostream& out) {
    if (!as_json) {
        for (const run::ShownRequest& request : quote.requests) print(request, out);
        if (quote.opens_session)
            out << "a session is opened first (POST /sessions), and its id goes along as session_id\n";
        out << fmt::format("{}: {} jobs to send ({} are in the journal), {} circuits, {} shots, {}\n",
                           backend, quote.jobs, quote.known_jobs, quote.circuits, quote.shots,
                           in_words(quote.cost));
        for (const std::string& warning : quote.warnings) out << "warning: " << warning << '\n';
        out << "nothing was sent\n";
        return;
    }
    ordered_json requests = ordered_json::array(), http_requests = ordered_json::array();
    for (const run::ShownRequest& shown : quote.requests) {
        const std::string& body = shown.request.body;
        requests.push_back(ordered_json::accept(body) ? ordered_json::parse(body) : ordered_json(body));
        http_requests.push_back(to_json(shown));
    }
    out << to_text(ordered_json{{"schema", "qdcnn.plan/1"},
                                {"backend", backend},
                                {"jobs", quote.jobs},
                                {"known_jobs", quote.known_jobs},
                                {"circuits", quote.circuits},
                                {"shots", quote.shots},
                                {"quote", to_json(quote.cost)},
                                {"warnings", quote.warnings},
                                {"requests", std::move(requests)},
                                {"http_requests", std::move(http_requests)},
                                {"opens_session", quote.opens_session}})
        << '\n';
}

}  // namespace qdcnn::cli
