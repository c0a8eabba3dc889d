#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "qdcnn/backend/result.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/sim/plan.h"

namespace qdcnn::cli {

/// How `simulate` is to run.
struct SimulateMethod {
    /// Nothing: auto.
    std::optional<sim::Method> method;
    sim::Precision precision = sim::Precision::f64;
    /// Bytes; 0: what is free.
    double memory_limit = 0;
    std::uint64_t trajectories = 10'000;
    double target_error = 0;
    std::optional<std::uint64_t> shots;
    std::uint64_t seed = 0;
};

/// The circuit to run with its noise.
struct SimulateTask {
    std::shared_ptr<const circuit::Circuit> circuit;
    /// The user's circuit has no classical bits; every measurement in `circuit` is put there to report its
    /// qubits.
    bool is_unmeasured = false;
    std::optional<circuit::Observable> observable;
    sim::NoiseModel noise;
};

struct Expectation {
    double value = 0;
    double deviation = 0;
};

struct SimulateAnswer {
    std::optional<backend::Probabilities> probabilities;
    std::optional<backend::Counts> counts;
    std::optional<Expectation> expectation;
    /// Of the record; of the expectation value where there is no record.
    std::string method;
    /// The most that were run for one of the two.
    std::uint64_t trajectories = 0;
};

/// What simulate does for a task: which method gives the record (probabilities or counts), which the
/// expectation value.
///
/// auto: without noise a state vector. With noise a density matrix, of the observable's light cone for an
/// expectation value, where it fits into memory; else trajectories, for the record only with shots, because
/// without it is to be exact. A circuit that measures nothing has no record when its density matrix does not
/// fit, or trajectories are asked for, and there is an observable.
class SimulateRun {
  public:
    /// Throws Error(usage): a method that does not fit the noise.
    SimulateRun(SimulateTask task, const SimulateMethod& how);

    const std::optional<sim::Plan>& record_plan() const { return record_; }
    const std::optional<sim::Plan>& value_plan() const { return value_; }
    /// Of both.
    double seconds() const;

    /// Throws Error(out_of_memory) with the figure.
    void require_memory() const;
    /// Throws as that, before anything is allocated, and as the simulators do.
    SimulateAnswer run() const;

  private:
    sim::Plan plan(const circuit::Circuit& circuit, bool for_value, sim::Method method) const;
    bool fits(const sim::Plan& plan) const;
    void require_fits(const sim::Plan& plan) const;
    void run_record(SimulateAnswer& answer) const;
    Expectation expectation(SimulateAnswer& answer) const;

    SimulateTask task_;
    SimulateMethod how_;
    /// The circuit without the measurements that the user did not write.
    circuit::Circuit for_value_;
    std::optional<sim::Plan> record_, value_;
};

/// "density_matrix, double precision: 10 of 16 qubits, ..." in one line.
std::string in_words(const sim::Plan& plan);

}  // namespace qdcnn::cli
