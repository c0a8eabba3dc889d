#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/accounts/settings.h"
#include "qdcnn/accounts/surroundings.h"
#include "qdcnn/backend/backend.h"
#include "qdcnn/base/clock.h"
#include "qdcnn/run/job_desk.h"
#include "qdcnn/run/journal.h"
#include "qdcnn/run/plan.h"
#include "qdcnn/target/target.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::run {

/// The account of a vendor, by the name before the colon of a backend's name. Passed in rather than looked
/// up, for `rehearsal` needs the room server, which is above this one, and tests bring vendors of their own.
/// Empty: the account that the process's own settings and surroundings give.
using ServiceOpener = std::function<std::shared_ptr<vendors::Service>(const std::string& vendor)>;

/// Throws what `opener`, or else the function below, throws.
std::shared_ptr<vendors::Service> open_vendor(const std::string& vendor, const ServiceOpener& opener,
                                              const std::string& device = {});

/// The vendor with the account, proxy and certificates that settings and surroundings give. device: whose own
/// variables count too; may be empty. warn: is told what is not in order and yet no reason to stop; may be
/// empty. Throws Error(not_found) for a vendor that is
/// none, what ibm::require_account and vendors::open_service throw.
std::shared_ptr<vendors::Service> open_vendor(const std::string& vendor, const accounts::Settings& settings,
                                              const accounts::Surroundings& surroundings,
                                              const std::string& device = {},
                                              const std::function<void(const std::string&)>& warn = {});

/// A vendor's jobs under the journal.
struct VendorDesk {
    VendorDesk(std::shared_ptr<vendors::Service> opened, const std::string& journal_folder, Clock& clock,
               const DeskOptions& options)
        : service(std::move(opened)),
          journal(journal_folder, {.clock = &clock}),
          desk(journal, *service, clock, options) {}

    std::shared_ptr<vendors::Service> service;
    Journal journal;
    JobDesk desk;
};

struct JournalPlace {
    ServiceOpener open_service{};
    /// Empty: default_journal_folder().
    std::string journal_folder{};
    DeskOptions desk{};
    /// Null: system_clock().
    Clock* clock = nullptr;
};

/// The vendor is opened when it is first needed: what lies in the journal is to be had without. device: whose
/// own variables count where the account is looked up (ibm::AccountChoice::device); may be empty.
std::shared_ptr<VendorDesk> open_desk(const std::string& vendor, const JournalPlace& place,
                                      const std::string& device = {});

struct RemoteOptions {
    JournalPlace place{};
    /// Names a piece of work over several processes: the first one to open it pins the device and its
    /// calibration beside the journal, and every later one finds them there, makes the same circuits and
    /// hence finds its jobs. Empty: nothing is pinned, and a job is found again only where the circuits come
    /// out the same. At most 64 letters, digits, '-' and '_'.
    std::string work{};
    /// Jobs again that the journal has already, with today's calibration.
    bool is_new = false;
    Budget budget{};
    /// A JSON object as the vendor's schema has it.
    std::string options_json = "{}";
    /// A session or batch that is open at the vendor.
    std::optional<std::string> session{};
    /// Instead: one that is opened when the first job is sent, another where that has ended since, and that
    /// RemoteDevice::end_session closes. What was sent in an earlier one is found again.
    std::optional<vendors::SessionMode> mode{};
    /// How long such a one may last at most; else as the vendor has it.
    std::optional<std::uint64_t> session_seconds{};
    bool is_private = false;
    std::optional<double> max_execution_seconds{};
    /// Circuits may measure, reset and branch on the way where the device can; a vendor's estimator takes
    /// none.
    bool may_be_dynamic = true;
    /// The run's seed goes along as the vendor's option for simulators: for the rehearsal, whose results are
    /// then those of the local twin.
    bool sends_seed = false;
    /// How long results are waited for; without, for ever. Running out of time touches no job.
    std::optional<Clock::Duration> time_limit{};
    std::function<void(const WaitProgress&)> on_progress{};
};

/// What one run becomes at the vendor: PUBs split over jobs that are ready to be sent, of one group.
struct Consignment {
    std::string group{};
    std::vector<Part> parts{};
    std::vector<vendors::PreparedJob> jobs{};
    /// What the jobs were made of, where a session is still to be named in them (RemoteOptions::mode).
    std::vector<vendors::JobRequest> requests{};
    std::size_t pubs = 0;
    /// Of the PUBs and all that is asked of them.
    std::string digest{};
    /// Our ids in the parts' order where all results are on this disk already; then `jobs` is empty.
    std::vector<std::string> done{};
};

/// Names the groups of a backend's runs: of a named piece of work by number, else by content, and the second
/// run of the same content is another one.
class GroupNames {
  public:
    explicit GroupNames(std::string work) : work_(std::move(work)) {}
    std::string next(std::span<const vendors::PreparedJob> jobs);
    /// Whether the name is that of work, whatever the jobs are.
    bool is_of_work() const { return !work_.empty(); }

  private:
    std::string work_;
    std::size_t runs_ = 0;
    std::map<std::string, std::size_t> seen_;
};

/// What is sent for a job, for people to look at.
struct ShownRequest {
    http::Request request;
    /// The tag by which the job is known again: kKeyToCome until it is written down in the journal.
    std::string tag;
};

