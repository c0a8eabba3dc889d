#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "qdcnn/backend/pub.h"
#include "qdcnn/backend/result.h"
#include "qdcnn/base/error.h"
#include "qdcnn/http/message.h"
#include "qdcnn/target/target.h"

namespace qdcnn::vendors {

/// How a vendor tells whether a submit whose reply was lost has arrived.
enum class Recovery : std::uint8_t {
    deduplicates,  ///< a second sending with the same key is the same job
    searchable,    ///< jobs can be looked for by our key, which they carry as a tag or the like
    blind          ///< neither: only a person can tell
};

/// PUBs for one device, in one job. Circuits are the device's own: native gates on physical qubits.
struct JobRequest {
    std::string device;
    std::variant<std::vector<backend::SamplerPub>, std::vector<backend::EstimatorPub>> pubs;
    /// Of PUBs that name none.
    std::uint64_t shots = 1024;
    /// A JSON object as the vendor's schema has it; the service checks it before anything is sent.
    std::string options_json = "{}";
    std::vector<std::string> tags{};
    /// An open session or batch of the vendor's.
    std::optional<std::string> session{};
    /// The vendor forgets the job's parameters and gives its result out once.
    bool is_private = false;
    std::optional<double> max_execution_seconds{};
    /// The calibration the circuits were made for, where the vendor names it.
    std::optional<std::string> calibration_id{};
};

/// A job ready for the wire.
struct PreparedJob {
    std::string device;
    /// The request's body without our key and without secrets; the same work gives the same bytes.
    std::string content;
    /// Bound circuits (rows of PUBs) and shots over all of them.
    std::uint64_t circuits = 0;
    std::uint64_t shots = 0;
    std::vector<std::string> warnings{};
};

/// What a job costs: before, an estimate; after, the vendor's own figure.
struct Cost {
    /// Time on the quantum processor that is charged.
    std::optional<double> qpu_seconds{};
    /// In the currency's unit; nothing where no price is known.
    std::optional<double> amount{};
    std::string currency{};
    /// Where the figure is from, for people.
    std::string basis{};
};

/// Bounds of one job, and of submitting.
struct JobLimits {
    std::uint64_t max_pubs = 0;
    /// Of one PUB row.
    std::uint64_t max_shots = 0;
    /// Over all PUBs: rows times shots.
    std::uint64_t max_executions = 0;
    std::uint64_t max_content_bytes = 0;
    /// Submits in a minute.
    int submits_per_minute = 0;
};

/// The vendor has it, under this id.
struct Accepted {
    std::string vendor_id;
};
/// The vendor said no and did nothing; or nothing was sent.
struct Refused {
    Error error;
};
/// It may have arrived: no reply, or one that does not tell.
struct Unclear {
    Error error;
};
using SubmitOutcome = std::variant<Accepted, Refused, Unclear>;

enum class RemoteState : std::uint8_t { queued, running, done, failed, cancelled };

/// "queued" and so on.
const char* to_string(RemoteState state);

struct RemoteJob {
    std::string vendor_id;
    std::string device{};
    /// Nothing where the vendor used a word that is not known: never taken for an end.
    std::optional<RemoteState> state{};
    /// The vendor's own word.
    std::string vendor_state{};
    /// Why it failed or was cancelled, in the vendor's words.
    std::string reason{};
    std::optional<std::int64_t> queue_position{};
    std::optional<double> estimated_seconds{};
    std::vector<std::string> tags{};
    /// As the vendor writes it, ISO 8601.
    std::string created{};
};

struct DeviceSummary {
    std::string name;
    std::uint32_t qubits = 0;
    bool is_online = false;
    /// The vendor's own word for its state.
    std::string status{};
    std::optional<std::int64_t> queue_length{};
    bool is_simulator = false;
};

/// The device online with the shortest queue among those with enough qubits, no simulator; a queue of unknown
/// length counts as the longest. Throws Error(not_found).
DeviceSummary least_busy(const std::vector<DeviceSummary>& devices, std::uint32_t min_qubits = 1);

using JobResult = std::variant<backend::SamplerResult, backend::EstimatorResult>;

enum class SessionMode : std::uint8_t {
    dedicated,  ///< the device is kept for it
    batch       ///< its jobs are queued together
};

/// A vendor's cloud, with an account: what the job journal and the backends over it need of any vendor.
/// One call is at most one round of requests; every one has a deadline. Reads are retried by the vendor's own
/// policy, a submit is sent once unless the vendor deduplicates. Throws Error: auth, network, timeout,
/// rate_limited, quota, vendor, not_found, cancelled; none of them says anything about the state of a job.
/// Usable from several threads.
class Service {
  public:
    virtual ~Service() = default;

    /// The name before the colon of a backend's name, for example "ibm".
    virtual const std::string& vendor() const = 0;
    /// Whose machines these are, for people and for the journal, without secrets: for example the instance.
    virtual std::string account() const = 0;
    virtual Recovery recovery() const = 0;

    virtual std::vector<DeviceSummary> devices() = 0;
    /// With the calibration it has now. Throws Error(not_found) with "did you mean".
    virtual target::Target target(const std::string& device) = 0;
    virtual JobLimits limits(const std::string& device) = 0;

    /// Checks all that the vendor would refuse, then writes the body. Sends nothing but what `target` and
    /// `limits` send. Throws Error(invalid_input | unsupported) naming the PUB and the place.
    virtual PreparedJob prepare(const JobRequest& request) = 0;
    /// The body as it goes over the wire, with our key in it.
    virtual std::string body(const PreparedJob& job, const std::string& key) const = 0;
    virtual Cost quote(const PreparedJob& job) = 0;
    /// The request that `submit` makes of such a body, with *** in the place of what is secret. Sends nothing
    /// but what `target` sends.
    virtual http::Request shown_submit(const std::string& body) = 0;

    /// Sends the body once. Throws Error only before anything is sent (cancelled, auth, ...).
    virtual SubmitOutcome submit(const std::string& body, const std::string& key) = 0;
    /// The jobs that carry the key, latest first. Recovery::searchable only.
    virtual std::vector<RemoteJob> find(const std::string& key) = 0;
    virtual RemoteJob status(const std::string& vendor_id) = 0;
    /// The result as it came, byte by byte. Nothing where there is none yet.
    virtual std::optional<std::string> fetch(const std::string& vendor_id) = 0;
    /// raw: what fetch gave; content: what was sent, for shapes and names. Needs no network.
    virtual JobResult decode(const std::string& raw, const std::string& content) const = 0;
    /// Asks for it; a job that has ended stays as it is. False where the vendor says it cannot be cancelled.
    virtual bool cancel(const std::string& vendor_id) = 0;
    /// Nothing while the vendor does not know it.
    virtual std::optional<Cost> billed(const std::string& vendor_id) = 0;

    // Sessions and batches, of which jobs say that they belong to one (JobRequest::session).
    // Error(unsupported) where the vendor has none.

    /// Opens one, for max_seconds or as long as the vendor has it; returns its id. Sent once.
    virtual std::string begin_session(const std::string& /*device*/, SessionMode /*mode*/,
                                      std::optional<std::uint64_t> /*max_seconds*/) {
        refuse_sessions();
    }
    /// False for one that is over, or not there.
    virtual bool takes_jobs(const std::string& /*session*/) { refuse_sessions(); }
    /// It takes no more jobs; those it has go on to their end.
    virtual void end_session(const std::string& /*session*/) { refuse_sessions(); }

  private:
    [[noreturn]] void refuse_sessions() const {
        throw Error(ErrorKind::unsupported, vendor() + " has no sessions");
    }
};

}  // namespace qdcnn::vendors
