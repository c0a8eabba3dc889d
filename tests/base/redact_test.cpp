#include "qdcnn/base/redact.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "qdcnn/base/random.h"

namespace qdcnn {
namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Redactor, RegisteredSecretsGoWhereverTheyStand) {
    Redactor redactor;
    redactor.add_secret("s3cr3t-canary");
    EXPECT_EQ(redactor.redact("s3cr3t-canary"), "[redacted]");
    EXPECT_EQ(redactor.redact("before s3cr3t-canaryafter s3cr3t-canary."),
              "before [redacted]after [redacted].");
    EXPECT_EQ(redactor.redact("nothing to hide"), "nothing to hide");
    EXPECT_EQ(redactor.redact(""), "");
}

TEST(Redactor, RegisteredSecretsGoInOtherSpellings) {
    Redactor redactor;
    redactor.add_secret("a/b+c=\"d\\e");
    for (const std::string spelling : {"a/b+c=\"d\\e", "a%2Fb%2Bc%3D%22d%5Ce", "a%2fb%2bc%3d%22d%5ce",
                                       "a/b+c=\\\"d\\\\e", "a\\/b+c=\\\"d\\\\e"})
        EXPECT_EQ(redactor.redact("x " + spelling + " y"), "x [redacted] y") << spelling;
}

TEST(Redactor, OverlappingSecretsLeaveNoEnds) {
    Redactor redactor;
    redactor.add_secret("abcdef");
    redactor.add_secret("defghi");
    redactor.add_secret("cdef");
    EXPECT_EQ(redactor.redact("1abcdefghi2cdef3"), "1[redacted]2[redacted]3");
    Redactor repeated;
    repeated.add_secret("xyxyxy");
    EXPECT_EQ(repeated.redact("-xyxyxyxy-"), "-[redacted]-");
}

TEST(Redactor, ShortSecretsWouldBlankOrdinaryWords) {
    Redactor redactor;
    redactor.add_secret("");
    redactor.add_secret("the");
    EXPECT_EQ(redactor.redact("the other"), "the other");
}

struct Example {
    const char* text;
    const char* expected;
};

TEST(Redactor, WhatLooksLikeASecretGoes) {
    const Redactor redactor;
    const std::vector<Example> examples = {
        {"Authorization: Bearer abc.def\r\nAccept: x", "Authorization: [redacted]\r\nAccept: x"},
        {"authorization:apikey 12345", "authorization:[redacted]"},
        {"Proxy-Authorization: Basic dXNlcjpwdw==\n", "Proxy-Authorization: [redacted]\n"},
        {"Set-Cookie: a=b; Secure\nX: y", "Set-Cookie: [redacted]\nX: y"},
        {"sent Bearer abcdef123 to host", "sent Bearer [redacted] to host"},
        {"bearer  abcdef123", "bearer  [redacted]"},
        {"with apikey abc-123-def.", "with apikey [redacted]"},
        {"Basic dXNlcjpwdw== ok", "Basic [redacted] ok"},
        {"x-api-key: abc def", "x-api-key: [redacted] def"},
        {"X-Amz-Security-Token=abc&b=c", "X-Amz-Security-Token=[redacted]&b=c"},
        {"https://h/p?apikey=abc&x=1#f", "https://h/p?apikey=[redacted]&x=1#f"},
        {"?a=1&X-Amz-Signature=abc&X-Amz-Credential=AKIA/1",
         "?a=1&X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]"},
        {"grant_type=x&apikey%3Dabc&y", "grant_type=x&apikey%3D[redacted]&y"},
        {R"({"access_token": "a\"b", "expires_in": 3600})",
         R"({"access_token": "[redacted]", "expires_in": 3600})"},
        {R"({"refresh_token":"abc","token_type":"Bearer"})",
         R"({"refresh_token":"[redacted]","token_type":"Bearer"})"},
        {R"("{\"token\": \"abc\", \"a\": 1}")", R"("{\"token\": \"[redacted]\", \"a\": 1}")"},
        {R"(password='a b' rest)", R"(password='[redacted]' rest)"},
        {R"({"token": "cut off)", R"({"token": "[redacted])"},
        {"token = abc", "token = [redacted]"},
        {"id eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln end", "id [redacted] end"},
        {"cookie-eyJhbGciOiJub25lIn0.eyJleHAiOjF9.", "cookie-[redacted]"},
        {"key AKIAIOSFODNN7EXAMPLE used", "key [redacted] used"},
        {"http://user:pw@proxy.test:3128/", "http://[redacted]@proxy.test:3128/"},
        {"http://u:p@w@proxy.test/", "http://[redacted]@proxy.test/"},
        {"-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\nx",
         "-----BEGIN EC PRIVATE KEY-----[redacted]-----END EC PRIVATE KEY-----\nx"},
        {"-----BEGIN PRIVATE KEY-----\nabc", "-----BEGIN PRIVATE KEY-----[redacted]"},
    };
    for (const Example& example : examples) {
        EXPECT_EQ(redactor.redact(example.text), example.expected);
        EXPECT_EQ(redactor.redact(example.expected), example.expected) << "not the same twice";
    }
}

