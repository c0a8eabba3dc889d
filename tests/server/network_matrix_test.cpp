// Every kind of request under every fault of the wire, once, twice and always: reads are sent again and come
// through, submits are sent once, and the server's own count tells what became of them. What a vendor's
// service makes of replies that came whole but say nonsense is its own tests' business.
#include <gtest/gtest.h>

#include <fstream>
#include <ostream>

#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/http/retrying_transport.h"
#include "server/client.h"
#include "support/certificates.h"
#include "support/fault_proxy.h"
#include "support/temporary_folder.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using http::FailureKind;
using http::Method;
using test::Connection;
using PassOn = std::function<std::string()>;

/// What a fault is to a read that meets it.
enum class Class { passes, stays };

struct WireFault {
    const char* name;
    Class kind;
    /// The status of what comes in the end where it never ends, or how that fails.
    int status;
    FailureKind failure;
    /// Whether the server acts on the request.
    bool is_acted_on;
    test::FaultProxy::Misdeed misdeed;
};

void PrintTo(const WireFault& fault, std::ostream* out) { *out << fault.name; }

test::FaultProxy::Misdeed says(std::string bytes) {
    return [bytes](Connection& connection, const PassOn&) { connection.send(bytes); };
}
test::FaultProxy::Misdeed resets_after(std::string bytes) {
    return [bytes](Connection& connection, const PassOn&) {
        connection.send(bytes);
        if (!bytes.empty()) connection.wait(50ms);  // A reset overtakes what was not read yet.
        connection.reset();
    };
}
test::FaultProxy::Misdeed stalls_after(std::string bytes) {
    return [bytes](Connection& connection, const PassOn&) {
        connection.send(bytes);
        connection.wait_for_end();
    };
}
test::FaultProxy::Misdeed replies(int status, std::string lines = {}) {
    return says(test::http_reply(status, R"({"errors": [{"code": 1000, "message": "no"}]})", lines));
}

constexpr FailureKind kNone = FailureKind::protocol;
const std::string kHead = "HTTP/1.1 200 OK\r\n";

const std::vector<WireFault> kFaults{
    {"reset_before_reply", Class::passes, 0, FailureKind::reset, false, resets_after("")},
    {"end_before_reply", Class::passes, 0, FailureKind::reset, false, says("")},
    {"reset_in_status_line", Class::passes, 0, FailureKind::reset, false, resets_after("HTTP/1.1 20")},
    {"reset_in_headers", Class::passes, 0, FailureKind::reset, false, resets_after(kHead + "Content-Le")},
    {"end_in_headers", Class::passes, 0, FailureKind::truncated, false,
     says(kHead + "Content-Length: 9\r\n")},
    {"reset_in_body", Class::passes, 0, FailureKind::reset, false,
     resets_after(kHead + "Content-Length: 100\r\n\r\n{")},
    {"end_in_body", Class::passes, 0, FailureKind::truncated, false,
     says(kHead + "Content-Length: 100\r\n\r\n{\"id\"")},
    {"end_in_chunk", Class::passes, 0, FailureKind::truncated, false,
     says(kHead + "Transfer-Encoding: chunked\r\n\r\n40\r\n{\"id\"")},
    {"stall_before_reply", Class::passes, 0, FailureKind::timeout, false, stalls_after("")},
    {"stall_in_body", Class::passes, 0, FailureKind::timeout, false,
     stalls_after(kHead + "Content-Length: 100\r\n\r\n{")},
    {"lost_after_commit", Class::passes, 0, FailureKind::reset, true,
     [](Connection& connection, const PassOn& pass_on) {
         pass_on();
         connection.reset();
     }},
    {"half_after_commit", Class::passes, 0, FailureKind::truncated, true,
     [](Connection& connection, const PassOn& pass_on) {
         const std::string reply = pass_on();
         // Short replies lose one byte.
         connection.send(std::string_view(reply).substr(0, reply.size() - 1));
     }},
    {"stall_after_commit", Class::passes, 0, FailureKind::timeout, true,
     [](Connection& connection, const PassOn& pass_on) {
         pass_on();
         connection.wait_for_end();
     }},
    {"no_http", Class::stays, 0, FailureKind::protocol, false, says("SSH-2.0-OpenSSH_9.2\r\n")},
    {"redirect_to_another_host", Class::stays, 0, FailureKind::bad_redirect, false,
     replies(302, "Location: http://127.0.0.1:1/elsewhere\r\n")},
    {"status_400", Class::stays, 400, kNone, false, replies(400)},
    {"status_403", Class::stays, 403, kNone, false, replies(403)},
    {"status_404", Class::stays, 404, kNone, false, replies(404)},
    {"status_409", Class::stays, 409, kNone, false, replies(409)},
    {"status_429", Class::stays, 429, kNone, false, replies(429)},
    {"status_429_says_when", Class::passes, 429, kNone, false, replies(429, "Retry-After: 2\r\n")},
    {"status_500", Class::passes, 500, kNone, false, replies(500)},
    {"status_501", Class::stays, 501, kNone, false, replies(501)},
    {"status_502_html", Class::passes, 502, kNone, false,
     says(test::http_reply(502, "<html>Bad gateway</html>", "Content-Type: text/html\r\n"))},
    {"status_503_says_when", Class::passes, 503, kNone, false, replies(503, "Retry-After: 3\r\n")},
    {"status_504_empty", Class::passes, 504, kNone, false, says(test::http_reply(504, ""))},
    {"status_520", Class::passes, 520, kNone, false, replies(520)},
};

