// Commands with IBM's own client and a server on this machine: whose account is used, what works without one,
// and sessions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "cli/console.h"
#include "cli/remote_options.h"
#include "cli/run_cli.h"
#include "cli/temporary_folder.h"
#include "qdcnn/base/files.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/run/remote_backend.h"
#include "qdcnn/server/server.h"
#include "support/certificates.h"
#include "support/raw_server.h"

namespace qdcnn::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const std::string kApi = "/experimental/api/v1";
const std::string kKey = "canary-0123456789-of-ibm";

/// A home of its own, a server that is IBM, and no variable that names an account but those a test sets.
class VendorCommands : public testing::Test {
  protected:
    VendorCommands() {
        for (const char* name :
             {"QISKIT_IBM_TOKEN", "QISKIT_IBM_URL", "QISKIT_IBM_INSTANCE", "QISKIT_IBM_CHANNEL"})
            set(name, std::nullopt);
        for (const char* prefix : {"", "ibm_torino_", "another_"})
            for (const char* service : {"QCS", "QRS"})
                for (const char* field : {"IAM_APIKEY", "IAM_ENDPOINT", "ENDPOINT", "SERVICE_CRN"})
                    set(std::string(prefix) + "QRMI_IBM_" + service + "_" + field, std::nullopt);
        set("HOME", folder_.file("home"));
        set("XDG_CONFIG_HOME", folder_.file("home/config"));
        set("QDCNN_STATE", folder_.file("state"));
        set("QDCNN_POLL_SHORTEST", "0.01");
        set("QDCNN_POLL_LONGEST", "0.05");
        start(server::Pace{0ms, 0ms});
        circuit_ = folder_.write("x.qasm",
                                 "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nbit[2] c;\nx q[0];\n"
                                 "c = measure q;\n");
        data_ =
            folder_.write("some.csv", "label,text\nfood,chef cooks meal\nit,programmer writes software\n");
    }
    ~VendorCommands() override {
        for (const auto& [name, value] : before_) put(name, value);
    }

    void set(const std::string& name, const std::optional<std::string>& value) {
        const char* found = std::getenv(name.c_str());
        before_.emplace(name, found ? std::optional<std::string>(found) : std::nullopt);
        put(name, value);
    }
    void start(server::Pace pace, const std::string& record_folder = {},
               const std::vector<server::Fault>& faults = {}) {
        server::Settings settings;
        settings.faults = faults;
        settings.devices = devices_;
        settings.record_folder = record_folder;
        settings.pace = pace;
        settings.token = kKey;
        settings.state_folder = folder_.file("server");
        server_.reset();
        server_ = std::make_unique<server::Server>(settings);
    }
    /// QRMI's variables, which begin so; of the latest server where there is none.
    void set_account(const std::string& prefix) {
        set(prefix + "IAM_APIKEY", kKey);
        if (server_) url_ = server_->url();
        set(prefix + "IAM_ENDPOINT", url_);
        set(prefix + "ENDPOINT", url_ + kApi);
        set(prefix + "SERVICE_CRN", server::Instance().crn);
        set("GLOBAL_SEARCH_URL", url_);
        set("GLOBAL_CATALOG_URL", url_ + "/catalog");
    }
    void take_away_account(const std::string& prefix) {
        for (const char* field : {"IAM_APIKEY", "IAM_ENDPOINT", "ENDPOINT", "SERVICE_CRN"})
            set(prefix + field, std::nullopt);
    }

