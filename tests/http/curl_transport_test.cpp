// What the curl transport does when all is well: what it sends, redirects, connections, many at once,
// interrupts.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include "http/outcomes.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/log.h"
#include "support/raw_server.h"

namespace qdcnn::http {
namespace {

using test::Connection;
using test::http_reply;
using test::RawServer;
using namespace std::chrono_literals;

/// Keeps every request and answers by a function of it.
class RecordingServer {
  public:
    using Answer = std::function<std::string(const std::string& request)>;

    explicit RecordingServer(Answer answer = [](const std::string&) { return http_reply(200, "{}"); })
        : answer_(std::move(answer)), server_([this](Connection& connection, int) {
              for (std::string request = connection.read_request(); !request.empty();
                   request = connection.read_request()) {
                  {
                      const std::lock_guard lock(mutex_);
                      requests_.push_back(request);
                  }
                  connection.send(answer_(request));
              }
          }) {}
    std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    std::string url(const std::string& path = "/") const { return server_.url(path); }
    int port() const { return server_.port(); }
    int connections() const { return server_.connections(); }

  private:
    Answer answer_;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    RawServer server_;
};

bool has_line(const std::string& request, const std::string& line) {
    return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST(CurlTransport, SendsWhatTheRequestSays) {
    RecordingServer server;
    Request request = request_to(server.url("/jobs?limit=3"), Method::post);
    request.body = std::string("{\"a\": \"\xc3\xa4\0\"}", 11);
    request.headers = {
        {"Content-Type", "application/json"}, {"X-Empty", ""}, {"Authorization", "Bearer abc"}};
    expect_response(new_transport()->send(request), 200, "{}");
    const std::string sent = server.requests().at(0);
    EXPECT_EQ(sent.rfind("POST /jobs?limit=3 HTTP/1.1\r\n", 0), 0u) << sent;
    EXPECT_TRUE(has_line(sent, "Content-Type: application/json")) << sent;
    EXPECT_TRUE(has_line(sent, "X-Empty:")) << sent;
    EXPECT_TRUE(has_line(sent, "Authorization: Bearer abc")) << sent;
    EXPECT_TRUE(has_line(sent, "Content-Length: 11")) << sent;
    EXPECT_NE(sent.find("\r\nUser-Agent: qdcnn/"), std::string::npos) << sent;
    EXPECT_TRUE(sent.ends_with(request.body)) << sent;
}

TEST(CurlTransport, EveryMethod) {
    RecordingServer server([](const std::string& request) {
        return request.starts_with("HEAD")
                   ? std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
                   : http_reply(200, "{}");
    });
    const auto transport = new_transport();
    for (const Method method :
         {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del}) {
        SCOPED_TRACE(to_string(method));
        Request request = request_to(server.url(), method);
        request.body.clear();
        request.max_response_bytes = 100;
        expect_response(transport->send(request), 200, method == Method::head ? "" : "{}");
        const std::string sent = server.requests().back();
        EXPECT_EQ(sent.rfind(std::string(to_string(method)) + " / HTTP/1.1\r\n", 0), 0u) << sent;
        EXPECT_EQ(sent.find("Content-Type"), std::string::npos) << sent;
        const bool announces = method == Method::post || method == Method::put || method == Method::patch;
        EXPECT_EQ(has_line(sent, "Content-Length: 0"), announces) << sent;
    }
    Request with_body = request_to(server.url(), Method::del);
    with_body.body = "{}";
    expect_response(transport->send(with_body), 200, "{}");
    EXPECT_TRUE(has_line(server.requests().back(), "Content-Length: 2"));
}

TEST(CurlTransport, LongBodiesAreSentWithoutAsking) {
    RecordingServer server;
    Request request = request_to(server.url(), Method::post);
    request.body = std::string(3'000'000, 'x');
    expect_response(new_transport()->send(request), 200, "{}");
    EXPECT_EQ(server.requests().at(0).find("Expect:"), std::string::npos);
}

TEST(CurlTransport, CompressedRepliesComeBackPlain) {
    // {"a": 1} by gzip.
    const std::string packed(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x52\x30\xac\x05\x00\x97\x8e\xa1\xfb\x08"
        "\x00\x00\x00",
        28);
    RecordingServer server(
        [&](const std::string&) { return http_reply(200, packed, "Content-Encoding: gzip\r\n"); });
    expect_response(new_transport()->send(request_to(server.url())), 200, "{\"a\": 1}");
    EXPECT_TRUE(has_line(server.requests().at(0), "Accept-Encoding: gzip, deflate"));
}

TEST(CurlTransport, RefusesWhatMustNotBeSent) {
    const auto transport = new_transport();
    const auto refusal = [&](const Request& request) {
        try {
            transport->send(request);
        } catch (const Error& error) {
            return std::string(qdcnn::to_string(error.kind())) + ": " + error.what();
        }
        return std::string("sent");
    };
    for (const char* url :
         {"http://api.test/", "http://127.0.0.1.test/", "http://10.1/", "http://localhost.test/",
          "http://[::2]/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://user:canary-password@api.test/",
          "no url", "", "https://", "https://a b.test/", "https://api.test/\r\nX: y"}) {
        const std::string text = refusal(request_to(url));
        EXPECT_EQ(text.rfind("invalid_input: ", 0), 0u) << url << ": " << text;
        EXPECT_EQ(text.find("canary"), std::string::npos) << text;
    }
    expect_failure(transport->send(request_to("http://[::1]:" + std::to_string(test::closed_port()) + "/")),
                   FailureKind::refused, Reach::not_sent);
    RecordingServer server;
    Request request = request_to(server.url());
    request.body = "body";
    EXPECT_NE(refusal(request).find("GET request to 127.0.0.1 with a body"), std::string::npos);
    request = request_to(server.url());
    request.time_limit = 0ms;
    EXPECT_NE(refusal(request).find("time limit"), std::string::npos);
    // One that may not be sent keeps back those that come with it.
    const std::vector<Request> both = {request_to(server.url()), request};
    EXPECT_THROW(transport->send_all(both), Error);
    EXPECT_EQ(server.connections(), 0);
}

TEST(CurlTransport, EarlyRefusalOfALongBodyIsItsReply) {
    RawServer server([](Connection& connection, int) {
        connection.wait(20ms);
        connection.send(http_reply(413, "too long", "Connection: close\r\n"));
    });
    Request request = request_to(server.url(), Method::post);
    request.body = std::string(200'000, 'x');
    expect_response(new_transport()->send(request), 413, "too long");
}

TEST(CurlTransport, LogsWhatHappenedWithoutASecret) {
    const std::string path = testing::TempDir() + "qdcnn.http.log." + std::to_string(::getpid());
    open_log(LogLevel::debug, path);
    RecordingServer server([](const std::string&) {
        return http_reply(200, "{\"access_token\": \"canary-1\"}", "Set-Cookie: canary-2\r\n");
    });
    Request request = request_to(server.url("/token?apikey=canary-3"), Method::post);
    request.headers.add("Authorization", "Bearer canary-4");
    request.body = "apikey=canary-5";
    const auto transport = new_transport();
    transport->send(request);
    request.url = "http://127.0.0.1:" + std::to_string(test::closed_port()) + "/token?apikey=canary-6";
    transport->send(request);
    open_log(LogLevel::off);
    const std::string log = read_file(path);
    std::filesystem::remove(path);
    EXPECT_NE(log.find("POST " + server.url("/token") + " -> 200, 28 bytes"), std::string::npos) << log;
    EXPECT_NE(log.find("(not_sent)"), std::string::npos) << log;
    EXPECT_EQ(log.find("canary"), std::string::npos) << log;
}

TEST(CurlTransport, ReadsFollowRedirectsOfTheSameServer) {
    RecordingServer server([](const std::string& request) {
        if (request.starts_with("GET /a ")) return http_reply(302, "moved", "Location: /b?x=1\r\n");
        if (request.starts_with("GET /b?x=1 ")) return http_reply(307, "", "Location: c\r\n");
        return http_reply(200, request.substr(0, request.find("\r\n")));
    });
    Request request = request_to(server.url("/a"));
    request.headers.add("Authorization", "Bearer abc");
    expect_response(new_transport()->send(request), 200, "GET /c HTTP/1.1");
    EXPECT_EQ(server.requests().size(), 3u);
    EXPECT_TRUE(has_line(server.requests().back(), "Authorization: Bearer abc"));
}

TEST(CurlTransport, OtherRedirectsAreNotFollowed) {
    RecordingServer other;
    const std::string port = std::to_string(other.port());
    const auto transport = new_transport();
    for (const std::string& location :
         {other.url("/"), "http://localhost:" + port + "/", std::string("https://api.test/"),
          std::string("file:///etc/passwd"), std::string("//api.test/"), std::string("/circle"),
          std::string("http://[bad")}) {
        SCOPED_TRACE(location);
        RecordingServer server(
            [&](const std::string&) { return http_reply(301, "", "Location: " + location + "\r\n"); });
        expect_failure(transport->send(request_to(server.url())), FailureKind::bad_redirect, Reach::answered);
        EXPECT_EQ(server.requests().size(), location == "/circle" ? 6u : 1u);
    }
    EXPECT_EQ(other.connections(), 0);
}

TEST(CurlTransport, WritesAreNotRedirected) {
    for (const int status : {301, 302, 303, 307, 308})
        for (const Method method : {Method::post, Method::put, Method::patch, Method::del}) {
            SCOPED_TRACE(std::to_string(status) + " " + to_string(method));
            RecordingServer server(
                [&](const std::string&) { return http_reply(status, "", "Location: /b\r\n"); });
            expect_failure(new_transport()->send(request_to(server.url("/a"), method)),
                           FailureKind::bad_redirect, Reach::answered);
            EXPECT_EQ(server.requests().size(), 1u);
        }
}

TEST(CurlTransport, RedirectsShareOneTimeLimit) {
    RecordingServer server([](const std::string&) {
        std::this_thread::sleep_for(150ms);
        return http_reply(302, "", "Location: /again\r\n");
    });
    Request request = request_to(server.url());
    request.time_limit = 400ms;  // Six times 150 ms are a circle.
    expect_failure(new_transport()->send(request), FailureKind::timeout, Reach::maybe_sent);
}

TEST(CurlTransport, ReadsShareAConnectionAndSubmitsHaveTheirOwn) {
    RecordingServer server;
    const auto transport = new_transport();
    for (int i = 0; i < 5; ++i) expect_response(transport->send(request_to(server.url())), 200, "{}");
    EXPECT_EQ(server.connections(), 1);
    for (int i = 0; i < 3; ++i)
        expect_response(transport->send(request_to(server.url(), Method::post)), 200, "{}");
    EXPECT_EQ(server.connections(), 4);
}

TEST(CurlTransport, DeadConnectionCostsAReadNothingAndASubmitIsSentOnce) {
    // Each connection answers one request and dies on the next, with the request read: did it count?
    std::atomic<int> seen{0};
    RawServer server([&](Connection& connection, int) {
        if (connection.read_request().empty()) return;
        ++seen;
        connection.send(http_reply(200, "{}"));
        if (!connection.read_request().empty()) ++seen;
    });
    const auto transport = new_transport();
    expect_response(transport->send(request_to(server.url())), 200, "{}");
    expect_response(transport->send(request_to(server.url())), 200, "{}");
    EXPECT_EQ(seen, 3) << "the second read is sent on the kept connection, and again on a fresh one";
    expect_response(transport->send(request_to(server.url(), Method::post)), 200, "{}");
    EXPECT_EQ(seen, 4);
}

TEST(CurlTransport, SurplusBytesReachNoLaterRequest) {
    std::atomic<int> number{0};
    RawServer server([&](Connection& connection, int) {
        while (!connection.read_request().empty())
            connection.send(number++ == 0
                                ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n"
                                  "Content-Length: 6\r\n\r\nforged"
                                : http_reply(200, "right"));
    });
    const auto transport = new_transport();
    expect_response(transport->send(request_to(server.url())), 200, "{}");
    expect_response(transport->send(request_to(server.url())), 200, "right");
}

TEST(CurlTransport, ManyAtOnceWithinTheBoundAndInOrder) {
    std::atomic<int> present{0}, most{0};
    RecordingServer server([&](const std::string& request) {
        int seen = ++present;
        for (int known = most; known < seen && !most.compare_exchange_weak(known, seen);) {
        }
        std::this_thread::sleep_for(20ms);
        --present;
        return http_reply(200, request.substr(0, request.find(" HTTP")));
    });
    std::vector<Request> requests;
    for (int i = 0; i < 24; ++i) requests.push_back(request_to(server.url("/" + std::to_string(i))));
    const auto outcomes = new_transport({.max_parallel = 6})->send_all(requests);
    ASSERT_EQ(outcomes.size(), 24u);
    for (int i = 0; i < 24; ++i) expect_response(outcomes[i], 200, "GET /" + std::to_string(i));
    EXPECT_GT(most, 2);
    EXPECT_LE(most, 6);
    EXPECT_LE(server.connections(), 6);
    EXPECT_TRUE(new_transport()->send_all({}).empty());
}

TEST(CurlTransport, OneBadReplyLeavesTheOthersAlone) {
    RawServer server([](Connection& connection, int) {
        const std::string request = connection.read_request();
        if (request.starts_with("GET /bad")) return connection.reset();
        if (request.starts_with("GET /slow")) connection.wait_for_end();
        connection.send(http_reply(200, "{}"));
    });
    std::vector<Request> requests;
    for (const char* path : {"/a", "/bad", "/slow", "/b"}) {
        requests.push_back(request_to(server.url(path)));
        requests.back().time_limit = 800ms;
    }
    const auto outcomes = new_transport()->send_all(requests);
    expect_response(outcomes[0], 200, "{}");
    expect_failure(outcomes[1], FailureKind::reset, Reach::maybe_sent);
    expect_failure(outcomes[2], FailureKind::timeout, Reach::maybe_sent);
    expect_response(outcomes[3], 200, "{}");
}

TEST(CurlTransport, SeveralThreadsShareIt) {
    RecordingServer server(
        [](const std::string& request) { return http_reply(200, request.substr(0, request.find(" HTTP"))); });
    const auto transport = new_transport();
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int thread = 0; thread < 6; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 10; ++i) {
                const std::string path = "/" + std::to_string(thread) + "/" + std::to_string(i);
                const Outcome outcome = transport->send(request_to(server.url(path)));
                const auto* response = std::get_if<Response>(&outcome);
                if (response != nullptr && response->body == "GET " + path) ++right;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(right, 60);
    EXPECT_LE(server.connections(), 6);
}

/// Sets the interrupt after a while, and clears it in the end.
class InterruptAfter {
  public:
    explicit InterruptAfter(std::chrono::milliseconds time)
        : thread_([time] {
              std::this_thread::sleep_for(time);
              interrupt().set(2);
          }) {}
    ~InterruptAfter() {
        thread_.join();
        interrupt().clear();
    }

  private:
    std::thread thread_;
};

TEST(CurlTransport, InterruptAbandonsReadsAndWaitsForSubmits) {
    RawServer server([](Connection& connection, int) {
        connection.read_request();
        connection.wait(400ms);
        connection.send(http_reply(200, "{\"id\": 1}"));
    });
    const std::vector<Request> requests = {request_to(server.url()), request_to(server.url(), Method::post),
                                           request_to(server.url())};
    const InterruptAfter interrupting(100ms);
    const auto outcomes = new_transport({.max_parallel = 2})->send_all(requests);
    expect_failure(outcomes[0], FailureKind::interrupted, Reach::maybe_sent);
    expect_response(outcomes[1], 200, "{\"id\": 1}");
    expect_failure(outcomes[2], FailureKind::interrupted, Reach::not_sent);
    EXPECT_EQ(error_of(std::get<Failure>(outcomes[0])).kind(), ErrorKind::cancelled);
}

TEST(CurlTransport, InterruptWaitsForASubmitNoLongerThanTheGrace) {
    RawServer server([](Connection& connection, int) { connection.wait_for_end(); });
    Request request = request_to(server.url(), Method::post);
    request.time_limit = 20s;
    const InterruptAfter interrupting(100ms);
    const auto start = std::chrono::steady_clock::now();
    expect_failure(new_transport({.interrupt_grace = 200ms})->send(request), FailureKind::interrupted,
                   Reach::maybe_sent);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
}

}  // namespace
}  // namespace qdcnn::http
