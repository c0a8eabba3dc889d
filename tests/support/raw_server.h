#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "support/certificates.h"

namespace qdcnn::test {

/// The server's end of one connection, for a script to misbehave with. Calls after the other side is gone do
/// nothing.
class Connection {
  public:
    explicit Connection(int socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Everything to the end of the headers and, where Content-Length says so, the body. Empty when the
    /// client left.
    std::string read_request();
    void send(std::string_view bytes);
    /// False when the client does not like what it is shown. latest: for example TLS1_1_VERSION; 0 for the
    /// newest.
    bool start_tls(const TlsIdentity& identity, int latest = 0);
    /// Ends early when the client leaves or the server stops.
    void wait(std::chrono::milliseconds time);
    /// Until the client leaves or the server stops.
    void wait_for_end() { wait(std::chrono::seconds(60)); }
    /// Ends the connection with a TCP reset.
    void reset();
    /// Ends the connection without the farewell of TLS.
    void cut();
    /// Ends it in good order.
    void end() { close(true); }

    /// From another thread: ends what is being waited for.
    void stop();

  private:
    std::size_t read_some(char* buffer, std::size_t size);
    void close(bool says_farewell);

    struct Tls;
    std::mutex mutex_;  // Of socket_, where another thread stops what this one may be closing.
    int socket_;
    std::unique_ptr<Tls> tls_;
    std::string left_over_;  // Read behind the last request.
};

/// Listens on a free port of 127.0.0.1 and runs a script for each connection, in a thread of its own. When
/// the script returns, the connection is closed in good order. Stops when destroyed.
class RawServer {
  public:
    /// number: 0 for the first connection.
    using Script = std::function<void(Connection& connection, int number)>;

    explicit RawServer(Script script);
    /// Speaks TLS: the script begins after the handshake, and does not run where that fails.
    RawServer(TlsIdentity identity, Script script, int latest_tls = 0);
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    int port() const { return port_; }
    /// "http://127.0.0.1:port" or https, and the path.
    std::string url(const std::string& path = "/") const;
    /// Connections accepted so far.
    int connections() const { return connections_; }

  private:
    struct Session;

    void listen();
    void accept_all();

    std::optional<TlsIdentity> identity_;
    int latest_tls_ = 0;
    Script script_;
    int socket_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<int> connections_{0};
    std::list<std::unique_ptr<Session>> sessions_;
    std::thread acceptor_;
};

/// "HTTP/1.1 <status> Status" with these header lines (each ended by \r\n), a Content-Length and the body.
std::string http_reply(int status, std::string_view body, std::string_view header_lines = {});

/// A port of 127.0.0.1 on which nobody listens.
int closed_port();

}  // namespace qdcnn::test
