#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "qdcnn/base/hash.h"
#include "qdcnn/base/json.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/qasm/printer.h"
#include "qdcnn/qasm/reader.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/target/target.h"
#include "qdcnn/transpile/validate.h"
#include "qdcnn/vendors/service.h"

namespace qdcnn::test {

/// A vendor whose device is the noisy simulator of a bundled one. A job's content is its PUBs and options as
/// JSON, its result that content again, simulated when it is decoded; without `simulator.seed_simulator` the
/// seed follows from the content. The test sets what is public.
class SimulatedService final : public vendors::Service {
  public:
    explicit SimulatedService(const std::string& device = "ibm_torino", std::string vendor = "fake");

    vendors::JobLimits job_limits{};
    /// Of every job, with `price` for a shot.
    double price = 0.001;
    /// Polls until a job is done.
    int polls = 1;
    /// All further calls fail with Error(network).
    bool is_offline = false;
    /// Every job fails in the end.
    bool fails = false;

    std::size_t submits() const { return submits_; }
    std::size_t targets() const { return targets_; }
    target::Target& device() { return target_; }

    const std::string& vendor() const override { return vendor_; }
    std::string account() const override { return "an account"; }
    vendors::Recovery recovery() const override { return vendors::Recovery::searchable; }
    std::vector<vendors::DeviceSummary> devices() override;
    target::Target target(const std::string& device) override;
    vendors::JobLimits limits(const std::string& device) override;
    vendors::PreparedJob prepare(const vendors::JobRequest& request) override;
    std::string body(const vendors::PreparedJob& job, const std::string& key) const override;
    vendors::Cost quote(const vendors::PreparedJob& job) override;
    http::Request shown_submit(const std::string& body) override {
        return {.method = http::Method::post, .url = "https://simulated.test/jobs", .body = body};
    }
    vendors::SubmitOutcome submit(const std::string& body, const std::string& key) override;
    std::vector<vendors::RemoteJob> find(const std::string& key) override;
    vendors::RemoteJob status(const std::string& vendor_id) override;
    std::optional<std::string> fetch(const std::string& vendor_id) override;
    vendors::JobResult decode(const std::string& raw, const std::string& content) const override;
    bool cancel(const std::string& vendor_id) override;
    std::optional<vendors::Cost> billed(const std::string& vendor_id) override;

  private:
    struct Job {
        std::string content;
        std::string key;
        int polls = 0;
        bool is_cancelled = false;
    };
    void require_online() const;
    Job& job(const std::string& vendor_id);
    vendors::RemoteJob describe(const std::string& vendor_id, const Job& job) const;