/// Stands for a key that is not drawn yet, and is as long as one.
constexpr const char* kKeyToCome = "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx";

/// What some work would cost, before it is sent.
struct Quote {
    /// Jobs to be sent, and of those the journal has already.
    std::size_t jobs = 0;
    std::size_t known_jobs = 0;
    /// Of the jobs to be sent.
    std::uint64_t circuits = 0;
    std::uint64_t shots = 0;
    vendors::Cost cost{};
    std::vector<std::string> warnings{};
    /// The jobs to be sent as requests, without secrets.
    std::vector<ShownRequest> requests{};
    /// A session or batch is opened before the first of them, and its id goes into each.
    bool opens_session = false;
    /// Over all circuits: the most of each, and the least sum of ln(1 - error); nothing where no figure is
    /// known.
    std::size_t two_qubit_gates = 0;
    std::size_t two_qubit_depth = 0;
    std::size_t depth = 0;
    std::optional<double> log_success{};

    /// Counts a circuit on the device's qubits.
    void look_at(const circuit::Circuit& circuit, const target::Target& target);

    /// Whether anything is to be paid, or may be.
    bool costs_money() const { return jobs > 0 && cost.amount.value_or(1.0) > 0.0; }
};

/// Sums; nothing where one of the two is not known or has another currency. Of quotes without jobs the
/// other's cost.
vendors::Cost sum(const vendors::Cost& a, const vendors::Cost& b);
Quote sum(Quote a, Quote b);

/// A device of a vendor's, with its calibration of one moment, and the way to it through the journal.
class RemoteDevice {
  public:
    /// name: "VENDOR:DEVICE"; the device least_busy is the one online with the shortest queue. Throws
    /// Error(not_found): no such vendor or device; Error(storage): the pin of the work is damaged; what the
    /// service throws.
    RemoteDevice(const std::string& name, RemoteOptions options);

    /// "VENDOR:DEVICE" with the device's own name.
    const std::string& name() const { return name_; }
    const std::string& device() const { return device_; }
    const target::Target& target() const { return target_; }
    backend::Limits limits() const;
    const RemoteOptions& options() const { return options_; }
    JobDesk& desk() { return desk_->desk; }
    Journal& journal() { return desk_->journal; }
    vendors::Service& service() { return *desk_->service; }
    const std::shared_ptr<VendorDesk>& vendor_desk() { return desk_; }

    /// Jobs of the PUBs, which are on the device's qubits and native gates. Sends no job, and asks the vendor
    /// for nothing where the same run of the same work is done. Throws Error(invalid_input) without shots,
    /// and what split and Service::prepare throw.
    Consignment prepare(std::span<const backend::SamplerPub> pubs, const backend::RunOptions& options,
                        GroupNames& names);
    Consignment prepare(std::span<const backend::EstimatorPub> pubs, const backend::RunOptions& options,
                        GroupNames& names);

    /// Sends what the journal does not have; our ids in the parts' order.
    std::vector<std::string> send(const Consignment& consignment);

    /// The session that jobs went into, the latest of those opened for this work; nothing without
    /// RemoteOptions::mode, or before that.
    std::optional<std::string> session() const;
    /// Closes it: it takes no more jobs, those it has go on.
    void end_session();
    /// Whether one of jobs() has not ended, by the journal.
    bool has_open_jobs();

    /// What sending would cost.
    Quote quote(const Consignment& consignment);

    /// Our ids of all jobs that `send` was asked for, in order.
    std::vector<std::string> jobs() const;

    /// The seed of part `part`: each its own, and small enough for every JSON reader.
    static std::uint64_t seed_of(const backend::RunOptions& options, std::size_t part);

  private:
    template <typename Pub>
    Consignment prepare_any(std::span<const Pub> pubs, const backend::RunOptions& options, GroupNames& names);
    template <typename Pub>
    std::string digest_of(std::span<const Pub> pubs, const backend::RunOptions& options) const;
    /// A job as it goes, and the session it goes into.
    struct Placed {
        vendors::PreparedJob job;
        std::optional<std::string> session;
    };
    /// Into the session in which it went before, else into `present`, asked for then; nothing stands for one
    /// that is still to be opened.
    Placed in_session(const Consignment& consignment, std::size_t part,
                      const std::function<std::optional<std::string>()>& present);
    JobRecord send_part(const Consignment& consignment, std::size_t part);
    std::string present_session();
    /// The latest that was opened for this work, where it still takes jobs.
    std::optional<std::string> open_session();
    /// The quote of one job that is to be sent; tag: its key.
    Quote quote_one(const vendors::PreparedJob& job, const std::string& tag);
    Work work_of(const Consignment& consignment, std::size_t part, const vendors::PreparedJob& job);
    /// What is on this disk of that run.
    std::optional<Consignment> find_done(const std::string& group, const std::string& digest);

    RemoteOptions options_;
    std::shared_ptr<VendorDesk> desk_;
    std::string name_;
    std::string device_;
    target::Target target_;
    vendors::JobLimits limits_;
    mutable std::mutex mutex_;
    std::vector<std::string> jobs_;
    /// Opened for this work, oldest first.
    std::vector<std::string> sessions_;
    bool is_in_session_ = false;
};

}  // namespace qdcnn::run
