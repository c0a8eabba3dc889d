#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "qdcnn/http/transport.h"

namespace qdcnn::http {

/// For messages of failed tests.
inline std::string describe(const Outcome& outcome) {
    if (const auto* response = std::get_if<Response>(&outcome))
        return "status " + std::to_string(response->status);
    const auto& failure = std::get<Failure>(outcome);
    return std::string(to_string(failure.kind)) + ", " + to_string(failure.reach) + ": " + failure.message;
}

inline void expect_response(const Outcome& outcome, int status, const std::string& body) {
    const auto* response = std::get_if<Response>(&outcome);
    ASSERT_NE(response, nullptr) << describe(outcome);
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(response->body, body);
}

inline void expect_failure(const Outcome& outcome, FailureKind kind, Reach reach) {
    const auto* failure = std::get_if<Failure>(&outcome);
    ASSERT_NE(failure, nullptr) << describe(outcome);
    EXPECT_EQ(std::string(to_string(failure->kind)), to_string(kind)) << describe(outcome);
    EXPECT_EQ(std::string(to_string(failure->reach)), to_string(reach)) << describe(outcome);
    EXPECT_EQ(failure->status.has_value(), reach == Reach::answered);
}

/// A request that gives up fast. A submit has a body.
inline Request request_to(const std::string& url, Method method = Method::get) {
    Request request{.method = method, .url = url};
    if (method == Method::post) request.body = "{\"canary\": \"body-canary\"}";
    request.time_limit = std::chrono::milliseconds(1000);
    request.connect_limit = std::chrono::milliseconds(1000);
    return request;
}

/// Deaf to the environment of who runs the tests.
inline std::unique_ptr<Transport> new_transport(TransportSettings settings = {}) {
    return make_curl_transport(std::move(settings));
}

}  // namespace qdcnn::http
