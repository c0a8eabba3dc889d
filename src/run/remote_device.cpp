#include "qdcnn/run/remote_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "qdcnn/base/error.h"
#include "qdcnn/base/hash.h"
#include "qdcnn/base/json.h"
#include "qdcnn/base/random.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/transpile/pass_manager.h"
#include "run/late_service.h"
#include "run/pin.h"

namespace qdcnn::run {
namespace {

constexpr const char* kLeastBusy = "least_busy";

std::pair<std::string, std::string> vendor_and_device(const std::string& name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == name.size())
        throw Error(ErrorKind::usage, "\"" + name + "\" names no device; expected VENDOR:DEVICE",
                    "For example ibm:least_busy.");
    return {name.substr(0, colon), name.substr(colon + 1)};
}

std::optional<double> least(std::optional<double> a, std::optional<double> b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
}

/// As which a vendor says that a session takes no more jobs, among other things.
bool may_be_about_a_session(ErrorKind kind) {
    return kind == ErrorKind::quota || kind == ErrorKind::vendor || kind == ErrorKind::invalid_input ||
           kind == ErrorKind::not_found;
}

/// The user's options with the seed where simulators look for it, unless the user has set one.
std::string with_seed(const std::string& options_json, std::uint64_t seed) {
    nlohmann::json options = parse_json(options_json, "the options");
    if (!options.is_object()) throw Error(ErrorKind::invalid_input, "the options are no JSON object");
    nlohmann::json& simulator = options["simulator"];
    if (!simulator.is_object() || !simulator.contains("seed_simulator")) simulator["seed_simulator"] = seed;
    return to_text(options);
}

}  // namespace

std::shared_ptr<VendorDesk> open_desk(const std::string& vendor, const JournalPlace& place,
                                      const std::string& device) {
    const auto open = [vendor, opener = place.open_service, device] {
        return open_vendor(vendor, opener, device);
    };
    return std::make_shared<VendorDesk>(
        std::make_shared<LateService>(vendor, open),
        place.journal_folder.empty() ? default_journal_folder() : place.journal_folder,
        place.clock ? *place.clock : system_clock(), place.desk);
}

vendors::Cost sum(const vendors::Cost& a, const vendors::Cost& b) {
    vendors::Cost out{.currency = a.currency, .basis = a.basis};
    if (a.qpu_seconds && b.qpu_seconds) out.qpu_seconds = *a.qpu_seconds + *b.qpu_seconds;
    if (a.amount && b.amount && a.currency == b.currency) out.amount = *a.amount + *b.amount;
    return out;
}

Quote sum(Quote a, Quote b) {
    if (a.jobs == 0)
        a.cost = b.cost;
    else if (b.jobs > 0)
        a.cost = sum(a.cost, b.cost);
    a.jobs += b.jobs;
    a.known_jobs += b.known_jobs;
    a.circuits += b.circuits;
    a.shots += b.shots;
    a.two_qubit_gates = std::max(a.two_qubit_gates, b.two_qubit_gates);
    a.two_qubit_depth = std::max(a.two_qubit_depth, b.two_qubit_depth);
    a.depth = std::max(a.depth, b.depth);
    a.log_success = least(a.log_success, b.log_success);
    a.requests.insert(a.requests.end(), b.requests.begin(), b.requests.end());
    a.opens_session |= b.opens_session;
    for (std::string& warning : b.warnings)
        if (std::find(a.warnings.begin(), a.warnings.end(), warning) == a.warnings.end())
            a.warnings.push_back(std::move(warning));
    return a;
}

void Quote::look_at(const circuit::Circuit& circuit, const target::Target& target) {
    const circuit::CircuitMetrics metrics = circuit::metrics(circuit);
    two_qubit_gates = std::max(two_qubit_gates, metrics.two_qubit_gates);
    two_qubit_depth = std::max(two_qubit_depth, metrics.two_qubit_depth);
    depth = std::max(depth, metrics.depth);
    log_success = least(log_success, transpile::log_success(circuit, target));
}

std::string GroupNames::next(std::span<const vendors::PreparedJob> jobs) {
    if (!work_.empty()) return fmt::format("{}-{}", work_, runs_++);
    std::string contents;
    for (const vendors::PreparedJob& job : jobs) contents += sha256_hex(job.content);
    const std::string name = sha256_hex(contents).substr(0, 16);
    return fmt::format("{}-{}", name, seen_[name]++);
}

RemoteDevice::RemoteDevice(const std::string& name, RemoteOptions options) : options_(std::move(options)) {
    const auto [vendor, device] = vendor_and_device(name);
    desk_ = open_desk(vendor, options_.place, device == kLeastBusy ? std::string() : device);
    const auto ask = [&, &asked = device] {
        const std::string found = asked == kLeastBusy ? vendors::least_busy(service().devices()).name : asked;
        return Pin{found, service().limits(found), service().target(found)};
    };
    Pin pin = options_.work.empty() ? ask() : pinned(journal().folder(), options_.work, options_.is_new, ask);
    device_ = std::move(pin.device);
    limits_ = pin.limits;
    target_ = std::move(pin.target);
    name_ = vendor + ":" + device_;
    if (options_.mode && !options_.work.empty() && !options_.is_new)
        sessions_ = load_sessions(journal().folder(), options_.work);
}

