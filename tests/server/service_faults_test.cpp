// Every call of IBM's service, through the real client and the real server, under every fault of the wire and
// every reply that came whole but says nothing: once, twice and always.
#include "server/service_faults.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "qdcnn/base/log.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/vendors/ibm/service.h"
#include "server/client.h"
#include "support/temporary_folder.h"

namespace qdcnn::server {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using vendors::Accepted;
using vendors::Refused;
using vendors::Unclear;
using vendors::ibm::RuntimeService;

const std::string kApiKey = "the-api-key-of-the-fault-matrix";
const std::string kApi = "/experimental/api/v1";
constexpr const char* kCircuit =
    "OPENQASM 3.0; include \"stdgates.inc\"; bit[1] c; qubit[2] q; sx q[0]; c[0] = measure q[0];";

/// What a call makes of the bodies that say nothing.
enum class Reads {
    document,  ///< it needs the service's own JSON
    object,    ///< any JSON object
    result,    ///< what may be a result goes to the disk as it came; nothing at all means that there is none
    nothing    ///< the status is the answer, or any text
};

struct KindOfCall {
    const char* name;
    http::Method method;
    http::Effect effect;
    Reads reads;
    /// Answers 404 and 409 without an error.
    std::vector<int> answers;
    std::function<void(RuntimeService&, const std::string& job, const std::string& session)> call;
};

std::vector<KindOfCall> kinds_of_call() {
    using enum http::Method;
    using enum http::Effect;
    using Text = const std::string&;
    const auto mode = vendors::ibm::SessionMode::batch;
    return {
        {"token", post, read, Reads::document, {}, [](auto& s, Text, Text) { s.usage(); }},
        {"instances", post, read, Reads::document, {}, [](auto& s, Text, Text) { s.instances(); }},
        {"devices", get, read, Reads::document, {}, [](auto& s, Text, Text) { s.devices(); }},
        {"device_status",
         get,
         read,
         Reads::document,
         {},
         [](auto& s, Text, Text) { s.device_status("pair"); }},
        {"target", get, read, Reads::document, {}, [](auto& s, Text, Text) { s.target("pair"); }},
        {"find", get, read, Reads::document, {}, [](auto& s, Text, Text) { s.find("no-such-key"); }},
        {"status", get, read, Reads::document, {}, [](auto& s, Text job, Text) { s.status(job); }},
        {"fetch", get, read, Reads::result, {}, [](auto& s, Text job, Text) { s.fetch(job); }},
        {"billed", get, read, Reads::object, {}, [](auto& s, Text job, Text) { s.billed(job); }},
        {"metrics", get, read, Reads::object, {}, [](auto& s, Text job, Text) { s.metrics(job); }},
        {"logs", get, read, Reads::nothing, {404}, [](auto& s, Text job, Text) { s.logs(job); }},
        {"usage", get, read, Reads::document, {}, [](auto& s, Text, Text) { s.usage(); }},
        {"cancel", post, idempotent, Reads::nothing, {409}, [](auto& s, Text job, Text) { s.cancel(job); }},
        {"delete", del, idempotent, Reads::nothing, {}, [](auto& s, Text job, Text) { s.delete_job(job); }},
        {"tags",
         put,
         idempotent,
         Reads::nothing,
         {},
         [](auto& s, Text job, Text) { s.set_tags(job, {"a"}); }},
        {"open_session",
         post,
         once,
         Reads::document,
         {},
         [mode](auto& s, Text, Text) { s.open_session("pair", mode); }},
        {"session", get, read, Reads::document, {}, [](auto& s, Text, Text session) { s.session(session); }},
        {"close_session",
         patch,
         idempotent,
         Reads::nothing,
         {404},
         [](auto& s, Text, Text session) { s.close_session(session); }},
        {"cancel_session",
         del,
         idempotent,
         Reads::nothing,
         {404},
         [](auto& s, Text, Text session) { s.cancel_session(session); }},
    };
}

/// Lets only those wait briefly that will wait in vain, so that a slow machine fails no test.
class ImpatientTransport final : public http::Transport {
  public:
    ImpatientTransport(http::Transport& transport, std::function<bool()> is_vain)
        : transport_(transport), is_vain_(std::move(is_vain)) {}

