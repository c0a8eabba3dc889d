#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "support/raw_server.h"

namespace qdcnn::test {

/// Stands between a client and a server on this machine and passes requests on, one a connection, until it is
/// told to misbehave.
class FaultProxy {
  public:
    /// What to do with a request in place of passing it on. pass_on() sends it to the server and gives the
    /// whole reply as it came, so that a reply can be lost after the server has acted.
    using Misdeed = std::function<void(Connection& connection, const std::function<std::string()>& pass_on)>;
    /// Whether a request, from its first line on, is one of those that are met.
    using Filter = std::function<bool(const std::string& request)>;

    explicit FaultProxy(int server_port);
    /// Speaks TLS to the client.
    FaultProxy(int server_port, TlsIdentity identity);

    /// The next `times` requests that the filter takes meet the misdeed; a negative number: all of them.
    /// times 0: none.
    void set(Filter filter, Misdeed misdeed, int times);

    int port() const { return server_->port(); }
    std::string url() const { return server_->url(""); }
    /// How many requests met a misdeed.
    int met() const;

  private:
    void serve(Connection& connection);
    std::string pass_on(const std::string& request) const;

    const int server_port_;
    mutable std::mutex mutex_;
    Filter filter_;
    Misdeed misdeed_;
    int times_ = 0;
    int met_ = 0;
    std::unique_ptr<RawServer> server_;
};

}  // namespace qdcnn::test
