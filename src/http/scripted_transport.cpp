#include "qdcnn/http/scripted_transport.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/redact.h"

namespace qdcnn::http {

void ScriptedTransport::expect(Method method, const std::string& url, Outcome outcome) {
    expect(method, url, [outcome = std::move(outcome)](const Request&) { return outcome; });
}

void ScriptedTransport::expect(Method method, const std::string& url, Reply reply) {
    const std::lock_guard lock(mutex_);
    expected_.push_back({method, url, std::move(reply)});
}

void ScriptedTransport::always(Method method, const std::string& url, Reply reply) {
    const std::lock_guard lock(mutex_);
    standing_.push_back({method, url, std::move(reply)});
}

std::vector<Outcome> ScriptedTransport::send_all(std::span<const Request> requests) {
    std::vector<Outcome> outcomes;
    // Called without the lock, so that a reply may send on its own.
    for (const Request& request : requests) outcomes.push_back(reply_to(request)(request));
    return outcomes;
}

ScriptedTransport::Reply ScriptedTransport::reply_to(const Request& request) {
    const auto fits = [&](const Rule& rule) {
        return rule.method == request.method && rule.url == request.url;
    };
    const std::lock_guard lock(mutex_);
    sent_.push_back(request);
    if (!expected_.empty() && fits(expected_.front())) {
        Reply reply = std::move(expected_.front().reply);
        expected_.pop_front();
        return reply;
    }
    const auto found = std::find_if(standing_.rbegin(), standing_.rend(), fits);
    if (found != standing_.rend()) return found->reply;
    const std::string expected =
        expected_.empty() ? "nothing more"
                          : fmt::format("{} {}", to_string(expected_.front().method), expected_.front().url);
    throw Error(ErrorKind::internal, fmt::format("the script expects {}, not {} {}", expected,
                                                 to_string(request.method), redactor().redact(request.url)));
}

std::vector<Request> ScriptedTransport::sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
}

std::size_t ScriptedTransport::expectations_left() const {
    const std::lock_guard lock(mutex_);
    return expected_.size();
}

}  // namespace qdcnn::http
