#include "qdcnn/http/retrying_transport.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/base/log.h"

namespace qdcnn::http {
namespace {

using std::chrono::milliseconds;

int& attempts_of(Outcome& outcome) {
    return std::visit([](auto& one) -> int& { return one.attempts; }, outcome);
}

/// The server, or a gateway on the way, may have done something before this came back.
bool may_have_acted(const Outcome& outcome) {
    if (const auto* response = std::get_if<Response>(&outcome)) return response->status >= 500;
    return std::get<Failure>(outcome).reach != Reach::not_sent;
}

}  // namespace

/// The requests of one send_all: waves of those that are due, until each has its outcome.
class RetryingTransport::Work {
  public:
    Work(RetryingTransport& owner, std::span<const Request> requests)
        : owner_(owner), policy_(owner.settings_.policy), requests_(requests), items_(requests.size()) {
        for (std::size_t i = 0; i < requests.size(); ++i) waiting_.push_back(i);
        for (Item& item : items_) item.due = owner_.clock_.now();
    }

    std::vector<Outcome> run() {
        try {
            while (!waiting_.empty()) send(next_wave());
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::cancelled) throw;
            for (const std::size_t index : std::vector(waiting_))
                give_up(index, FailureKind::interrupted, "interrupted");
        }
        std::vector<Outcome> outcomes;
        for (Item& item : items_) outcomes.push_back(std::move(item.last.value()));
        return outcomes;
    }

  private:
    struct Item {
        Clock::TimePoint due;
        Clock::TimePoint started;
        int attempts = 0;
        bool may_have_acted = false;
        std::optional<Outcome> last;
    };

    /// Waits until something may go. What is due together goes together, as far as the rate lets it.
    std::vector<std::size_t> next_wave() {
        RateLimiter& limiter = *owner_.settings_.limiter;
        const auto earliest =
            std::min_element(waiting_.begin(), waiting_.end(),
                             [&](std::size_t a, std::size_t b) { return items_[a].due < items_[b].due; });
        const std::size_t first = *earliest;
        owner_.clock_.sleep_until(items_[first].due);
        if (!limiter.acquire(owner_.clock_, policy_.longest_retry_after)) {
            give_up(first, FailureKind::held_back,
                    "not sent: the service asked for a longer pause than is waited for");
            return {};
        }
        std::vector<std::size_t> wave = {first};
        const auto present = owner_.clock_.now();
        for (const std::size_t index : waiting_) {
            // No more than start at once, for a permit is to send with, not to queue with.
            if (wave.size() >= static_cast<std::size_t>(owner_.max_parallel())) break;
            if (index == first || items_[index].due > present) continue;
            if (!limiter.try_acquire(owner_.clock_)) break;
            wave.push_back(index);
        }
        return wave;
    }

    void send(const std::vector<std::size_t>& wave) {
        if (wave.empty()) return;
        std::vector<Request> requests;
        for (const std::size_t index : wave) {
            requests.push_back(requests_[index]);
            Item& item = items_[index];
            if (item.attempts++ == 0) item.started = owner_.clock_.now();
        }
        std::vector<Outcome> outcomes = owner_.inner_.send_all(requests);
        for (std::size_t i = 0; i < wave.size(); ++i) settle(wave[i], std::move(outcomes[i]));
    }

    /// Keeps the request waiting where it is sent again, else ends it.
    void settle(std::size_t index, Outcome outcome) {
        Item& item = items_[index];
        const auto wait = wait_after(index, outcome);
        if (!wait) {
            end(index, std::move(outcome));
            return;
        }
        item.may_have_acted |= may_have_acted(outcome);
        item.due = owner_.clock_.now() + *wait;
        item.last = std::move(outcome);
        if (log_is_on(LogLevel::info))
            log_line(LogLevel::info,
                     fmt::format("attempt {} of {} failed, the next in {:.1f} s", item.attempts,
                                 policy_.max_attempts, std::chrono::duration<double>(*wait).count()));
    }

    /// The wait before the next attempt, or nothing where there is none.
    std::optional<milliseconds> wait_after(std::size_t index, const Outcome& outcome) {
        const Item& item = items_[index];
        const auto present = owner_.clock_.now();
        std::optional<milliseconds> asked;
        const auto* response = std::get_if<Response>(&outcome);
        if (response != nullptr) asked = retry_after(*response, policy_, owner_.clock_.date());
        const bool again = is_retried(policy_, requests_[index], outcome, asked.has_value());
        // On other replies, a 202 say, it is about that resource and no pause for everybody.
        if (asked && (again || response->status == 429 || response->status == 503))
            owner_.settings_.limiter->pause_until(present + *asked);
        if (!again) {
            if (response != nullptr) owner_.settings_.budget->succeeded();
            return std::nullopt;
        }
        if (asked.value_or(milliseconds(0)) > policy_.longest_retry_after) return std::nullopt;
        const milliseconds wait = asked.value_or(milliseconds(0)) + owner_.draw_backoff(item.attempts);
        if (item.attempts >= policy_.max_attempts || present + wait > item.started + policy_.total_budget)
            return std::nullopt;
        if (!owner_.settings_.budget->take()) return std::nullopt;
        return wait;
    }

    void give_up(std::size_t index, FailureKind kind, const char* message) {
        Item& item = items_[index];
        if (item.last) {
            end(index, std::move(*item.last));
        } else {
            end(index, Failure{.kind = kind,
                               .reach = Reach::not_sent,
                               .status = std::nullopt,
                               .message = message,
                               .attempts = 0});
        }
    }

    void end(std::size_t index, Outcome outcome) {
        Item& item = items_[index];
        attempts_of(outcome) = item.attempts;
        auto* failure = std::get_if<Failure>(&outcome);
        if (failure != nullptr && item.may_have_acted && failure->reach == Reach::not_sent)
            failure->reach = Reach::maybe_sent;
        item.last = std::move(outcome);
        std::erase(waiting_, index);
    }

    RetryingTransport& owner_;
    const RetryPolicy& policy_;
    std::span<const Request> requests_;
    std::vector<Item> items_;
    std::vector<std::size_t> waiting_;
};

RetryingTransport::RetryingTransport(Transport& inner, Clock& clock, Settings settings)
    : inner_(inner), clock_(clock), settings_(std::move(settings)), random_(settings_.seed) {}

std::vector<Outcome> RetryingTransport::send_all(std::span<const Request> requests) {
    return Work(*this, requests).run();
}

milliseconds RetryingTransport::draw_backoff(int attempts) {
    const std::lock_guard lock(mutex_);
    return backoff(settings_.policy, attempts, random_);
}

}  // namespace qdcnn::http
