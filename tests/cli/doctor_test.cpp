// The command doctor, and the question that login asks before it keeps a token.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/files.h"
#include "support/simulated_service.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

/// The home folder and nothing else that says where things are.
class Doctor : public testing::Test {
  protected:
    Doctor() {
        for (const char* name : {"QISKIT_IBM_TOKEN", "QRMI_IBM_QCS_IAM_APIKEY", "QRMI_IBM_QRS_IAM_APIKEY",
                                 "XDG_CONFIG_HOME", "XDG_STATE_HOME", "QDCNN_STATE", "CURL_CA_BUNDLE",
                                 "SSL_CERT_FILE", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
            set(name, nullptr);
        set("HOME", folder_.file("home").c_str());
        make_folders(folder_.file("home"));
    }
    ~Doctor() override {
        for (const auto& [name, value] : before_) put(name.c_str(), value ? value->c_str() : nullptr);
    }
    void set(const char* name, const char* value) {
        const char* found = std::getenv(name);
        before_.emplace(name, found ? std::optional<std::string>(found) : std::nullopt);
        put(name, value);
    }

    /// The finding of that name and state, or null.
    static json finding(const CliAnswer& answer, const std::string& name, const std::string& state) {
        const json document = json::parse(answer.out);
        for (const json& one : document.at("checks"))
            if (one.at("name") == name && one.at("state") == state) return one;
        return nullptr;
    }
    CliAnswer doctor(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"doctor", "--json"});
        return run_cli(more, opener_);
    }

    TemporaryFolder folder_;
    std::shared_ptr<SimulatedService> service_ = std::make_shared<SimulatedService>();
    const run::ServiceOpener opener_ = [this](const std::string&) { return service_; };

  private:
    static void put(const char* name, const char* value) {
        if (value != nullptr)
            ::setenv(name, value, 1);
        else
            ::unsetenv(name);
    }
    std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(Doctor, ABareHomeIsInOrder) {
    const CliAnswer answer = doctor();
    EXPECT_EQ(answer.code, 0) << answer.out;
    EXPECT_EQ(json::parse(answer.out).at("schema"), "qdcnn.doctor/1");
    EXPECT_EQ(finding(answer, "ibm account", "ok").at("message"), "none");
    EXPECT_NE(run_cli({"doctor"}).out.find("ok       certificates: the system's"), std::string::npos);
}

TEST_F(Doctor, CertificatesAndProxiesThatCannotWork) {
    const std::string text = folder_.write("ca.pem", "no certificate");
    EXPECT_EQ(doctor({"--ca-file", text}).code, 1);
    EXPECT_FALSE(finding(doctor({"--ca-file", text}), "certificates", "wrong").is_null());
    EXPECT_FALSE(finding(doctor({"--ca-file", "/nowhere.pem"}), "certificates", "wrong").is_null());
    const std::string pem = folder_.write("good.pem", "-----BEGIN CERTIFICATE-----\n");
    EXPECT_EQ(doctor({"--ca-file", pem}).code, 0);
    set("HTTPS_PROXY", "http://user:canary-password@:99999999");
    const CliAnswer answer = doctor();
    EXPECT_FALSE(finding(answer, "proxy", "wrong").is_null()) << answer.out;
    EXPECT_EQ(answer.out.find("canary"), std::string::npos);
}

TEST_F(Doctor, AStateFolderThatOthersCanChange) {
    const std::string state = folder_.file("state");
    make_folders(state);
    ASSERT_EQ(::chmod(state.c_str(), 0777), 0);
    set("QDCNN_STATE", state.c_str());
    const CliAnswer answer = doctor();
    EXPECT_EQ(answer.code, 0);
    EXPECT_EQ(finding(answer, "state folder", "warning").at("hint"), "Run: chmod go-w " + state);
}

TEST_F(Doctor, AStoreThatOthersCanRead) {
    ASSERT_EQ(run_cli({"auth", "login", "ibm", "--offline", "--token-file",
                       folder_.write("token", "canary-0123456789-WXYZ")})
                  .code,
              0);
    EXPECT_EQ(doctor().code, 0);
    const std::string file = folder_.file("home/.config/qdcnn/accounts/ibm.json");
    ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
    const CliAnswer answer = doctor();
    EXPECT_EQ(answer.code, 1);
    const json wrong = finding(answer, "store for tokens", "wrong");
    ASSERT_FALSE(wrong.is_null()) << answer.out;
    EXPECT_NE(wrong.at("hint").get<std::string>().find("chmod 600 " + file), std::string::npos);
    EXPECT_EQ(answer.out.find("canary"), std::string::npos);
}

TEST_F(Doctor, AsksTheNetworkOnlyWhenTold) {
    service_->is_offline = true;
    EXPECT_EQ(doctor().code, 0);
    const CliAnswer answer = doctor({"--network"});
    EXPECT_EQ(answer.code, 1);
    EXPECT_FALSE(finding(answer, "rehearsal reached", "wrong").is_null());
    service_->is_offline = false;
    EXPECT_FALSE(finding(doctor({"--network"}), "rehearsal reached", "ok").is_null());
}

TEST_F(Doctor, LoginKeepsATokenOnlyWhenTheVendorTakesIt) {
    const std::string token = folder_.write("token", "canary-0123456789-WXYZ");
    const std::vector<std::string> login = {"auth", "login", "ibm", "--json", "--token-file", token};
    service_->is_offline = true;
    const CliAnswer refused = run_cli(login, opener_);
    EXPECT_EQ(refused.code, 5);
    EXPECT_NE(refused.err.find("--offline"), std::string::npos) << refused.err;
    EXPECT_EQ(run_cli({"auth", "status", "ibm"}).code, 4);
    service_->is_offline = false;
    const CliAnswer kept = run_cli(login, opener_);
    EXPECT_EQ(kept.code, 0) << kept.err;
    EXPECT_EQ(json::parse(kept.out).at("devices"), service_->devices().size());
    EXPECT_EQ(run_cli({"auth", "status", "ibm"}).code, 0);
}

TEST_F(Doctor, LoginAsksWithTheTokenThatWasGiven) {
    const std::string token = folder_.write("token", "canary-0123456789-WXYZ");
    set("QISKIT_IBM_TOKEN", "another-0123456789");
    // Nobody listens there: what fails is the network, and nothing is kept.
    set("IAM_URL", "http://127.0.0.1:1");
    const CliAnswer answer = run_cli({"auth", "login", "ibm", "--token-file", token});
    EXPECT_EQ(answer.code, 5) << answer.err;
    EXPECT_EQ((answer.out + answer.err).find("canary"), std::string::npos);
    EXPECT_FALSE(exists(folder_.file("home/.config/qdcnn/accounts/ibm.json")));
}

}  // namespace
}  // namespace qdcnn::test
