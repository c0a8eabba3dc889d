// Everything that can go wrong once a connection stands, each for a read and for a submit.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <vector>

#include "http/outcomes.h"
#include "support/raw_server.h"

namespace qdcnn::http {
namespace {

using test::Connection;
using test::http_reply;
using test::RawServer;
using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr std::size_t kAllowedBytes = 10'000;

struct Fault {
    const char* name;
    FailureKind kind;
    Reach reach;
    /// Runs after the request is read.
    std::function<void(Connection&)> script;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

std::function<void(Connection&)> send_and_end(std::string bytes) {
    return [bytes](Connection& connection) { connection.send(bytes); };
}
std::function<void(Connection&)> send_and_reset(std::string bytes) {
    return [bytes](Connection& connection) {
        connection.send(bytes);
        std::this_thread::sleep_for(150ms);  // A reset overtakes bytes that were not read yet.
        connection.reset();
    };
}
std::function<void(Connection&)> send_and_stall(std::string bytes) {
    return [bytes](Connection& connection) {
        connection.send(bytes);
        connection.wait_for_end();
    };
}
void trickle(Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 40; ++i) {
        connection.send("x");
        connection.wait(50ms);
    }
}
void endless_headers(Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 400; ++i) connection.send("X-More: " + std::string(1000, 'x') + "\r\n");
}
void endless_body(Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; ++i) connection.send("400\r\n" + std::string(0x400, 'x') + "\r\n");
}

/// 60,000 zero bytes, by gzip.
const std::string kBomb =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x0d\x0f\xa0"s +
    std::string(58, 0) + "\xbe\x0c\x05\xaa\x27\x51\x60\xea\x00\x00"s;

const std::string kHead = "HTTP/1.1 200 OK\r\n";
constexpr auto kMaybe = Reach::maybe_sent;
constexpr auto kAnswered = Reach::answered;