    std::string vendor_;
    target::Target target_;
    mutable std::mutex mutex_;
    std::map<std::string, Job> jobs_;
    std::size_t submits_ = 0;
    std::size_t targets_ = 0;
};

namespace detail {

using nlohmann::json;

template <typename Pub>
json written(const Pub& pub, std::uint64_t shots) {
    const auto& values = pub.parameters;
    json rows = json::array();
    for (std::size_t row = 0; row < values.rows(); ++row)
        rows.push_back(std::vector<double>(values.row(row).begin(), values.row(row).end()));
    return {{"circuit", qasm::print_qasm(*pub.circuit)},
            {"columns", values.columns()},
            {"rows", rows},
            {"shots", pub.shots.value_or(shots)}};
}

template <typename Pub>
Pub read_pub(const json& from) {
    Pub pub;
    pub.circuit = std::make_shared<circuit::Circuit>(qasm::read_qasm(from["circuit"], "a PUB"));
    const std::size_t columns = from["columns"];
    pub.parameters = backend::ParameterMatrix(from["rows"].size(), columns);
    for (std::size_t row = 0; row < pub.parameters.rows(); ++row)
        for (std::size_t k = 0; k < columns; ++k) pub.parameters(row, k) = from["rows"][row][k];
    pub.shots = from["shots"].get<std::uint64_t>();
    return pub;
}

}  // namespace detail

inline SimulatedService::SimulatedService(const std::string& device, std::string vendor)
    : vendor_(std::move(vendor)), target_(target::load_target(device)) {}

inline void SimulatedService::require_online() const {
    if (is_offline) throw Error(ErrorKind::network, "the network is down");
}

inline SimulatedService::Job& SimulatedService::job(const std::string& vendor_id) {
    const auto found = jobs_.find(vendor_id);
    if (found == jobs_.end()) throw Error(ErrorKind::not_found, "no job " + vendor_id);
    return found->second;
}

inline std::vector<vendors::DeviceSummary> SimulatedService::devices() {
    require_online();
    return {{.name = "busy", .qubits = 5, .is_online = true, .queue_length = 90},
            {.name = "broken", .qubits = 5, .is_online = false, .queue_length = 0},
            {.name = target_.name, .qubits = target_.num_qubits, .is_online = true, .queue_length = 3}};
}

inline target::Target SimulatedService::target(const std::string& device) {
    require_online();
    if (device != target_.name) throw Error(ErrorKind::not_found, "no device " + device);
    ++targets_;
    return target_;
}

inline vendors::JobLimits SimulatedService::limits(const std::string&) {
    require_online();
    return job_limits;
}

inline vendors::PreparedJob SimulatedService::prepare(const vendors::JobRequest& request) {
    vendors::PreparedJob prepared;
    prepared.device = request.device;
    nlohmann::json pubs = nlohmann::json::array();
    const auto add = [&](const auto& pub) {
        for (const std::string& wrong : transpile::find_illegal(*pub.circuit, target_))
            throw Error(ErrorKind::invalid_input, wrong);
        pubs.push_back(detail::written(pub, request.shots));
        prepared.circuits += pub.parameters.rows();
        prepared.shots += pub.parameters.rows() * pub.shots.value_or(request.shots);
    };
    const bool samples = std::holds_alternative<std::vector<backend::SamplerPub>>(request.pubs);
    if (samples) {
        for (const auto& pub : std::get<0>(request.pubs)) add(pub);
    } else {
        for (const auto& pub : std::get<1>(request.pubs)) {
            add(pub);
            if (pub.circuit->is_dynamic())
                throw Error(ErrorKind::unsupported, "the estimator takes no dynamic circuits");
            for (const auto& observable : pub.observables)
                pubs.back()["observables"].push_back(to_string(observable));
        }
    }
    prepared.content = to_text(nlohmann::json{{"primitive", samples ? "sampler" : "estimator"},
                                              {"device", request.device},
                                              {"pubs", pubs},
                                              {"options", nlohmann::json::parse(request.options_json)}});
    return prepared;
}

inline std::string SimulatedService::body(const vendors::PreparedJob& prepared,
                                          const std::string& key) const {
    return to_text(nlohmann::json{{"key", key}, {"content", prepared.content}});
}

inline vendors::Cost SimulatedService::quote(const vendors::PreparedJob& prepared) {
    const auto shots = static_cast<double>(prepared.shots);
    return {
        .qpu_seconds = shots * 1e-4, .amount = shots * price, .currency = "EUR", .basis = "a test's price"};
}

inline vendors::SubmitOutcome SimulatedService::submit(const std::string& body, const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (is_offline) return vendors::Refused{Error(ErrorKind::network, "the network is down")};
    const std::string id = "far-" + std::to_string(++submits_);
    jobs_[id] = {nlohmann::json::parse(body)["content"], key};
    return vendors::Accepted{id};
}

inline std::vector<vendors::RemoteJob> SimulatedService::find(const std::string& key) {
    require_online();
    const std::lock_guard lock(mutex_);
    std::vector<vendors::RemoteJob> found;
    for (const auto& [id, job] : jobs_)
        if (job.key == key) found.push_back(describe(id, job));
    return found;
}

inline vendors::RemoteJob SimulatedService::describe(const std::string& vendor_id, const Job& job) const {
    vendors::RemoteJob out{.vendor_id = vendor_id, .device = target_.name, .tags = {job.key}};
    out.state = job.is_cancelled    ? vendors::RemoteState::cancelled
                : job.polls < polls ? vendors::RemoteState::queued
                : fails             ? vendors::RemoteState::failed
                                    : vendors::RemoteState::done;
    out.vendor_state = to_string(*out.state);
    if (out.state == vendors::RemoteState::queued) out.queue_position = polls - job.polls;
    if (out.state == vendors::RemoteState::failed) out.reason = "the fridge is warm";
    return out;
}

inline vendors::RemoteJob SimulatedService::status(const std::string& vendor_id) {
    require_online();
    const std::lock_guard lock(mutex_);
    Job& one = job(vendor_id);
    const vendors::RemoteJob out = describe(vendor_id, one);
    ++one.polls;
    return out;
}

inline std::optional<std::string> SimulatedService::fetch(const std::string& vendor_id) {
    require_online();
    const std::lock_guard lock(mutex_);
    const Job& one = job(vendor_id);
    if (one.is_cancelled || one.polls < polls) return std::nullopt;
    return one.content;
}

inline vendors::JobResult SimulatedService::decode(const std::string& raw, const std::string&) const {
    const nlohmann::json content = parse_json(raw, "a result");
    const auto local = sim::make_local_backend(
        sim::make_noisy_simulator(sim::noise_model_from_target(target_)), target_.name, target_);
    std::uint64_t seed = std::stoull(sha256_hex(raw).substr(0, 8), nullptr, 16);
    if (content["options"].contains("simulator")) seed = content["options"]["simulator"]["seed_simulator"];
    if (content["primitive"] == "sampler") {
        std::vector<backend::SamplerPub> pubs;
        for (const nlohmann::json& pub : content["pubs"])
            pubs.push_back(detail::read_pub<backend::SamplerPub>(pub));
        return local->run(std::move(pubs), {.shots = std::nullopt, .seed = seed})->result();
    }
    std::vector<backend::EstimatorPub> pubs;
    for (const nlohmann::json& pub : content["pubs"]) {
        pubs.push_back(detail::read_pub<backend::EstimatorPub>(pub));
        for (const std::string text : pub["observables"])
            pubs.back().observables.push_back(circuit::parse_observable(text));
    }
    return local->run(std::move(pubs), {.shots = std::nullopt, .seed = seed})->result();
}

inline bool SimulatedService::cancel(const std::string& vendor_id) {
    require_online();
    const std::lock_guard lock(mutex_);
    return job(vendor_id).is_cancelled = true;
}

inline std::optional<vendors::Cost> SimulatedService::billed(const std::string& vendor_id) {
    require_online();
    const std::lock_guard lock(mutex_);
    job(vendor_id);
    return vendors::Cost{.qpu_seconds = 2.5, .amount = 4.0, .currency = "EUR", .basis = "a test's bill"};
}

}  // namespace qdcnn::test
