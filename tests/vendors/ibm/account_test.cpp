#include "qdcnn/vendors/ibm/account.h"

#include <gtest/gtest.h>

#include "accounts/expect_error.h"
#include "accounts/tree.h"
#include "qdcnn/accounts/secret_store.h"
#include "qdcnn/base/redact.h"
#include "vendors/ibm/saved_accounts.h"

namespace qdcnn::vendors::ibm {
namespace {

using accounts::error_of;
using accounts::Settings;

/// The token that is picked from entries of the form NAME CHANNEL [is default], whose tokens are "of NAME".
std::string entry(const std::string& name, const std::string& channel, const std::string& more = {}) {
    return "\"" + name + R"(":{"token":"of )" + name + R"(","channel":")" + channel + "\"" + more + "}";
}

constexpr const char* kPlatform = "ibm_quantum_platform";
constexpr const char* kDefault = R"(,"is_default_account":true)";

std::string picked(const std::string& entries, const AccountChoice& choice = {},
                   const std::optional<std::string>& channel = {}) {
    const auto account = pick_saved_account("{" + entries + "}", "qiskit-ibm.json", choice, channel);
    return account ? account->token : "none";
}

TEST(account, of_qiskits_file_is_the_one_that_qiskit_picks) {
    const std::string a = entry("a", kPlatform), b = entry("b", "ibm_cloud"), c = entry("c", kPlatform);
    const std::string platform = entry("default-ibm-quantum-platform", kPlatform);
    const std::string cloud = entry("default-ibm-cloud", "ibm_cloud");
    const std::string chosen = entry("z", "ibm_cloud", kDefault);
    const std::string both = ",";
    EXPECT_EQ(picked(""), "none");
    EXPECT_EQ(picked(a + both + b, {.name = "b"}), "of b");
    EXPECT_EQ(picked(a + both + chosen + both + platform), "of z") << "the default flag comes first";
    EXPECT_EQ(picked(a + both + chosen + both + platform, {.channel = kPlatform}),
              "of default-ibm-quantum-platform")
        << "the flag of another channel does not count";
    EXPECT_EQ(picked(a + both + b + both + c, {.channel = kPlatform}), "of c") << "the last of the channel";
    EXPECT_EQ(picked(a + both + b + both + c), "of c");
    EXPECT_EQ(picked(a + both + b, {}, "ibm_cloud"), "of b") << "QISKIT_IBM_CHANNEL";
    EXPECT_EQ(picked(platform + both + a), "of default-ibm-quantum-platform")
        << "its name before a later one";
    EXPECT_EQ(picked(cloud), "of default-ibm-cloud") << "either channel's default name at last";
    EXPECT_EQ(picked(b), "none") << "another channel's entry without a default name";
    EXPECT_EQ(picked(b, {.channel = "ibm_cloud"}), "of b");
    EXPECT_EQ(picked(a + both + entry("old", "ibm_quantum")), "of a") << "a legacy entry is passed over";
    const Error error = error_of([&] { picked(a, {.name = "aa"}); });
    EXPECT_EQ(error.kind(), ErrorKind::auth);
    EXPECT_NE(error.hint().find("a"), std::string::npos);
}

TEST(account, takes_every_key_of_an_entry) {
    const auto account = pick_saved_account(
        R"({"n":{"channel":"ibm_cloud","token":"of n","url":"https://test.cloud","instance":"crn:1","region":"eu-de",
            "plans_preference":["open","flex"],"tags":["t"],"private_endpoint":true,"verify":"/ca.pem",
            "proxies":{"urls":{"https":"http://ada:canary-p1@proxy:1"}}}})",
        "f.json", {.name = "n"});
    ASSERT_TRUE(account);
    EXPECT_EQ(account->channel, "ibm_cloud");
    EXPECT_EQ(account->url, "https://test.cloud");
    EXPECT_EQ(account->instance, "crn:1");
    EXPECT_EQ(account->region, "eu-de");
    EXPECT_EQ(account->plans, (std::vector<std::string>{"open", "flex"}));
    EXPECT_EQ(account->tags, std::vector<std::string>{"t"});
    EXPECT_TRUE(account->is_private_endpoint);
    EXPECT_EQ(account->ca_file, "/ca.pem");
    EXPECT_EQ(account->proxy, "http://ada:canary-p1@proxy:1");
    EXPECT_EQ(account->origin, "f.json, entry n");
    EXPECT_EQ(redactor().redact("canary-p1"), "[redacted]");
}

