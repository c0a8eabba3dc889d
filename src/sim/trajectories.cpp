#include "qdcnn/sim/trajectories.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <map>

#include "light_cone.h"
#include "places.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/base/random.h"
#include "records.h"
#include "trajectory_program.h"
#include "walker.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

using Steps = TrajectoryProgram;

/// Trajectories that one thread runs in a row, whose sums are taken first.
constexpr std::uint64_t kChunk = 16;
/// Between two looks at the error and the interrupt.
constexpr std::uint64_t kBatch = 512;
/// States of the run that nothing strikes, to start from.
constexpr std::size_t kMostCheckpoints = 16;
/// The part of the free memory that states may take when nothing else is said.
constexpr double kMemoryForStates = 0.25;

/// The observables on places; terms that vanish are left out.
struct Terms {
    struct Term {
        double coefficient;
        PauliMasks masks;
    };
    std::vector<std::vector<Term>> of_observable;

    Terms(const Steps& program, std::span<const Observable> observables) {
        std::uint64_t measured = 0;
        for (const auto& final : program.finals())
            if (final.qubit != kIdle) measured |= std::uint64_t{1} << final.qubit;
        for (const Observable& observable : observables) {
            auto& terms = of_observable.emplace_back();
            for (const auto& term : observable.terms) {
                PauliString on_places;
                bool vanishes = false;
                for (const auto& [qubit, pauli] : term.paulis) {
                    if (qubit >= program.places().size())
                        throw Error(ErrorKind::invalid_input,
                                    fmt::format("an observable acts on qubit {}: the circuit has {}", qubit,
                                                program.places().size()));
                    const Qubit place = program.places()[qubit];
                    // X and Y average to 0 on an idle qubit, which is |0>, and on a measured one.
                    if (pauli != Pauli::z && (place == kIdle || measured >> place & 1)) vanishes = true;
                    if (place != kIdle) on_places.emplace_back(place, pauli);
                }
                if (!vanishes) terms.push_back({term.coefficient, PauliMasks(on_places)});
            }
        }
    }

    template <typename Real>
    void values(const Amplitudes<Real>& state, std::span<double> into) const {
        const double norm = state.norm();
        for (std::size_t o = 0; o < of_observable.size(); ++o) {
            into[o] = 0;
            for (const Term& term : of_observable[o])
                into[o] += term.coefficient * state.expectation(term.masks) / norm;
        }
    }
};

/// Sums over some trajectories.
struct Sums {
    std::vector<double> value, square;
    /// For each record before the measurements at the end, theirs without read-out errors.
    std::map<std::uint64_t, std::vector<double>> distribution;
    std::map<std::uint64_t, std::uint64_t> counts;

    explicit Sums(std::size_t observables) : value(observables), square(observables) {}

    void add(const Sums& other) {
        for (std::size_t o = 0; o < value.size(); ++o) {
            value[o] += other.value[o];
            square[o] += other.square[o];
        }
        for (const auto& [record, weights] : other.distribution) add_distribution(record, 1, weights);
        for (const auto& [record, count] : other.counts) counts[record] += count;
    }
    void add_distribution(std::uint64_t record, double factor, std::span<const double> weights) {
        std::vector<double>& into = distribution[record];
        into.resize(weights.size());
        for (std::size_t i = 0; i < weights.size(); ++i) into[i] += factor * weights[i];
    }
};

template <typename Real>
class Run {
  public:
    Run(const Steps& program, std::span<const Observable> observables, const TrajectoryOptions& options)
        : program_(program),
          terms_(program, observables),
          options_(options),
          observables_(observables.size()),
          threads_(threads()) {
        for (const auto& final : program_.finals())
            if (final.qubit != kIdle) measured_.push_back(final.qubit);
        prepare_plain_run();
    }