    static CliAnswer run(const std::vector<std::string>& arguments) {
        const CliAnswer answer = run_cli(arguments);
        EXPECT_EQ((answer.out + answer.err).find(kKey), std::string::npos) << answer.out << answer.err;
        return answer;
    }
    static json answer(std::vector<std::string> arguments) {
        arguments.emplace_back("--json");
        const CliAnswer given = run(arguments);
        EXPECT_EQ(given.code, 0) << arguments[0] << ": " << given.err;
        return given.code == 0 ? json::parse(given.out) : json::object();
    }
    std::vector<std::string> submit(std::vector<std::string> more = {}) const {
        more.insert(more.begin(),
                    {"submit", circuit_, "--backend", "ibm:ibm_torino", "--shots", "20", "--yes"});
        return more;
    }
    std::vector<std::string> eval(const std::string& model, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"eval", "--model", model, "--data", data_, "--backend", "ibm:ibm_torino",
                                   "--shots", "20", "--yes", "--no-twin"});
        return more;
    }
    std::string train(const std::string& model) const {
        std::string path = folder_.file(model + ".json");
        EXPECT_EQ(run({"train", "--data", "builtin:food-it", "--epochs", "1", "--seed", "1", "--model", model,
                       "-o", path})
                      .code,
                  0);
        return path;
    }
    /// All that were opened, by what is kept beside the journal.
    std::set<std::string> sessions() const {
        std::set<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.file("state/jobs/work")))
            if (const std::string path = entry.path(); path.ends_with(".sessions.json")) {
                const json kept = json::parse(read_file(path));
                for (const json& id : kept.at("content").at("sessions")) all.insert(id.get<std::string>());
            }
        return all;
    }
    /// The session that each job of the journal went into.
    std::vector<std::string> sessions_of_jobs() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.file("state/jobs/contents")))
            all.push_back(json::parse(read_file(entry.path())).value("session_id", "none"));
        return all;
    }

    TemporaryFolder folder_;
    std::unique_ptr<server::Server> server_;
    std::string circuit_, data_, url_;
    std::vector<std::string> devices_{"ibm_torino"};

  private:
    static void put(const std::string& name, const std::optional<std::string>& value) {
        if (value)
            ::setenv(name.c_str(), value->c_str(), 1);
        else
            ::unsetenv(name.c_str());
    }
    std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(VendorCommands, QrmisVariablesOpenTheDeviceWhoseNameTheyBeginWith) {
    int jobs = 0;
    for (const std::string prefix :
         {"ibm_torino_QRMI_IBM_QCS_", "ibm_torino_QRMI_IBM_QRS_", "QRMI_IBM_QCS_", "QRMI_IBM_QRS_"}) {
        set_account(prefix);
        const std::string id = answer(submit({"--new"})).value("id", "");
        EXPECT_EQ(server_->stats().jobs, static_cast<std::uint64_t>(++jobs)) << prefix;
        EXPECT_EQ(answer({"job", "show", id})["vendor"], "ibm") << prefix;
        EXPECT_EQ(answer({"job", "reconcile"})["jobs"].size(), 1u) << prefix;
        EXPECT_EQ(answer({"job", "wait", id})["state"], "done") << prefix;
        EXPECT_EQ(answer({"job", "fetch", id})["id"], id) << prefix;
        EXPECT_EQ(answer({"device", "show", "ibm:ibm_torino"})["devices"][0]["qubits"], 133) << prefix;
        EXPECT_EQ(answer({"auth", "status", "ibm:ibm_torino"})["origin"], prefix + "IAM_APIKEY");
        take_away_account(prefix);
    }
    // Another device's are nobody's business.
    set_account("another_QRMI_IBM_QCS_");
    EXPECT_EQ(run(submit({"--new"})).code, 4);
    EXPECT_EQ(run({"auth", "status", "ibm:ibm_torino"}).code, 4);
    EXPECT_EQ(run({"auth", "logout", "ibm:ibm_torino"}).code, 2);
}

