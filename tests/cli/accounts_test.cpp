// The commands auth and config, and the flags that belong to every command.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "qdcnn/base/files.h"
#include "run_cli.h"
#include "temporary_folder.h"

namespace qdcnn::test {
namespace {

using nlohmann::json;

/// A home folder of its own, and none of the variables that name accounts.
class accounts_commands : public ::testing::Test {
  protected:
    accounts_commands() {
        for (const char* name : {"QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE", "QISKIT_IBM_URL",
                                 "QISKIT_IBM_CHANNEL", "QRMI_IBM_QCS_IAM_APIKEY", "QRMI_IBM_QRS_IAM_APIKEY"})
            unsetenv(name);
        setenv("HOME", folder_.file("home").c_str(), 1);
        setenv("XDG_CONFIG_HOME", folder_.file("config").c_str(), 1);
    }
    ~accounts_commands() override {
        if (home_.empty())
            unsetenv("HOME");
        else
            setenv("HOME", home_.c_str(), 1);
        unsetenv("XDG_CONFIG_HOME");
    }

    /// Runs and looks for the token in all that was written.
    CliAnswer run(const std::vector<std::string>& arguments) const {
        const CliAnswer answer = run_cli(arguments);
        EXPECT_EQ((answer.out + answer.err).find(kToken), std::string::npos) << answer.out << answer.err;
        return answer;
    }
    CliAnswer login(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"auth", "login", "ibm", "--offline", "--token-file",
                                   folder_.write("token", kToken + "\n")});
        return run(more);
    }

    const std::string kToken = "canary-0123456789-WXYZ";
    const std::string home_ = std::getenv("HOME") ? std::getenv("HOME") : "";
    TemporaryFolder folder_;
};

TEST_F(accounts_commands, login_keeps_status_shows_and_logout_removes) {
    const CliAnswer none = run({"auth", "status", "ibm"});
    EXPECT_EQ(none.code, 4);
    EXPECT_NE(none.err.find("qdcnn auth login ibm"), std::string::npos) << none.err;
    const CliAnswer in = login({"--instance", "crn:1", "--plan", "open,flex", "--region", "eu-de"});
    EXPECT_EQ(in.code, 0) << in.err;
    struct stat status {};
    ASSERT_EQ(::stat(folder_.file("config/qdcnn/accounts/ibm.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    const json shown = json::parse(run({"auth", "status", "ibm", "--json"}).out);
    EXPECT_EQ(shown["schema"], "qdcnn.auth/1");
    EXPECT_EQ(shown["token"], "****WXYZ");
    EXPECT_EQ(shown["instance"], "crn:1");
    EXPECT_EQ(shown["plans"], (std::vector<std::string>{"open", "flex"}));
    EXPECT_EQ(shown["origin"], folder_.file("config/qdcnn/accounts/ibm.json"));
    EXPECT_NE(run({"auth", "status", "ibm"}).out.find("****WXYZ"), std::string::npos);
    EXPECT_EQ(json::parse(run({"auth", "logout", "ibm", "--json"}).out)["removed"], true);
    EXPECT_EQ(run({"auth", "status", "ibm"}).code, 4);
    EXPECT_EQ(json::parse(run({"auth", "logout", "ibm", "--json"}).out)["removed"], false);
}

TEST_F(accounts_commands, another_account_that_comes_first_is_said) {
    setenv("QISKIT_IBM_TOKEN", kToken.c_str(), 1);
    EXPECT_NE(login().err.find("QISKIT_IBM_TOKEN comes first"), std::string::npos);
    EXPECT_NE(run({"auth", "logout", "ibm"}).err.find("QISKIT_IBM_TOKEN is still there"), std::string::npos);
    unsetenv("QISKIT_IBM_TOKEN");
}

TEST_F(accounts_commands, a_token_is_no_argument_and_is_not_repeated) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"auth", "login", "ibm", kToken},
          {"auth", "login", "ibm", "--token=" + kToken},
          {"auth", "login", "ibm", "--token", kToken},
          {"auth", "login", kToken}})
        EXPECT_EQ(run(arguments).code, 2);
    EXPECT_EQ(run({"auth", "login"}).code, 2);
    EXPECT_NE(run({"auth", "lgoin", "ibm"}).err.find("login"), std::string::npos);
    EXPECT_EQ(run({"auth", "login", "ibm", "--token-file", folder_.file("none")}).code, 3);
    EXPECT_EQ(run({"auth", "login", "ibm", "--token-file", folder_.write("empty", " \n")}).code, 3);
    EXPECT_EQ(run({"auth", "login", "ibm", "--token-file", folder_.write("two", "ab " + kToken)}).code, 3);
    EXPECT_FALSE(exists(folder_.file("config/qdcnn/accounts/ibm.json")));
}