TEST(Redactor, OrdinaryTextStays) {
    const Redactor redactor;
    for (const std::string text :
         {"basic gates: cx, rz, sx",
          "Basic example of a circuit",
          "3 tokens: chef cooks meal",
          "bearer of news",
          "GET https://quantum.cloud.ibm.com/api/v1/jobs/d1abc?exclude_params=true: 200, 17 bytes in 0.123 s",
          "crn:v1:bluemix:public:quantum-computing:us-east:a/1234:5678::",
          "user@host, a://b/c@d",
          "eyJ is short",
          "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
          "Retry-After: 7",
          "\"token_type\":\"Bearer\"",
          "author: x, authority: y",
          "design: sig",
          "AKIA",
          "https://",
          "://",
          "token",
          "token:",
          "apikey=",
          "=abc"})
        EXPECT_EQ(redactor.redact(text), text);
}

/// Random text around and out of the pieces that the patterns look for.
std::string random_text(Random& random, const std::vector<std::string>& pieces) {
    std::string text;
    for (std::size_t i = random.below(12); i > 0; --i) text += pieces[random.below(pieces.size())];
    return text;
}

TEST(Redactor, RandomTextNeverShowsACanary) {
    constexpr std::uint64_t kSeed = 20;
    SCOPED_TRACE(kSeed);
    Random random(kSeed);
    const std::vector<std::string> secrets = {"canary",  "aryc",     "c4n\"4ry/",
                                              "nary-ca", "%canary%", "eyJcanary"};
    Redactor redactor;
    for (const auto& secret : secrets) redactor.add_secret(secret);
    std::vector<std::string> pieces = {"token",   "=",
                                       ":",       "\"",
                                       "\\\"",    "'",
                                       " ",       "&",
                                       "eyJ",     "Bearer ",
                                       "@",       "://",
                                       "\n",      "%3D",
                                       "a",       "abc1",
                                       "api_key", "-----BEGIN PRIVATE KEY-----",
                                       ".",       "\\",
                                       "basic ",  "Authorization",
                                       "\xff",    std::string(1, '\0')};
    pieces.insert(pieces.end(), secrets.begin(), secrets.end());
    pieces.insert(pieces.end(), {"can", "ary"});
    for (int i = 0; i < 30'000; ++i) {
        const std::string text = random_text(random, pieces);
        const std::string redacted = redactor.redact(text);
        for (const auto& secret : secrets)
            ASSERT_FALSE(holds(redacted, secret))
                << "\"" << secret << "\" of \"" << text << "\" is in \"" << redacted << "\"";
        ASSERT_EQ(redactor.redact(redacted), redacted) << text;
    }
}

TEST(Redactor, UnregisteredValuesNeverShowInTheirSettings) {
    constexpr std::uint64_t kSeed = 21;
    SCOPED_TRACE(kSeed);
    Random random(kSeed);
    const Redactor redactor;
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    const std::vector<std::pair<std::string, std::string>> settings = {{"Authorization: Bearer ", "\r\n"},
                                                                       {"Authorization: apikey ", "\n"},
                                                                       {"authorization=", ""},
                                                                       {"?apikey=", "&x=1"},
                                                                       {"&access_token=", " HTTP/1.1"},
                                                                       {"{\"token\":\"", "\"}"},
                                                                       {"{\"clientSecret\" : \"", "\"}"},
                                                                       {"'password': '", "'"},
                                                                       {"\\\"refresh_token\\\":\\\"", "\\\""},
                                                                       {"Bearer ", ""},
                                                                       {"https://user:", "@proxy.test/"},
                                                                       {"X-Api-Key: ", "\r\n"},
                                                                       {"x-ms-quantum-api-key: ", "\r\n"},
                                                                       {"Authentication-Token: ", "\r\n"},
                                                                       {"AWS_SECRET_ACCESS_KEY=", "\n"}};
    for (int i = 0; i < 5'000; ++i) {
        std::string value = "Z9";  // Never a word of every day.
        for (std::size_t k = 10 + random.below(60); k > 0; --k)
            value += alphabet[random.below(alphabet.size())];
        const auto& [before, after] = settings[random.below(settings.size())];
        const std::string redacted = redactor.redact(fmt::format("text {}{}{} text", before, value, after));
        ASSERT_FALSE(holds(redacted, value.substr(0, 8))) << before << value << after << " -> " << redacted;
        ASSERT_TRUE(redacted.starts_with("text ") && redacted.ends_with(after.empty() ? "" : " text"))
            << redacted;
    }
}

TEST(Redactor, ThreadsShareIt) {
    Redactor redactor;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&redactor, i] {
            for (int k = 0; k < 100; ++k) {
                const std::string secret = "secret-" + std::to_string(i) + "-" + std::to_string(k);
                redactor.add_secret(secret);
                EXPECT_EQ(redactor.redact("x " + secret), "x [redacted]");
            }
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace qdcnn
