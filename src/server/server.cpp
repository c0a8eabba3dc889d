#include "qdcnn/server/server.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "api.h"
#include "devices.h"
#include "faults.h"
#include "http_host.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/redact.h"
#include "recorder.h"
#include "store.h"
#include "worker.h"

namespace qdcnn::server {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

Reply spoiled(Reply reply, const Fault& fault) {
    switch (fault.action) {
        case FaultAction::status:
            reply = refusal(fault.status, code::kInternal, "A fault on command.");
            break;
        case FaultAction::html:
            reply = {.status = fault.status,
                     .body = "<html><head><title>Gateway</title></head><body>Try later.</body></html>",
                     .type = "text/html"};
            break;
        case FaultAction::empty:
            reply = {.status = fault.status};
            break;
        case FaultAction::garbled:
            reply.body.insert(reply.body.size() / 2, "\xff\xfe\xc3");
            break;
        case FaultAction::reset:
        case FaultAction::close:
        case FaultAction::truncated:
        case FaultAction::delay:
            break;
    }
    if (fault.retry_after) reply.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after));
    return reply;
}

std::vector<std::unique_ptr<Device>> open_devices(const Settings& settings) {
    if (settings.devices.empty())
        throw Error(ErrorKind::invalid_input, "a server without a device", "Name at least one.");
    if (settings.instances.empty())
        throw Error(ErrorKind::invalid_input, "a server without an instance", "Leave the settings' own.");
    std::vector<std::unique_ptr<Device>> devices;
    for (const std::string& name : settings.devices)
        devices.push_back(std::make_unique<Device>(name, settings.noise_scale));
    return devices;
}

}  // namespace

class Server::Body {
  public:
    explicit Body(Settings settings)
        : settings_(std::move(settings)),
          devices_(open_devices(settings_)),
          store_(settings_.state_folder),
          faults_(settings_.faults),
          recorder_(settings_.record_folder),
          worker_(settings_, store_, devices_),
          api_(settings_, store_, faults_, devices_, [this] { worker_.wake(); }),
          last_use_(std::chrono::steady_clock::now()),
          host_(settings_, [this](const Request& request) { return answer(request); }) {
        if (!settings_.token.empty()) redactor().add_secret(settings_.token);
    }

    ~Body() { stop(); }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            is_stopped_ = true;
            changed_.notify_all();
        }
        worker_.stop();
        host_.stop();
    }

    void wait() {
        std::unique_lock lock(mutex_);
        // Interrupts do not wake a condition.
        while (!changed_.wait_for(lock, std::chrono::milliseconds(50), [this] { return is_stopped_; })) {
            interrupt().throw_if_interrupted();
            if (is_idle()) return;
        }
    }

    std::string url() const {
        const std::string host = settings_.address.find(':') == std::string::npos
                                     ? settings_.address
                                     : "[" + settings_.address + "]";
        return fmt::format("{}://{}:{}", settings_.tls_certificate.empty() ? "http" : "https", host,
                           host_.port());
    }

    bool is_idle() const {
        return settings_.idle_limit.count() > 0 &&
               std::chrono::steady_clock::now() - last_use_.load() >= settings_.idle_limit &&
               !store_.next_open();
    }

    const Settings& settings() const { return settings_; }
    int port() const { return host_.port(); }
    const Store& store() const { return store_; }
    FaultBook& faults() { return faults_; }

  private:
    Answer answer(const Request& request) {
        last_use_ = std::chrono::steady_clock::now();
        const std::string kind = Api::kind_of(request);
        if (request.path.starts_with("/rehearsal/")) return {api_.answer(request)};
        store_.count_request(kind);
        const auto fault = faults_.take(kind);
        Answer answer{.reply = {}, .fault = fault};
        if (fault && fault->action == FaultAction::delay && fault->time == FaultTime::before)
            pause(fault->delay);
        const bool is_acted_on =
            !fault || fault->time == FaultTime::after || fault->action == FaultAction::delay ||
            fault->action == FaultAction::garbled || fault->action == FaultAction::truncated;
        if (is_acted_on) answer.reply = api_.answer(request);
        if (fault) {
            if (fault->time == FaultTime::after || fault->action != FaultAction::delay) pause(fault->delay);
            answer.reply = spoiled(std::move(answer.reply), *fault);
        }
        recorder_.record(kind, request, answer.reply);
        last_use_ = std::chrono::steady_clock::now();
        return answer;
    }

    void pause(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, time, [this] { return is_stopped_; });
    }

    const Settings settings_;
    const std::vector<std::unique_ptr<Device>> devices_;
    Store store_;
    FaultBook faults_;
    Recorder recorder_;
    Worker worker_;
    Api api_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_stopped_ = false;
    std::atomic<SteadyTime> last_use_;
    /// Last: requests come as soon as it is there.
    HttpHost host_;
};

Server::Server(Settings settings) : body_(std::make_unique<Body>(std::move(settings))) {}
Server::~Server() = default;

int Server::port() const { return body_->port(); }
std::string Server::url() const { return body_->url(); }

std::vector<std::pair<std::string, std::string>> Server::environment() const {
    const std::string base = url();
    const Settings& settings = body_->settings();
    return {{"QISKIT_IBM_TOKEN", settings.token.empty() ? "rehearsal" : settings.token},
            {"QISKIT_IBM_URL", base + kApiBase},
            {"QISKIT_IBM_INSTANCE", settings.instances.front().crn},
            {"IAM_URL", base},
            {"GLOBAL_SEARCH_URL", base},
            {"GLOBAL_CATALOG_URL", base + "/catalog"}};
}

Stats Server::stats() const { return body_->store().stats(); }
void Server::add_fault(const Fault& fault) { body_->faults().add(fault); }
void Server::clear_faults() { body_->faults().clear(); }
void Server::wait() { body_->wait(); }
bool Server::is_idle() const { return body_->is_idle(); }
void Server::stop() { body_->stop(); }

}  // namespace qdcnn::server