TEST(account, refuses_entries_without_showing_their_values) {
    const auto refused = [](const std::string& inside, ErrorKind kind, const std::string& part) {
        const Error error = error_of([&] {
            pick_saved_account(R"({"n":{"token":"canary-tok","channel":"ibm_cloud")" + inside + "}}",
                               "f.json", {.name = "n"});
        });
        EXPECT_EQ(error.kind(), kind) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        EXPECT_EQ((error.what() + error.hint()).find("canary"), std::string::npos) << error.what();
    };
    refused(R"(,"verify":false)", ErrorKind::unsupported, "verify is false");
    refused(R"(,"channel":"ibm_quantum")", ErrorKind::unsupported, "no more");
    refused(R"(,"channel":"local")", ErrorKind::unsupported, "local");
    refused(R"(,"channel":"canary-channel")", ErrorKind::invalid_input, "channel");
    refused(R"(,"token":["canary"])", ErrorKind::invalid_input, "token");
    refused(R"(,"token":"")", ErrorKind::auth, "empty");
    refused(R"(,"tags":"canary")", ErrorKind::invalid_input, "tags");
    refused(R"(,"private_endpoint":"canary")", ErrorKind::invalid_input, "private_endpoint");
    refused(R"(,"proxies":{"username_ntlm":"u","password_ntlm":"canary"})", ErrorKind::unsupported, "NTLM");
    for (const char* text : {"[\"canary\"]", "canary", "{\"n\":\"canary\"}", ""}) {
        const Error error = error_of([&] { pick_saved_account(text, "f.json", {.name = "n"}); });
        EXPECT_EQ(std::string(error.what()).find("canary"), std::string::npos) << error.what();
        EXPECT_EQ(error.position()->file, "f.json");
    }
}

class account_sources : public ::testing::Test {
  protected:
    std::optional<Account> find(const AccountChoice& choice = {},
                                const std::map<std::string, std::string>& flags = {}) const {
        const auto around = tree_.surroundings();
        return find_account(Settings::load(around, flags), around, choice);
    }
    void save(const std::string& entries) const {
        tree_.write("home/.qiskit/qiskit-ibm.json", "{" + entries + "}");
        tree_.set_mode("home/.qiskit/qiskit-ibm.json", 0600);
    }
    accounts::SecretStore store() const {
        return accounts::SecretStore(tree_.path("home/.config/qdcnn/accounts"));
    }
    accounts::Tree tree_;
};

TEST_F(account_sources, name_then_variables_then_qrmi_then_own_then_qiskits_file) {
    EXPECT_FALSE(find());
    const Error none = error_of([&] { require_account(Settings(), tree_.surroundings()); });
    EXPECT_EQ(none.kind(), ErrorKind::auth);
    EXPECT_NE(none.hint().find("qdcnn auth login ibm"), std::string::npos);
    save(entry("file", kPlatform));
    EXPECT_EQ(find()->token, "of file");
    store().write("ibm", {.secrets = {{"token", "of the store"}}, .facts = {{"region", {"us-east"}}}});
    EXPECT_EQ(find()->token, "of the store");
    EXPECT_EQ(find()->region, "us-east");
    tree_.variables["QRMI_IBM_QRS_IAM_APIKEY"] = "of qrs";
    EXPECT_EQ(find()->token, "of qrs");
    tree_.variables["QRMI_IBM_QCS_IAM_APIKEY"] = "of qcs";
    EXPECT_EQ(find()->token, "of qcs");
    tree_.variables["ibm_x_QRMI_IBM_QRS_IAM_APIKEY"] = "of device";
    EXPECT_EQ(find()->token, "of qcs") << "another device's";
    EXPECT_EQ(find({.device = "ibm_x"})->token, "of device");
    EXPECT_EQ(find({.device = "ibm_x"})->origin, "ibm_x_QRMI_IBM_QRS_IAM_APIKEY");
    tree_.variables["QISKIT_IBM_TOKEN"] = "of variable";
    tree_.variables["QISKIT_IBM_INSTANCE"] = "crn:v";
    EXPECT_EQ(find({.channel = "ibm_cloud"})->token, "of variable");
    EXPECT_EQ(find({.channel = "ibm_cloud"})->channel, "ibm_cloud");
    EXPECT_EQ(find()->instance, "crn:v");
    EXPECT_EQ(find({.name = "file"})->token, "of file");
    EXPECT_EQ(find({}, {{"account", "file"}})->token, "of file");
    EXPECT_EQ(error_of([&] { find({.name = "none"}); }).kind(), ErrorKind::auth);
}