const std::vector<Fault> kFaults = {
    {"end_instead_of_reply", FailureKind::reset, kMaybe, send_and_end("")},
    {"reset_instead_of_reply", FailureKind::reset, kMaybe, send_and_reset("")},
    {"end_within_status_line", FailureKind::reset, kMaybe, send_and_end("HTTP/1.1 20")},
    {"reset_within_status_line", FailureKind::reset, kMaybe, send_and_reset("HTTP/1.1 20")},
    {"end_within_headers", FailureKind::truncated, kAnswered, send_and_end(kHead + "Content-Le")},
    {"end_after_a_header", FailureKind::truncated, kAnswered, send_and_end(kHead + "Content-Length: 2\r\n")},
    {"reset_within_headers", FailureKind::reset, kAnswered, send_and_reset(kHead + "Content-Length: 2\r\n")},
    {"reset_after_headers", FailureKind::reset, kAnswered,
     send_and_reset(kHead + "Content-Length: 2\r\n\r\n")},
    {"reset_within_body", FailureKind::reset, kAnswered,
     send_and_reset(kHead + "Content-Length: 9\r\n\r\n{\"id\"")},
    {"end_within_body", FailureKind::truncated, kAnswered,
     send_and_end(kHead + "Content-Length: 9\r\n\r\n{\"id\"")},
    {"end_within_chunk", FailureKind::truncated, kAnswered,
     send_and_end(kHead + "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"id\"")},
    {"end_before_last_chunk", FailureKind::truncated, kAnswered,
     send_and_end(kHead + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")},
    {"chunk_size_is_no_number", FailureKind::protocol, kAnswered,
     send_and_end(kHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")},
    {"stall_before_reply", FailureKind::timeout, kMaybe, send_and_stall("")},
    {"stall_within_status_line", FailureKind::timeout, kMaybe, send_and_stall("HTTP/1")},
    {"stall_within_headers", FailureKind::timeout, kAnswered, send_and_stall(kHead + "Content-Len")},
    {"stall_within_body", FailureKind::timeout, kAnswered,
     send_and_stall(kHead + "Content-Length: 9\r\n\r\n{\"id\"")},
    {"trickle", FailureKind::timeout, kAnswered, trickle},
    {"interim_replies_only", FailureKind::timeout, kMaybe,
     send_and_stall("HTTP/1.1 103 Early Hints\r\n\r\n")},
    {"other_protocol", FailureKind::protocol, kMaybe, send_and_end("SSH-2.0-OpenSSH_9.2p1\r\n")},
    {"body_without_headers", FailureKind::protocol, kMaybe,
     send_and_end("<html>log in to this network</html>")},
    {"status_is_no_number", FailureKind::protocol, kMaybe, send_and_end("HTTP/1.1 abc OK\r\n\r\n")},
    {"switching_protocols", FailureKind::protocol, kMaybe,
     send_and_end("HTTP/1.1 101 Switching\r\nUpgrade: other\r\n\r\nxyz")},
    {"header_without_colon", FailureKind::protocol, kAnswered, send_and_end(kHead + "what is this\r\n\r\n")},
    {"nul_in_header", FailureKind::protocol, kAnswered,
     send_and_end(kHead + "X-A: a\0b\r\nContent-Length: 0\r\n\r\n"s)},
    {"negative_length", FailureKind::protocol, kAnswered,
     send_and_end(kHead + "Content-Length: -5\r\n\r\n{}")},
    {"length_is_no_number", FailureKind::protocol, kAnswered,
     send_and_end(kHead + "Content-Length: two\r\n\r\n{}")},
    {"two_lengths", FailureKind::protocol, kAnswered,
     send_and_end(kHead + "Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}")},
    {"length_too_large", FailureKind::too_large, kAnswered,
     send_and_stall(kHead + "Content-Length: 10001\r\n\r\n{")},
    {"length_beyond_numbers", FailureKind::too_large, kAnswered,
     send_and_stall(kHead + "Content-Length: 99999999999999999999999\r\n\r\n{")},
    {"endless_body", FailureKind::too_large, kAnswered, endless_body},
    {"endless_headers", FailureKind::too_large, kAnswered, endless_headers},
    {"compression_bomb", FailureKind::too_large, kAnswered,
     send_and_end(http_reply(200, kBomb, "Content-Encoding: gzip\r\n"))},
    {"no_gzip_at_all", FailureKind::protocol, kAnswered,
     send_and_end(http_reply(200, "{\"id\": 1}", "Content-Encoding: gzip\r\n"))},
    {"unknown_content_encoding", FailureKind::protocol, kAnswered,
     send_and_end(http_reply(200, "{\"id\": 1}", "Content-Encoding: rot13\r\n"))},
};

class CurlFaults : public testing::TestWithParam<Fault> {};

TEST_P(CurlFaults, ReadAndSubmitSayWhatHappenedAndHowFarTheyGot) {
    const Fault& fault = GetParam();
    for (const Method method : {Method::get, Method::post}) {
        SCOPED_TRACE(to_string(method));
        RawServer server([&](Connection& connection, int) {
            connection.read_request();
            fault.script(connection);
        });
        Request request = request_to(server.url("/jobs/path-canary?token=query-canary"), method);
        request.headers.add("Authorization", "Bearer header-canary");
        request.time_limit = 400ms;
        request.max_response_bytes = kAllowedBytes;
        const auto transport = new_transport();
        const auto start = std::chrono::steady_clock::now();
        const Outcome outcome = transport->send(request);
        EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
        expect_failure(outcome, fault.kind, fault.reach);
        // The server saw one request: nothing was sent again behind our back.
        EXPECT_EQ(server.connections(), 1);
        if (const auto* failure = std::get_if<Failure>(&outcome)) {
            EXPECT_NE(failure->message.find("127.0.0.1"), std::string::npos) << failure->message;
            EXPECT_EQ(failure->message.find("canary"), std::string::npos) << failure->message;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(AllFaults, CurlFaults, testing::ValuesIn(kFaults),
                         [](const auto& test) { return test.param.name; });

/// What a transport hands on as it came: the caller judges.
struct Reply {
    const char* name;
    std::string bytes;
    int status;
    std::string body;
};

void PrintTo(const Reply& reply, std::ostream* out) { *out << reply.name; }

const std::vector<Reply> kReplies = {
    {"html_for_json", http_reply(200, "<html></html>", "Content-Type: text/html\r\n"), 200, "<html></html>"},
    {"bad_utf8", http_reply(200, "{\"a\": \"\xff\xfe\"}"), 200, "{\"a\": \"\xff\xfe\"}"},
    {"nul_in_body", http_reply(200, "a\0b"s), 200, "a\0b"s},
    {"announced_too_short", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"id\": 12}", 200, "{\"id"},
    {"no_length", "HTTP/1.1 200 OK\r\n\r\n{}", 200, "{}"},
    {"chunked", kHead + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n",
     200, "{}"},
    {"interim_reply_first", "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\n" + http_reply(201, "{}"), 201, "{}"},
    {"no_content", "HTTP/1.1 204 None\r\n\r\n", 204, ""},
    {"http_1_0", "HTTP/1.0 200 OK\r\n\r\n{}", 200, "{}"},
    {"status_400", http_reply(400, "{\"errors\": []}"), 400, "{\"errors\": []}"},
    {"status_401", http_reply(401, "", "WWW-Authenticate: Bearer\r\n"), 401, ""},
    {"status_404", http_reply(404, "{}"), 404, "{}"},
    {"status_409", http_reply(409, "{}"), 409, "{}"},
    {"status_417", http_reply(417, "no"), 417, "no"},
    {"status_429", http_reply(429, "slow down"), 429, "slow down"},
    {"status_429_says_when", http_reply(429, "", "Retry-After: 7\r\n"), 429, ""},
    {"status_500", http_reply(500, ""), 500, ""},
    {"status_503_says_when", http_reply(503, "", "Retry-After: 7\r\n"), 503, ""},
    {"status_504_from_gateway", http_reply(504, "<html>gateway</html>"), 504, "<html>gateway</html>"},
    {"status_599", http_reply(599, ""), 599, ""},
    {"status_304", "HTTP/1.1 304 Same\r\n\r\n", 304, ""},
    {"redirect_to_nowhere_said", http_reply(302, "?"), 302, "?"},
};

class CurlReplies : public testing::TestWithParam<Reply> {};

TEST_P(CurlReplies, AreHandedOn) {
    const Reply& reply = GetParam();
    for (const Method method : {Method::get, Method::post}) {
        SCOPED_TRACE(to_string(method));
        RawServer server([&](Connection& connection, int) {
            connection.read_request();
            connection.send(reply.bytes);
        });
        const Outcome outcome = new_transport()->send(request_to(server.url(), method));
        expect_response(outcome, reply.status, reply.body);
        EXPECT_EQ(server.connections(), 1);
        if (const auto* response = std::get_if<Response>(&outcome)) {
            EXPECT_FALSE(response->headers.has("X-Early"));
            EXPECT_FALSE(response->headers.has("X-Trailer"));
            const bool says_when = reply.bytes.find("Retry-After") != std::string::npos;
            EXPECT_EQ(response->headers.get("retry-after").value_or(""), says_when ? "7" : "");
        }
    }
}

INSTANTIATE_TEST_SUITE_P(AllReplies, CurlReplies, testing::ValuesIn(kReplies),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace qdcnn::http
