#include "qdcnn/http/message.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace qdcnn::http {
namespace {

TEST(Headers, NamesAreComparedWithoutCase) {
    Headers headers = {{"Content-Type", "application/json"}, {"Set-Cookie", "a"}, {"set-cookie", "b"}};
    EXPECT_EQ(headers.get("content-TYPE"), "application/json");
    EXPECT_EQ(headers.get_all("SET-COOKIE"), (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(headers.get("Content"));
    headers.set("CONTENT-type", "text/plain");
    EXPECT_EQ(headers.get_all("Content-Type"), (std::vector<std::string>{"text/plain"}));
}

TEST(Headers, WhatCouldSmuggleALineIsRefusedWithoutBeingShown) {
    Headers headers;
    using namespace std::string_literals;
    for (const std::string& value : {"canary\r\nX: y"s, "canary\n"s, "canary\0x"s}) {
        try {
            headers.add("Authorization", value);
            ADD_FAILURE() << "accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
            EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos);
        }
    }
    for (const std::string& name : {""s, "a b"s, "a:"s, "a\r\n"s, "\xc3\xa4"s})
        EXPECT_THROW(headers.add(name, "x"), Error);
    EXPECT_EQ(std::distance(headers.begin(), headers.end()), 0);
}

TEST(Message, EffectFollowsTheMethodUnlessSaid) {
    EXPECT_EQ(effect_of({.method = Method::get}), Effect::read);
    EXPECT_EQ(effect_of({.method = Method::put}), Effect::idempotent);
    EXPECT_EQ(effect_of({.method = Method::del}), Effect::idempotent);
    EXPECT_EQ(effect_of({.method = Method::post}), Effect::once);
    EXPECT_EQ(effect_of({.method = Method::patch}), Effect::once);
    EXPECT_EQ(effect_of({.method = Method::post, .effect = Effect::read}), Effect::read);
}

TEST(Message, FailuresBecomeErrorsOfTheirKind) {
    const auto kind = [](FailureKind failure) {
        return error_of({.kind = failure, .message = "why"}).kind();
    };
    EXPECT_EQ(kind(FailureKind::dns), ErrorKind::network);
    EXPECT_EQ(kind(FailureKind::tls), ErrorKind::network);
    EXPECT_EQ(kind(FailureKind::timeout), ErrorKind::timeout);
    EXPECT_EQ(kind(FailureKind::held_back), ErrorKind::rate_limited);
    EXPECT_EQ(kind(FailureKind::interrupted), ErrorKind::cancelled);
    EXPECT_STREQ(error_of({.kind = FailureKind::reset, .message = "why"}).what(), "why");
}

}  // namespace
}  // namespace qdcnn::http