    std::vector<http::Outcome> send_all(std::span<const http::Request> requests) override {
        std::vector<http::Request> sent(requests.begin(), requests.end());
        for (http::Request& request : sent) request.time_limit = is_vain_() ? 30ms : 20'000ms;
        return transport_.send_all(sent);
    }
    int max_parallel() const override { return transport_.max_parallel(); }

  private:
    http::Transport& transport_;
    std::function<bool()> is_vain_;
};

class ServiceFaults : public testing::TestWithParam<ServiceFault> {
  protected:
    static void SetUpTestSuite() {
        folder_ = std::make_unique<test::TemporaryFolder>();
        open_log(LogLevel::debug, *folder_ / "log");
        std::ofstream(*folder_ / "pair.json") << R"({"schema": "qdcnn.target/1", "name": "pair",
            "num_qubits": 2, "mid_circuit_measurement": true, "native": [{"name": "rz", "virtual": true},
            {"name": "sx"}, {"name": "x"}, {"name": "cz"}], "edges": [[0, 1]]})";
        Settings settings = quick_settings();
        settings.devices = {*folder_ / "pair.json"};
        server_ = std::make_unique<Server>(settings);
        proxy_ = std::make_unique<test::FaultProxy>(server_->port());
        curl_ = http::make_curl_transport(http::TransportSettings{});
        client_ = std::make_unique<Client>(*server_, kApiKey);
        job_ = new_job();
        session_ = client_->post("/sessions", {{"mode", "batch"}, {"backend", "pair"}}).json.at("id");
    }
    static void TearDownTestSuite() {
        open_log(LogLevel::off);
        client_.reset();
        proxy_.reset();
        server_.reset();
        folder_.reset();
    }
    static std::string log_text() {
        std::ifstream log(*folder_ / "log");
        return {std::istreambuf_iterator<char>(log), {}};
    }

    static json job_body(const std::string& tag) {
        return {{"program_id", "sampler"},
                {"backend", "pair"},
                {"tags", {tag}},
                {"params", {{"pubs", {{kCircuit, nullptr, 1}}}, {"version", 2}}}};
    }
    static std::string new_job() {
        const std::string id = client_->submit(job_body("made"));
        client_->wait(id);
        return id;
    }

    /// A client of its own for every call, as every process has one.
    struct Rig {
        VirtualClock clock;
        ImpatientTransport transport;
        RuntimeService service;

        Rig()
            : transport(*curl_, [] { return is_stall_ && (times_ < 0 || proxy_->met() < times_); }),
              service({.token = kApiKey,
                       .url = proxy_->url() + kApi,
                       .instance = Instance().crn,
                       .iam_url = proxy_->url(),
                       .search_url = proxy_->url(),
                       .catalog_url = proxy_->url() + "/catalog"},
                      {.transport = transport, .clock = clock}) {}
    };

    static void set_fault(const ServiceFault& fault, const std::string& kind, int times) {
        const bool is_token = kind == "token";
        is_stall_ = false;
        proxy_->set(
            [is_token](const std::string& request) {
                return request.starts_with("POST /identity/token") == is_token;
            },
            fault.misdeed, times);
        times_ = times;
        is_stall_ = fault.is_stall;
    }
    static void clear_fault() {
        is_stall_ = false;
        proxy_->set({}, {}, 0);
    }

    static inline std::unique_ptr<test::TemporaryFolder> folder_;
    static inline std::unique_ptr<Server> server_;
    static inline std::unique_ptr<test::FaultProxy> proxy_;
    static inline std::unique_ptr<http::Transport> curl_;
    static inline std::unique_ptr<Client> client_;
    static inline std::string job_, session_;
    static inline bool is_stall_ = false;
    static inline int times_ = 0;
};

/// What is thrown; nothing where the call comes through.
std::optional<ErrorKind> expected_error(const ServiceFault& fault, const KindOfCall& kind, int times) {
    const std::string name = fault.name;
    const bool is_once = kind.effect == http::Effect::once;
    switch (fault.kind) {
        case FaultClass::passes:
            if (!is_once && times > 0) return std::nullopt;
            break;
        case FaultClass::token:
            if (std::string(kind.name) != "token" && times == 1) return std::nullopt;
            break;
        case FaultClass::redirected:
            if (kind.method == http::Method::get && times > 0) return std::nullopt;
            break;
        case FaultClass::stays:
            for (const int status : kind.answers)
                if (name.starts_with("status_" + std::to_string(status))) return std::nullopt;
            if (std::string(kind.name) == "token" && name == "status_400") return ErrorKind::auth;
            break;
        case FaultClass::nonsense:
            if (kind.reads == Reads::nothing) return std::nullopt;
            if (kind.reads == Reads::object && (name == "missing_id" || name == "number_for_id"))
                return std::nullopt;
            if (kind.reads == Reads::result && (name == "missing_id" || name == "number_for_id" ||
                                                name == "bad_utf8" || name == "empty_200"))
                return std::nullopt;
            break;
    }
    return fault.error;
}