/// What is asked of the vendor without naming a device.
TEST_F(VendorCommands, QrmisVariablesCountWhereNoDeviceIsNamed) {
    const auto names = [](const json& devices) {
        std::set<std::string> all;
        for (const json& device : devices["devices"]) all.insert(device["name"].get<std::string>());
        return all;
    };
    const auto state_of = [](const std::string& check) {
        const json doctor = json::parse(run({"doctor", "--json", "--network"}).out);
        for (const json& one : doctor.at("checks"))
            if (one.at("name") == check) return one.at("state").get<std::string>();
        return std::string("not looked at");
    };
    devices_ = {"ibm_sherbrooke", "ibm_torino"};
    start(server::Pace{0ms, 0ms});
    const std::vector<std::string> list{"device", "list", "--backend", "ibm"};
    EXPECT_EQ(run(list).code, 4);
    EXPECT_EQ(state_of("ibm reached"), "not looked at");
    for (const std::string prefix :
         {"ibm_torino_QRMI_IBM_QCS_", "ibm_torino_QRMI_IBM_QRS_", "QRMI_IBM_QCS_", "QRMI_IBM_QRS_"}) {
        set_account(prefix);
        EXPECT_EQ(answer({"auth", "status", "ibm"})["origin"], prefix + "IAM_APIKEY");
        EXPECT_EQ(state_of("ibm account"), "ok") << prefix;
        EXPECT_EQ(state_of("ibm reached"), "ok") << prefix;
        // The variables of one device lead to that one.
        const bool is_of_device = prefix.starts_with("ibm_torino_");
        const std::set<std::string> found = names(answer(list));
        EXPECT_TRUE(found.contains("ibm_torino")) << prefix;
        EXPECT_EQ(found.size() == 1, is_of_device) << prefix;
        const json busy =
            answer({"submit", circuit_, "--backend", "ibm:least_busy", "--shots", "20", "--yes", "--new"});
        if (is_of_device) {
            EXPECT_EQ(busy["device"], "ibm_torino");
        }
        EXPECT_EQ(answer({"job", "wait", busy["id"]})["state"], "done") << prefix;
        // Another journal, to which the job is new.
        set("QDCNN_STATE", folder_.file("another"));
        EXPECT_EQ(answer({"job", "attach", busy["vendor_id"]})["vendor_id"], busy["vendor_id"]) << prefix;
        EXPECT_EQ(answer({"job", "attach", busy["vendor_id"], "--vendor", "ibm:ibm_torino"})["vendor_id"],
                  busy["vendor_id"]);
        EXPECT_EQ(answer({"job", "wait", busy["vendor_id"]})["state"], "done") << prefix;
        set("QDCNN_STATE", folder_.file("state"));
        take_away_account(prefix);
    }
    // Of several devices with one account, all; another's account is said.
    set_account("ibm_torino_QRMI_IBM_QCS_");
    set_account("another_QRMI_IBM_QRS_");
    EXPECT_EQ(names(answer(list)), std::set<std::string>{"ibm_torino"});
    EXPECT_TRUE(answer({"auth", "status", "ibm"})["warnings"].empty());
    set("another_QRMI_IBM_QRS_SERVICE_CRN", "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::");
    const json status = answer({"auth", "status", "ibm"});
    EXPECT_EQ(status["origin"], "another_QRMI_IBM_QRS_IAM_APIKEY");
    ASSERT_EQ(status["warnings"].size(), 1u);
    EXPECT_NE(status["warnings"][0].get<std::string>().find("ibm_torino"), std::string::npos);
}

