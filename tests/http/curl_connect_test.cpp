// What can go wrong before a request leaves: names, connections, TLS, proxies. Then the server knows nothing
// of it.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "http/outcomes.h"
#include "qdcnn/base/error.h"
#include "support/certificates.h"
#include "support/fake_names.h"
#include "support/raw_server.h"

namespace qdcnn::http {
namespace {

using test::Connection;
using test::http_reply;
using test::RawServer;
using namespace std::chrono_literals;

constexpr auto kNotSent = Reach::not_sent;

/// A file in the temporary folder that lives as long as this.
class TemporaryFile {
  public:
    TemporaryFile(const std::string& name, const std::string& content)
        : path_(std::filesystem::temp_directory_path() /
                ("qdcnn." + std::to_string(::getpid()) + "." + name)) {
        std::ofstream(path_) << content;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    std::string path() const { return path_; }

  private:
    std::filesystem::path path_;
};

void answer(Connection& connection, int) {
    while (!connection.read_request().empty()) connection.send(http_reply(200, "{}"));
}

class CurlConnect : public testing::Test {
  protected:
    void SetUp() override { start_ = std::chrono::steady_clock::now(); }
    void TearDown() override { EXPECT_LT(std::chrono::steady_clock::now() - start_, 2s); }

    /// Trusts the test's own authority.
    std::unique_ptr<Transport> trusting_transport(const std::string& proxy = {},
                                                  const std::string& no_proxy = {}) {
        return new_transport({.ca_file = ca_file.path(), .proxy = proxy, .no_proxy = no_proxy});
    }
    /// The outcome of a submit, which tells most.
    Outcome submit(Transport& transport, const std::string& url, std::chrono::milliseconds limit = 400ms) {
        Request request = request_to(url, Method::post);
        request.headers.add("Authorization", "Bearer header-canary");
        request.time_limit = limit;
        return transport.send(request);
    }

    test::CertificateAuthority authority;
    TemporaryFile ca_file{"ca.pem", authority.certificate()};