TEST_F(account_sources, qrmis_endpoints_replace_those_of_the_cloud) {
    tree_.variables["d_QRMI_IBM_QCS_IAM_APIKEY"] = "of device";
    tree_.variables["d_QRMI_IBM_QCS_ENDPOINT"] = "http://localhost:8290/api/";
    tree_.variables["d_QRMI_IBM_QRS_IAM_ENDPOINT"] = "http://localhost:8291/";
    tree_.variables["QRMI_IBM_QCS_SERVICE_CRN"] = "crn:q";
    tree_.variables["GLOBAL_SEARCH_URL"] = "http://localhost:8292/";
    const auto account = find({.device = "d"});
    EXPECT_EQ(account->api_url, "http://localhost:8290/api/v1");
    EXPECT_EQ(account->iam_url, "http://localhost:8291");
    EXPECT_EQ(account->instance, "crn:q");
    EXPECT_EQ(account->search_url, "http://localhost:8292");
    EXPECT_EQ(account->catalog_url, std::nullopt);
}

TEST_F(account_sources, settings_replace_what_an_account_of_a_later_level_says) {
    tree_.write("home/.config/qdcnn/config.toml", "ibm.instance = \"of user\"\nibm.region = \"eu-de\"\n");
    store().write("ibm", {.secrets = {{"token", "t-of-store"}}, .facts = {{"instance", {"of store"}}}});
    EXPECT_EQ(find()->instance, "of user");
    EXPECT_EQ(find({}, {{"instance", "of flag"}})->instance, "of flag");
    tree_.variables["QISKIT_IBM_TOKEN"] = "of variable";
    tree_.variables["QISKIT_IBM_INSTANCE"] = "of variable";
    EXPECT_EQ(find()->instance, "of variable") << "the user's file does not change QISKIT_IBM_INSTANCE";
    EXPECT_EQ(find({}, {{"instance", "of flag"}})->instance, "of flag");
    EXPECT_EQ(find({}, {{"plan", "open, flex"}})->plans, (std::vector<std::string>{"open", "flex"}));
    tree_.variables["QISKIT_IBM_CHANNEL"] = "canary";
    EXPECT_EQ(error_of([&] { find(); }).kind(), ErrorKind::invalid_input);
}

TEST_F(account_sources, a_file_of_qiskits_that_others_can_read_is_used_with_a_warning) {
    save(entry("file", kPlatform));
    EXPECT_TRUE(find()->warnings.empty());
    tree_.set_mode("home/.qiskit/qiskit-ibm.json", 0644);
    ASSERT_EQ(find()->warnings.size(), 1u);
    EXPECT_NE(find()->warnings[0].find("0644"), std::string::npos);
}

TEST_F(account_sources, facts_of_the_store_are_known_or_refused_by_name) {
    const auto of = [](const std::map<std::string, std::vector<std::string>>& facts) {
        return account_of({.secrets = {{"token", "t-of-store"}}, .facts = facts}, "ibm.json");
    };
    EXPECT_EQ(of({{"plans", {"open"}}, {"channel", {"ibm_cloud"}}}).channel, "ibm_cloud");
    EXPECT_EQ(error_of([&] { of({{"regoin", {"x"}}}); }).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of([&] { of({{"region", {"x", "y"}}}); }).kind(), ErrorKind::invalid_input);
    EXPECT_EQ(error_of([] { account_of({}, "ibm.json"); }).kind(), ErrorKind::invalid_input);
}

TEST(account, goes_through_the_values_of_a_service_and_comes_back) {
    Account account;
    account.token = "t-of-values";
    EXPECT_EQ(values_of(account).size(), 3u);
    account.url = "https://u";
    account.channel = "ibm_cloud";
    account.instance = "crn:1";
    account.region = "eu-de";
    account.plans = {"open", "flex"};
    account.tags = {"t", "s"};
    account.is_private_endpoint = true;
    account.api_url = "https://a";
    account.iam_url = "https://i";
    account.search_url = "https://s";
    account.catalog_url = "https://c";
    const auto values = values_of(account);
    EXPECT_EQ(values.size(), 12u);
    EXPECT_EQ(values_of(account_of_values(values)), values);
    EXPECT_EQ(account_of_values(values).plans, account.plans);
    EXPECT_EQ(account_of_values(values).catalog_url, "https://c");
    EXPECT_EQ(error_of([] { account_of_values({{"token", ""}}); }).kind(), ErrorKind::auth);
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
