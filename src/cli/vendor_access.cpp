#include "cli/vendor_access.h"

#include <ostream>

#include "qdcnn/server/rehearsal_service.h"

namespace qdcnn::cli {
namespace {

Clock::Duration seconds(double value) {
    return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(value));
}

/// The vendors that are known here. The rehearsal is the command line's to open: the room run is below it.
std::shared_ptr<vendors::Service> open_known(const std::string& vendor, const std::string& device,
                                             const Console& console) {
    if (vendor == "rehearsal") {
        server::RehearsalSettings settings;
        if (const auto state = console.settings.text("state")) settings.state_folder = *state + "/rehearsal";
        return server::open_rehearsal(settings);
    }
    const auto warn = [&](const std::string& text) { console.err << "warning: " << text << '\n'; };
    return run::open_vendor(vendor, console.settings, console.surroundings, device, warn);
}

}  // namespace

void add_account_options(Options& options) {
    for (const accounts::SettingRow& row : accounts::setting_rows())
        if (row.name.starts_with("ibm.") && !row.flag.empty())
            options.value(std::string(row.flag), "VALUE", "ibm: " + std::string(row.help));
}

run::Budget budget_of(const Console& console) {
    return {.max_cost = console.settings.number("max_cost"),
            .max_qpu_seconds = console.settings.number("max_qpu_seconds")};
}

run::JournalPlace journal_place(const Console& console, const std::string& device) {
    run::JournalPlace place;
    place.open_service = console.open_service;
    if (!place.open_service)
        place.open_service = [&console, device](const std::string& vendor) {
            return open_known(vendor, device, console);
        };
    const accounts::Settings& settings = console.settings;
    place.desk.shortest_poll = seconds(settings.number("poll.shortest").value());
    place.desk.longest_poll = seconds(settings.number("poll.longest").value());
    place.desk.absence_gap = seconds(settings.number("reconcile.gap").value());
    if (const auto state = settings.text("state")) place.journal_folder = *state + "/jobs";
    return place;
}

}  // namespace qdcnn::cli
