#include "vendors/ibm/client.h"

#include "qdcnn/vendors/ibm/typed_json.h"
#include "vendors/ibm/errors.h"

namespace qdcnn::vendors::ibm {
namespace {

/// The server changes its shapes by this date; these are the ones read and written here.
constexpr const char* kApiVersion = "2026-04-15";
/// What IBM's own metrics show as the caller.
constexpr const char* kApplication = "qdcnn/" QDCNN_VERSION;

}  // namespace

http::RetryPolicy retry_policy() {
    using enum http::FailureKind;
    http::RetryPolicy policy;
    policy.repeatable = {.statuses = {500, 502, 503, 504, 520, 521, 522, 524},
                         .statuses_with_retry_after = {413, 429},
                         .failures = {timeout, reset, truncated}};
    // No promise of IBM's is known that a submit may be sent again.
    policy.submits = {};
    policy.max_attempts = 6;
    policy.longest_wait = std::chrono::seconds(8);
    policy.total_budget = std::chrono::minutes(5);
    return policy;
}

Client::Client(http::Transport& transport, Clock& clock, std::uint64_t seed, const Addresses& addresses,
               std::string api_key)
    : transport_(transport, clock, {.policy = retry_policy(), .seed = seed}),
      tokens_(transport_, clock, addresses.iam, std::move(api_key)) {}

http::Outcome Client::with_token(const std::function<http::Outcome(const std::string&)>& send) {
    const std::string token = tokens_.token();
    http::Outcome outcome = send(token);
    const auto* response = std::get_if<http::Response>(&outcome);
    if (!response || response->status != 401) return outcome;
    // 401 says that the request was not acted on (RFC 9110, 15.5.2), so that a submit may follow too.
    tokens_.refuse(token);
    return send(tokens_.token());
}

http::Request Client::request_of(const Route& route, const Call& call, const std::string& token) {
    http::Request request{.method = call.method, .url = route.base + call.path + query_text(call.query)};
    request.headers = {{"Authorization", "Bearer " + token},
                       {"Service-CRN", route.crn},
                       {"IBM-API-Version", kApiVersion},
                       {"Accept", "application/json"},
                       {"X-Qx-Client-Application", kApplication}};
    if (!call.body.empty()) request.headers.add("Content-Type", "application/json");
    request.body = call.body;
    request.effect = call.effect;
    request.time_limit = call.time_limit;
    request.max_response_bytes = call.max_response_bytes;
    return request;
}

http::Outcome Client::try_send(const Route& route, const Call& call) {
    return with_token(
        [&](const std::string& token) { return transport_.send(request_of(route, call, token)); });
}

http::Response Client::send(const Route& route, const Call& call) {
    http::Outcome outcome = try_send(route, call);
    auto* response = std::get_if<http::Response>(&outcome);
    if (response && (response->is_success() || std::find(call.answers.begin(), call.answers.end(),
                                                         response->status) != call.answers.end()))
        return std::move(*response);
    throw error_of(outcome, call.doing);
}

nlohmann::json Client::ask(const Route& route, const Call& call) {
    return read(send(route, call), call.doing);
}

nlohmann::json Client::ask_platform(http::Method method, const std::string& url, const std::string& body,
                                    const std::string& doing) {
    const http::Outcome outcome = with_token([&](const std::string& token) {
        http::Request request{.method = method, .url = url};
        request.headers = {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}};
        if (!body.empty()) request.headers.add("Content-Type", "application/json");
        request.body = body;
        request.effect = http::Effect::read;
        return transport_.send(request);
    });
    const auto* response = std::get_if<http::Response>(&outcome);
    if (!response || !response->is_success()) throw error_of(outcome, doing);
    return read(*response, doing);
}

nlohmann::json Client::read(const http::Response& response, const std::string& doing) {
    try {
        nlohmann::json document = parse_python_json(response.body, "the reply");
        if (document.is_object()) return document;
    } catch (const Error&) {
        // A page of a proxy, say. Nothing of it is shown.
    }
    throw Error(ErrorKind::vendor, doing + ": the reply is no JSON object",
                "Is a proxy in between that answers itself?");
}

}  // namespace qdcnn::vendors::ibm