TEST_F(VendorCommands, WhatIsDoneNeedsNeitherNetworkNorAccount) {
    const std::string account = "QRMI_IBM_QCS_";
    set_account(account);
    const std::string model = train("coherent");
    const std::vector<std::string> predict{"predict", "--model", model,   "--backend",      "ibm:least_busy",
                                           "--shots", "20",      "--yes", "chef cooks meal"};
    const std::string id = answer(submit())["id"];
    EXPECT_EQ(answer({"job", "wait", id})["state"], "done");
    const json counts = answer({"job", "fetch", id})["results"];
    EXPECT_GT(counts[0]["rows"][0]["counts"].value("01", 0), 15);
    const json evaluated = answer(eval(model, {"--seed", "3"}));
    const json predicted = answer(predict);
    const std::string waiting = answer(submit({"--new"}))["id"];

    // No network, then no account either.
    server_.reset();
    for (int k = 0; k < 2; ++k) {
        if (k == 1) take_away_account(account);
        EXPECT_EQ(answer({"job", "fetch", id})["results"], counts);
        EXPECT_EQ(answer({"job", "wait", id})["state"], "done");
        EXPECT_EQ(answer({"job", "show", id})["state"], "done");
        EXPECT_EQ(answer({"job", "cancel", id})["state"], "done");
        const json again = answer(eval(model, {"--seed", "3"}));
        EXPECT_EQ(again["predictions"], evaluated["predictions"]);
        EXPECT_EQ(again["jobs"], evaluated["jobs"]);
        EXPECT_EQ(answer(predict)["predictions"], predicted["predictions"]);
    }
    // Another account changes nothing: the work is the same by its hash. It is asked where the work is new.
    set_account(account);
    set(account + "IAM_APIKEY", "another-key-0123456789");
    set(account + "SERVICE_CRN", "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::");
    EXPECT_EQ(answer(eval(model, {"--seed", "3"}))["predictions"], evaluated["predictions"]);
    EXPECT_EQ(answer({"job", "fetch", id})["results"], counts);
    EXPECT_EQ(run(eval(model, {"--seed", "3", "--new"})).code, 5);
    take_away_account(account);
    // With the twin beside it too: that is a simulation here.
    std::vector<std::string> with_twin = eval(model, {"--seed", "3"});
    std::erase(with_twin, "--no-twin");
    EXPECT_EQ(answer(with_twin)["predictions"], evaluated["predictions"]);
    // What is not done cannot be had, and is left as it is.
    EXPECT_EQ(run({"job", "fetch", waiting}).code, 4);
    EXPECT_EQ(run({"job", "wait", waiting}).code, 4);
    EXPECT_EQ(answer({"job", "show", waiting})["state"], "accepted");
    // Nor is other work, or the same once more.
    EXPECT_EQ(run(eval(model, {"--seed", "4"})).code, 4);
    EXPECT_EQ(run(eval(model, {"--seed", "3", "--new"})).code, 4);
}

