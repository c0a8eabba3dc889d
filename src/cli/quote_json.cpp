#include "cli/quote_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/job_json.h"
#include "qdcnn/base/json.h"

namespace qdcnn::cli {

using nlohmann::ordered_json;

void print_plan(const run::Quote& quote, const std::string& backend, bool as_json, std::ostream& out) {
    if (!as_json) {
        for (const std::string& request : quote.requests) out << request << '\n';
        out << fmt::format("{}: {} jobs to send ({} are in the journal), {} circuits, {} shots, {}\n",
                           backend, quote.jobs, quote.known_jobs, quote.circuits, quote.shots,
                           in_words(quote.cost));
        for (const std::string& warning : quote.warnings) out << "warning: " << warning << '\n';
        out << "nothing was sent\n";
        return;
    }
    ordered_json requests = ordered_json::array();
    for (const std::string& request : quote.requests)
        requests.push_back(ordered_json::accept(request) ? ordered_json::parse(request)
                                                         : ordered_json(request));
    out << to_text(ordered_json{{"schema", "qdcnn.plan/1"},
                                {"backend", backend},
                                {"jobs", quote.jobs},
                                {"known_jobs", quote.known_jobs},
                                {"circuits", quote.circuits},
                                {"shots", quote.shots},
                                {"quote", to_json(quote.cost)},
                                {"warnings", quote.warnings},
                                {"requests", std::move(requests)}})
        << '\n';
}

}  // namespace qdcnn::cli
