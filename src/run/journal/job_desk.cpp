#include "qdcnn/run/job_desk.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "qdcnn/base/error.h"
#include "qdcnn/base/hash.h"
#include "run/journal/job_lock.h"
#include "run/journal/ledger.h"
#include "run/journal/sender.h"

namespace qdcnn::run {
namespace {

/// A UUID of random numbers (RFC 9562, version 4): no other job of anybody's has it.
std::string make_key() {
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw Error(ErrorKind::internal, "the system gives no random numbers");
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string key;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) key += '-';
        key += fmt::format("{:02x}", bytes[i]);
    }
    return key;
}

/// The beginning of a key that no job of the journal has.
void name_job(JobRecord& job, const std::vector<JobRecord>& jobs) {
    do {
        job.key = make_key();
        job.id = job.key.substr(0, 8);
    } while (
        std::any_of(jobs.begin(), jobs.end(), [&](const JobRecord& other) { return other.id == job.id; }));
}

}  // namespace

JobDesk::JobDesk(Journal& journal, vendors::Service& service, Clock& clock, DeskOptions options,
                 std::uint64_t seed)
    : journal_(journal), service_(service), clock_(clock), options_(options), random_(seed) {}

JobRecord JobDesk::own(const std::string& id) const {
    auto job = journal_.find(id);
    require_own(job);
    return job;
}

void JobDesk::require_own(const JobRecord& job) const {
    if (job.vendor != service_.vendor() || job.account != service_.account())
        throw Error(ErrorKind::invalid_input,
                    fmt::format("job {} is at {} ({}), and this is {} ({})", job.id, job.vendor, job.account,
                                service_.vendor(), service_.account()));
}

JobRecord JobDesk::submit(const vendors::PreparedJob& job, const SubmitOptions& options) {
    journal_.step(Step::submit_before_content);
    const auto fingerprint = sha256_hex(job.content);
    journal_.keep_content(fingerprint, job.content);
    journal_.step(Step::submit_after_content);
    const auto entry = enter(job, options, fingerprint);
    journal_.step(Step::submit_after_intent);
    return Sender(journal_, service_, clock_, options_).drive(entry.id, options.budget);
}

JobRecord JobDesk::enter(const vendors::PreparedJob& job, const SubmitOptions& options,
                         const std::string& fingerprint) {
    const auto quote = service_.quote(job);
    JobRecord entry;
    entry.vendor = service_.vendor();
    entry.account = service_.account();
    entry.device = job.device;
    entry.fingerprint = fingerprint;
    entry.group = options.group;
    entry.part = options.part;
    entry.parts = options.parts;
    entry.circuits = job.circuits;
    entry.shots = job.shots;
    entry.is_private = options.is_private;
    entry.quote = quote;
    // One transaction: of two processes with the same work, one makes the entry and the other finds it.
    journal_.write([&](Ledger& ledger) {
        const Work work{fingerprint, entry.vendor, entry.account, entry.device, entry.group, entry.part};
        if (const auto* known = options.is_new ? nullptr : find_entry(ledger.jobs(), work)) {
            entry = *known;
            return;
        }
        name_job(entry, ledger.jobs());
        entry.submitted = entry.changed = iso_date(ledger.date());
        ledger.add(entry, "written down");
    });
    return entry;
}

JobRecord JobDesk::cancel(const std::string& id) {
    auto job = journal_.find(id);
    if (is_finished(job.state)) return job;
    require_own(job);
    if (job.state == JobState::intent) {
        const auto lock = JobLock::acquire(journal_.folder(), job.id, options_.lock_patience);
        job = journal_.find(job.id);
        if (job.state == JobState::intent)
            return change_job(journal_, job.id, "cancelled before it was sent", [](JobRecord& edited) {
                edited.state = JobState::cancelled;
                edited.message = "cancelled before it was sent";
            });
    }
    if (!is_at_vendor(job.state)) throw_in_doubt(job);
    if (!service_.cancel(job.vendor_id))
        throw Error(ErrorKind::vendor,
                    fmt::format("{} says that job {} cannot be cancelled", job.vendor, job.id));
    try {
        return poll(job.id);
    } catch (const Error& error) {
        // It is asked for; that the vendor cannot say yet how it stands is no failure of that.
        if (error.kind() == ErrorKind::storage || error.kind() == ErrorKind::cancelled) throw;
        return journal_.find(job.id);
    }
}

