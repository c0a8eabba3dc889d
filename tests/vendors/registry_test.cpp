#include "qdcnn/vendors/registry.h"

#include <gtest/gtest.h>

#include "qdcnn/base/redact.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/http/scripted_transport.h"

namespace qdcnn::vendors {
namespace {

struct Registry : ::testing::Test {
    http::ScriptedTransport transport;
    VirtualClock clock;

    ErrorKind refused(const std::string& vendor, std::map<std::string, std::string> values,
                      std::string* hint = nullptr) {
        try {
            open_service(vendor, {.transport = transport, .clock = clock, .values = std::move(values)});
        } catch (const Error& error) {
            if (hint) *hint = error.hint();
            return error.kind();
        }
        return ErrorKind::internal;
    }
};

TEST_F(Registry, opens_ibm_without_asking_anybody) {
    const auto service = open_service(
        "ibm", {.transport = transport,
                .clock = clock,
                .values = {{"token", "a-token-of-the-registry"}, {"instance", "crn:v1:a:b:c:d:e:f::"}}});
    EXPECT_EQ(service->vendor(), "ibm");
    EXPECT_EQ(service->account(), "crn:v1:a:b:c:d:e:f::");
    EXPECT_TRUE(transport.sent().empty());
    EXPECT_EQ(redactor().redact("a-token-of-the-registry"), "[redacted]");
}

TEST_F(Registry, slips) {
    std::string hint;
    EXPECT_EQ(refused("imb", {}, &hint), ErrorKind::not_found);
    EXPECT_NE(hint.find("ibm"), std::string::npos);
    EXPECT_EQ(refused("ibm", {{"token", "long enough"}, {"instanec", "x"}}, &hint), ErrorKind::not_found);
    EXPECT_NE(hint.find("instance"), std::string::npos);
    EXPECT_EQ(refused("ibm", {{"token", ""}}), ErrorKind::auth);
    EXPECT_EQ(refused("ibm", {{"token", "long enough"}, {"fractional_gates", "yes"}}),
              ErrorKind::invalid_input);
    EXPECT_EQ(refused("ibm", {{"token", "long enough"}, {"price_per_second", "-1"}}),
              ErrorKind::invalid_input);
    EXPECT_EQ(refused("ibm", {{"token", "long enough"}, {"url", "cloud"}}), ErrorKind::invalid_input);
}

TEST_F(Registry, a_result_is_read_without_an_account) {
    const std::string content =
        R"({"program_id": "sampler", "params": {"pubs": [["OPENQASM 3.0; bit[1] c;", null, 3]]}})";
    const std::string raw =
        R"({"results": [{"data": {"c": {"samples": ["0x1", "0x0", "0x1"], "num_bits": 1}}}]})";
    const auto result = std::get<backend::SamplerResult>(decode_result("ibm", raw, content));
    EXPECT_EQ(result[0]["c"].counts().at("1"), 2u);
    EXPECT_THROW(decode_result("imb", raw, content), Error);
}

TEST_F(Registry, rows_are_whole) {
    for (const VendorRow& row : vendor_rows()) {
        EXPECT_FALSE(row.name.empty());
        EXPECT_FALSE(row.title.empty());
        EXPECT_FALSE(row.keys.empty());
        EXPECT_NE(row.open, nullptr);
        EXPECT_NE(row.decode, nullptr);
    }
}

}  // namespace
}  // namespace qdcnn::vendors
