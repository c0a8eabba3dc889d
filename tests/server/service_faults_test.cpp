// Every call of IBM's service, through the real client and the real server, under every fault on the way
// there, of the wire, and every reply that came whole but says nothing: once, twice and always.
#include "server/service_faults.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "qdcnn/base/log.h"
#include "qdcnn/base/virtual_clock.h"
#include "qdcnn/run/job_desk.h"
#include "qdcnn/vendors/ibm/service.h"
#include "server/client.h"
#include "support/temporary_folder.h"
#include "vendors/ibm/client.h"

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

KindOfCall status_call() {
    for (KindOfCall& kind : kinds_of_call())
        if (std::string(kind.name) == "status") return kind;
    throw std::logic_error("no call is named status");
}

/// The origins that Detour leads to, and the authority that is trusted.
class Detours {
  public:
    explicit Detours(int server_port) {
        const auto add = [&](Detour detour, const test::TlsIdentity& identity) {
            proxies_.push_back(std::make_unique<test::FaultProxy>(server_port, identity));
            origin(detour) = proxies_.back()->url();
        };
        add(Detour::wrong_name, authority_.issue({.names = "DNS:other.test"}));
        add(Detour::expired, authority_.issue({.valid_from = -7200, .valid_until = -3600}));
        add(Detour::self_signed, test::self_signed_identity());
        add(Detour::unknown_authority, test::CertificateAuthority().issue());
        // No name has a part of more than 63 letters, so that no server of names is asked, which may be slow.
        origin(Detour::unknown_host) = "https://" + std::string(64, 'a') + ".invalid";
        origin(Detour::closed_port) = "https://127.0.0.1:" + std::to_string(test::closed_port());
        origin(Detour::cut_in_handshake) = "https" + cutter_.url("").substr(std::string("http").size());
    }

    std::string ca_certificate() const { return authority_.certificate(); }
    const std::string& operator[](Detour detour) const { return origins_[static_cast<std::size_t>(detour)]; }

  private:
    std::string& origin(Detour detour) { return origins_[static_cast<std::size_t>(detour)]; }

    test::CertificateAuthority authority_;
    std::vector<std::unique_ptr<test::FaultProxy>> proxies_;
    test::RawServer cutter_{[](test::Connection&, int) {}};
    std::array<std::string, kDetourCount> origins_;
};

/// What is in force, as the transport of a test sees it.
struct Plan {
    bool is_stall = false;
    /// Nothing: requests go where they are meant to.
    std::string detour{};
    /// Of the token, or of all the rest.
    bool is_of_token = false;
    /// Negative: always.
    int times = 0;
    int detoured = 0;
};

/// Sends the requests that meet a detour there. Of the others, lets only those wait briefly that will wait in
/// vain, so that a slow machine fails no test.
class PlannedTransport final : public http::Transport {
  public:
    PlannedTransport(http::Transport& transport, Plan& plan, const test::FaultProxy& proxy)
        : transport_(transport), plan_(plan), proxy_(proxy) {}

    std::vector<http::Outcome> send_all(std::span<const http::Request> requests) override {
        std::vector<http::Request> sent(requests.begin(), requests.end());
        for (http::Request& request : sent) {
            const bool is_in_vain = plan_.is_stall && (plan_.times < 0 || proxy_.met() < plan_.times);
            request.time_limit = is_in_vain ? 30ms : 20'000ms;
            if (is_detoured(request)) request.url.replace(0, proxy_.url().size(), plan_.detour);
        }
        return transport_.send_all(sent);
    }
    int max_parallel() const override { return transport_.max_parallel(); }

  private:
    bool is_detoured(const http::Request& request) {
        const bool is_token = request.url.find("/identity/token") != std::string::npos;
        if (plan_.detour.empty() || is_token != plan_.is_of_token) return false;
        if (plan_.times >= 0 && plan_.detoured >= plan_.times) return false;
        ++plan_.detoured;
        return true;
    }

