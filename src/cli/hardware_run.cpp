#include "cli/hardware_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/job_json.h"
#include "cli/quote_json.h"
#include "cli/remote_options.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/target/devices.h"

namespace qdcnn::cli {
namespace {

using nlohmann::ordered_json;

/// What goes wrong with a device or on the way to it. An unknown outcome is not among them: somebody has to
/// look at it. Nor are mistakes of ours or the user's.
bool is_the_devices_fault(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::auth:
        case ErrorKind::quota:
        case ErrorKind::rate_limited:
        case ErrorKind::network:
        case ErrorKind::timeout:
        case ErrorKind::vendor:
        case ErrorKind::job_failed:
            return true;
        default:
            return false;
    }
}

}  // namespace

void add_hardware_options(Options& options) {
    options.value("fallback", "local", "answer with the local twin where the device cannot be had");
    options.value("timeout", "SECONDS", "how long to wait for results; the job goes on after it");
    options.flag("twin", "the local simulation of the device beside its answer (the default)");
    options.flag("no-twin", "without it; --dry-run and the quote are the same");
    add_remote_options(options);
}

HardwareRun::HardwareRun(const ParsedOptions& given, Console& console, std::span<const std::string> work)
    : given_(given),
      console_(console),
      options_(remote_options_of(given, console, work)),
      has_twin_(!given.has("no-twin")),
      is_dry_run_(given.has("dry-run")),
      backend_name_(run::full_name(*given.text("backend"))) {
    if (given.has("twin") && given.has("no-twin"))
        throw Error(ErrorKind::usage, "--twin and --no-twin contradict each other", "Give one of them.");
    if (const auto fallback = given.text("fallback")) {
        if (*fallback != "local")
            throw Error(ErrorKind::usage, "--fallback takes local, not \"" + *fallback + "\"");
        may_fall_back_ = true;
    }
}

std::string HardwareRun::twin_name() const {
    return "local:" + (device_ ? device_->device() : backend_name_.substr(backend_name_.find(':') + 1));
}

void HardwareRun::run_twin(const Work& work) {
    device_ = std::make_shared<run::RemoteDevice>(backend_name_, options_.remote);
    backend_name_ = device_->name();
    const auto twin =
        run::make_twin_backend(device_, options_.transpile, options_.primitive, has_twin_, quote_);
    work(*twin);
}

void HardwareRun::run_device(const Work& work) {
    require_consent(quote_, backend_name_, given_, console_);
    try {
        work(*run::make_device_backend(device_, options_.transpile, options_.primitive));
    } catch (const Error& error) {
        session_ = leave_session(*device_, error, console_);
        throw;
    }
    session_ = end_session(*device_, console_);
}

void HardwareRun::run_local(const Work& work) {
    const std::vector<std::string> known = target::bundled_devices();
    const std::string device = twin_name().substr(std::string("local:").size());
    if (device_) {
        run::Quote ignored;
        work(*run::make_twin_backend(device_, options_.transpile, options_.primitive, true, ignored));
    } else if (std::find(known.begin(), known.end(), device) != known.end()) {
        work(*run::open_backend(twin_name(), options_));
    } else {
        backend_name_ = "local";
        work(*run::open_backend("local"));
    }
}

bool HardwareRun::falls_back(const Error& error) {
    if (!may_fall_back_ || !is_the_devices_fault(error.kind())) return false;
    fallback_reason_ = error.what();
    console_.err << "warning: " << backend_name_
                 << " cannot be had, the local simulator answers: " << error.what() << std::endl;
    backend_name_ = twin_name();
    return true;
}

std::vector<std::string> HardwareRun::jobs() const {
    return device_ ? device_->jobs() : std::vector<std::string>{};
}

std::optional<vendors::Cost> HardwareRun::billed() {
    std::optional<vendors::Cost> total;
    for (const std::string& id : jobs()) {
        const run::JobRecord job = device_->journal().find(id);
        if (!job.billed) return std::nullopt;
        total = total ? run::sum(*total, *job.billed) : *job.billed;
    }
    return total;
}

void HardwareRun::add_facts(ordered_json& answer) {
    answer["jobs"] = jobs();
    answer["session"] = session_ ? ordered_json(*session_) : ordered_json(nullptr);
    // What all jobs were quoted at, whether this process sent them or one before it.
    vendors::Cost quoted = quote_.cost;
    if (!jobs().empty()) {
        quoted = device_->journal().find(jobs().front()).quote;
        for (std::size_t k = 1; k < jobs().size(); ++k)
            quoted = run::sum(quoted, device_->journal().find(jobs()[k]).quote);
    }
    answer["quote"] = to_json(quoted);
    answer["billed"] = to_json(billed());
    answer["fallback"] = fallback_reason_.has_value();
    if (fallback_reason_) answer["fallback_reason"] = *fallback_reason_;
}

void HardwareRun::print_facts(std::ostream& out) {
    if (fallback_reason_)
        out << fmt::format("FALLBACK: this is the answer of the local simulator ({}), for: {}\n",
                           backend_name_, *fallback_reason_);
    if (jobs().empty()) return;
    out << fmt::format("job{} {} on {}\n", jobs().size() > 1 ? "s" : "", fmt::join(jobs(), ", "),
                       device_->name());
    if (session_) out << fmt::format("session {}, {}\n", *session_, device_->session() ? "open" : "closed");
    if (const auto bill = billed()) out << "billed " << in_words(*bill) << '\n';
}

void HardwareRun::print_plan(std::ostream& out) const {
    cli::print_plan(quote_, backend_name_, given_.json(), out);
}

void HardwareRun::set_reported() {
    for (const std::string& id : jobs()) cli::set_reported(device_->desk(), id, console_);
}

}  // namespace qdcnn::cli