  private:
    std::chrono::steady_clock::time_point start_;
};

TEST_F(CurlConnect, UnknownName) {
    expect_failure(submit(*new_transport(), "https://nowhere.test/"), FailureKind::dns, kNotSent);
}

TEST_F(CurlConnect, NameServerThatDoesNotAnswerHoldsNothingUp) {
    test::name_stalls("slow.test", 3000);
    expect_failure(submit(*new_transport(), "https://slow.test/"), FailureKind::timeout, kNotSent);
}

TEST_F(CurlConnect, Refused) {
    const std::string url = "http://127.0.0.1:" + std::to_string(test::closed_port()) + "/";
    expect_failure(submit(*new_transport(), url), FailureKind::refused, kNotSent);
}

TEST_F(CurlConnect, NoAnswerToTheConnection) {
    // With a queue of one that is full, Linux drops what else would connect.
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ASSERT_EQ(::listen(listener, 0), 0);
    std::vector<int> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        (void)::connect(clients.back(), reinterpret_cast<sockaddr*>(&address), size);
    }
    const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    expect_failure(submit(*new_transport(), url), FailureKind::timeout, kNotSent);
    for (const int client : clients) ::close(client);
    ::close(listener);
}

TEST_F(CurlConnect, TlsWithTrustedCertificate) {
    RawServer server(authority.issue(), answer);
    expect_response(submit(*trusting_transport(), server.url()), 200, "{}");
}

TEST_F(CurlConnect, TlsUnknownAuthority) {
    RawServer server(authority.issue(), answer);
    expect_failure(submit(*new_transport(), server.url()), FailureKind::tls, kNotSent);
}

TEST_F(CurlConnect, TlsSelfSigned) {
    RawServer server(test::self_signed_identity(), answer);
    expect_failure(submit(*trusting_transport(), server.url()), FailureKind::tls, kNotSent);
}

TEST_F(CurlConnect, TlsWrongName) {
    RawServer server(authority.issue({.names = "DNS:other.test"}), answer);
    const Outcome outcome = submit(*trusting_transport(), server.url());
    expect_failure(outcome, FailureKind::tls, kNotSent);
    EXPECT_NE(error_of(std::get<Failure>(outcome)).hint().find("--ca-file"), std::string::npos);
}

TEST_F(CurlConnect, TlsExpired) {
    RawServer server(authority.issue({.valid_from = -7200, .valid_until = -3600}), answer);
    const Outcome outcome = submit(*trusting_transport(), server.url());
    expect_failure(outcome, FailureKind::tls, kNotSent);
    EXPECT_NE(std::get<Failure>(outcome).message.find("expired"), std::string::npos) << describe(outcome);
}

TEST_F(CurlConnect, TlsNotYetValid) {
    RawServer server(authority.issue({.valid_from = 3600, .valid_until = 7200}), answer);
    expect_failure(submit(*trusting_transport(), server.url()), FailureKind::tls, kNotSent);
}

TEST_F(CurlConnect, TlsTooOld) {
    RawServer server(authority.issue(), answer, TLS1_1_VERSION);
    expect_failure(submit(*trusting_transport(), server.url()), FailureKind::tls, kNotSent);
}

TEST_F(CurlConnect, TlsVersionTwoWillDo) {
    RawServer server(authority.issue(), answer, TLS1_2_VERSION);
    expect_response(submit(*trusting_transport(), server.url()), 200, "{}");
}

TEST_F(CurlConnect, TlsServerSpeaksPlainHttp) {
    RawServer server([](Connection& connection, int) {
        connection.send(http_reply(400, "speak HTTP"));
        connection.wait(50ms);
    });
    const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
    expect_failure(submit(*trusting_transport(), url), FailureKind::tls, kNotSent);
}

TEST_F(CurlConnect, TlsHandshakeCutResetOrStalled) {
    RawServer server([](Connection& connection, int number) {
        connection.wait(50ms);
        if (number == 0) return;
        if (number == 1) connection.reset();
        connection.wait_for_end();
    });
    const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
    const auto transport = trusting_transport();
    expect_failure(submit(*transport, url), FailureKind::tls, kNotSent);
    expect_failure(submit(*transport, url), FailureKind::tls, kNotSent);
    expect_failure(submit(*transport, url), FailureKind::timeout, kNotSent);
}

TEST_F(CurlConnect, TlsBodyWithoutLengthThatIsCutIsNoReply) {
    // Whoever cuts the line could choose where the reply ends.
    RawServer server(authority.issue(), [](Connection& connection, int) {
        connection.read_request();
        connection.send("HTTP/1.1 200 OK\r\n\r\n{\"id\": 12");
        connection.cut();
    });
    expect_failure(submit(*trusting_transport(), server.url()), FailureKind::truncated, Reach::answered);
}

TEST_F(CurlConnect, TlsResetWithinALongUploadRaisesNoSignal) {
    RawServer server(authority.issue(), [](Connection& connection, int) { connection.reset(); });
    Request request = request_to(server.url(), Method::post);
    request.body.resize(20'000'000, 'x');
    expect_failure(trusting_transport()->send(request), FailureKind::reset, Reach::maybe_sent);
}

/// A proxy that reaches one TLS server, whatever it is asked for, by being it.
class ProxyServer {
  public:
    explicit ProxyServer(test::TlsIdentity identity)
        : server_([this, identity = std::move(identity)](Connection& connection, int) {
              {
                  const std::lock_guard lock(mutex_);
                  asked_ += connection.read_request();
              }
              connection.send("HTTP/1.1 200 Connected\r\nX-Proxy: canary\r\n\r\n");
              if (!connection.start_tls(identity)) return;
              {
                  const std::lock_guard lock(mutex_);
                  got_ += connection.read_request();
              }
              connection.send(http_reply(200, "{}"));
          }) {}
    std::string url(const std::string& user = {}) const {
        return "http://" + user + "127.0.0.1:" + std::to_string(server_.port());
    }
    std::string asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    std::string got() const {
        const std::lock_guard lock(mutex_);
        return got_;
    }
    int connections() const { return server_.connections(); }

