#include <gtest/gtest.h>

#include "qdcnn/base/error.h"
#include "server/client.h"

namespace qdcnn::server {
namespace {

TEST(Account, OpensToItsKeyOnly) {
    Settings settings = quick_settings();
    settings.token = "the-one-key";
    Server server(settings);
    Client stranger(server, "another-key");
    const auto refused = stranger.token("another-key");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.json.value("errorCode", ""), "BXNIM0415E");
    EXPECT_EQ(stranger.get("/backends").status, 401);

    Client owner(server, "the-one-key");
    EXPECT_EQ(owner.get("/backends").status, 200);
    owner.set_bearer("apikey the-one-key");
    EXPECT_EQ(owner.get("/backends").status, 200);
    owner.set_bearer("apikey another-key");
    EXPECT_EQ(owner.get("/backends").status, 401);
}

TEST(Account, ATokenIsSignedAndExpires) {
    Settings settings = quick_settings();
    settings.token_lifetime = std::chrono::seconds(-1);
    Server server(settings);
    Client client(server);
    const auto late = client.get("/backends");
    EXPECT_EQ(late.status, 401);
    EXPECT_EQ(late.json.at("errors").at(0).at("code"), 1200);

    Server other(quick_settings());
    Client friendly(other);
    const std::string token = friendly.token("any").json.at("access_token");
    EXPECT_EQ(friendly.get("/backends").status, 200);
    for (const std::string& bad : {token + "x", token.substr(0, token.size() - 2), std::string("a.b.c"),
                                   std::string("nothing"), std::string("..")}) {
        friendly.set_bearer("Bearer " + bad);
        EXPECT_EQ(friendly.get("/backends").status, 401) << bad;
    }
}

TEST(Account, TheInstanceIsOneOfTheAccounts) {
    Settings settings = quick_settings();
    settings.instances = {
        {.crn = "crn:one", .name = "first", .plan = "Pay Go", .pricing = "paygo", .tags = {"x"}},
        {.crn = "crn:two", .name = "second"}};
    Server server(settings);
    Client client(server);
    const std::string bearer = "Bearer " + client.token("k").json.at("access_token").get<std::string>();
    const auto found = client.send(http::Method::post, server.url() + "/v3/resources/search?limit=100", "{}",
                                   {{"Authorization", bearer}});
    ASSERT_EQ(found.json.at("items").size(), 2U);
    const auto& first = found.json.at("items").at(0);
    EXPECT_EQ(first.at("crn"), "crn:one");
    EXPECT_EQ(first.at("tags"), (std::vector<std::string>{"x"}));
    const std::string plan = first.at("service_plan_unique_id");
    const auto entry = client.send(http::Method::get, server.url() + "/catalog/" + plan, "", {});
    EXPECT_EQ(entry.json.at("overview_ui").at("en").at("display_name"), "Pay Go");
    EXPECT_EQ(entry.json.at("metadata").at("pricing").at("type"), "paygo");
    EXPECT_EQ(client.send(http::Method::get, server.url() + "/catalog/none", "", {}).status, 404);

    const std::string id = client.submit(sampler_job({{kTwoRotations, {0.1, 0.2}, 1}}));
    EXPECT_EQ(client.get("/jobs/" + id).status, 200);
    client.set_instance("crn:two");
    EXPECT_EQ(client.get("/jobs/" + id).status, 404);
    client.set_instance("crn:three");
    EXPECT_EQ(client.get("/jobs/" + id).status, 403);
}

TEST(Account, NothingIsServedBeyondThisMachine) {
    for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "example.org", ""}) {
        Settings settings = quick_settings();
        settings.address = address;
        try {
            Server server(settings);
            FAIL() << address;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input) << address;
        }
    }
}

}  // namespace
}  // namespace qdcnn::server
