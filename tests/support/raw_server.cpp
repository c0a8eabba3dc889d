#include "support/raw_server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace qdcnn::test {
namespace {

int listen_on_free_port(int& port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        ::listen(socket, 256) != 0)
        throw std::runtime_error("the test cannot listen on 127.0.0.1");
    port = ntohs(address.sin_port);
    return socket;
}

std::size_t content_length(std::string head) {
    std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::size_t at = head.find("\r\ncontent-length:");
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 17, nullptr, 10);
}

/// OpenSSL writes to sockets that may be closed; the signal of that is for nobody in a test.
void block_sigpipe() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

struct Connection::Tls {
    SSL_CTX* context = nullptr;
    SSL* session = nullptr;
    ~Tls() {
        SSL_free(session);
        SSL_CTX_free(context);
    }
};

Connection::Connection(int socket) : socket_(socket) {}

Connection::~Connection() { close(true); }

bool Connection::start_tls(const TlsIdentity& identity, int latest) {
    auto tls = std::make_unique<Tls>();
    tls->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(tls->context, latest);
    if (latest != 0) {
        // What is too old for us is too old for OpenSSL's own defaults.
        SSL_CTX_set_min_proto_version(tls->context, latest);
        SSL_CTX_set_cipher_list(tls->context, "ALL:@SECLEVEL=0");
    }
    tls->session = SSL_new(tls->context);
    BIO* certificate_text =
        BIO_new_mem_buf(identity.certificate.data(), static_cast<int>(identity.certificate.size()));
    BIO* key_text = BIO_new_mem_buf(identity.key.data(), static_cast<int>(identity.key.size()));
    X509* certificate = PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
    SSL_use_certificate(tls->session, certificate);
    SSL_use_PrivateKey(tls->session, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_text);
    BIO_free(key_text);
    SSL_set_fd(tls->session, socket_);
    const bool is_good = SSL_accept(tls->session) == 1;
    tls_ = std::move(tls);
    return is_good;
}

std::size_t Connection::read_some(char* buffer, std::size_t size) {
    if (socket_ < 0) return 0;
    const auto count =
        tls_ ? SSL_read(tls_->session, buffer, static_cast<int>(size)) : ::recv(socket_, buffer, size, 0);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::string Connection::read_request() {
    std::string text = std::exchange(left_over_, {});
    char buffer[1 << 14];
    while (true) {
        const std::size_t end = text.find("\r\n\r\n");
        const std::size_t whole =
            end == std::string::npos ? 0 : end + 4 + content_length(text.substr(0, end));
        if (whole != 0 && text.size() >= whole) {
            left_over_ = text.substr(whole);
            return text.substr(0, whole);
        }
        const std::size_t count = read_some(buffer, sizeof buffer);
        if (count == 0) return {};
        text.append(buffer, count);
    }
}

void Connection::send(std::string_view bytes) {
    while (!bytes.empty() && socket_ >= 0) {
        const auto count = tls_ ? SSL_write(tls_->session, bytes.data(), static_cast<int>(bytes.size()))
                                : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void Connection::wait(std::chrono::milliseconds time) {
    if (socket_ < 0) return;
    pollfd one{.fd = socket_, .events = POLLRDHUP, .revents = 0};
    ::poll(&one, 1, static_cast<int>(time.count()));
}

void Connection::stop() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Connection::reset() {
    if (socket_ < 0) return;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(false);
}

void Connection::cut() { close(false); }

void Connection::close(bool says_farewell) {
    if (socket_ < 0) return;
    if (tls_ && says_farewell && SSL_is_init_finished(tls_->session) == 1) SSL_shutdown(tls_->session);
    tls_.reset();
    if (says_farewell) {
        // Closing with data unread would reset the connection and could take the reply with it.
        ::shutdown(socket_, SHUT_WR);
        char buffer[1 << 12];
        const timeval patience{.tv_sec = 0, .tv_usec = 200'000};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        while (::recv(socket_, buffer, sizeof buffer, 0) > 0) {
        }
    }
    const std::lock_guard lock(mutex_);
    ::close(socket_);
    socket_ = -1;
}

struct RawServer::Session {
    std::unique_ptr<Connection> connection;
    std::thread thread;
};

RawServer::RawServer(Script script) : script_(std::move(script)) { listen(); }

RawServer::RawServer(TlsIdentity identity, Script script, int latest_tls)
    : identity_(std::move(identity)), latest_tls_(latest_tls), script_(std::move(script)) {
    listen();
}

void RawServer::listen() {
    socket_ = listen_on_free_port(port_);
    acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    acceptor_.join();
    ::close(socket_);
    for (const auto& session : sessions_) session->connection->stop();
    for (const auto& session : sessions_) session->thread.join();
}

void RawServer::accept_all() {
    block_sigpipe();
    while (!stopping_) {
        const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0) return;
        auto session = std::make_unique<Session>();
        session->connection = std::make_unique<Connection>(accepted);
        session->thread =
            std::thread([this, connection = session->connection.get(), number = connections_++] {
                if (identity_ && !connection->start_tls(*identity_, latest_tls_)) return;
                script_(*connection, number);
                connection->end();
            });
        sessions_.push_back(std::move(session));
    }
}

std::string RawServer::url(const std::string& path) const {
    return fmt::format("{}://127.0.0.1:{}{}", identity_ ? "https" : "http", port_, path);
}

std::string http_reply(int status, std::string_view body, std::string_view header_lines) {
    return fmt::format("HTTP/1.1 {} Status\r\n{}Content-Length: {}\r\n\r\n{}", status, header_lines,
                       body.size(), body);
}

int closed_port() {
    int port = 0;
    ::close(listen_on_free_port(port));
    return port;
}

}  // namespace qdcnn::test
