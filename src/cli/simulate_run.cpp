#include "cli/simulate_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/base/random.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/sim/trajectories.h"

namespace qdcnn::cli {

using circuit::Circuit;
using circuit::Observable;
using sim::Method;
using sim::Plan;

namespace {

constexpr double kGibibyte = 0x1p30;

Circuit without_measurements(const Circuit& circuit) {
    Circuit copy = circuit;
    std::erase_if(copy.mutable_operations(), [](const circuit::Operation& operation) {
        return std::holds_alternative<circuit::Measure>(operation.kind());
    });
    return copy;
}

std::string spoken_bytes(double bytes) {
    if (bytes < 0x1p20) return fmt::format("{:.3g} KiB", bytes / 0x1p10);
    if (bytes < 0x1p30) return fmt::format("{:.3g} MiB", bytes / 0x1p20);
    return fmt::format("{:.3g} GiB", bytes / kGibibyte);
}

}  // namespace

SimulateRun::SimulateRun(SimulateTask task, const SimulateMethod& how)
    : task_(std::move(task)),
      how_(how),
      for_value_(task_.is_unmeasured ? without_measurements(*task_.circuit) : *task_.circuit) {
    const bool is_noisy = !task_.noise.is_ideal();
    if (how_.method == Method::statevector && is_noisy)
        throw Error(ErrorKind::usage, "--method statevector has no noise, and noise was given",
                    "Use --method trajectories: state vectors that noise strikes at random.");
    const bool may_skip_record = task_.is_unmeasured && task_.observable && !how_.shots;
    if (how_.method) {
        if (!(may_skip_record && *how_.method == Method::trajectories))
            record_ = plan(*task_.circuit, false, *how_.method);
        if (task_.observable) value_ = plan(for_value_, true, *how_.method);
        return;
    }
    const Method exact = is_noisy ? Method::density : Method::statevector;
    record_ = plan(*task_.circuit, false, exact);
    if (is_noisy && !fits(*record_)) {
        if (how_.shots)
            record_ = plan(*task_.circuit, false, Method::trajectories);
        else if (may_skip_record)
            record_.reset();
    }
    if (!task_.observable) return;
    value_ = plan(for_value_, true, exact);
    if (is_noisy && !fits(*value_)) value_ = plan(for_value_, true, Method::trajectories);
}

Plan SimulateRun::plan(const Circuit& circuit, bool for_value, Method method) const {
    const std::span<const Observable> observables =
        for_value ? std::span(&*task_.observable, 1) : std::span<const Observable>();
    return sim::make_plan(circuit, observables, task_.noise, method, how_.precision,
                          how_.shots.value_or(how_.trajectories));
}

bool SimulateRun::fits(const Plan& plan) const {
    const auto free = static_cast<double>(available_memory());
    return plan.bytes <= (how_.memory_limit > 0 ? std::min(free, how_.memory_limit) : free);
}

void SimulateRun::require_fits(const Plan& plan) const {
    // Trajectories need the start and the end of the run without errors beside their own state.
    const double bytes = plan.bytes * (plan.method == Method::trajectories ? 3 : 1);
    const auto free = static_cast<double>(available_memory());
    const bool is_limited = how_.memory_limit > 0 && how_.memory_limit < free;
    if (bytes <= (is_limited ? how_.memory_limit : free)) return;
    const char* what = plan.method == Method::density ? "the density matrix" : "the state vector";
    throw Error(ErrorKind::out_of_memory,
                fmt::format("{} of {} qubits needs {:.3g} GiB of memory, {} {:.3g} GiB",
                            plan.method == Method::trajectories ? "a trajectory" : what, plan.qubits,
                            bytes / kGibibyte, is_limited ? "the limit is" : "there are",
                            (is_limited ? how_.memory_limit : free) / kGibibyte),
                plan.method == Method::density
                    ? "Trajectories take less: --shots N, or --method trajectories."
                    : "Use fewer qubits, --precision single, or a machine with more memory.");
}

double SimulateRun::seconds() const {
    return (record_ ? record_->seconds : 0) + (value_ ? value_->seconds : 0);
}

void SimulateRun::require_memory() const {
    if (record_) require_fits(*record_);
    if (value_) require_fits(*value_);
}

SimulateAnswer SimulateRun::run() const {
    require_memory();
    SimulateAnswer answer;
    answer.method = sim::to_string(record_ ? record_->method : value_->method);
    if (record_) run_record(answer);
    if (value_) answer.expectation = expectation(answer);
    return answer;
}

void SimulateRun::run_record(SimulateAnswer& answer) const {
    if (record_->method == Method::trajectories) {
        const sim::TrajectoryOutcome found =
            sim::run_trajectories(*task_.circuit, {}, task_.noise,
                                  {.seed = how_.seed,
                                   .trajectories = how_.shots.value_or(how_.trajectories),
                                   .precision = how_.precision,
                                   .distribution = !how_.shots,
                                   .samples = how_.shots.has_value(),
                                   .memory = how_.memory_limit});
        answer.trajectories = found.trajectories;
        if (how_.shots)
            answer.counts = sim::counts(*task_.circuit, found);
        else
            answer.probabilities = sim::probabilities(*task_.circuit, found);
        return;
    }
    const auto simulator = record_->method == Method::density
                               ? sim::make_noisy_simulator(task_.noise, {.precision = how_.precision,
                                                                         .memory_limit = how_.memory_limit})
                               : sim::make_statevector_simulator(how_.precision);
    const auto backend = sim::make_local_backend(simulator, "local");
    const auto sampled =
        backend->run(std::vector{backend::SamplerPub{task_.circuit}}, {how_.shots, how_.seed})->result();
    if (how_.shots)
        answer.counts = sampled[0].joint_counts();
    else
        answer.probabilities = sampled[0].probabilities.at(0);
}

/// Tr(O rho) of the final state. With shots each Pauli product is read off that many of its own, without
/// read-out error; trajectories are read off their states.
Expectation SimulateRun::expectation(SimulateAnswer& answer) const {
    const Observable& observable = *task_.observable;
    if (value_->method == Method::trajectories) {
        const sim::TrajectoryOutcome found =
            sim::run_trajectories(for_value_, std::span(&observable, 1), task_.noise,
                                  {.seed = how_.seed,
                                   .trajectories = how_.shots.value_or(how_.trajectories),
                                   .target_error = how_.target_error,
                                   .precision = how_.precision,
                                   .memory = how_.memory_limit});
        answer.trajectories = std::max(answer.trajectories, found.trajectories);
        return {found.expectations[0], found.deviations[0]};
    }
    std::vector<Observable> products;
    for (const auto& term : observable.terms) products.push_back({{{1.0, term.paulis}}});
    const std::vector<double> means =
        value_->method == Method::density
            ? sim::run_density_matrix(
                  for_value_, products, task_.noise,
                  {.records = false, .precision = how_.precision, .memory_limit = how_.memory_limit})
                  .expectations
            : sim::make_statevector_simulator(how_.precision)->run(for_value_, products).expectations;
    Expectation result;
    double variance = 0;
    for (std::size_t k = 0; k < products.size(); ++k) {
        const double coefficient = observable.terms[k].coefficient;
        double mean = means[k];
        if (how_.shots && !products[k].terms[0].paulis.empty()) {
            Random random = Random(how_.seed).stream(1).stream(k);
            std::uint64_t plus = 0;
            for (std::uint64_t shot = 0; shot < *how_.shots; ++shot)
                plus += random.uniform() < (1 + means[k]) / 2;
            const auto shots = static_cast<double>(*how_.shots);
            mean = 2 * static_cast<double>(plus) / shots - 1;
            variance += coefficient * coefficient * (1 - mean * mean) / shots;
        }
        result.value += coefficient * mean;
    }
    result.deviation = std::sqrt(variance);
    return result;
}

std::string in_words(const Plan& plan) {
    std::string text = fmt::format(
        "{}, {} precision: {} of {} qubits, {} of {} operations, {} gates and channels in {} sweeps of {}",
        sim::to_string(plan.method), plan.precision == sim::Precision::f64 ? "double" : "single", plan.qubits,
        plan.circuit_qubits, plan.seen, plan.operations, plan.maps, plan.sweeps, spoken_bytes(plan.bytes));
    if (plan.method == Method::trajectories)
        text += fmt::format(", at most {} trajectories", plan.trajectories);
    else if (plan.is_dynamic)
        text += " a branch";
    return text + fmt::format(", about {:.2g} s", plan.seconds);
}

}  // namespace qdcnn::cli