    http::Transport& transport_;
    Plan& plan_;
    const test::FaultProxy& proxy_;
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
        detours_ = std::make_unique<Detours>(server_->port());
        std::ofstream(*folder_ / "ca.pem") << detours_->ca_certificate();
        curl_ = http::make_curl_transport({.ca_file = *folder_ / "ca.pem"});
        client_ = std::make_unique<Client>(*server_, kApiKey);
        job_ = new_job();
        session_ = client_->post("/sessions", {{"mode", "batch"}, {"backend", "pair"}}).json.at("id");
    }
    static void TearDownTestSuite() {
        open_log(LogLevel::off);
        client_.reset();
        curl_.reset();
        detours_.reset();
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
        PlannedTransport transport;
        RuntimeService service;

        Rig()
            : transport(*curl_, plan_, *proxy_),
              service({.token = kApiKey,
                       .url = proxy_->url() + kApi,
                       .instance = Instance().crn,
                       .iam_url = proxy_->url(),
                       .search_url = proxy_->url(),
                       .catalog_url = proxy_->url() + "/catalog"},
                      {.transport = transport, .clock = clock}) {}
    };

    static void set_fault(const ServiceFault& fault, const std::string& kind, int times) {
        clear_fault();
        plan_ = {.is_stall = fault.is_stall, .is_of_token = kind == "token", .times = times};
        if (fault.detour != Detour::none) {
            plan_.detour = (*detours_)[fault.detour];
            return;
        }
        const bool is_token = plan_.is_of_token;
        proxy_->set(
            [is_token](const std::string& request) {
                return request.starts_with("POST /identity/token") == is_token;
            },
            fault.misdeed, times);
    }
    static void clear_fault() {
        plan_ = {};
        proxy_->set({}, {}, 0);
    }
    /// How many requests met the fault.
    static int met() { return proxy_->met() + plan_.detoured; }

    static inline std::unique_ptr<test::TemporaryFolder> folder_;
    static inline std::unique_ptr<Server> server_;
    static inline std::unique_ptr<test::FaultProxy> proxy_;
    static inline std::unique_ptr<http::Transport> curl_;
    static inline std::unique_ptr<Client> client_;
    static inline std::string job_, session_;
    static inline std::unique_ptr<Detours> detours_;
    static inline Plan plan_;
};

/// What is thrown; nothing where the call comes through.
std::optional<ErrorKind> expected_error(const ServiceFault& fault, const KindOfCall& kind, int times) {
    const std::string name = fault.name;
    const bool is_once = kind.effect == http::Effect::once;
    switch (fault.kind) {
        case FaultClass::passes:
            if (!is_once && times > 0) return std::nullopt;
            break;
        case FaultClass::unsent:
            if (times > 0) return std::nullopt;
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
            EXPECT_GT(met(), 0) << where;
            const bool may_be_tried_again =
                fault.kind == FaultClass::token || fault.kind == FaultClass::unsent;
            if (kind.effect == http::Effect::once && !may_be_tried_again) {
                EXPECT_EQ(met(), 1) << where << ": sent once";
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
        const bool asks_again = fault.kind == FaultClass::token, is_unsent = fault.kind == FaultClass::unsent;
        const int attempts = vendors::ibm::retry_policy().max_attempts;
        const bool comes_through = (asks_again && times == 1) || (is_unsent && times > 0);
        EXPECT_EQ(met(), is_unsent                  ? (times > 0 ? times : attempts)
                         : asks_again && times != 1 ? 2
                                                    : 1)
            << where;
        clear_fault();
        if (comes_through) {
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
        const std::uint64_t made = fault.is_acted_on || comes_through ? 1 : 0;
        for (int k = 0; made > 0 && server_->stats().jobs == before.jobs && k < 500; ++k)
            std::this_thread::sleep_for(10ms);
        EXPECT_EQ(server_->stats().jobs - before.jobs, made) << where;
        // And so it is found, by its key, in what looks for it afterwards.
        EXPECT_EQ(rig.service.find(key).size(), made) << where;
    }
    expect_no_secret(log_text(), "the log");
}

TEST_P(ServiceFaults, AStatusQueryThatFailsLeavesTheJournalAlone) {
    const ServiceFault& fault = GetParam();
    for (const int times : {1, 2, -1}) {
        const std::string where = "times " + std::to_string(times);
        const test::TemporaryFolder journal_folder;
        Rig rig;
        run::Journal journal(journal_folder / "jobs", {.clock = &rig.clock});
        run::JobDesk desk(journal, rig.service, rig.clock);
        const std::string id = desk.attach(job_).id;
        const auto entry = [&] {
            const run::JobRecord job = journal.find(id);
            return std::string(to_string(job.state)) + " " + job.changed + " " + job.message + " " +
                   std::to_string(job.is_ready) + std::to_string(job.result_path.has_value()) + " " +
                   std::to_string(journal.events(id).size());
        };
        const std::string before = entry();
        ASSERT_TRUE(before.starts_with("running")) << before;
        set_fault(fault, "status", times);
        std::string words;
        try {
            desk.poll(id);
        } catch (const Error& error) {
            words = std::string(error.what()) + error.hint();
        }
        EXPECT_EQ(words.empty(), !expected_error(fault, status_call(), times)) << where << ": " << words;
        EXPECT_GT(met(), 0) << where;
        EXPECT_EQ(entry(), before) << where;
        expect_no_secret(words, where);
        // Afterwards it goes on.
        clear_fault();
        desk.poll(id);
        EXPECT_EQ(entry(), before) << where;
        desk.fetch(id);
        EXPECT_EQ(journal.find(id).state, run::JobState::done) << where;
    }
}

INSTANTIATE_TEST_SUITE_P(Ibm, ServiceFaults, testing::ValuesIn(service_faults()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace qdcnn::server
