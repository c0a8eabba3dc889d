#include "vendors/ibm/instances.h"

#include <gtest/gtest.h>

#include "scripted_ibm.h"

namespace qdcnn::vendors::ibm {
namespace {

using http::Method;
using nlohmann::json;

std::string crn_of(const std::string& region, int number) {
    return "crn:v1:bluemix:public:quantum-computing:" + region + ":a/1:" + std::to_string(number) + "::";
}

std::vector<Instance> some() {
    return {{crn_of("us-east", 1), "paid", "premium", "paid", {"Team", "x"}},
            {crn_of("eu-de", 2), "open", "open", "free", {}},
            {crn_of("us-east", 3), "flex", "flex", "subscription", {"team"}},
            {crn_of("eu-de", 4), "open", "unknown", "unknown", {"TEAM"}}};
}

std::string picked(const Account& account) {
    std::string numbers;
    for (const Instance& instance : pick_instances(some(), account)) {
        const std::size_t end = instance.crn.size() - 3;
        numbers += instance.crn[end];
    }
    return numbers;
}

TEST(Instances, by_crn_name_region_plan_and_tag) {
    EXPECT_EQ(picked({}), "2134");
    EXPECT_EQ(picked({.instance = "auto"}), "2134");
    EXPECT_EQ(picked({.instance = crn_of("us-east", 3)}), "3");
    EXPECT_EQ(picked({.instance = "open"}), "24");
    EXPECT_EQ(picked({.region = "us-east"}), "13");
    EXPECT_EQ(picked({.plans = {"Flex", "open"}}), "32");
    EXPECT_EQ(picked({.tags = {"team"}}), "134");
    EXPECT_EQ(picked({.tags = {"team", "X"}}), "1");
    EXPECT_EQ(picked({.region = "eu-de", .tags = {"team"}}), "4");
}

TEST(Instances, none_left_says_which_there_are) {
    const Error by_crn = error_from([] { picked({.instance = crn_of("us-east", 9)}); });
    EXPECT_EQ(by_crn.kind(), ErrorKind::not_found);
    const Error by_name = error_from([] { picked({.instance = "opne"}); });
    EXPECT_NE(by_name.hint().find("open"), std::string::npos) << by_name.hint();
    EXPECT_EQ(error_from([] { picked({.plans = {"gold"}}); }).kind(), ErrorKind::not_found);
    EXPECT_EQ(error_from([] { pick_instances({}, {}); }).kind(), ErrorKind::not_found);
}

json item(const std::string& crn, const std::string& plan, bool has_devices = true) {
    return {{"crn", crn},
            {"name", "one"},
            {"service_plan_unique_id", plan},
            {"tags", json::array({"t"})},
            {"doc", has_devices ? json{{"extensions", {{"x", 1}}}} : json{{"extensions", json::object()}}}};
}

TEST(Instances, are_searched_page_by_page_with_their_plans) {
    ScriptedIbm ibm;
    ibm.account.instance.reset();
    const std::string search = kHost + "/v3/resources/search?limit=100";
    ibm.transport.expect(Method::post, search, [](const http::Request& request) {
        const json body = json::parse(request.body);
        EXPECT_EQ(body["query"], "service_name:quantum-computing");
        EXPECT_EQ(body["fields"], json({"crn", "service_plan_unique_id", "name", "doc", "tags"}));
        EXPECT_FALSE(body.contains("search_cursor"));
        EXPECT_EQ(request.headers.get("Authorization"), "Bearer token-of-a-test");
        return reply(
            200, to_text(json{
                     {"items", {item(crn_of("us-east", 1), "p 1"), item(crn_of("us-east", 2), "p2", false)}},
                     {"search_cursor", "next"}}));
    });
    ibm.transport.expect(Method::get, kHost + "/catalog/p%201",
                         reply(200, R"({"overview_ui":{"en":{"display_name":"Open"}},
                                        "metadata":{"pricing":{"type":"Free"}}})"));
    ibm.transport.expect(Method::post, search, [](const http::Request& request) {
        EXPECT_EQ(json::parse(request.body)["search_cursor"], "next");
        return reply(200, to_text(json{{"items", json::array({item(crn_of("eu-de", 3), "p3")})}}));
    });
    ibm.transport.expect(Method::get, kHost + "/catalog/p3", reply(403));
    const auto service = ibm.service();
    const auto found = service->instances();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].crn, crn_of("us-east", 1));
    EXPECT_EQ(found[0].plan, "open");
    EXPECT_EQ(found[0].pricing, "free");
    EXPECT_EQ(found[1].plan, "unknown");
    EXPECT_EQ(service->account(), crn_of("us-east", 1));
    EXPECT_EQ(service->instances().size(), 2u);  // Asked once.
}

TEST(Instances, a_job_is_looked_for_on_all) {
    ScriptedIbm ibm;
    ibm.account.instance.reset();
    ibm.transport.expect(
        Method::post, kHost + "/v3/resources/search?limit=100",
        reply(200, to_text(json{{"items", {item(crn_of("us-east", 1), ""), item(crn_of("eu-de", 2), "")}}})));
    const auto has = [&](const std::string& crn) {
        return [crn](const http::Request& request) {
            return request.headers.get("Service-CRN") == crn
                       ? reply(200, R"({"id":"j","backend":"line","state":{"status":"Queued"}})")
                       : reply(404, "{}");
        };
    };
    ibm.transport.always(Method::get, kBase + "/jobs/j?exclude_params=true", has(crn_of("eu-de", 2)));
    const auto service = ibm.service();
    EXPECT_EQ(service->status("j").state, RemoteState::queued);
    EXPECT_EQ(service->status("j").device, "line");
    EXPECT_EQ(ibm.sent_to("/jobs/j?exclude_params=true").size(), 3u);  // 404, found; then known.
}

TEST(Instances, a_crn_needs_no_search_for_its_jobs) {
    ScriptedIbm ibm;
    ibm.transport.expect(Method::get, kBase + "/jobs/j?exclude_params=true",
                         reply(200, R"({"id":"j","state":{"status":"Queued"}})"));
    const auto service = ibm.service();
    EXPECT_EQ(service->account(), kCrn);
    service->status("j");
    EXPECT_EQ(ibm.transport.expectations_left(), 0u);
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
