#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "message.h"
#include "qdcnn/server/server.h"

namespace qdcnn::server {

/// A reply and what is to go wrong with it on the wire.
struct Answer {
    Reply reply;
    std::optional<Fault> fault{};
};

/// Listens with cpp-httplib, in threads of its own.
class HttpHost {
  public:
    using Handler = std::function<Answer(const Request&)>;

    /// Listens when it returns. Throws as Server's constructor does.
    HttpHost(const Settings& settings, Handler handler);
    ~HttpHost();
    HttpHost(const HttpHost&) = delete;
    HttpHost& operator=(const HttpHost&) = delete;

    int port() const;
    /// Ends all connections; waits for the handlers. Usable more than once.
    void stop();

  private:
    class Body;
    std::unique_ptr<Body> body_;
};

}  // namespace qdcnn::server
