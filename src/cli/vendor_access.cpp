#include "cli/vendor_access.h"

#include <cstdlib>

#include "cli/remote_options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/server/rehearsal_service.h"

namespace qdcnn::cli {
namespace {

std::optional<double> number_of(const char* variable) {
    const char* text = std::getenv(variable);
    if (!text || !*text) return std::nullopt;
    return std::atof(text);
}

Clock::Duration seconds(double value) {
    return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(value));
}

/// The vendors that are known here. The rehearsal is the command line's to open: the room run is below it.
std::shared_ptr<vendors::Service> open_known(const std::string& vendor) {
    if (vendor == "rehearsal") {
        server::RehearsalSettings settings;
        if (const char* state = std::getenv("QDCNN_STATE"); state && *state)
            settings.state_folder = std::string(state) + "/rehearsal";
        return server::open_rehearsal(settings);
    }
    return run::open_vendor(vendor, {});
}

}  // namespace

run::Budget budget_of(const ParsedOptions& given) {
    return {.max_cost = given.number("max-cost", 0, 1e12),
            .max_qpu_seconds = given.number("max-qpu-seconds", 0, 1e12)};
}

run::JournalPlace journal_place(const Console& console) {
    run::JournalPlace place;
    place.open_service = console.open_service ? console.open_service : open_known;
    if (const auto value = number_of("QDCNN_POLL_SHORTEST")) place.desk.shortest_poll = seconds(*value);
    if (const auto value = number_of("QDCNN_POLL_LONGEST")) place.desk.longest_poll = seconds(*value);
    if (const auto value = number_of("QDCNN_RECONCILE_GAP")) place.desk.absence_gap = seconds(*value);
    if (const char* state = std::getenv("QDCNN_STATE"); state && *state)
        place.journal_folder = std::string(state) + "/jobs";
    return place;
}

}  // namespace qdcnn::cli