/// What an account says of the way to its service counts for everything that goes there.
TEST_F(VendorCommands, TheAccountsOwnCertificatesAndProxyCountOnEveryPath) {
    const CertificateAuthority authority;
    const TlsIdentity identity = authority.issue();
    server::Settings settings;
    settings.pace = {0ms, 0ms};
    settings.token = kKey;
    settings.tls_certificate = folder_.write("server.pem", identity.certificate);
    settings.tls_key = folder_.write("server.key", identity.key);
    server::Server secure(settings);
    const std::string ca_file = folder_.write("ca.pem", authority.certificate());
    set("IAM_URL", secure.url());
    set("GLOBAL_SEARCH_URL", secure.url());
    set("GLOBAL_CATALOG_URL", secure.url() + "/catalog");
    const auto save = [&](const json& more) {
        json account{{"channel", "ibm_quantum_platform"},
                     {"token", kKey},
                     {"url", secure.url() + kApi},
                     {"instance", server::Instance().crn}};
        account.update(more);
        make_folders(folder_.file("home/.qiskit"));
        folder_.write("home/.qiskit/qiskit-ibm.json", json{{"mine", account}}.dump());
    };
    const auto expect_on_every_path = [&](int code) {
        for (const std::vector<std::string>& path :
             {std::vector<std::string>{"device", "list", "--backend", "ibm"},
              {"device", "show", "ibm:ibm_torino"},
              {"estimate", circuit_, "--backend", "ibm:ibm_torino", "--shots", "9"},
              submit({"--new"}),
              {"job", "attach", "nothing"}}) {
            const CliAnswer given = run(path);
            EXPECT_EQ(given.code, path[0] == "job" && code == 0 ? 3 : code) << path[0] << ": " << given.err;
        }
        const json doctor = json::parse(run({"doctor", "--json", "--network"}).out);
        for (const json& check : doctor.at("checks")) {
            if (check.at("name") != "ibm reached") continue;
            EXPECT_EQ(check.at("state"), code == 0 ? "ok" : "wrong") << check;
        }
    };
    set("QDCNN_IBM_ACCOUNT", "mine");
    save(json::object());
    expect_on_every_path(5);
    save({{"verify", ca_file}});
    expect_on_every_path(0);
    EXPECT_EQ(answer({"auth", "status", "ibm"})["ca_file"], ca_file);
    // A proxy that is nobody to be trusted, and is asked each time.
    RawServer proxy([](Connection& connection, int) {
        connection.read_request();
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        connection.start_tls(self_signed_identity());
    });
    for (const char* name : {"IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"})
        set(name, "https://ibm.test");
    save({{"verify", ca_file},
          {"url", "https://ibm.test" + kApi},
          {"proxies", {{"urls", {{"https", proxy.url("")}}}}}});
    expect_on_every_path(5);
    EXPECT_GE(proxy.connections(), 6);
    EXPECT_EQ(answer({"auth", "status", "ibm"})["has_own_proxy"], true);
    // What login was given is kept with the token.
    for (const char* name : {"IAM_URL", "GLOBAL_SEARCH_URL"}) set(name, secure.url());
    set("GLOBAL_CATALOG_URL", secure.url() + "/catalog");
    set("QDCNN_IBM_ACCOUNT", std::nullopt);
    std::filesystem::remove(folder_.file("home/.qiskit/qiskit-ibm.json"));
    const std::vector<std::string> login{"auth",
                                         "login",
                                         "ibm",
                                         "--url",
                                         secure.url() + kApi,
                                         "--token-file",
                                         folder_.write("token", kKey + "\n"),
                                         "--instance",
                                         server::Instance().crn};
    EXPECT_EQ(run(login).code, 5);
    std::vector<std::string> with_file = login;
    with_file.insert(with_file.end(), {"--ca-file", ca_file});
    EXPECT_EQ(run(with_file).code, 0);
    expect_on_every_path(0);
    with_file.insert(with_file.end(), {"--offline", "--proxy", proxy.url("")});
    EXPECT_EQ(run(with_file).code, 0);
    set("QDCNN_IBM_URL", "https://ibm.test" + kApi);
    for (const char* name : {"IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"})
        set(name, "https://ibm.test");
    expect_on_every_path(5);
    EXPECT_GE(proxy.connections(), 12);
}

/// The bodies of requests that the server has received as `kind`, with all that came with them, in order.
std::vector<json> received(const std::string& folder, const std::string& kind) {
    std::map<std::string, json> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (const std::string path = entry.path(); path.ends_with("-" + kind + ".json"))
            found[path] = json::parse(read_file(path));
    std::vector<json> all;
    for (auto& [path, exchange] : found) all.push_back(std::move(exchange));
    return all;
}

/// Names in lower case, as the server writes them down; without those that it makes up itself.
json lower_case(const json& headers) {
    json out = json::object();
    for (const auto& [name, value] : headers.items()) {
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        const bool is_servers = lower.starts_with("remote_") || lower.starts_with("local_");
        if (!is_servers) out[lower] = value;
    }
    return out;
}

