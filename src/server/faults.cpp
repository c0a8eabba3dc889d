#include "faults.h"

#include <algorithm>
#include <array>

namespace qdcnn::server {
namespace {

constexpr std::array<std::pair<const char*, FaultAction>, 8> kActions{{{"status", FaultAction::status},
                                                                       {"html", FaultAction::html},
                                                                       {"empty", FaultAction::empty},
                                                                       {"reset", FaultAction::reset},
                                                                       {"close", FaultAction::close},
                                                                       {"truncated", FaultAction::truncated},
                                                                       {"garbled", FaultAction::garbled},
                                                                       {"delay", FaultAction::delay}}};

FaultAction action_of(const JsonView& word) {
    const std::string text = word.text();
    for (const auto& [name, action] : kActions)
        if (text == name) return action;
    word.fail("\"" + text + "\" is no action of a fault");
}

FaultTime time_of(const JsonView& document) {
    const std::string text = document.text_or("time", "before");
    if (text == "before") return FaultTime::before;
    if (text == "after") return FaultTime::after;
    document.fail("time is \"" + text + "\", expected before or after");
}

}  // namespace

FaultBook::FaultBook(std::vector<Fault> faults) : faults_(std::move(faults)) {}

void FaultBook::add(const Fault& fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(fault);
}

void FaultBook::clear() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
}

std::optional<Fault> FaultBook::take(const std::string& kind) {
    const std::lock_guard lock(mutex_);
    for (auto at = faults_.begin(); at != faults_.end(); ++at) {
        if (at->kind != "*" && at->kind != kind) continue;
        if (at->skip > 0) {
            --at->skip;
            continue;
        }
        const Fault fault = *at;
        if (at->times > 0 && --at->times == 0) faults_.erase(at);
        return fault;
    }
    return std::nullopt;
}

Fault fault_of(const JsonView& document) {
    Fault fault;
    fault.kind = document.at("kind").text();
    fault.action = action_of(document.at("action"));
    fault.time = time_of(document);
    fault.status = static_cast<int>(document.number_or("status", fault.status));
    if (document.has("retry_after"))
        fault.retry_after = static_cast<int>(document.at("retry_after").integer());
    fault.delay = std::chrono::milliseconds(static_cast<std::int64_t>(document.number_or("delay_ms", 0)));
    fault.skip = static_cast<int>(document.number_or("skip", fault.skip));
    fault.times = static_cast<int>(document.number_or("times", fault.times));
    return fault;
}

}  // namespace qdcnn::server