backend::Limits RemoteDevice::limits() const {
    return {.max_qubits = target_.num_qubits,
            .max_shots = limits_.max_shots,
            .has_exact = false,
            .is_dynamic = target_.is_dynamic() && options_.may_be_dynamic};
}

std::uint64_t RemoteDevice::seed_of(const backend::RunOptions& options, std::size_t part) {
    return Random(options.seed).stream(part).next() >> 33;
}

template <typename Pub>
Consignment RemoteDevice::prepare_any(std::span<const Pub> pubs, const backend::RunOptions& options,
                                      GroupNames& names) {
    for (const Pub& pub : pubs) {
        check(pub);
        if (!pub.shots && !options.shots)
            throw Error(ErrorKind::invalid_input, name_ + " measures; it has no exact values",
                        "Give --shots.");
    }
    Consignment out;
    out.pubs = pubs.size();
    if (names.is_of_work()) {
        out.digest = digest_of(pubs, options);
        out.group = names.next({});
        if (auto done = find_done(out.group, out.digest)) return std::move(*done);
    }
    const auto request_of = [&](const Part& part, std::size_t index) {
        vendors::JobRequest request{.device = device_, .pubs = pubs_of(part, pubs)};
        request.shots = options.shots.value_or(request.shots);
        request.options_json = options_.sends_seed ? with_seed(options_.options_json, seed_of(options, index))
                                                   : options_.options_json;
        request.session = options_.session;
        request.is_private = options_.is_private;
        request.max_execution_seconds = options_.max_execution_seconds;
        return request;
    };
    out.parts = split(sizes_of(pubs, options.shots.value_or(0)), limits_, [&](const Part& part) {
        return service().prepare(request_of(part, 0)).content.size();
    });
    for (std::size_t k = 0; k < out.parts.size(); ++k) {
        vendors::JobRequest request = request_of(out.parts[k], k);
        out.jobs.push_back(service().prepare(request));
        if (options_.mode) out.requests.push_back(std::move(request));
    }
    if (out.group.empty()) out.group = names.next(out.jobs);
    return out;
}

template <typename Pub>
std::string RemoteDevice::digest_of(std::span<const Pub> pubs, const backend::RunOptions& options) const {
    nlohmann::json all{{"device", name_},
                       {"shots", options.shots.value_or(0)},
                       {"seed", options.seed},
                       {"options", options_.options_json},
                       {"sends_seed", options_.sends_seed},
                       {"session", options_.session.value_or("")},
                       {"private", options_.is_private},
                       {"max_execution_seconds", options_.max_execution_seconds.value_or(0)},
                       {"pubs", nlohmann::json::array()}};
    for (const Pub& pub : pubs) {
        nlohmann::json one{{"circuit", qasm::print_qasm(*pub.circuit)},
                           {"shots", pub.shots.value_or(0)},
                           {"rows", nlohmann::json::array()}};
        for (std::size_t row = 0; row < pub.parameters.rows(); ++row) {
            const auto values = pub.parameters.row(row);
            one["rows"].push_back(std::vector<double>(values.begin(), values.end()));
        }
        if constexpr (std::is_same_v<Pub, backend::EstimatorPub>)
            for (const circuit::Observable& observable : pub.observables)
                one["observables"].push_back(circuit::to_string(observable));
        all["pubs"].push_back(std::move(one));
    }
    return sha256_hex(to_text(all));
}

std::optional<Consignment> RemoteDevice::find_done(const std::string& group, const std::string& digest) {
    if (options_.is_new) return std::nullopt;
    Consignment found{.group = group, .digest = digest};
    for (const JobRecord& job : journal().find_group(group)) {
        if (job.state != JobState::done || job.vendor != service().vendor() || job.device != device_)
            return std::nullopt;
        found.done.push_back(job.id);
    }
    if (found.done.empty()) return std::nullopt;
    try {
        SavedPlan plan = load_plan(journal().folder(), group);
        if (plan.digest != digest || plan.parts.size() != found.done.size()) return std::nullopt;
        found.parts = std::move(plan.parts);
        found.pubs = plan.pubs;
    } catch (const Error&) {
        // The vendor's own description of the device tells then which jobs these are.
        return std::nullopt;
    }
    return found;
}

Consignment RemoteDevice::prepare(std::span<const backend::SamplerPub> pubs,
                                  const backend::RunOptions& options, GroupNames& names) {
    return prepare_any(pubs, options, names);
}

Consignment RemoteDevice::prepare(std::span<const backend::EstimatorPub> pubs,
                                  const backend::RunOptions& options, GroupNames& names) {
    return prepare_any(pubs, options, names);
}

