#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "qdcnn/base/clock.h"
#include "qdcnn/base/error.h"
#include "qdcnn/http/transport.h"

namespace qdcnn::vendors::ibm {

/// Access tokens of IBM Cloud's IAM for an API key, fetched when there is need. Usable from several threads:
/// one fetches, the others go on with the token there is, or wait for the same answer, whichever it is.
class TokenSource {
  public:
    /// url: of IAM, without a path. The transport retries; it and the clock outlive this.
    TokenSource(http::Transport& transport, Clock& clock, std::string url, std::string api_key);

    /// One that is good for a while. Throws Error(auth, network, timeout, cancelled, ...).
    std::string token();

    /// The service would not have this one: the next call of `token` fetches another, unless somebody did.
    void refuse(const std::string& token);

  private:
    struct Held {
        std::string token;
        /// From then on it is time for another; from `end` on this one is no good.
        Clock::TimePoint due, end;
    };

    bool is_good(Clock::TimePoint now) const { return held_ && now < held_->end; }
    void wait_for_fetch(std::unique_lock<std::mutex>& lock);
    Held fetch();

    http::Transport& transport_;
    Clock& clock_;
    const std::string url_;
    const std::string api_key_;

    std::mutex mutex_;
    std::condition_variable fetched_;
    bool is_fetching_ = false;
    /// Fetches that have ended.
    std::uint64_t fetches_ = 0;
    std::optional<Held> held_;
    /// Of the last fetch; nothing when it gave a token.
    std::optional<Error> failure_;
};

}  // namespace qdcnn::vendors::ibm
