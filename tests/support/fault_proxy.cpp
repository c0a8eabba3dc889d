#include "support/fault_proxy.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>

namespace qdcnn::test {
namespace {

/// The request with the demand that the connection end after the reply, so that its end is the reply's end.
std::string closing(const std::string& request) {
    const std::size_t line = request.find("\r\n");
    return request.substr(0, line) + "\r\nConnection: close" + request.substr(line);
}

}  // namespace

FaultProxy::FaultProxy(int server_port)
    : server_port_(server_port),
      server_(std::make_unique<RawServer>([this](Connection& connection, int) { serve(connection); })) {}

FaultProxy::FaultProxy(int server_port, TlsIdentity identity)
    : server_port_(server_port),
      server_(std::make_unique<RawServer>(std::move(identity),
                                          [this](Connection& connection, int) { serve(connection); })) {}

void FaultProxy::set(Filter filter, Misdeed misdeed, int times) {
    const std::lock_guard lock(mutex_);
    filter_ = std::move(filter);
    misdeed_ = std::move(misdeed);
    times_ = times;
    met_ = 0;
}

int FaultProxy::met() const {
    const std::lock_guard lock(mutex_);
    return met_;
}

void FaultProxy::serve(Connection& connection) {
    const std::string request = connection.read_request();
    if (request.empty()) return;
    Misdeed misdeed;
    {
        const std::lock_guard lock(mutex_);
        if (times_ != 0 && filter_(request)) {
            misdeed = misdeed_;
            ++met_;
            if (times_ > 0) --times_;
        }
    }
    const auto pass = [&] { return pass_on(request); };
    if (misdeed)
        misdeed(connection, pass);
    else
        connection.send(pass());
}

std::string FaultProxy::pass_on(const std::string& request) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(server_port_));
    std::string reply;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        std::string_view left;
        const std::string text = closing(request);
        for (left = text; !left.empty();) {
            const auto count = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
            if (count <= 0) break;
            left.remove_prefix(static_cast<std::size_t>(count));
        }
        char buffer[1 << 14];
        for (ssize_t count; (count = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
            reply.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(socket);
    return reply;
}

}  // namespace qdcnn::test
