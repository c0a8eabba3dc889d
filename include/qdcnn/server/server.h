#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace qdcnn::server {

/// A service instance, as the account's search and catalog tell of it.
struct Instance {
    std::string crn =
        "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:"
        "11111111-2222-3333-4444-555555555555::";
    std::string name = "rehearsal";
    std::string plan = "Open";
    /// free, trial, paygo, paid or subscription.
    std::string pricing = "free";
    std::vector<std::string> tags{};
};

/// How long a job stays queued and, at least, running.
struct Pace {
    std::chrono::milliseconds queued{200};
    std::chrono::milliseconds running{200};
};

/// What the server refuses, as the vendor would.
struct Limits {
    std::uint64_t max_pubs = 10'000;
    /// Of one PUB row.
    std::uint64_t max_shots = 100'000;
    /// Rows times shots over all PUBs.
    std::uint64_t max_executions = 10'000'000;
    std::size_t max_body_bytes = std::size_t{64} << 20;
    /// 0: any number.
    int submits_per_minute = 0;
    /// Charged seconds after which submits are refused. Nothing: never.
    std::optional<double> usage_seconds{};
};

/// When a fault strikes.
enum class FaultTime : std::uint8_t {
    before,  ///< the request is not acted on
    after    ///< it is acted on, durably, and then the answer goes wrong
};

/// What the client sees instead of the answer.
enum class FaultAction : std::uint8_t {
    status,     ///< an error of the vendor's form with `status`
    html,       ///< a page of a gateway with `status`
    empty,      ///< `status` and no body
    reset,      ///< the connection is reset without a reply
    close,      ///< the connection ends without a reply
    truncated,  ///< half of the body, then the end of the connection
    garbled,    ///< the body with bytes that are no UTF-8 in its middle
    delay       ///< the right answer after `delay`
};

/// What goes wrong, which request it meets and how often.
struct Fault {
    /// A kind as Stats has it, or "*".
    std::string kind = "*";
    FaultAction action = FaultAction::status;
    FaultTime time = FaultTime::before;
    int status = 500;
    /// Seconds of a Retry-After.
    std::optional<int> retry_after{};
    std::chrono::milliseconds delay{};
    /// So many requests of the kind pass first.
    int skip = 0;
    /// Then so many are met. Negative: all.
    int times = 1;
};

struct Settings {
    /// A loopback address.
    std::string address = "127.0.0.1";
    /// 0: any that is free.
    int port = 0;
    /// PEM files of certificate chain and key; both or neither. Without them plain HTTP.
    std::string tls_certificate{};
    std::string tls_key{};
    /// Bundled devices or device files (target::load_target).
    std::vector<std::string> devices = {"ibm_torino"};
    /// Multiplies the strength of the devices' noise.
    double noise_scale = 1.0;
    /// Where jobs are kept; one server at a time. Empty: in memory, gone with the server.
    std::string state_folder{};
    std::vector<Instance> instances = {Instance{}};
    /// The one API key that opens the account. Empty: any key does.
    std::string token{};
    /// Of the access tokens given out for it.
    std::chrono::seconds token_lifetime{3600};
    /// Jobs without a seed of their own draw from this and their id.
    std::uint64_t seed = 0;
    Pace pace{};
    Limits limits{};
    std::vector<Fault> faults{};
    /// POST and DELETE /rehearsal/faults set and clear faults while the server runs.
    bool takes_faults = false;
    /// `wait` ends after so long without a request and without a job to do. 0: never.
    std::chrono::milliseconds idle_limit{0};
    /// Every exchange is written here, a JSON file each, secrets masked. Empty: none.
    std::string record_folder{};
};

/// What the server has seen since its state folder was made. Kinds of requests: token, search, catalog,
/// devices, configuration, properties, status, usage, submit, list, job, results, cancel, delete, tag,
/// metrics, logs, session_create, session, session_close, session_cancel, tags, versions, other.
struct Stats {
    /// Requests to submit, also those that were refused.
    std::uint64_t submits = 0;
    /// Jobs made.
    std::uint64_t jobs = 0;
    std::map<std::string, std::uint64_t> requests{};
};

/// IBM Quantum's REST API (2026-04-15) on this machine: account, devices, jobs and sessions, with the noisy
/// simulator of each device behind it. Circuits are taken as OpenQASM 3 text; a job with another encoding
/// fails and says so. Results of a job depend on its parameters, its seed and the device alone.
/// GET /rehearsal/stats answers, to anybody, Stats as {"schema": "qdcnn.rehearsal/1", "process", "submits",
/// "jobs", "requests": {}}; it is not counted itself.
///
/// A job is on disk before its submit is answered, and a server that starts on a state folder goes on with
/// what was not done. Against the end of this process, that is: the end of the machine may cost the last
/// moments.
class Server {
  public:
    /// Listens when it returns. Throws Error(invalid_input): an address that is not loopback, one TLS file
    /// without the other, no device, no instance; Error(not_found): a device or a TLS file;
    /// Error(storage): the state folder, also when another server has it; Error(network): the port is taken.
    explicit Server(Settings settings);
    /// Stops.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    int port() const;
    /// "http://127.0.0.1:port" or https.
    std::string url() const;
    /// Environment variables with which the vendor's own client and this one find the server,
    /// QISKIT_IBM_TOKEN among them.
    std::vector<std::pair<std::string, std::string>> environment() const;

    Stats stats() const;
    void add_fault(const Fault& fault);
    void clear_faults();

    /// Returns when the server was stopped or was idle for as long as the settings say; throws
    /// Error(cancelled) on an interrupt.
    void wait();
    /// Whether wait would return for that reason now.
    bool is_idle() const;
    /// Ends connections and the job at work (which is begun again by the next server on the folder). Usable
    /// from any thread, more than once.
    void stop();

  private:
    class Body;
    std::unique_ptr<Body> body_;
};

}  // namespace qdcnn::server