struct KindOfRequest {
    const char* name;
    Method method;
    /// "@" stands for the id of a job that is done.
    const char* path;
    int status;
    http::Effect effect;
};

const std::vector<KindOfRequest> kKinds{
    {"token", Method::post, "/identity/token", 200, http::Effect::read},
    {"search", Method::post, "/v3/resources/search", 200, http::Effect::read},
    {"devices", Method::get, "/experimental/api/v1/backends", 200, http::Effect::read},
    {"configuration", Method::get, "/experimental/api/v1/backends/pair/configuration", 200,
     http::Effect::read},
    {"properties", Method::get, "/experimental/api/v1/backends/pair/properties", 200, http::Effect::read},
    {"status", Method::get, "/experimental/api/v1/backends/pair/status", 200, http::Effect::read},
    {"usage", Method::get, "/experimental/api/v1/instances/usage", 200, http::Effect::read},
    {"find", Method::get, "/experimental/api/v1/jobs?tags=t", 200, http::Effect::read},
    {"job", Method::get, "/experimental/api/v1/jobs/@?exclude_params=true", 200, http::Effect::read},
    {"results", Method::get, "/experimental/api/v1/jobs/@/results", 200, http::Effect::read},
    {"metrics", Method::get, "/experimental/api/v1/jobs/@/metrics", 200, http::Effect::read},
    {"submit", Method::post, "/experimental/api/v1/jobs", 200, http::Effect::once},
    {"session", Method::post, "/experimental/api/v1/sessions", 200, http::Effect::once},
};

/// IBM's policy: a submit is never sent twice (rest/ibm.md, 8).
http::RetryPolicy policy() {
    http::RetryPolicy policy;
    policy.repeatable.statuses = {500, 502, 503, 504, 520, 521, 522, 524};
    policy.repeatable.statuses_with_retry_after = {413, 429};
    policy.submits = {};
    policy.max_attempts = 3;
    return policy;
}

class Rig : public testing::Test {
  protected:
    static constexpr const char* kCircuit =
        "OPENQASM 3.0; include \"stdgates.inc\"; bit[1] c; qubit[2] q; sx q[0]; c[0] = measure q[0];";

    static void SetUpTestSuite() {
        folder_ = std::make_unique<test::TemporaryFolder>();
        const std::string path = *folder_ / "pair.json";
        std::ofstream(path) << R"({"schema": "qdcnn.target/1", "name": "pair", "num_qubits": 2,
            "mid_circuit_measurement": true, "native": [{"name": "rz", "virtual": true}, {"name": "sx"},
            {"name": "x"}, {"name": "cz"}], "edges": [[0, 1]]})";
        Settings settings = quick_settings();
        settings.devices = {path};
        server_ = std::make_unique<Server>(settings);
        Client client(*server_);
        token_ = client.token("k").json.at("access_token");
        client.set_bearer("Bearer " + token_);
        job_ = client.submit(job_body());
        client.wait(job_);
        proxy_ = std::make_unique<test::FaultProxy>(server_->port());
    }
    static void TearDownTestSuite() {
        proxy_.reset();
        server_.reset();
        folder_.reset();
    }

    static json job_body() {
        return {{"program_id", "sampler"},
                {"backend", "pair"},
                {"params", {{"pubs", {{kCircuit, nullptr, 1}}}, {"version", 2}}}};
    }

    static http::Request request_of(const KindOfRequest& kind) {
        std::string path = kind.path;
        if (const std::size_t at = path.find('@'); at != std::string::npos) path.replace(at, 1, job_);
        std::string body, type = "application/json", name = kind.name;
        if (name == "token") {
            body = "grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=k";
            type = "application/x-www-form-urlencoded";
        }
        if (name == "search") body = "{}";
        if (name == "submit") body = to_text(job_body());
        if (name == "session") body = R"({"mode": "batch", "backend": "pair"})";
        http::Request request{
            .method = kind.method, .url = proxy_->url() + path, .headers = {}, .body = body};
        request.headers = {
            {"Authorization", "Bearer " + token_}, {"Service-CRN", Instance().crn}, {"Content-Type", type}};
        request.effect = kind.effect;
        return request;
    }

    /// Of this process alone: others run beside it.
    static inline std::unique_ptr<test::TemporaryFolder> folder_;
    static inline std::unique_ptr<Server> server_;
    static inline std::unique_ptr<test::FaultProxy> proxy_;
    static inline std::string token_, job_;
};

