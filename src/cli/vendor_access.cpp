#include "cli/vendor_access.h"

#include "qdcnn/accounts/settings.h"
#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/server/rehearsal_service.h"

namespace qdcnn::cli {
namespace {

/// flags: of those in the table of settings, what the command was given.
accounts::Settings settings(const std::map<std::string, std::string>& flags = {}) {
    return accounts::Settings::load(accounts::Surroundings::of_process(), flags);
}

Clock::Duration seconds(double value) {
    return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(value));
}

/// The vendors that are known here. The rehearsal is the command line's to open: the room run is below it.
std::shared_ptr<vendors::Service> open_known(const std::string& vendor) {
    if (vendor != "rehearsal") return run::open_vendor(vendor, {});
    server::RehearsalSettings rehearsal;
    if (const auto state = settings().text("state")) rehearsal.state_folder = *state + "/rehearsal";
    return server::open_rehearsal(rehearsal);
}

}  // namespace

run::JournalPlace journal_place(const Console& console) {
    const accounts::Settings now = settings();
    run::JournalPlace place;
    place.open_service = console.open_service ? console.open_service : open_known;
    if (const auto state = now.text("state")) place.journal_folder = *state + "/jobs";
    if (const auto value = now.number("poll.shortest")) place.desk.shortest_poll = seconds(*value);
    if (const auto value = now.number("poll.longest")) place.desk.longest_poll = seconds(*value);
    if (const auto value = now.number("reconcile.gap")) place.desk.absence_gap = seconds(*value);
    return place;
}

run::Budget budget_of(const ParsedOptions& given) {
    std::map<std::string, std::string> flags;
    for (const char* flag : {"max-cost", "max-qpu-seconds"}) {
        // Says what is wrong with it as for every other option.
        given.number(flag, 0, 1e12);
        if (const auto value = given.text(flag)) flags[flag] = *value;
    }
    const accounts::Settings now = settings(flags);
    return {.max_cost = now.number("max_cost"), .max_qpu_seconds = now.number("max_qpu_seconds")};
}

}  // namespace qdcnn::cli