JobRecord JobDesk::attach(const std::string& vendor_id, const std::string& for_id) {
    const auto jobs = journal_.list();
    const auto is_mine = [&](const JobRecord& job) {
        return job.vendor == service_.vendor() && job.account == service_.account();
    };
    for (const auto& job : jobs)
        if (is_mine(job) && job.vendor_id == vendor_id) return job;
    const auto remote = service_.status(vendor_id);
    std::string entry = for_id.empty() ? std::string() : own(for_id).id;
    for (const auto& job : jobs)
        if (entry.empty() && is_mine(job) && job.vendor_id.empty() &&
            std::find(remote.tags.begin(), remote.tags.end(), job.key) != remote.tags.end())
            entry = job.id;
    if (entry.empty()) {
        JobRecord job;
        job.vendor = service_.vendor();
        job.account = service_.account();
        job.device = remote.device;
        job.vendor_id = vendor_id;
        job.state = JobState::accepted;
        journal_.write([&](Ledger& ledger) {
            name_job(job, ledger.jobs());
            job.submitted = job.changed = iso_date(ledger.date());
            ledger.add(job, fmt::format("attached: {}", vendor_id));
        });
        return apply(job.id, remote);
    }
    const auto lock = JobLock::acquire(journal_.folder(), entry, options_.lock_patience);
    change_job(journal_, entry, fmt::format("attached: {}", vendor_id), [&](JobRecord& job) {
        if (job.state != JobState::unknown && job.state != JobState::sending)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("job {} is {}: expected one whose fate is unknown", job.id,
                                    to_string(job.state)));
        if (!remote.device.empty() && remote.device != job.device)
            throw Error(ErrorKind::invalid_input, fmt::format("{} runs on {}, job {} was for {}", vendor_id,
                                                              remote.device, job.id, job.device));
        job.state = JobState::accepted;
        job.vendor_id = vendor_id;
        job.message.clear();
    });
    return apply(entry, remote);
}

JobRecord JobDesk::declare_absent(const std::string& id) {
    const auto job = own(id);
    const auto lock = JobLock::acquire(journal_.folder(), job.id, options_.lock_patience);
    return change_job(journal_, job.id, "declared absent at the vendor's", [](JobRecord& edited) {
        if (edited.state != JobState::unknown && edited.state != JobState::sending)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("job {} is {}: expected one whose fate is unknown", edited.id,
                                    to_string(edited.state)));
        edited.state = JobState::intent;
        edited.message = "not at the vendor's, as somebody looked; the same submit sends it";
        edited.absent_since.reset();
    });
}

JobDesk::Reconciled JobDesk::reconcile(const Budget& budget) {
    Reconciled answer;
    Sender sender(journal_, service_, clock_, options_);
    std::vector<std::string> ids;
    for (const auto& job : journal_.list())
        if (job.vendor == service_.vendor() && job.account == service_.account() && !is_finished(job.state))
            ids.push_back(job.id);
    const auto for_each = [&](const auto& work) {
        for (const auto& id : ids) {
            try {
                work(journal_.find(id));
            } catch (const Error& error) {
                if (error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::storage) throw;
                answer.troubles.push_back(fmt::format("job {}: {}", id, error.what()));
            }
        }
    };
    const auto is_in_doubt = [](const JobRecord& job) {
        return job.state == JobState::sending || job.state == JobState::unknown;
    };
    // All are looked for once before any waits for its second look, so that they wait together.
    for_each([&](const JobRecord& job) {
        if (is_in_doubt(job)) sender.look(job.id);
    });
    for_each([&](const JobRecord& job) {
        // One that is still `sending` is in another process's hands.
        if (job.state == JobState::unknown && service_.recovery() != vendors::Recovery::blind)
            sender.drive(job.id, budget);
        else if (is_at_vendor(job.state))
            poll(job.id);
    });
    for (const auto& id : ids) answer.jobs.push_back(journal_.find(id));
    return answer;
}

JobRecord JobDesk::set_reported(const std::string& id) {
    auto job = change_job(journal_, journal_.find(id).id, "reported",
                          [](JobRecord& edited) { edited.is_reported = true; });
    journal_.step(Step::report_after_write);
    return job;
}

}  // namespace qdcnn::run