    TrajectoryOutcome run() {
        TrajectoryOutcome outcome;
        outcome.clbits = program_.bits().clbits();
        const bool is_conditioned = program_.is_plain() && !options_.samples;
        outcome.errorless = program_.is_plain() ? std::exp(-total_) : 0;
        // Weight of the exact part.
        const double exact = is_conditioned ? outcome.errorless : 0;
        Sums sums(observables_);
        std::uint64_t done = 0;
        const bool has_work = !is_conditioned || total_ > 0;
        while (has_work && done < options_.trajectories) {
            interrupt().throw_if_interrupted();
            const std::uint64_t count = std::min(kBatch, options_.trajectories - done);
            run_batch(done, count, exact, sums);
            done += count;
            if (options_.target_error > 0 && worst_error(sums, done, 1 - exact) <= options_.target_error)
                break;
        }
        outcome.trajectories = done;
        collect(sums, done, exact, outcome);
        return outcome;
    }

  private:
    struct Checkpoint {
        std::size_t step;
        double hazard;
        Amplitudes<Real> state;
    };

    int threads() const {
        const double each = Amplitudes<Real>::bytes(program_.num_qubits());
        const double memory = options_.memory > 0
                                  ? options_.memory
                                  : kMemoryForStates * static_cast<double>(available_memory());
        // One of the threads' states, the start and the end of the plain run must fit in any case.
        const double room = memory / each - 2;
        if (3 * each > static_cast<double>(available_memory()) || (options_.memory > 0 && room < 1))
            require_more(3 * each);
        checkpoints_wanted_ =
            static_cast<std::size_t>(std::clamp(room / 2, 1.0, static_cast<double>(kMostCheckpoints)));
        return std::max(1, static_cast<int>(std::min<double>(
                               omp_get_max_threads(), room - static_cast<double>(checkpoints_wanted_))));
    }
    [[noreturn]] void require_more(double bytes) const {
        constexpr double kGibibyte = 0x1p30;
        throw Error(
            ErrorKind::out_of_memory,
            fmt::format("trajectories of {} qubits need {:.3g} GiB of memory for three state vectors, "
                        "{:.3g} GiB may be taken",
                        program_.num_qubits(), bytes / kGibibyte,
                        (options_.memory > 0 ? options_.memory : static_cast<double>(available_memory())) /
                            kGibibyte),
            "Use fewer qubits, single precision, or a machine with more memory.");
    }

    /// The run that nothing strikes, up to the first step that is not plain or that always strikes.
    void prepare_plain_run() {
        const auto& steps = program_.steps();
        std::vector<std::size_t> strikes;
        for (std::size_t i = 0; i < program_.plain_steps(); ++i)
            if (const auto* strike = std::get_if<Steps::Strike>(&steps[i])) {
                strikes.push_back(i);
                total_ += strike->hazard;
            }
        Walker<Real> walker(program_);
        Amplitudes<Real> state(program_.num_qubits());
        double hazard = 0;
        std::size_t from = 0;
        checkpoints_.push_back({0, 0, state});
        const std::size_t apart = strikes.size() / checkpoints_wanted_ + 1;
        for (std::size_t k = 0; k <= strikes.size(); ++k) {
            const bool is_end = k == strikes.size();
            const std::size_t to = is_end ? program_.plain_steps() : strikes[k];
            if (is_end || (k > 0 && k % apart == 0)) {
                walker.begin(state, Random(), std::numeric_limits<double>::infinity());
                walker.run(std::span(steps).subspan(from, to - from));
                walker.finish();
                state = walker.state();
                from = to;
                checkpoints_.push_back({to, hazard, state});
            }
            if (!is_end) hazard += std::get<Steps::Strike>(steps[to]).hazard;
            if (std::isinf(hazard)) break;
        }
    }

    /// A hazard at which the first strike comes, at most total_ when it must come in the plain run.
    double first_strike(Random& random, double exact) const {
        return exact > 0 ? -std::log(exact + (1 - exact) * random.uniform()) : -std::log1p(-random.uniform());
    }

