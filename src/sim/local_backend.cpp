#include "qdcnn/sim/local_backend.h"

#include <fmt/format.h>
#include <omp.h>

#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/base/random.h"
#include "sim/group_reader.h"
#include "sim/records.h"
#include "sim/tape.h"

namespace qdcnn::sim {

using namespace backend;

namespace {

constexpr std::uint64_t kMaxShots = 1'000'000'000;
/// States that together take less run in parallel without asking how much memory there is.
constexpr double kSmallStates = 0x1p24;
/// The part of the free memory that the states of all threads may take: branches need as much again.
constexpr double kMemoryForStates = 0.25;
/// Rows that one call of a tape takes, which bounds its memory.
constexpr std::size_t kRowsAtOnce = 1024;

/// Calls work(i) for all i below count, on several threads when `parallel`. Rethrows the error of the lowest
/// i that has one, whatever the threads.
template <typename Work>
void for_each_index(std::size_t count, bool parallel, const Work& work) {
    std::exception_ptr error;
    std::mutex guard;
    // Only those above are skipped.
    std::atomic<std::size_t> lowest{count};
#pragma omp parallel for schedule(dynamic) if (parallel && count > 1)
    for (std::size_t i = 0; i < count; ++i) {
        if (i > lowest) continue;
        try {
            interrupt().throw_if_interrupted();
            work(i);
        } catch (...) {
            const std::lock_guard lock(guard);
            if (i < lowest) {
                lowest = i;
                error = std::current_exception();
            }
        }
    }
    if (error) std::rethrow_exception(error);
}

class LocalBackend final : public Backend {
  public:
    LocalBackend(std::shared_ptr<const Simulator> simulator, std::string name,
                 std::optional<target::Target> target)
        : simulator_(std::move(simulator)), name_(std::move(name)), target_(std::move(target)) {}

    const std::string& name() const override { return name_; }
    const target::Target* target() const override { return target_ ? &*target_ : nullptr; }
    Limits limits() const override {
        return {.max_qubits = target_ ? target_->num_qubits : simulator_->max_qubits(),
                .max_shots = kMaxShots,
                .has_exact = true,
                .is_dynamic = !target_ || target_->is_dynamic()};
    }

    std::unique_ptr<Job<SamplerResult>> run(std::vector<SamplerPub> pubs,
                                            const RunOptions& options) override {
        SamplerResult result;
        for (std::size_t p = 0; p < pubs.size(); ++p) {
            check(pubs[p]);
            check_width(*pubs[p].circuit);
            result.pubs.push_back(
                sample(pubs[p], shots_of(pubs[p].shots, options), Random(options.seed).stream(p)));
        }
        return std::make_unique<CompletedJob<SamplerResult>>(next_id(), std::move(result));
    }

    std::unique_ptr<Job<EstimatorResult>> run(std::vector<EstimatorPub> pubs,
                                              const RunOptions& options) override {
        EstimatorResult result;
        for (std::size_t p = 0; p < pubs.size(); ++p) {
            check(pubs[p]);
            check_width(*pubs[p].circuit);
            result.pubs.push_back(
                estimate(pubs[p], shots_of(pubs[p].shots, options), Random(options.seed).stream(p)));
        }
        return std::make_unique<CompletedJob<EstimatorResult>>(next_id(), std::move(result));
    }

    std::unique_ptr<Differentiable> differentiable(std::shared_ptr<const circuit::Circuit> circuit,
                                                   std::vector<circuit::Observable> observables,
                                                   std::vector<circuit::ParameterIndex> wrt) override {
        if (simulator_->is_noisy()) return nullptr;
        if (!circuit) throw Error(ErrorKind::invalid_input, "there is no circuit to differentiate");
        check_width(*circuit);
        return make_tape(*circuit, observables, std::move(wrt));
    }

  private:
    std::string next_id() { return fmt::format("{}-{}", name_, ++jobs_); }

    void check_width(const circuit::Circuit& circuit) const {
        if (target_ && circuit.num_qubits() > target_->num_qubits)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the circuit has {} qubits, {} has {}", circuit.num_qubits(), name_,
                                    target_->num_qubits));
    }

