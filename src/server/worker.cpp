#include "worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "message.h"
#include "programs.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/log.h"
#include "qdcnn/base/random.h"
#include "qdcnn/vendors/ibm/typed_json.h"

namespace qdcnn::server {
namespace {

using std::chrono::microseconds;

/// What a device takes beside the shots, and for each.
constexpr double kSecondsOfAJob = 1.0;
constexpr double kSecondsOfAnExecution = 300e-6;
/// How long a worker sleeps that has nothing to do.
constexpr microseconds kLong = std::chrono::hours(1);

std::uint64_t seed_of(const StoredJob& job, std::uint64_t server_seed) {
    // FNV-1a.
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char letter : job.id) hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
    return Random(server_seed).stream(hash).next();
}

void fail(StoredJob& job, const std::string& reason) {
    job.status = "Failed";
    job.reason = reason;
    job.reason_code = code::kInvalidInput;
}

std::string reason_of(const Error& error) {
    std::string reason = error.what();
    if (const auto& at = error.position())
        reason = fmt::format("{}:{}:{}: {}", at->file, at->line, at->column, reason);
    return error.hint().empty() ? reason : reason + ". " + error.hint();
}

}  // namespace

Worker::Worker(const Settings& settings, Store& store, const std::vector<std::unique_ptr<Device>>& devices)
    : settings_(settings), store_(store), devices_(devices), thread_([this] { run(); }) {}

Worker::~Worker() {
    stop();
    thread_.join();
}

void Worker::wake() {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    changed_.notify_all();
}

void Worker::stop() {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
}

bool Worker::wait(microseconds time, bool until_woken) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::max(time, microseconds(0)),
                      [&] { return is_stopping_ || (until_woken && is_woken_); });
    if (until_woken) is_woken_ = false;
    return !is_stopping_;
}

void Worker::run() {
    while (wait(microseconds(0), false)) {
        try {
            const auto job = store_.next_open();
            if (!job) {
                wait(kLong, true);
                continue;
            }
            const microseconds queued_until(job->created + microseconds(settings_.pace.queued).count());
            const microseconds left = queued_until - microseconds(now_microseconds());
            if (job->status == "Queued" && left.count() > 0)
                wait(left, true);
            else
                work_on(*job);
        } catch (const Error& error) {
            // A store that fails now may work again; the job is still there.
            log_line(LogLevel::error, std::string("rehearsal: ") + error.what());
            wait(std::chrono::seconds(1), false);
        }
    }
}

void Worker::work_on(const StoredJob& job) {
    const std::int64_t started = now_microseconds();
    const bool is_started = store_.update(job.id, [&](StoredJob& now) {
        if (!is_open(now)) return false;
        now.status = "Running";
        now.started = started;
        return true;
    });
    if (!is_started) return;
    StoredJob done = job;
    done.started = started;
    finish(done);
}

void Worker::finish(const StoredJob& job) {
    StoredJob done = job;
    done.status = "Completed";
    std::string result;
    try {
        const auto device = std::find_if(devices_.begin(), devices_.end(),
                                         [&](const auto& one) { return one->name() == job.backend; });
        if (device == devices_.end())
            throw Error(ErrorKind::not_found, "the backend " + job.backend + " is offered no more");
        const auto params = vendors::ibm::parse_python_json(store_.params(job.id), "params");
        ProgramOutcome outcome =
            run_program(job.program, params, **device, settings_.limits, seed_of(job, settings_.seed));
        result = std::move(outcome.result);
        done.executions = static_cast<std::int64_t>(outcome.executions);
        done.charged_seconds =
            std::ceil(kSecondsOfAJob + kSecondsOfAnExecution * static_cast<double>(outcome.executions));
        done.facts = {{"num_circuits", outcome.qubits.size()},
                      {"num_qubits", outcome.qubits},
                      {"circuit_depths", outcome.depths},
                      {"circuits_execution_time_ns",
                       std::llround(kSecondsOfAnExecution * 1e9 * static_cast<double>(outcome.executions))}};
        if (done.charged_seconds > job.envelope.value("cost", 1e9)) {
            done.status = "Cancelled";
            done.reason = "Job ran longer than its maximum execution time";
            done.reason_code = code::kRanTooLong;
            done.charged_seconds = job.envelope.value("cost", 0.0);
        }
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) return;  // The process is to end.
        fail(done, reason_of(error));
    } catch (const std::exception& error) {
        fail(done, error.what());
        done.reason_code = code::kInternal;
    }
    const microseconds until(done.started + microseconds(settings_.pace.running).count());
    if (!wait(until - microseconds(now_microseconds()), false)) return;
    if (done.status == "Completed") store_.set_result(job.id, result);
    if (job.is_private) store_.forget_params(job.id);
    store_.update(job.id, [&](StoredJob& now) {
        if (!is_open(now)) return false;
        done.tags = now.tags;
        done.finished = now_microseconds();
        now = done;
        return true;
    });
}

}  // namespace qdcnn::server