TEST_F(VendorCommands, ADryRunShowsWhatIsThenSentAndSendsNothing) {
    const std::string record = folder_.file("record");
    start(server::Pace{0ms, 0ms}, record);
    set_account("QRMI_IBM_QCS_");
    std::vector<std::string> arguments{"submit",  circuit_, "--backend", "ibm:ibm_torino",
                                       "--shots", "20",     "--yes",     "--max-execution-seconds",
                                       "60"};
    std::vector<std::string> dry = arguments;
    dry.emplace_back("--dry-run");
    const json plan = answer(dry);
    const CliAnswer text = run(dry);
    EXPECT_EQ(server_->stats().jobs, 0u);
    EXPECT_TRUE(received(record, "submit").empty());
    answer(arguments);
    const std::vector<json> sent = received(record, "submit");
    ASSERT_EQ(plan["jobs"], sent.size());
    ASSERT_EQ(plan["requests"].size(), sent.size());
    ASSERT_EQ(plan["http_requests"].size(), sent.size());
    for (std::size_t k = 0; k < sent.size(); ++k) {
        const json& shown = plan["http_requests"][k];
        EXPECT_EQ(shown["method"], sent[k]["method"]);
        EXPECT_EQ(shown["url"], server_->url() + sent[k]["path"].get<std::string>());
        EXPECT_EQ(shown["headers"]["Authorization"], "Bearer ***");
        json headers = lower_case(shown["headers"]);
        // The server does not write the token down.
        headers["authorization"] = sent[k]["headers"]["authorization"];
        EXPECT_EQ(headers, lower_case(sent[k]["headers"]));
        json body = plan["requests"][k];
        EXPECT_EQ(body["tags"], json{shown["tag"]});
        EXPECT_EQ(body["cost"], 60);
        body["tags"] = sent[k]["body"]["tags"];
        EXPECT_EQ(body, sent[k]["body"]);
        for (const std::string& line : std::vector<std::string>{
                 "POST " + server_->url() + kApi + "/jobs\n", "Authorization: Bearer ***\n",
                 "Service-CRN: " + server::Instance().crn + "\n", "IBM-API-Version: 2026-04-15\n",
                 "tag " + shown["tag"].get<std::string>() + ": ", "\n" + plan["requests"][k].dump() + "\n"})
            EXPECT_NE(text.out.find(line), std::string::npos) << line << " is not in\n" << text.out;
    }
}

TEST_F(VendorCommands, AllJobsOfARunGoIntoOneSessionThatIsClosedAfterwards) {
    set_account("QRMI_IBM_QCS_");
    const std::string model = train("staged");
    const json first = answer(eval(model, {"--mode", "batch"}));
    const std::size_t rounds = first["rounds"];
    EXPECT_GT(rounds, 1u);
    EXPECT_EQ(sessions(), std::set<std::string>{first["session"]});
    EXPECT_EQ(sessions_of_jobs(), std::vector<std::string>(rounds, first["session"]));
    // Closed: it takes no other job.
    const CliAnswer refused = run(submit({"--session", first["session"]}));
    EXPECT_EQ(refused.code, 6) << refused.err;
    EXPECT_NE(refused.err.find("closed"), std::string::npos) << refused.err;
    // And the same again opens none.
    EXPECT_EQ(answer(eval(model, {"--mode", "batch"}))["predictions"], first["predictions"]);
    EXPECT_EQ(sessions().size(), 1u);
    EXPECT_EQ(server_->stats().jobs, rounds);
}

TEST_F(VendorCommands, AfterASessionThatExpiredTheNextJobGetsAnother) {
    // Each job outlives the second that a session has.
    start(server::Pace{700ms, 700ms});
    set_account("QRMI_IBM_QCS_");
    const json first = answer(eval(train("staged"), {"--mode", "session", "--session-seconds", "1"}));
    const std::size_t rounds = first["rounds"];
    EXPECT_EQ(first["jobs"].size(), rounds);
    EXPECT_EQ(server_->stats().jobs, rounds);
    EXPECT_EQ(sessions().size(), rounds);
    const auto used = sessions_of_jobs();
    EXPECT_EQ(std::set<std::string>(used.begin(), used.end()), sessions());
}

