#include "http_host.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"

namespace qdcnn::server {
namespace {

/// Connections served at once: each takes a thread, also while it is kept for the next request.
constexpr std::size_t kThreads = 64;
constexpr std::size_t kRequestsOfAConnection = 1'000'000;
constexpr int kKeepAliveSeconds = 5;
constexpr int kReadSeconds = 30;

/// Loopback addresses by name or number, as the socket takes them.
std::string loopback(const std::string& address) {
    if (address == "localhost") return "127.0.0.1";
    in_addr four{};
    const bool is_four =
        ::inet_pton(AF_INET, address.c_str(), &four) == 1 && (ntohl(four.s_addr) >> 24) == 127;
    if (!is_four && address != "::1")
        throw Error(ErrorKind::invalid_input, fmt::format("{} is no loopback address", address),
                    "The server is for this machine alone: 127.0.0.1 or ::1.");
    return address;
}

int port_of(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    return -1;
}

/// Calls use(socket) for this process's ends of connections to `port`: of the one from remote_port, or of all
/// where that is 0. The library hands out no sockets.
void for_each_connection(int port, int remote_port, const std::function<void(int)>& use) {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return;
    while (const dirent* entry = ::readdir(folder)) {
        const int socket = std::atoi(entry->d_name);
        sockaddr_storage own{}, other{};
        socklen_t own_size = sizeof own, other_size = sizeof other;
        if (socket <= 2 || ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &own_size) != 0 ||
            ::getpeername(socket, reinterpret_cast<sockaddr*>(&other), &other_size) != 0)
            continue;
        if (port_of(own) == port && (remote_port == 0 || port_of(other) == remote_port)) use(socket);
    }
    ::closedir(folder);
}

void end_connection(int socket) { ::shutdown(socket, SHUT_RDWR); }

void reset_connection(int socket) {
    // To connect a TCP socket to nowhere resets the connection that it has.
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    ::connect(socket, &nowhere, sizeof nowhere);
}

Request request_of(const httplib::Request& given) {
    Request request{
        .method = given.method, .path = given.path, .query = {}, .headers = {}, .body = given.body};
    for (const auto& [name, value] : given.params) request.query.emplace(name, value);
    for (const auto& [name, value] : given.headers) {
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        // What the library adds for itself.
        if (lower != "remote_addr" && lower != "remote_port" && lower != "local_addr" &&
            lower != "local_port")
            request.headers[lower] = value;
    }
    return request;
}

void send_half(httplib::Response& response, const std::string& body, const std::string& type) {
    // An empty body has no half: one byte is promised.
    response.set_content_provider(std::max<std::size_t>(body.size(), 1), type,
                                  [body](std::size_t, std::size_t, httplib::DataSink& sink) {
                                      sink.write(body.data(), body.size() / 2);
                                      return false;
                                  });
}

}  // namespace

class HttpHost::Body {
  public:
    Body(const Settings& settings, Handler handler) : handler_(std::move(handler)) {
        if (settings.tls_certificate.empty() != settings.tls_key.empty())
            throw Error(ErrorKind::invalid_input, "a TLS certificate and its key come together",
                        "Give both files or neither.");
        const std::string address = loopback(settings.address);
        if (settings.tls_certificate.empty()) {
            http_ = std::make_unique<httplib::Server>();
        } else {
            read_file(settings.tls_certificate);
            read_file(settings.tls_key);
            http_ = std::make_unique<httplib::SSLServer>(settings.tls_certificate.c_str(),
                                                         settings.tls_key.c_str());
            if (!http_->is_valid())
                throw Error(ErrorKind::invalid_input,
                            fmt::format("{} and {} are no certificate and its key in PEM",
                                        settings.tls_certificate, settings.tls_key));
        }
        set_up(settings);
        listen(address, settings.port);
    }

    ~Body() { stop(); }

    int port() const { return port_; }

    void stop() {
        const std::lock_guard lock(mutex_);
        if (!listener_.joinable()) return;
        http_->stop();
        // The library would wait for the next request of each.
        for_each_connection(port_, 0, end_connection);
        listener_.join();
    }

  private:
    void set_up(const Settings& settings) {
        http_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
        http_->set_keep_alive_max_count(kRequestsOfAConnection);
        http_->set_keep_alive_timeout(kKeepAliveSeconds);
        http_->set_read_timeout(kReadSeconds);
        http_->set_payload_max_length(settings.limits.max_body_bytes);
        http_->set_tcp_nodelay(true);
        // The library's own way lets two servers have one port.
        http_->set_socket_options([](int socket) {
            const int yes = 1;
            ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
            answer(request, response);
        };
        http_->Get(".*", handle)
            .Post(".*", handle)
            .Put(".*", handle)
            .Patch(".*", handle)
            .Delete(".*", handle);
    }

    void listen(const std::string& address, int port) {
        if (port == 0) {
            port_ = http_->bind_to_any_port(address);
        } else {
            port_ = http_->bind_to_port(address, port) ? port : -1;
        }
        if (port_ <= 0)
            throw Error(ErrorKind::network, fmt::format("cannot listen on {} port {}", address, port),
                        "Another program may have the port; port 0 takes any that is free.");
        listener_ = std::thread([this] { http_->listen_after_bind(); });
        // Its stop does nothing before it runs.
        while (!http_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

    void answer(const httplib::Request& request, httplib::Response& response) {
        Answer answer = handler_(request_of(request));
        Reply& reply = answer.reply;
        response.status = reply.status;
        for (const auto& [name, value] : reply.headers) response.set_header(name, value);
        if (answer.fault) {
            const FaultAction action = answer.fault->action;
            if (action == FaultAction::reset)
                return for_each_connection(port_, request.remote_port, reset_connection);
            if (action == FaultAction::close)
                return for_each_connection(port_, request.remote_port, end_connection);
            if (action == FaultAction::truncated) return send_half(response, reply.body, reply.type);
        }
        if (reply.status != 204) response.set_content(reply.body, reply.type);
    }

    const Handler handler_;
    std::unique_ptr<httplib::Server> http_;
    int port_ = -1;
    std::mutex mutex_;
    std::thread listener_;
};

HttpHost::HttpHost(const Settings& settings, Handler handler)
    : body_(std::make_unique<Body>(settings, std::move(handler))) {}
HttpHost::~HttpHost() = default;
int HttpHost::port() const { return body_->port(); }
void HttpHost::stop() { body_->stop(); }

}  // namespace qdcnn::server
