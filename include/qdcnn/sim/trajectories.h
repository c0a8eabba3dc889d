#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "qdcnn/backend/result.h"
#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/sim/noise_model.h"
#include "qdcnn/sim/outcome.h"

namespace qdcnn::sim {

struct TrajectoryOptions {
    std::uint64_t seed = 0;
    /// The most to run.
    std::uint64_t trajectories = 10'000;
    /// Above 0: no more are run once every expectation value's standard error is at most this.
    double target_error = 0;
    Precision precision = Precision::f64;
    /// Also the distribution of the record of all measurements, which must be at most kMostDistributionBits.
    bool distribution = false;
    /// Also one record of each trajectory, as a device's shots.
    bool samples = false;
    /// Bytes that states may take; 0: a quarter of the free memory.
    double memory = 0;
    /// Where expectation values alone are wanted: leave out what they do not depend on.
    bool light_cone = true;
};

inline constexpr std::uint32_t kMostDistributionBits = 20;

struct TrajectoryOutcome {
    /// As Outcome has it.
    std::vector<circuit::Clbit> clbits;
    /// One for each observable, with its standard error; 0 where the value is exact.
    std::vector<double> expectations;
    std::vector<double> deviations;
    /// Mean distribution of the record, with read-out errors; sorted, no zeros.
    std::vector<std::pair<std::uint64_t, double>> records;
    /// Times that a record came; sorted.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> counts;
    std::uint64_t trajectories = 0;
    /// The probability of a run in which no channel strikes; 0 where it is not known beforehand, as with
    /// measurements on the way.
    double errorless = 0;
};

/// The bound circuit from |0..0> under the noise model by state vectors that are struck at random.
/// Expectation values and distributions are read off the states, not sampled.
///
/// A channel is p times the identity and a rest, with the largest such p, found from its Choi matrix; where
/// the rest strikes does not depend on the state, what it does may. Without measurements, resets, branches
/// and loops on the way, the run that nothing strikes is done once and enters with its exact weight; all
/// other trajectories are conditioned on being struck and start from the nearest of some states kept of that
/// run. (With `samples`, trajectories are not conditioned.) A channel whose Kraus operators do not span the
/// identity, such as amplitude damping alone, strikes always. Trajectory k draws from stream k of the seed,
/// and sums are taken in a fixed order: the threads change nothing. Measurements, resets and loops are played
/// as they come; conditions act on what was recorded.
///
/// Throws as run_density_matrix does; Error(unsupported) for a distribution of too many bits, and for a loop
/// of more than 10,000 turns.
TrajectoryOutcome run_trajectories(const circuit::Circuit& bound,
                                   std::span<const circuit::Observable> observables, const NoiseModel& noise,
                                   const TrajectoryOptions& options);

/// The records' distribution and counts with Qiskit's keys (backend::SamplerPubResult).
backend::Probabilities probabilities(const circuit::Circuit& circuit, const TrajectoryOutcome& outcome);
backend::Counts counts(const circuit::Circuit& circuit, const TrajectoryOutcome& outcome);

}  // namespace qdcnn::sim