TEST_F(VendorCommands, WhatWasSentInAnEarlierSessionIsFoundAgain) {
    start(server::Pace{60s, 0ms});
    set_account("QRMI_IBM_QCS_");
    const std::string model = train("staged");
    EXPECT_EQ(run(eval(model, {"--mode", "session", "--session-seconds", "1", "--timeout", "0.1"})).code, 8);
    EXPECT_EQ(sessions().size(), 1u);
    // The session ends meanwhile; the job that it has goes on.
    std::this_thread::sleep_for(1100ms);
    start(server::Pace{0ms, 0ms});
    set_account("QRMI_IBM_QCS_");
    const json done = answer(eval(model, {"--mode", "session"}));
    EXPECT_EQ(server_->stats().jobs, done["rounds"].get<std::uint64_t>());
    EXPECT_EQ(sessions().size(), 2u);
}

TEST_F(VendorCommands, AnInterruptLeavesASessionOpenInWhichAJobRuns) {
    start(server::Pace{60s, 0ms});
    set_account("QRMI_IBM_QCS_");
    const std::string model = train("staged");
    std::jthread ctrl_c([&] {
        while (server_->stats().requests["job"] < 2) std::this_thread::sleep_for(5ms);
        interrupt().set(2);
    });
    const CliAnswer stopped = run(eval(model, {"--mode", "session"}));
    ctrl_c.join();
    interrupt().clear();
    EXPECT_EQ(stopped.code, 130) << stopped.err;
    ASSERT_EQ(sessions().size(), 1u);
    EXPECT_NE(stopped.err.find("session " + *sessions().begin() + " stays open, for its jobs go on"),
              std::string::npos)
        << stopped.err;
    EXPECT_EQ(server_->stats().requests["session_close"], 0u);
    // The same command takes up both, and closes the session in the end.
    start(server::Pace{0ms, 0ms});
    set_account("QRMI_IBM_QCS_");
    const json done = answer(eval(model, {"--mode", "session"}));
    EXPECT_EQ(server_->stats().jobs, done["rounds"].get<std::uint64_t>());
    EXPECT_EQ(sessions(), std::set<std::string>{done["session"]});
    EXPECT_EQ(server_->stats().requests["session_close"], 1u);
}

TEST_F(VendorCommands, ASessionThatEndsBetweenQuestionAndSubmitCostsNothing) {
    // When the submit arrives, the second that the session has is over.
    server::Fault late{.kind = "submit", .action = server::FaultAction::delay, .delay = 1300ms};
    start(server::Pace{0ms, 0ms}, {}, {late});
    set_account("QRMI_IBM_QCS_");
    const std::vector<std::string> arguments = submit({"--mode", "session", "--session-seconds", "1"});
    const json job = answer(arguments);
    EXPECT_EQ(job["state"], "accepted");
    EXPECT_EQ(server_->stats().submits, 2u);
    EXPECT_EQ(server_->stats().jobs, 1u);
    EXPECT_EQ(sessions().size(), 2u);
    std::multiset<std::string> states;
    const json list = answer({"job", "list"});
    for (const json& one : list["jobs"]) states.insert(one["state"].get<std::string>());
    EXPECT_EQ(states, (std::multiset<std::string>{"accepted", "cancelled"}));
    EXPECT_EQ(answer({"job", "wait", job["id"]})["state"], "done");
    EXPECT_EQ(answer(arguments)["id"], job["id"]);
    EXPECT_EQ(server_->stats().jobs, 1u);
    // Another refusal is not taken for that.
    server::Fault refusal{.kind = "submit", .action = server::FaultAction::status, .status = 409};
    start(server::Pace{0ms, 0ms}, {}, {refusal});
    set_account("QRMI_IBM_QCS_");
    const std::size_t before = sessions().size();
    EXPECT_EQ(run(submit({"--mode", "batch"})).code, 6);
    EXPECT_EQ(server_->stats().jobs, 1u);
    EXPECT_EQ(sessions().size(), before + 1);
}

