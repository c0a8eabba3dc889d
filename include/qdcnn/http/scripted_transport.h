#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "qdcnn/http/transport.h"

namespace qdcnn::http {

/// A transport without a network, for tests: knows what will be asked and what to answer. Usable from several
/// threads.
class ScriptedTransport final : public Transport {
  public:
    /// Makes the outcome of a request; it may look at it, and throw to fail the test.
    using Reply = std::function<Outcome(const Request&)>;

    /// The next request is this one, once. Expectations are met in the order in which they are set.
    void expect(Method method, const std::string& url, Outcome outcome);
    void expect(Method method, const std::string& url, Reply reply);
    /// Any number of requests like this, whenever they come and the next expectation is another; the latest
    /// set counts.
    void always(Method method, const std::string& url, Reply reply);

    /// Throws Error(internal), telling what was expected, on a request that nothing was said of.
    std::vector<Outcome> send_all(std::span<const Request> requests) override;
    int max_parallel() const override { return 8; }

    /// All that was sent so far.
    std::vector<Request> sent() const;
    /// Expectations not met yet.
    std::size_t expectations_left() const;

  private:
    struct Rule {
        Method method;
        std::string url;
        Reply reply;
    };

    Reply reply_to(const Request& request);

    mutable std::mutex mutex_;
    std::deque<Rule> expected_;
    std::vector<Rule> standing_;
    std::vector<Request> sent_;
};

}  // namespace qdcnn::http
