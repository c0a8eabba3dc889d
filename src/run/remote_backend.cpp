#include "qdcnn/run/remote_backend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "run/pin.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::EstimatorResult;
using backend::JobStatus;
using backend::SamplerPub;
using backend::SamplerResult;

JobStatus status_of(JobState state) {
    switch (state) {
        case JobState::done:
            return JobStatus::completed;
        case JobState::failed:
            return JobStatus::failed;
        case JobState::cancelled:
            return JobStatus::cancelled;
        case JobState::running:
            return JobStatus::running;
        case JobState::intent:
        case JobState::sending:
        case JobState::accepted:
        case JobState::queued:
        case JobState::unknown:
            return JobStatus::queued;
    }
    return JobStatus::queued;
}

/// The jobs of one run, seen through the journal.
class SentJobs {
  public:
    SentJobs(std::shared_ptr<VendorDesk> desk, std::vector<std::string> ids, WaitOptions wait)
        : desk_(std::move(desk)), ids_(std::move(ids)), wait_(std::move(wait)) {}

    /// The furthest behind of all, or the first that went wrong.
    JobStatus status() {
        JobStatus least = JobStatus::completed;
        for (const std::string& id : ids_) {
            const JobStatus one = status_of(desk_->desk.poll(id).state);
            if (one == JobStatus::failed || one == JobStatus::cancelled) return one;
            least = std::min(least, one);
        }
        return least;
    }

    /// One result a job.
    std::vector<vendors::JobResult> results() {
        std::vector<vendors::JobResult> results;
        for (const JobRecord& job : wait()) {
            if (!is_finished(job.state))
                throw Error(ErrorKind::timeout,
                            fmt::format("job {} is still {} at {} when the time is up", job.id,
                                        to_string(job.state), job.vendor),
                            come_back());
            const std::string raw = desk_->desk.fetch(job.id);
            results.push_back(desk_->service->decode(raw, desk_->journal.content(job.id)));
        }
        return results;
    }

    void cancel() {
        for (const std::string& id : ids_)
            if (!is_finished(desk_->journal.find(id).state)) desk_->desk.cancel(id);
    }

    const std::vector<std::string>& ids() const { return ids_; }

  private:
    std::vector<JobRecord> wait() {
        try {
            return desk_->desk.wait(ids_, wait_);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::cancelled) throw;
            throw Error(
                ErrorKind::cancelled,
                fmt::format("interrupted; job{} {} go{} on at {}", ids_.size() > 1 ? "s" : "",
                            fmt::join(ids_, ", "), ids_.size() > 1 ? "" : "es", desk_->service->vendor()),
                come_back());
        }
    }

    std::string come_back() const {
        return fmt::format("The same command goes on from here, and so does qdcnn job wait {}.",
                           ids_.front());
    }

    std::shared_ptr<VendorDesk> desk_;
    std::vector<std::string> ids_;
    WaitOptions wait_;
};

template <typename Result>
std::vector<Result> all_of_kind(std::vector<vendors::JobResult> results) {
    std::vector<Result> out;
    for (vendors::JobResult& result : results) {
        if (!std::holds_alternative<Result>(result))
            throw Error(ErrorKind::vendor, "the result is of the other primitive than the job");
        out.push_back(std::get<Result>(std::move(result)));
    }
    return out;
}

template <typename Result>
class RemoteJob final : public backend::Job<Result> {
  public:
    RemoteJob(SentJobs jobs, std::string group, std::vector<Part> parts, std::size_t pubs)
        : jobs_(std::move(jobs)), group_(std::move(group)), parts_(std::move(parts)), pubs_(pubs) {}

    std::string id() const override { return jobs_.ids().size() == 1 ? jobs_.ids().front() : group_; }
    JobStatus status() override { return jobs_.status(); }
    void cancel() override { jobs_.cancel(); }
    Result result() override {
        Result whole = join(parts_, pubs_, all_of_kind<Result>(jobs_.results()));
        whole.metadata["jobs"] = fmt::format("{}", fmt::join(jobs_.ids(), ","));
        return whole;
    }

  private:
    SentJobs jobs_;
    std::string group_;
    std::vector<Part> parts_;
    std::size_t pubs_;
};

/// A job found in the journal.
class FoundJob final : public backend::Job<vendors::JobResult> {
  public:
    FoundJob(SentJobs jobs, std::string id, std::optional<SavedPlan> plan)
        : jobs_(std::move(jobs)), id_(std::move(id)), plan_(std::move(plan)) {}

    std::string id() const override { return id_; }
    JobStatus status() override { return jobs_.status(); }
    void cancel() override { jobs_.cancel(); }
    vendors::JobResult result() override {
        std::vector<vendors::JobResult> results = jobs_.results();
        if (!plan_) return std::move(results.front());
        if (std::holds_alternative<SamplerResult>(results.front()))
            return join(plan_->parts, plan_->pubs, all_of_kind<SamplerResult>(std::move(results)));
        return join(plan_->parts, plan_->pubs, all_of_kind<EstimatorResult>(std::move(results)));
    }

  private:
    SentJobs jobs_;
    std::string id_;
    std::optional<SavedPlan> plan_;
};

class RemoteBackend final : public backend::Backend {
  public:
    explicit RemoteBackend(std::shared_ptr<RemoteDevice> device)
        : device_(std::move(device)), names_(device_->options().work) {}

