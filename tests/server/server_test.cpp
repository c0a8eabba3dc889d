#include "qdcnn/server/server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/base/files.h"
#include "server/client.h"
#include "support/certificates.h"

namespace qdcnn::server {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// A folder that is gone after the test.
class Folder {
  public:
    explicit Folder(const std::string& name) : path_(fs::temp_directory_path() / ("qdcnn_server_" + name)) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    std::string operator/(const std::string& name) const { return path_ / name; }
    std::string path() const { return path_; }

  private:
    fs::path path_;
};

json one_job() { return sampler_job({{kTwoRotations, {0.1, 0.2}, 10}}); }

TEST(Server, JobsOutliveIt) {
    const Folder folder("outlive");
    Settings settings = quick_settings();
    settings.state_folder = folder / "state";
    std::string done, text, waiting;
    {
        Server server(settings);
        Client client(server);
        done = client.submit(one_job());
        client.wait(done);
        text = client.get("/jobs/" + done + "/results").text;
    }
    settings.pace.queued = std::chrono::seconds(100);
    {
        Server server(settings);
        Client client(server);
        EXPECT_EQ(client.get("/jobs/" + done + "/results").text, text);
        waiting = client.submit(one_job());
        EXPECT_NE(waiting, done);
    }
    settings.pace.queued = std::chrono::milliseconds(0);
    Server server(settings);
    Client client(server);
    EXPECT_EQ(client.wait(waiting).at("state").at("status"), "Completed");
    EXPECT_EQ(server.stats().jobs, 2U);
    EXPECT_EQ(server.stats().submits, 2U);
    EXPECT_EQ(client.get("/jobs").json.at("count"), 2);
}

TEST(Server, OneAtATimeHasAFolder) {
    const Folder folder("alone");
    Settings settings = quick_settings();
    settings.state_folder = folder.path();
    Server server(settings);
    try {
        Server second(settings);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::storage);
        EXPECT_NE(std::string(error.what()).find("another server"), std::string::npos) << error.what();
    }
}

TEST(Server, APortIsTakenOnce) {
    Server server(quick_settings());
    Settings settings = quick_settings();
    settings.port = server.port();
    try {
        Server second(settings);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::network);
    }
}

TEST(Server, SpeaksTls) {
    const Folder folder("tls");
    const test::CertificateAuthority authority;
    const test::TlsIdentity identity = authority.issue();
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(folder / name) << text;
        return folder / name;
    };
    Settings settings = quick_settings();
    settings.tls_certificate = write("cert.pem", identity.certificate);
    EXPECT_THROW(Server{settings}, Error) << "no key";
    settings.tls_key = write("key.pem", identity.key);
    Server server(settings);
    EXPECT_TRUE(server.url().starts_with("https://"));
    Client client(server, "key", write("ca.pem", authority.certificate()));
    EXPECT_EQ(client.get("/backends").status, 200);
    server.add_fault({.kind = "submit", .action = FaultAction::reset});
    EXPECT_EQ(client.post("/jobs", one_job()).text, "reset");
    Client stranger(server);
    EXPECT_EQ(stranger.token("key").text, "tls");
}

TEST(Server, FaultsStrikeWhenTold) {
    Server server(quick_settings());
    Client client(server);
    const std::string bearer = "Bearer " + client.token("key").json.at("access_token").get<std::string>();
    client.set_bearer(bearer);
    const auto met = [&](Fault fault) {
        fault.kind = "devices";
        server.add_fault(fault);
        // On a connection that was used before, libcurl sends a read again by itself.
        Client fresh(server);
        fresh.set_bearer(bearer);
        const auto answer = fresh.get("/backends");
        EXPECT_EQ(client.get("/backends").status, 200) << "it strikes once";
        return answer;
    };
    const auto status = met({.action = FaultAction::status, .status = 503, .retry_after = 7});
    EXPECT_EQ(status.status, 503);
    EXPECT_EQ(status.headers.get("Retry-After"), "7");
    EXPECT_TRUE(status.json.contains("errors"));
    const auto html = met({.action = FaultAction::html, .status = 200});
    EXPECT_EQ(html.status, 200);
    EXPECT_TRUE(html.text.starts_with("<html>"));
    EXPECT_EQ(met({.action = FaultAction::empty, .status = 200}).text, "");
    EXPECT_EQ(met({.action = FaultAction::reset}).text, "reset");
    EXPECT_EQ(met({.action = FaultAction::close}).text, "reset");
    EXPECT_EQ(met({.action = FaultAction::truncated}).text, "truncated");
    const auto garbled = met({.action = FaultAction::garbled});
    EXPECT_EQ(garbled.status, 200);
    EXPECT_TRUE(garbled.json.is_discarded());
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(met({.action = FaultAction::delay, .delay = std::chrono::milliseconds(200)}).status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(200));

    server.add_fault({.kind = "devices", .skip = 1, .times = -1});
    EXPECT_EQ(client.get("/backends").status, 200);
    EXPECT_EQ(client.get("/backends").status, 500);
    EXPECT_EQ(client.get("/backends").status, 500);
    EXPECT_EQ(client.get("/instances/usage").status, 200) << "another kind";
    server.clear_faults();
    EXPECT_EQ(client.get("/backends").status, 200);
}