    void run_batch(std::uint64_t first, std::uint64_t count, double exact, Sums& sums) {
        const std::uint64_t chunks = (count + kChunk - 1) / kChunk;
        std::vector<Sums> parts(chunks, Sums(observables_));
        std::vector<std::exception_ptr> errors(chunks);
        const bool is_parallel = threads_ > 1 && chunks > 1;
#pragma omp parallel num_threads(threads_) if (is_parallel)
        {
            Walker<Real> walker(program_);
#pragma omp for schedule(dynamic) nowait
            for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
                try {
                    if (interrupt().signal_number() != 0) continue;
                    const std::uint64_t end = std::min(count, (chunk + 1) * kChunk);
                    for (std::uint64_t k = chunk * kChunk; k < end; ++k)
                        run_one(first + k, exact, walker, parts[chunk]);
                } catch (...) {
                    errors[chunk] = std::current_exception();
                }
            }
        }
        interrupt().throw_if_interrupted();
        for (const std::exception_ptr& error : errors)
            if (error) std::rethrow_exception(error);
        for (const Sums& part : parts) sums.add(part);
    }

    void run_one(std::uint64_t trajectory, double exact, Walker<Real>& walker, Sums& sums) const {
        Random random = Random(options_.seed).stream(trajectory);
        const double left = first_strike(random, exact);
        const auto after =
            std::upper_bound(checkpoints_.begin() + 1, checkpoints_.end(), left,
                             [](double value, const Checkpoint& c) { return value < c.hazard; });
        const Checkpoint& start = *(after - 1);
        walker.begin(start.state, random.stream(1), left - start.hazard);
        walker.run(std::span(program_.steps()).subspan(start.step));
        walker.finish();
        std::vector<double> values(observables_);
        terms_.values(walker.state(), values);
        for (std::size_t o = 0; o < observables_; ++o) {
            sums.value[o] += values[o];
            sums.square[o] += values[o] * values[o];
        }
        if (options_.distribution) add_distribution(walker.state(), walker.record(), 1, sums);
        if (options_.samples) {
            walker.measure_finals();
            ++sums.counts[walker.record()];
        }
    }

    void add_distribution(const Amplitudes<Real>& state, std::uint64_t record, double factor,
                          Sums& sums) const {
        std::vector<double>& into = sums.distribution[record];
        into.resize(std::size_t{1} << measured_.size());
        state.add_distribution(measured_, factor / state.norm(), into);
    }

    /// Read-out errors of the measurements at the end, and the records that they make.
    std::map<std::uint64_t, double> read_out(const Sums& whole) const {
        std::map<std::uint64_t, double> records;
        for (const auto& [record, weights] : whole.distribution) {
            std::vector<double> values = weights;
            std::vector<std::uint64_t> bits;
            for (const auto& final : program_.finals()) {
                if (final.qubit == kIdle && final.readout.p1_given_0 == 0) continue;
                // A qubit that is |0> widens the list where it is misread.
                if (final.qubit == kIdle) values.resize(2 * values.size(), 0.0);
            }
            std::size_t place = 0, idle = measured_.size();
            for (const auto& final : program_.finals()) {
                if (final.qubit == kIdle && final.readout.p1_given_0 == 0) continue;
                const std::size_t step = std::size_t{1} << (final.qubit == kIdle ? idle++ : place++);
                const double up = final.readout.p1_given_0, down = final.readout.p0_given_1;
                for (std::size_t i = 0; i < values.size() && !final.readout.is_ideal(); ++i) {
                    if (i & step) continue;
                    const double zero = values[i], one = values[i | step];
                    values[i] = (1 - up) * zero + down * one;
                    values[i | step] = up * zero + (1 - down) * one;
                }
            }
            for (const bool is_idle : {false, true})
                for (const auto& final : program_.finals())
                    if ((final.qubit == kIdle) == is_idle && (!is_idle || final.readout.p1_given_0 != 0))
                        bits.push_back(final.bit);
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (values[i] <= 0) continue;
                std::uint64_t key = record;
                for (std::size_t b = 0; b < bits.size(); ++b)
                    if (i >> b & 1) key |= bits[b];
                records[key] += values[i];
            }
        }
        return records;
    }

    /// The largest standard error of the means; struck: the weight of what is sampled.
    double worst_error(const Sums& sums, std::uint64_t count, double struck) const {
        double worst = 0;
        for (std::size_t o = 0; o < observables_; ++o)
            worst = std::max(worst, struck * error_of(sums, o, count));
        return worst;
    }
    static double error_of(const Sums& sums, std::size_t o, std::uint64_t count) {
        if (count < 2) return std::numeric_limits<double>::infinity();
        const auto n = static_cast<double>(count);
        const double mean = sums.value[o] / n;
        return std::sqrt(std::max(0.0, sums.square[o] / n - mean * mean) / (n - 1));
    }

    void collect(const Sums& sums, std::uint64_t count, double exact, TrajectoryOutcome& outcome) const {
        std::vector<double> plain(observables_);
        Sums whole(observables_);
        if (exact > 0) {
            terms_.values(checkpoints_.back().state, plain);
            if (options_.distribution) add_distribution(checkpoints_.back().state, 0, exact, whole);
        }
        for (std::size_t o = 0; o < observables_; ++o) {
            const double mean = count ? sums.value[o] / static_cast<double>(count) : 0;
            outcome.expectations.push_back(exact * plain[o] + (1 - exact) * mean);
            outcome.deviations.push_back(count ? (1 - exact) * error_of(sums, o, count) : 0);
        }
        for (const auto& [record, weights] : sums.distribution)
            whole.add_distribution(record, (1 - exact) / static_cast<double>(count), weights);
        const auto records = read_out(whole);
        outcome.records.assign(records.begin(), records.end());
        outcome.counts.assign(sums.counts.begin(), sums.counts.end());
    }

    const Steps& program_;
    Terms terms_;
    TrajectoryOptions options_;
    std::size_t observables_;
    /// Qubits measured at the end.
    std::vector<Qubit> measured_;
    mutable std::size_t checkpoints_wanted_ = 1;
    int threads_;
    /// All hazards of the plain steps.
    double total_ = 0;
    /// The start, states on the way, the end unless a step before it always strikes.
    std::vector<Checkpoint> checkpoints_;
};

}  // namespace