    static std::optional<std::uint64_t> shots_of(const std::optional<std::uint64_t>& own,
                                                 const RunOptions& options) {
        const auto shots = own ? own : options.shots;
        if (shots && (*shots == 0 || *shots > kMaxShots))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{} shots: expected 1 to {}", *shots, kMaxShots),
                        "Without shots the result is exact.");
        return shots;
    }

    /// Whether a state for every thread leaves enough memory.
    bool may_run_parallel(const circuit::Circuit& circuit) const {
        std::vector<bool> used(circuit.num_qubits(), false);
        std::uint32_t count = 0;
        circuit::for_each_operation(circuit.operations(), [&](const circuit::Operation& operation) {
            for (const circuit::Qubit qubit : circuit::qubits_of(operation))
                if (!used[qubit]) used[qubit] = true, ++count;
        });
        const double bytes = simulator_->bytes_for(count) * omp_get_max_threads();
        return bytes <= kSmallStates || bytes <= kMemoryForStates * static_cast<double>(available_memory());
    }

    SamplerPubResult sample(const SamplerPub& pub, std::optional<std::uint64_t> shots,
                            const Random& random) const {
        const circuit::Circuit& circuit = *pub.circuit;
        const std::size_t rows = pub.parameters.rows();
        SamplerPubResult result;
        result.registers = circuit.result_registers();
        if (shots)
            result.data = empty_shots(circuit, rows, *shots);
        else
            result.probabilities.resize(rows);
        for_each_index(rows, may_run_parallel(circuit), [&](std::size_t row) {
            const Outcome outcome = simulator_->run(circuit.bind(pub.parameters.row(row)), {});
            if (shots)
                sample_row(circuit, outcome, random.stream(row), row, result.data);
            else
                result.probabilities[row] = probabilities(circuit, outcome);
        });
        return result;
    }

    EstimatorPubResult estimate(const EstimatorPub& pub, std::optional<std::uint64_t> shots,
                                const Random& random) const {
        EstimatorPubResult result;
        result.rows = pub.parameters.rows();
        result.observables = pub.observables.size();
        result.values.assign(result.rows * result.observables, 0);
        result.deviations.assign(result.values.size(), 0);
        if (shots || simulator_->is_noisy())
            read_off_records(pub, shots, random, result);
        else if (pub.circuit->is_dynamic())
            take_from_branches(pub, result);
        else
            take_from_tape(pub, result);
        return result;
    }

    void take_from_tape(const EstimatorPub& pub, EstimatorPubResult& result) const {
        const auto tape = make_tape(*pub.circuit, pub.observables, {});
        for (std::size_t first = 0; first < result.rows; first += kRowsAtOnce) {
            interrupt().throw_if_interrupted();
            const std::size_t rows = std::min(kRowsAtOnce, result.rows - first);
            ParameterMatrix part(rows, pub.parameters.columns());
            for (std::size_t row = 0; row < rows; ++row) {
                const auto from = pub.parameters.row(first + row);
                std::copy(from.begin(), from.end(), part.row(row).begin());
            }
            tape->forward(
                part,
                std::span(result.values).subspan(first * result.observables, rows * result.observables));
        }
    }

    void take_from_branches(const EstimatorPub& pub, EstimatorPubResult& result) const {
        for_each_index(result.rows, may_run_parallel(*pub.circuit), [&](std::size_t row) {
            const Outcome outcome =
                simulator_->run(pub.circuit->bind(pub.parameters.row(row)), pub.observables);
            std::copy(outcome.expectations.begin(), outcome.expectations.end(),
                      result.values.begin() + static_cast<std::ptrdiff_t>(row * result.observables));
        });
    }

    /// Measures group by group, as a device does; without shots from the exact distribution.
    void read_off_records(const EstimatorPub& pub, std::optional<std::uint64_t> shots, const Random& random,
                          EstimatorPubResult& result) const {
        const std::vector<PauliGroup> groups = group_paulis(pub.observables);
        std::vector<MeasuredGroup> measured;
        for (const PauliGroup& group : groups)
            measured.push_back(measure_group(*pub.circuit, group, target()));
        for_each_index(result.rows, may_run_parallel(*pub.circuit), [&](std::size_t row) {
            const std::span<double> values =
                std::span(result.values).subspan(row * result.observables, result.observables);
            const std::span<double> deviations =
                std::span(result.deviations).subspan(row * result.observables, result.observables);
            for (std::size_t g = 0; g < groups.size(); ++g) {
                const Outcome outcome =
                    simulator_->run(measured[g].circuit.bind(pub.parameters.row(row)), {});
                add_group(groups[g], measured[g], outcome, shots, random.stream(row).stream(g), values,
                          deviations);
            }
            for (double& deviation : deviations) deviation = std::sqrt(deviation);
        });
    }

    /// Adds the group's mean to `values` and, with shots, the variance of that mean to `variances`.
    static void add_group(const PauliGroup& group, const MeasuredGroup& measured, const Outcome& outcome,
                          std::optional<std::uint64_t> shots, Random random, std::span<double> values,
                          std::span<double> variances) {
        std::vector<double> weights;
        if (shots) {
            std::vector<std::uint64_t> counts(outcome.records.size(), 0);
            const RecordSampler sampler(outcome);
            for (std::uint64_t shot = 0; shot < *shots; ++shot) {
                if (shot % kShotsAtOnce == 0) interrupt().throw_if_interrupted();
                ++counts[sampler.draw(random)];
            }
            for (const std::uint64_t count : counts)
                weights.push_back(static_cast<double>(count) / static_cast<double>(*shots));
        } else {
            for (const auto& record : outcome.records) weights.push_back(record.second);
        }
        const GroupReader reader(group, measured, outcome);
        std::vector<double> mean(values.size(), 0), square(values.size(), 0), one(values.size());
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (weights[i] == 0) continue;
            std::fill(one.begin(), one.end(), 0.0);
            reader.add_values(outcome.records[i].first, one);
            for (std::size_t o = 0; o < values.size(); ++o) {
                mean[o] += weights[i] * one[o];
                square[o] += weights[i] * one[o] * one[o];
            }
        }
        for (std::size_t o = 0; o < values.size(); ++o) {
            values[o] += mean[o];
            if (shots)
                variances[o] += std::max(0.0, square[o] - mean[o] * mean[o]) / static_cast<double>(*shots);
        }
    }

    std::shared_ptr<const Simulator> simulator_;
    std::string name_;
    std::optional<target::Target> target_;
    std::atomic<std::uint64_t> jobs_{0};
};

}  // namespace

std::unique_ptr<Backend> make_local_backend() {
    return make_local_backend(make_statevector_simulator(), "local");
}

std::unique_ptr<Backend> make_local_backend(std::shared_ptr<const Simulator> simulator, std::string name,
                                            std::optional<target::Target> target) {
    if (!simulator) throw Error(ErrorKind::invalid_input, "a local backend needs a simulator");
    return std::make_unique<LocalBackend>(std::move(simulator), std::move(name), std::move(target));
}

}  // namespace qdcnn::sim
