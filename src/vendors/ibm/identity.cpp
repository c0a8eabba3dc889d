#include "vendors/ibm/identity.h"

#include <fmt/format.h>

#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/log.h"
#include "qdcnn/base/redact.h"
#include "qdcnn/vendors/ibm/typed_json.h"
#include "vendors/ibm/addresses.h"
#include "vendors/ibm/errors.h"

namespace qdcnn::vendors::ibm {
namespace {

using std::chrono::seconds;

constexpr seconds kTimeLimit{60};
/// IBM's own client takes a token for expired this long before it is.
constexpr seconds kMargin{10};
/// After a fetch that failed, a token that is still good serves for this long before the next try.
constexpr seconds kPause{60};
/// Where nothing says how long a token lives.
constexpr double kAssumedLifetime = 300;
constexpr double kShortestLifetime = 20, kLongestLifetime = 86'400;

/// exp - iat of a JSON web token; its signature is the service's business.
std::optional<double> lifetime_of_jwt(const std::string& token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string::npos ? first : token.find('.', first + 1);
    if (second == std::string::npos) return std::nullopt;
    std::string middle = token.substr(first + 1, second - first - 1);
    for (char& c : middle) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (middle.size() % 4 != 0) middle += '=';
    try {
        const auto bytes = from_base64(middle);
        const nlohmann::json claims = parse_json({bytes.begin(), bytes.end()}, "the token's claims");
        const JsonView view(claims, "claims");
        return view.at("exp").number() - view.at("iat").number();
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// By the token's own claims or what came with it, never by a date: this machine's clock may be wrong.
Clock::Duration lifetime_of(const std::string& token, const JsonView& reply) {
    std::optional<double> lifetime;
    if (reply.has("expires_in") && reply.at("expires_in").value().is_number())
        lifetime = reply.at("expires_in").number();
    if (!lifetime) lifetime = lifetime_of_jwt(token);
    const double bounded =
        std::clamp(lifetime.value_or(kAssumedLifetime), kShortestLifetime, kLongestLifetime);
    return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(bounded));
}

}  // namespace

TokenSource::TokenSource(http::Transport& transport, Clock& clock, std::string url, std::string api_key)
    : transport_(transport), clock_(clock), url_(std::move(url)), api_key_(std::move(api_key)) {}

std::string TokenSource::token() {
    std::unique_lock lock(mutex_);
    if (held_ && clock_.now() < held_->due) return held_->token;
    if (is_fetching_) {
        if (is_good(clock_.now())) return held_->token;
        wait_for_fetch(lock);
        if (is_good(clock_.now())) return held_->token;
        if (failure_) throw *failure_;
    }
    is_fetching_ = true;
    lock.unlock();
    std::optional<Held> held;
    std::optional<Error> failure;
    try {
        held = fetch();
    } catch (const Error& error) {
        failure = error;
    } catch (const std::exception& error) {
        failure = Error(ErrorKind::internal, error.what());
    }
    lock.lock();
    is_fetching_ = false;
    ++fetches_;
    failure_ = failure;
    if (held) held_ = std::move(held);
    fetched_.notify_all();
    if (!failure) return held_->token;
    if (!is_good(clock_.now()) || failure->kind() == ErrorKind::cancelled) throw *failure;
    log_line(LogLevel::warning, fmt::format("the access token is not renewed yet: {}", failure->what()));
    held_->due = clock_.now() + kPause;
    return held_->token;
}

void TokenSource::wait_for_fetch(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t seen = fetches_;
    while (fetches_ == seen) {
        interrupt().throw_if_interrupted();
        fetched_.wait_for(lock, std::chrono::milliseconds(100));
    }
}

void TokenSource::refuse(const std::string& token) {
    const std::lock_guard lock(mutex_);
    if (held_ && held_->token == token) held_.reset();
}

TokenSource::Held TokenSource::fetch() {
    const Clock::TimePoint asked = clock_.now();
    http::Request request{.method = http::Method::post, .url = url_ + "/identity/token"};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    request.body = "grant_type=" + percent_encoded("urn:ibm:params:oauth:grant-type:apikey") +
                   "&apikey=" + percent_encoded(api_key_) + "&response_type=cloud_iam";
    // A token more or less changes nothing.
    request.effect = http::Effect::read;
    request.time_limit = kTimeLimit;
    request.max_response_bytes = std::size_t{1} << 20;
    const std::string doing = "fetching an access token";
    const http::Outcome outcome = transport_.send(request);
    const auto* response = std::get_if<http::Response>(&outcome);
    if (!response) throw error_of(outcome, doing);
    if (!response->is_success()) {
        const Error error = error_of(*response, doing);
        // IAM answers 400 for an API key that it does not know.
        if (response->status != 400) throw error;
        throw Error(ErrorKind::auth, error.what(), error.hint());
    }
    std::string token;
    try {
        const nlohmann::json document = parse_json(response->body, "IAM's reply");
        const JsonView reply(document, "IAM's reply");
        token = reply.at("access_token").text();
        redactor().add_secret(token);
        const Clock::Duration lifetime = lifetime_of(token, reply);
        // IBM's own client renews after four fifths of the time.
        return {token, asked + lifetime * 4 / 5, asked + lifetime - kMargin};
    } catch (const Error&) {
        // What stands there may hold a token, so nothing of it is shown.
        throw Error(ErrorKind::vendor, doing + ": the reply holds no access token",
                    "Is a proxy in between that asks for a login?");
    }
}

}  // namespace qdcnn::vendors::ibm