/// A device in a session with one job, as a command has it that is stopped.
class LeftSession : public VendorCommands {
  protected:
    void send(server::Pace pace, const std::vector<server::Fault>& faults) {
        start(pace, {}, faults);
        set_account("QRMI_IBM_QCS_");
        run::RemoteOptions options;
        options.place.journal_folder = folder_.file("state/jobs");
        options.mode = vendors::SessionMode::dedicated;
        device_ = std::make_shared<run::RemoteDevice>("ibm:ibm_torino", options);
        auto circuit = std::make_shared<circuit::Circuit>(1);
        circuit->x(0).measure_all();
        job_ = run::make_remote_backend(device_)->run(std::vector<backend::SamplerPub>{{circuit}},
                                                      {.shots = 10});
    }
    /// What is said; `seconds`: how long it took.
    std::string leave(ErrorKind kind, double& seconds) {
        std::ostringstream out, err;
        cli::Console console{.out = out, .err = err};
        const auto begin = std::chrono::steady_clock::now();
        interrupt().set(2);
        cli::leave_session(*device_, Error(kind, "stopped"), console);
        EXPECT_EQ(interrupt().signal_number(), 2);
        interrupt().clear();
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return err.str();
    }

    std::shared_ptr<run::RemoteDevice> device_;
    std::unique_ptr<backend::Job<backend::SamplerResult>> job_;
    double seconds_ = 0;
};

TEST_F(LeftSession, IsClosedAfterAnInterruptWhereNothingRuns) {
    send({0ms, 0ms}, {});
    job_->result();
    const std::string session = device_->session().value();
    EXPECT_EQ(leave(ErrorKind::cancelled, seconds_), "");
    EXPECT_FALSE(device_->service().takes_jobs(session));
    EXPECT_LT(seconds_, 4.0);
}

TEST_F(LeftSession, HoldsAnInterruptUpForAMomentOnly) {
    send({0ms, 0ms}, {{.kind = "session_close", .action = server::FaultAction::delay, .delay = 30s}});
    job_->result();
    EXPECT_NE(leave(ErrorKind::cancelled, seconds_).find("was not closed"), std::string::npos);
    EXPECT_GT(seconds_, 4.0);
    EXPECT_LT(seconds_, 10.0);
}

TEST_F(LeftSession, StaysOpenWhereAJobRunsOrMay) {
    send({60s, 0ms}, {});
    const std::string session = device_->session().value();
    EXPECT_NE(leave(ErrorKind::cancelled, seconds_).find("stays open"), std::string::npos);
    EXPECT_NE(leave(ErrorKind::timeout, seconds_).find("stays open"), std::string::npos);
    EXPECT_TRUE(device_->service().takes_jobs(session));
    job_->cancel();
    // It is not known of another whether it was taken.
    EXPECT_NE(leave(ErrorKind::outcome_unknown, seconds_).find("stays open"), std::string::npos);
    EXPECT_EQ(leave(ErrorKind::network, seconds_), "");
    EXPECT_FALSE(device_->service().takes_jobs(session));
}

TEST_F(VendorCommands, ModesThatAreNoneOrContradictAreRefused) {
    EXPECT_EQ(run(submit({"--mode", "bacth"})).code, 2);
    EXPECT_NE(run(submit({"--mode", "bacth"})).err.find("batch"), std::string::npos);
    EXPECT_EQ(run(submit({"--mode", "batch", "--session", "x"})).code, 2);
    EXPECT_EQ(run(submit({"--session-seconds", "9"})).code, 2);
    // What is only shown opens no session.
    set_account("QRMI_IBM_QCS_");
    answer(submit({"--mode", "session", "--dry-run"}));
    EXPECT_TRUE(sessions().empty());
    const std::string id = answer(submit({"--mode", "session"}))["id"];
    EXPECT_EQ(sessions().size(), 1u);
    EXPECT_EQ(answer(submit({"--mode", "session"}))["id"], id);
    EXPECT_EQ(sessions().size(), 1u);
}

}  // namespace
}  // namespace qdcnn::test