std::vector<std::string> RemoteDevice::send(const Consignment& consignment) {
    std::vector<std::string> ids = consignment.done;
    {
        const std::lock_guard lock(mutex_);
        jobs_.insert(jobs_.end(), ids.begin(), ids.end());
    }
    if (!ids.empty()) return ids;
    if (consignment.parts.size() > 1 || !options_.work.empty())
        save_plan(journal().folder(), consignment.group,
                  {.parts = consignment.parts, .pubs = consignment.pubs, .digest = consignment.digest});
    for (std::size_t k = 0; k < consignment.jobs.size(); ++k) {
        const JobRecord job = send_part(consignment, k);
        ids.push_back(job.id);
        const std::lock_guard lock(mutex_);
        jobs_.push_back(job.id);
    }
    return ids;
}

JobRecord RemoteDevice::send_part(const Consignment& consignment, std::size_t part) {
    const SubmitOptions options{.is_new = options_.is_new,
                                .budget = options_.budget,
                                .group = consignment.group,
                                .part = part,
                                .parts = consignment.jobs.size(),
                                .is_private = options_.is_private};
    const auto present = [this] { return std::optional(present_session()); };
    const auto submit = [&](const Placed& placed) {
        if (placed.session && *placed.session == sessions_.back()) is_in_session_ = true;
        return desk().submit(placed.job, options);
    };
    const Placed placed = in_session(consignment, part, present);
    try {
        return submit(placed);
    } catch (const Error& error) {
        // A session may end between the question and the sending. What was refused had no effect.
        if (!options_.mode || !may_be_about_a_session(error.kind()) || open_session()) throw;
    }
    const auto refused = journal().find_work(work_of(consignment, part, placed.job));
    if (refused && refused->state == JobState::intent) desk().cancel(refused->id);
    return submit(in_session(consignment, part, present));
}

Quote RemoteDevice::quote(const Consignment& consignment) {
    Quote quote;
    quote.known_jobs = consignment.done.size();
    std::optional<std::string> open;
    if (options_.mode && !consignment.jobs.empty()) open = open_session();
    const auto present = [&] { return open; };
    for (std::size_t k = 0; k < consignment.jobs.size(); ++k) {
        const vendors::PreparedJob job = in_session(consignment, k, present).job;
        std::optional<JobRecord> known;
        if (!options_.is_new) known = journal().find_work(work_of(consignment, k, job));
        // What was only written down goes when the same work is sent.
        if (known && known->state != JobState::intent)
            ++quote.known_jobs;
        else
            quote = sum(std::move(quote), quote_one(job, known ? known->key : kKeyToCome));
    }
    quote.opens_session = options_.mode && !open && quote.jobs > 0;
    return quote;
}

Quote RemoteDevice::quote_one(const vendors::PreparedJob& job, const std::string& tag) {
    Quote quote;
    quote.jobs = 1;
    quote.circuits = job.circuits;
    quote.shots = job.shots;
    quote.cost = service().quote(job);
    quote.warnings = job.warnings;
    quote.requests = {{service().shown_submit(service().body(job, tag)), tag}};
    return quote;
}

Work RemoteDevice::work_of(const Consignment& consignment, std::size_t part,
                           const vendors::PreparedJob& job) {
    return {.fingerprint = sha256_hex(job.content),
            .vendor = service().vendor(),
            .account = service().account(),
            .device = device_,
            .group = consignment.group,
            .part = part};
}

RemoteDevice::Placed RemoteDevice::in_session(const Consignment& consignment, std::size_t part,
                                              const std::function<std::optional<std::string>()>& present) {
    if (!options_.mode) return {consignment.jobs[part], std::nullopt};
    vendors::JobRequest request = consignment.requests[part];
    const auto placed_in = [&](const std::string& session) {
        request.session = session;
        return Placed{service().prepare(request), session};
    };
    if (!options_.is_new)
        for (auto session = sessions_.rbegin(); session != sessions_.rend(); ++session) {
            Placed placed = placed_in(*session);
            const auto known = journal().find_work(work_of(consignment, part, placed.job));
            // What was not sent yet goes where jobs are taken.
            if (known && known->state != JobState::intent) return placed;
        }
    const auto session = present();
    return session ? placed_in(*session) : Placed{consignment.jobs[part], std::nullopt};
}

std::optional<std::string> RemoteDevice::open_session() {
    if (sessions_.empty() || !service().takes_jobs(sessions_.back())) return std::nullopt;
    return sessions_.back();
}

std::string RemoteDevice::present_session() {
    if (auto open = open_session()) return *open;
    sessions_.push_back(service().begin_session(device_, *options_.mode, options_.session_seconds));
    if (!options_.work.empty()) save_sessions(journal().folder(), options_.work, sessions_);
    return sessions_.back();
}

std::optional<std::string> RemoteDevice::session() const {
    if (!is_in_session_) return std::nullopt;
    return sessions_.back();
}

void RemoteDevice::end_session() {
    if (const auto open = session()) service().end_session(*open);
    is_in_session_ = false;
}

bool RemoteDevice::has_open_jobs() {
    const std::vector<std::string> ids = jobs();
    return std::any_of(ids.begin(), ids.end(),
                       [&](const std::string& id) { return !is_finished(journal().find(id).state); });
}

std::vector<std::string> RemoteDevice::jobs() const {
    const std::lock_guard lock(mutex_);
    return jobs_;
}

}  // namespace qdcnn::run