class NetworkMatrix : public Rig, public testing::WithParamInterface<WireFault> {};

/// What stays of the fault in the end.
void expect_fault(const http::Outcome& outcome, const WireFault& fault, const std::string& where) {
    if (fault.status != 0) {
        const auto* response = std::get_if<http::Response>(&outcome);
        ASSERT_NE(response, nullptr) << where;
        EXPECT_EQ(response->status, fault.status) << where;
    } else {
        const auto* failure = std::get_if<http::Failure>(&outcome);
        ASSERT_NE(failure, nullptr) << where;
        EXPECT_EQ(failure->kind, fault.failure) << where << ": " << failure->message;
        EXPECT_NE(failure->reach, http::Reach::not_sent) << where << ": the server may have acted";
    }
}

TEST_P(NetworkMatrix, RightOutcomeForEveryKindOnceTwiceAlways) {
    const WireFault& fault = GetParam();
    const auto curl = http::make_curl_transport(http::TransportSettings{});
    for (const KindOfRequest& kind : kKinds)
        for (const int times : {1, 2, -1}) {
            const std::string where = std::string(kind.name) + ", times " + std::to_string(times);
            VirtualClock clock;
            http::RetryingTransport transport(*curl, clock, {.policy = policy()});
            http::Request request = request_of(kind);
            request.time_limit = fault.failure == FailureKind::timeout ? 150ms : 10'000ms;
            const Stats before = server_->stats();
            proxy_->set([](const std::string&) { return true; }, fault.misdeed, times);
            const http::Outcome outcome = transport.send(request);
            const bool is_submit = kind.effect == http::Effect::once;
            const int sent = is_submit || fault.kind == Class::stays ? 1 : (times < 0 ? 3 : times + 1);
            const bool comes_through = !is_submit && fault.kind == Class::passes && times > 0;
            if (comes_through) {
                const auto* response = std::get_if<http::Response>(&outcome);
                ASSERT_NE(response, nullptr) << where;
                EXPECT_EQ(response->status, kind.status) << where;
                EXPECT_EQ(response->attempts, sent) << where;
            } else {
                expect_fault(outcome, fault, where);
            }
            EXPECT_EQ(proxy_->met(), times > 0 ? std::min(times, sent) : sent) << where;
            const std::uint64_t made = server_->stats().jobs - before.jobs;
            EXPECT_EQ(made, std::string(kind.name) == "submit" && fault.is_acted_on ? 1U : 0U) << where;
        }
    proxy_->set({}, {}, 0);
}

using NoConnection = Rig;

TEST_F(NoConnection, NothingIsSentWithoutASafeOne) {
    const test::CertificateAuthority authority;
    const std::string ca_file = *folder_ / "ca.pem";
    std::ofstream(ca_file) << authority.certificate();
    test::FaultProxy good(server_->port(), authority.issue());
    test::FaultProxy wrong_name(server_->port(), authority.issue({.names = "DNS:other.test"}));
    test::FaultProxy expired(server_->port(), authority.issue({.valid_from = -7200, .valid_until = -3600}));
    test::FaultProxy self_signed(server_->port(), test::self_signed_identity());
    struct Case {
        std::string url;
        std::optional<FailureKind> failure;
    };
    const std::vector<Case> cases{
        {good.url(), std::nullopt},
        {wrong_name.url(), FailureKind::tls},
        {expired.url(), FailureKind::tls},
        {self_signed.url(), FailureKind::tls},
        {"http://127.0.0.1:" + std::to_string(test::closed_port()), FailureKind::refused},
        {"https://no-such-host.invalid", FailureKind::dns},
    };
    const auto curl = http::make_curl_transport({.ca_file = ca_file});
    for (const Case& one : cases)
        for (const KindOfRequest& kind : kKinds) {
            VirtualClock clock;
            http::RetryingTransport transport(*curl, clock, {.policy = policy()});
            http::Request request = request_of(kind);
            request.url = one.url + request.url.substr(proxy_->url().size());
            const std::uint64_t made = server_->stats().jobs;
            const http::Outcome outcome = transport.send(request);
            const auto* failure = std::get_if<http::Failure>(&outcome);
            ASSERT_EQ(failure != nullptr, one.failure.has_value()) << one.url << " " << kind.name;
            if (failure == nullptr) continue;
            EXPECT_EQ(failure->kind, *one.failure) << one.url << " " << kind.name;
            EXPECT_EQ(failure->reach, http::Reach::not_sent) << one.url << " " << kind.name;
            EXPECT_EQ(server_->stats().jobs, made) << one.url << " " << kind.name;
        }
    std::filesystem::remove(ca_file);
}

INSTANTIATE_TEST_SUITE_P(Faults, NetworkMatrix, testing::ValuesIn(kFaults),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace qdcnn::server