TEST_F(accounts_commands, a_backend_finds_the_account_or_says_that_there_is_none) {
    const std::vector<std::string> devices = {"device", "list", "--backend", "ibm"};
    const CliAnswer none = run(devices);
    EXPECT_EQ(none.code, 4) << none.err;
    EXPECT_NE(none.err.find("auth login ibm"), std::string::npos) << none.err;
    // The proxy is a port where nobody listens: the account is found and what fails is the network.
    ASSERT_EQ(login().code, 0);
    const CliAnswer tried = run({"device", "list", "--backend", "ibm", "--proxy", "http://127.0.0.1:1"});
    EXPECT_EQ(tried.code, 5) << tried.err;
}

TEST_F(accounts_commands, config_shows_values_and_where_they_come_from) {
    make_folders(folder_.file("config/qdcnn"));
    const std::string file =
        folder_.write("config/qdcnn/config.toml", "max_cost = 12.5\n[ibm]\nregion = \"eu-de\"\n");
    const json shown = json::parse(run({"config", "show", "--json", "--ca-file", "/c.pem"}).out);
    EXPECT_EQ(shown["schema"], "qdcnn.config/1");
    EXPECT_EQ(shown["user_file"], file);
    std::map<std::string, json> rows;
    for (const json& row : shown["settings"]) rows[row["name"]] = row;
    EXPECT_EQ(rows["max_cost"]["value"], 12.5);
    EXPECT_EQ(rows["ibm.region"]["origin"], file + ":3");
    EXPECT_EQ(rows["ca_file"]["origin"], "--ca-file");
    EXPECT_EQ(rows["ca_file"]["level"], "flag");
    EXPECT_TRUE(rows["proxy"]["value"].is_null());
    const std::string text = run({"config", "show", "--origin"}).out;
    EXPECT_NE(text.find(file + ":1"), std::string::npos) << text;
    EXPECT_EQ(run({"config", "show"}).out.find(file), std::string::npos);
    setenv("QDCNN_PROXY", ("http://ada:" + kToken + "@127.0.0.1:1").c_str(), 1);
    EXPECT_NE(run({"config", "show"}).out.find("127.0.0.1:1"), std::string::npos);
    EXPECT_NE(run({"config", "show", "--json"}).out.find("QDCNN_PROXY"), std::string::npos);
    unsetenv("QDCNN_PROXY");
    folder_.write("config/qdcnn/config.toml", "maxcost = 1\n");
    const CliAnswer wrong = run({"config", "show", "--json"});
    EXPECT_EQ(wrong.code, 3);
    EXPECT_EQ(json::parse(wrong.err)["position"]["line"], 1);
    EXPECT_NE(json::parse(wrong.err)["hint"].get<std::string>().find("max_cost"), std::string::npos);
}

TEST_F(accounts_commands, global_flags_are_taken_by_every_command) {
    const std::string circuit =
        folder_.write("c.qasm", "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[1] q;\nh q[0];\n");
    EXPECT_EQ(run({"simulate", circuit, "--log-level", "error", "--ca-file", "/none.pem"}).code, 0);
    EXPECT_EQ(run({"simulate", circuit, "--log-level", "loud"}).code, 2);
    EXPECT_NE(run({"simulate", "--help"}).out.find("--log-level"), std::string::npos);
    const std::string log = folder_.file("log");
    EXPECT_EQ(run({"check", circuit, "--log-level", "debug", "--log-file", log}).code, 0);
    EXPECT_TRUE(exists(log));
}

}  // namespace
}  // namespace qdcnn::test