void expect_no_secret(const std::string& text, const std::string& where) {
    EXPECT_EQ(text.find(kApiKey), std::string::npos) << where;
    EXPECT_EQ(text.find("eyJ"), std::string::npos) << where << ": an access token";
}

TEST_P(ServiceFaults, EveryCallComesThroughOrSaysWhatIsWrong) {
    const ServiceFault& fault = GetParam();
    for (const KindOfCall& kind : kinds_of_call())
        for (const int times : {1, 2, -1}) {
            const std::string where = std::string(kind.name) + ", times " + std::to_string(times);
            const std::string job = std::string(kind.name) == "delete" ? new_job() : job_;
            clear_fault();
            Rig rig;
            // Devices are listed of the instances that the account has.
            if (std::string(kind.name) == "devices") rig.service.instances();
            set_fault(fault, kind.name, times);
            const auto start = std::chrono::steady_clock::now();
            std::optional<ErrorKind> error;
            std::string words = "no error";
            try {
                kind.call(rig.service, job, session_);
            } catch (const Error& thrown) {
                error = thrown.kind();
                words = std::string(thrown.what()) + " " + thrown.hint();
            }
            EXPECT_LT(std::chrono::steady_clock::now() - start, 10s) << where;
            const auto expected = expected_error(fault, kind, times);
            EXPECT_EQ(error ? to_string(*error) : "none",
                      expected ? std::string(to_string(*expected)) : "none")
                << where << ": " << words;
            EXPECT_GT(proxy_->met(), 0) << where;
            if (kind.effect == http::Effect::once && fault.kind != FaultClass::token) {
                EXPECT_EQ(proxy_->met(), 1) << where << ": sent once";
            }
            expect_no_secret(words, where);
        }
    clear_fault();
    expect_no_secret(log_text(), "the log");
}

TEST_P(ServiceFaults, ASubmitIsSentOnceAndIsWhatTheServerSaysItIs) {
    const ServiceFault& fault = GetParam();
    for (const int times : {1, 2, -1}) {
        const std::string where = "times " + std::to_string(times);
        const std::string key = std::string(fault.name) + "." + std::to_string(times);
        Rig rig;
        rig.service.usage();
        const Stats before = server_->stats();
        set_fault(fault, "submit", times);
        const auto outcome = rig.service.submit(to_text(job_body(key)), key);
        const bool asks_again = fault.kind == FaultClass::token;
        EXPECT_EQ(proxy_->met(), asks_again && times != 1 ? 2 : 1) << where;
        clear_fault();
        if (asks_again && times == 1) {
            EXPECT_TRUE(std::holds_alternative<Accepted>(outcome)) << where;
        } else if (fault.is_refusal) {
            ASSERT_TRUE(std::holds_alternative<Refused>(outcome)) << where;
            EXPECT_STREQ(to_string(std::get<Refused>(outcome).error.kind()), to_string(fault.error)) << where;
        } else {
            ASSERT_TRUE(std::holds_alternative<Unclear>(outcome)) << where;
            const Error& error = std::get<Unclear>(outcome).error;
            EXPECT_EQ(error.kind(), ErrorKind::outcome_unknown) << where;
            expect_no_secret(std::string(error.what()) + error.hint(), where);
        }
        // What stalled was still on its way to the server when the client gave up.
        const std::uint64_t made = fault.is_acted_on || (asks_again && times == 1) ? 1 : 0;
        for (int k = 0; made > 0 && server_->stats().jobs == before.jobs && k < 500; ++k)
            std::this_thread::sleep_for(10ms);
        EXPECT_EQ(server_->stats().jobs - before.jobs, made) << where;
        // And so it is found, by its key, in what looks for it afterwards.
        EXPECT_EQ(rig.service.find(key).size(), made) << where;
    }
    expect_no_secret(log_text(), "the log");
}

INSTANTIATE_TEST_SUITE_P(Ibm, ServiceFaults, testing::ValuesIn(service_faults()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace qdcnn::server