namespace {

Outcome as_outcome(const TrajectoryOutcome& outcome) { return {outcome.clbits, outcome.records, {}, {}}; }

}  // namespace

backend::Probabilities probabilities(const Circuit& circuit, const TrajectoryOutcome& outcome) {
    return probabilities(circuit, as_outcome(outcome));
}

backend::Counts counts(const Circuit& circuit, const TrajectoryOutcome& outcome) {
    // Counts are whole numbers that doubles hold exactly.
    Outcome as_records{outcome.clbits, {}, {}, {}};
    for (const auto& [record, count] : outcome.counts)
        as_records.records.emplace_back(record, static_cast<double>(count));
    backend::Counts result;
    for (const auto& [key, count] : probabilities(circuit, as_records))
        result[key] = static_cast<std::uint64_t>(count);
    return result;
}

TrajectoryOutcome run_trajectories(const Circuit& bound, std::span<const Observable> observables,
                                   const NoiseModel& noise, const TrajectoryOptions& options) {
    if (options.trajectories == 0)
        throw Error(ErrorKind::invalid_input, "0 trajectories: expected 1 or more");
    if (options.light_cone && !options.distribution && !options.samples && !observables.empty()) {
        TrajectoryOptions of_cone = options;
        of_cone.light_cone = false;
        TrajectoryOutcome outcome =
            run_trajectories(light_cone(bound, observables), observables, noise, of_cone);
        outcome.clbits = RecordBits(bound).clbits();
        return outcome;
    }
    const Steps program(bound, noise);
    if (options.distribution && program.bits().clbits().size() > kMostDistributionBits)
        throw Error(ErrorKind::unsupported,
                    fmt::format("the distribution of {} measured bits: trajectories give that of at most {}",
                                program.bits().clbits().size(), kMostDistributionBits),
                    "Ask for shots instead.");
    if (options.precision == Precision::f32) return Run<float>(program, observables, options).run();
    return Run<double>(program, observables, options).run();
}

}  // namespace qdcnn::sim
