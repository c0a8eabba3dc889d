#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "http/curl_transfer.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/log.h"
#include "qdcnn/base/redact.h"

namespace qdcnn::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

void log_outcome(const Request& request, const Outcome& outcome, SteadyClock::duration took) {
    if (!log_is_on(LogLevel::debug)) return;
    // Without the query, which is where a service may want a secret. No colon behind the path: the redactor
    // takes
    // "/token: 200" for a token.
    const std::string place = request.url.substr(0, request.url.find_first_of("?#"));
    const double seconds = std::chrono::duration<double>(took).count();
    if (const auto* response = std::get_if<Response>(&outcome)) {
        log_line(LogLevel::debug, fmt::format("{} {} -> {}, {} bytes in {:.3f} s", to_string(request.method),
                                              place, response->status, response->body.size(), seconds));
    } else {
        const auto& failure = std::get<Failure>(outcome);
        log_line(LogLevel::debug, fmt::format("{} {} -> {} ({}) after {:.3f} s", to_string(request.method),
                                              place, failure.message, to_string(failure.reach), seconds));
    }
}

/// The requests of one send_all on one multi handle, in one thread.
class Batch {
  public:
    Batch(std::span<const Request> requests, const TransportSettings& settings, CURLM* multi)
        : requests_(requests), settings_(settings), multi_(multi), outcomes_(requests.size()) {}
    ~Batch() {
        for (auto& [handle, active] : active_) curl_multi_remove_handle(multi_, handle);
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    std::vector<Outcome> run() {
        while (true) {
            check_interrupt();
            while (next_ < requests_.size() &&
                   active_.size() < static_cast<std::size_t>(settings_.max_parallel))
                start();
            if (active_.empty()) break;
            int running = 0;
            require(curl_multi_perform(multi_, &running));
            collect();
            // Short enough to see an interrupt; data and the ends of time limits come at once.
            if (running > 0) require(curl_multi_poll(multi_, nullptr, 0, 50, nullptr));
        }
        std::vector<Outcome> result;
        for (auto& outcome : outcomes_) result.push_back(std::move(outcome.value()));
        return result;
    }

  private:
    struct Active {
        std::size_t index;
        SteadyClock::time_point started;
        std::unique_ptr<Transfer> transfer;
    };

    static void require(CURLMcode code) {
        if (code != CURLM_OK)
            throw Error(ErrorKind::internal, fmt::format("curl: {}", curl_multi_strerror(code)));
    }

    void start() {
        const std::size_t index = next_++;
        auto transfer = std::make_unique<Transfer>(requests_[index], settings_);
        require(curl_multi_add_handle(multi_, transfer->handle()));
        CURL* handle = transfer->handle();
        active_.emplace(handle, Active{index, SteadyClock::now(), std::move(transfer)});
    }

    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* handle = message->easy_handle;
            const CURLcode code = message->data.result;  // `message` dies with the removal.
            curl_multi_remove_handle(multi_, handle);
            if (auto outcome = active_.at(handle).transfer->finish(code)) {
                end(handle, std::move(*outcome));
            } else {
                require(curl_multi_add_handle(multi_, handle));
            }
        }
    }

    /// The handle no longer belongs to the multi handle.
    void end(CURL* handle, Outcome outcome) {
        const Active& active = active_.at(handle);
        log_outcome(requests_[active.index], outcome, SteadyClock::now() - active.started);
        outcomes_[active.index] = std::move(outcome);
        active_.erase(handle);
    }

    void check_interrupt() {
        if (interrupt().signal_number() == 0) return;
        const auto present = SteadyClock::now();
        if (!interrupted_) interrupted_ = present;
        for (; next_ < requests_.size(); ++next_)
            outcomes_[next_] = Transfer(requests_[next_], settings_).give_up(FailureKind::interrupted);
        std::vector<CURL*> abandoned;
        for (const auto& [handle, active] : active_) {
            const Transfer& transfer = *active.transfer;
            // The answer to a submit is worth a moment: without it, the job is one to search for.
            const bool is_worth_waiting = transfer.is_submit() && transfer.reach() != Reach::not_sent &&
                                          present < *interrupted_ + settings_.interrupt_grace;
            if (!is_worth_waiting) abandoned.push_back(handle);
        }
        for (CURL* handle : abandoned) {
            curl_multi_remove_handle(multi_, handle);
            end(handle, active_.at(handle).transfer->give_up(FailureKind::interrupted));
        }
    }

    std::span<const Request> requests_;
    const TransportSettings& settings_;
    CURLM* multi_;
    std::size_t next_ = 0;
    std::unordered_map<CURL*, Active> active_;
    std::vector<std::optional<Outcome>> outcomes_;
    std::optional<SteadyClock::time_point> interrupted_;
};

class CurlTransport final : public Transport {
  public:
    explicit CurlTransport(TransportSettings settings) : settings_(std::move(settings)) {}

    std::vector<Outcome> send_all(std::span<const Request> requests) override {
        for (const Request& request : requests) require_sendable(request);
        MultiHandle multi = take_multi();
        std::vector<Outcome> outcomes = Batch(requests, settings_, multi.get()).run();
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(multi));
        return outcomes;
    }

    int max_parallel() const override { return settings_.max_parallel; }

  private:
    /// A multi handle keeps connections and serves one thread at a time: each call takes one, its own for
    /// that long.
    MultiHandle take_multi() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                MultiHandle multi = std::move(idle_.back());
                idle_.pop_back();
                return multi;
            }
        }
        MultiHandle multi(curl_multi_init());
        if (!multi) throw std::bad_alloc();
        curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.max_parallel));
        return multi;
    }

    const TransportSettings settings_;
    std::mutex mutex_;
    std::vector<MultiHandle> idle_;
};

void check(const TransportSettings& settings) {
    if (settings.max_parallel < 1)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} requests at once, expected 1 or more", settings.max_parallel));
    if (!settings.ca_file.empty()) {
        try {
            read_file(settings.ca_file);
        } catch (const Error& error) {
            throw error.with_context("certificates to trust (--ca-file, CURL_CA_BUNDLE, SSL_CERT_FILE)");
        }
    }
}

/// The password in a proxy's URL is a secret that the user did not give to us by name.
void check_proxy(const std::string& proxy) {
    if (proxy.empty()) return;
    const UrlHandle url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, proxy.c_str(),
                     CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        throw Error(ErrorKind::invalid_input, "the proxy \"" + redactor().redact(proxy) + "\" is no URL",
                    "Write it as http://host:port in HTTPS_PROXY.");
    char* password = nullptr;
    if (curl_url_get(url.get(), CURLUPART_PASSWORD, &password, CURLU_URLDECODE) == CURLUE_OK) {
        redactor().add_secret(password);
        curl_free(password);
    }
}

}  // namespace

std::unique_ptr<Transport> make_curl_transport(TransportSettings settings) {
    static std::once_flag is_initialised;
    std::call_once(is_initialised, [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw Error(ErrorKind::internal, "curl cannot start");
    });
    check(settings);
    check_proxy(settings.proxy);
    return std::make_unique<CurlTransport>(std::move(settings));
}

}  // namespace qdcnn::http