    const std::string& name() const override { return device_->name(); }
    const target::Target* target() const override { return &device_->target(); }
    backend::Limits limits() const override { return device_->limits(); }

    std::unique_ptr<backend::Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                                     const backend::RunOptions& options) override {
        return sent<SamplerResult>(device_->prepare(std::span<const SamplerPub>(pubs), options, names_));
    }
    std::unique_ptr<backend::Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                                       const backend::RunOptions& options) override {
        return sent<EstimatorResult>(device_->prepare(std::span<const EstimatorPub>(pubs), options, names_));
    }

  private:
    template <typename Result>
    std::unique_ptr<backend::Job<Result>> sent(Consignment consignment) {
        std::vector<std::string> ids = device_->send(consignment);
        WaitOptions wait{.on_progress = device_->options().on_progress};
        const JournalPlace& place = device_->options().place;
        if (const auto limit = device_->options().time_limit)
            wait.deadline = (place.clock ? *place.clock : system_clock()).now() + *limit;
        return std::make_unique<RemoteJob<Result>>(SentJobs(device_->vendor_desk(), std::move(ids), wait),
                                                   std::move(consignment.group), std::move(consignment.parts),
                                                   consignment.pubs);
    }

    std::shared_ptr<RemoteDevice> device_;
    GroupNames names_;
};

/// What was priced only.
template <typename Result>
class NoJob final : public backend::Job<Result> {
  public:
    std::string id() const override { return "not-sent"; }
    JobStatus status() override { return JobStatus::queued; }
    Result result() override {
        throw Error(ErrorKind::unsupported, "nothing was sent, so there is no result");
    }
    void cancel() override {}
};

class QuotingBackend final : public backend::Backend {
  public:
    QuotingBackend(std::shared_ptr<RemoteDevice> device, std::unique_ptr<backend::Backend> local,
                   Quote& quote)
        : device_(std::move(device)),
          local_(std::move(local)),
          quote_(quote),
          names_(device_->options().work) {}

    const std::string& name() const override { return device_->name(); }
    const target::Target* target() const override { return &device_->target(); }
    backend::Limits limits() const override { return device_->limits(); }

    std::unique_ptr<backend::Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                                     const backend::RunOptions& options) override {
        return answered<SamplerResult>(std::span<const SamplerPub>(pubs), options);
    }
    std::unique_ptr<backend::Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                                       const backend::RunOptions& options) override {
        return answered<EstimatorResult>(std::span<const EstimatorPub>(pubs), options);
    }

  private:
    template <typename Result, typename Pub>
    std::unique_ptr<backend::Job<Result>> answered(std::span<const Pub> pubs,
                                                   const backend::RunOptions& options) {
        const Consignment consignment = device_->prepare(pubs, options, names_);
        quote_ = sum(std::move(quote_), device_->quote(consignment));
        for (const Pub& pub : pubs) quote_.look_at(*pub.circuit, device_->target());
        if (!local_) return std::make_unique<NoJob<Result>>();
        std::vector<Result> results;
        for (std::size_t k = 0; k < consignment.parts.size(); ++k)
            results.push_back(local_
                                  ->run(pubs_of(consignment.parts[k], pubs),
                                        {options.shots, RemoteDevice::seed_of(options, k)})
                                  ->result());
        return std::make_unique<backend::CompletedJob<Result>>(
            "local", join(consignment.parts, consignment.pubs, std::move(results)));
    }

    std::shared_ptr<RemoteDevice> device_;
    std::unique_ptr<backend::Backend> local_;
    Quote& quote_;
    GroupNames names_;
};

/// The jobs that `id` names: one, or a group's.
std::vector<JobRecord> find_jobs(Journal& journal, const std::string& id) {
    std::vector<JobRecord> group = journal.find_group(id);
    if (!group.empty()) return group;
    return {journal.find(id)};
}

}  // namespace

std::unique_ptr<backend::Backend> make_remote_backend(std::shared_ptr<RemoteDevice> device) {
    return std::make_unique<RemoteBackend>(std::move(device));
}

std::unique_ptr<backend::Backend> make_quoting_backend(std::shared_ptr<RemoteDevice> device,
                                                       std::unique_ptr<backend::Backend> local,
                                                       Quote& quote) {
    return std::make_unique<QuotingBackend>(std::move(device), std::move(local), quote);
}

std::unique_ptr<backend::Job<vendors::JobResult>> open_job(const std::string& id, const JournalPlace& place,
                                                           const WaitOptions& wait) {
    const std::string folder = place.journal_folder.empty() ? default_journal_folder() : place.journal_folder;
    std::vector<std::string> ids;
    std::string vendor, device;
    std::optional<SavedPlan> plan;
    {
        Journal journal(folder);
        const std::vector<JobRecord> jobs = find_jobs(journal, id);
        for (const JobRecord& job : jobs) ids.push_back(job.id);
        vendor = jobs.front().vendor;
        device = jobs.front().device;
        if (jobs.size() > 1) plan = load_plan(folder, id);
    }
    return std::make_unique<FoundJob>(SentJobs(open_desk(vendor, place, device), std::move(ids), wait), id,
                                      std::move(plan));
}

}  // namespace qdcnn::run