TEST(Server, AReplyIsLostBeforeOrAfterTheJobIsMade) {
    Server server(quick_settings());
    Client client(server);
    client.get("/backends");
    for (const FaultAction action :
         {FaultAction::reset, FaultAction::close, FaultAction::status, FaultAction::empty}) {
        const auto made = server.stats().jobs;
        server.add_fault({.kind = "submit", .action = action, .time = FaultTime::before});
        EXPECT_NE(client.post("/jobs", one_job()).status, 200);
        EXPECT_EQ(server.stats().jobs, made);
        server.add_fault({.kind = "submit", .action = action, .time = FaultTime::after});
        EXPECT_NE(client.post("/jobs", one_job()).status, 200);
        EXPECT_EQ(server.stats().jobs, made + 1);
    }
    EXPECT_EQ(server.stats().submits, 8U);
}

TEST(Server, TakesFaultsOverHttpWhereAllowed) {
    Settings settings = quick_settings();
    for (const bool is_allowed : {false, true}) {
        settings.takes_faults = is_allowed;
        Server server(settings);
        Client client(server);
        client.get("/backends");
        const std::string url = server.url() + "/rehearsal/faults";
        const auto set = client.send(http::Method::post, url, R"({"kind": "devices", "action": "status",
            "time": "after", "status": 502, "times": 2})",
                                     {});
        EXPECT_EQ(set.status, is_allowed ? 204 : 404);
        EXPECT_EQ(client.get("/backends").status, is_allowed ? 502 : 200);
        const auto bad =
            client.send(http::Method::post, url, R"({"kind": "devices", "action": "explode"})", {});
        EXPECT_EQ(bad.status, is_allowed ? 400 : 404);
        EXPECT_EQ(client.send(http::Method::del, url, "", {}).status, is_allowed ? 204 : 404);
        EXPECT_EQ(client.get("/backends").status, 200);
    }
}

TEST(Server, CountsByKindAndTellsIt) {
    Server server(quick_settings());
    Client client(server);
    client.get("/backends");
    client.get("/backends/ibm_torino/configuration");
    client.get("/backends/none/properties");
    client.submit(one_job());
    const auto told = client.send(http::Method::get, server.url() + "/rehearsal/stats", "", {}).json;
    EXPECT_EQ(told.at("schema"), "qdcnn.rehearsal/1");
    EXPECT_EQ(told.at("submits"), 1);
    EXPECT_EQ(told.at("jobs"), 1);
    const auto requests = server.stats().requests;
    EXPECT_EQ(requests,
              (std::map<std::string, std::uint64_t>{
                  {"token", 1}, {"devices", 1}, {"configuration", 1}, {"properties", 1}, {"submit", 1}}));
    EXPECT_EQ(told.at("requests").get<decltype(requests)>(), requests);
}

TEST(Server, RecordsWithoutSecrets) {
    const Folder folder("record");
    Settings settings = quick_settings();
    settings.record_folder = folder / "exchanges";
    settings.token = "canary-4711-key";
    std::string bearer;
    {
        Server server(settings);
        Client client(server, settings.token);
        bearer = client.token(settings.token).json.at("access_token");
        client.submit(one_job());
        client.set_bearer("apikey " + settings.token);
        client.get("/backends");
    }
    std::vector<std::string> files;
    for (const auto& file : fs::directory_iterator(settings.record_folder)) {
        files.push_back(file.path().filename());
        const std::string text = read_file(file.path());
        EXPECT_EQ(text.find(settings.token), std::string::npos) << text;
        EXPECT_EQ(text.find(bearer), std::string::npos) << text;
        EXPECT_TRUE(json::accept(text));
    }
    std::sort(files.begin(), files.end());
    EXPECT_EQ(files, (std::vector<std::string>{"00000-token.json", "00001-token.json", "00002-submit.json",
                                               "00003-devices.json"}));
    const json submit = json::parse(read_file(settings.record_folder + "/00002-submit.json"));
    EXPECT_EQ(submit.at("body"), one_job());
    EXPECT_EQ(submit.at("reply").at("status"), 200);
}

TEST(Server, EndsWhenIdle) {
    Settings settings = quick_settings();
    settings.idle_limit = std::chrono::milliseconds(300);
    settings.pace.running = std::chrono::milliseconds(600);
    Server server(settings);
    Client client(server);
    const auto start = std::chrono::steady_clock::now();
    client.submit(one_job());
    server.wait();
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(600)) << "a job is at work";
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_TRUE(server.is_idle());
}

TEST(Server, StopsAtOnceWithConnectionsOpen) {
    auto server = std::make_unique<Server>(quick_settings());
    Client client(*server);
    client.get("/backends");
    const auto start = std::chrono::steady_clock::now();
    server.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(Server, ManyAtOnceMakeAsManyJobs) {
    Server server(quick_settings());
    std::vector<std::thread> threads;
    for (int k = 0; k < 8; ++k)
        threads.emplace_back([&server] {
            Client client(server);
            for (int j = 0; j < 5; ++j) EXPECT_EQ(client.post("/jobs", one_job()).status, 200);
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(server.stats().jobs, 40U);
    Client client(server);
    const json listed = client.get("/jobs?exclude_params=true").json;
    std::set<std::string> ids;
    for (const auto& job : listed.at("jobs")) ids.insert(job.at("id"));
    EXPECT_EQ(ids.size(), 40U);
}

}  // namespace
}  // namespace qdcnn::server