  private:
    mutable std::mutex mutex_;
    std::string asked_, got_;
    RawServer server_;
};

TEST_F(CurlConnect, ProxyTunnelsAndSeesNoSecret) {
    ProxyServer proxy(authority.issue({.names = "DNS:api.test"}));
    const Outcome outcome =
        submit(*trusting_transport(proxy.url("user:proxy-password@")), "https://api.test/path");
    expect_response(outcome, 200, "{}");
    EXPECT_FALSE(std::get<Response>(outcome).headers.has("X-Proxy"));
    EXPECT_EQ(proxy.asked().rfind("CONNECT api.test:443 HTTP/1.1\r\n", 0), 0u) << proxy.asked();
    EXPECT_NE(proxy.asked().find("Proxy-Authorization: Basic"), std::string::npos);
    EXPECT_EQ(proxy.asked().find("canary"), std::string::npos);
    EXPECT_EQ(proxy.got().rfind("POST /path HTTP/1.1\r\n", 0), 0u) << proxy.got();
    EXPECT_EQ(proxy.got().find("Proxy-Authorization"), std::string::npos);
}

TEST_F(CurlConnect, ProxyComesFromTheEnvironment) {
    ProxyServer proxy(authority.issue({.names = "DNS:api.test"}));
    const std::string address = proxy.url(), trusted = ca_file.path();
    const auto settings = TransportSettings::from_environment([&](const char* name) -> const char* {
        if (std::string(name) == "HTTPS_PROXY") return address.c_str();
        if (std::string(name) == "SSL_CERT_FILE") return trusted.c_str();
        return nullptr;
    });
    expect_response(submit(*make_curl_transport(settings), "https://api.test/"), 200, "{}");
    EXPECT_EQ(proxy.connections(), 1);
}

TEST_F(CurlConnect, NoProxyGoesDirectly) {
    RawServer server(authority.issue({.names = "DNS:api.test"}), answer);
    ProxyServer proxy(authority.issue({.names = "DNS:api.test"}));
    test::name_is_here("api.test");
    const std::string url = "https://api.test:" + std::to_string(server.port()) + "/";
    expect_response(submit(*trusting_transport(proxy.url(), "other.test,.test"), url), 200, "{}");
    EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(CurlConnect, ThisMachineIsReachedWithoutProxy) {
    RawServer server(answer);
    const std::string proxy = "http://127.0.0.1:" + std::to_string(test::closed_port());
    expect_response(submit(*trusting_transport(proxy), server.url()), 200, "{}");
}

TEST_F(CurlConnect, ProxyRefuses) {
    for (const int status : {403, 407, 502}) {
        SCOPED_TRACE(status);
        RawServer proxy([&](Connection& connection, int) {
            connection.read_request();
            connection.send(http_reply(status, "canary"));
        });
        const Outcome outcome = submit(*trusting_transport(proxy.url()), "https://api.test/");
        expect_failure(outcome, FailureKind::proxy, kNotSent);
        EXPECT_EQ(std::get<Failure>(outcome).message.find("canary"), std::string::npos);
    }
}

TEST_F(CurlConnect, ProxyIsNotThereDiesOrStalls) {
    const std::string nobody = "http://127.0.0.1:" + std::to_string(test::closed_port());
    expect_failure(submit(*trusting_transport(nobody), "https://api.test/"), FailureKind::refused, kNotSent);
    expect_failure(submit(*trusting_transport("http://nowhere.test:3128"), "https://api.test/"),
                   FailureKind::dns, kNotSent);
    RawServer proxy([](Connection& connection, int number) {
        connection.read_request();
        if (number == 0) return connection.reset();
        connection.wait_for_end();
    });
    expect_failure(submit(*trusting_transport(proxy.url()), "https://api.test/"), FailureKind::reset,
                   kNotSent);
    expect_failure(submit(*trusting_transport(proxy.url()), "https://api.test/"), FailureKind::timeout,
                   kNotSent);
}

TEST_F(CurlConnect, ProxyCannotPassForTheServer) {
    ProxyServer proxy(authority.issue({.names = "DNS:other.test"}));
    expect_failure(submit(*trusting_transport(proxy.url()), "https://api.test/"), FailureKind::tls, kNotSent);
}

TEST(TransportSettings, EnvironmentInOrder) {
    const std::map<std::string, std::string> variables = {
        {"CURL_CA_BUNDLE", "/curl"}, {"SSL_CERT_FILE", "/openssl"}, {"https_proxy", ""},
        {"HTTPS_PROXY", "upper:1"},  {"ALL_PROXY", "all:1"},        {"NO_PROXY", "a,b"}};
    const auto settings = TransportSettings::from_environment([&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
    EXPECT_EQ(settings.ca_file, "/curl");
    EXPECT_EQ(settings.proxy, "upper:1");
    EXPECT_EQ(settings.no_proxy, "a,b");
}

TEST(TransportSettings, WhatCannotWorkIsRefusedAtOnce) {
    const auto kind_and_text = [](TransportSettings settings) {
        try {
            make_curl_transport(std::move(settings));
        } catch (const Error& error) {
            return std::string(qdcnn::to_string(error.kind())) + ": " + error.what();
        }
        return std::string();
    };
    const std::string missing = kind_and_text({.ca_file = "/nowhere/ca.pem"});
    EXPECT_NE(missing.find("not_found"), std::string::npos) << missing;
    EXPECT_NE(missing.find("/nowhere/ca.pem"), std::string::npos) << missing;
    EXPECT_NE(kind_and_text({.max_parallel = 0}).find("invalid_input"), std::string::npos);
    const std::string proxy = kind_and_text({.proxy = "http://user:canary-password@:99999999"});
    EXPECT_NE(proxy.find("proxy"), std::string::npos);
    EXPECT_EQ(proxy.find("canary"), std::string::npos) << proxy;
}

}  // namespace
}  // namespace qdcnn::http
