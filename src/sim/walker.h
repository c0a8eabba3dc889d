#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <variant>
#include <vector>

#include "amplitudes.h"
#include "pending_gates.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "trajectory_program.h"

namespace qdcnn::sim {

/// Turns after which a loop is taken for one that does not end.
constexpr std::uint64_t kMostTurns = 10'000;

/// A state in the middle of a trajectory.
template <typename Real>
class Walker {
  public:
    explicit Walker(const TrajectoryProgram& program)
        : program_(program), state_(program.num_qubits()), pending_(program.num_qubits()) {}

    const Amplitudes<Real>& state() const { return state_; }
    std::uint64_t record() const { return record_; }

    /// left: the hazard still to come by before the first strike.
    void begin(const Amplitudes<Real>& from, Random random, double left) {
        state_ = from;
        pending_ = PendingGates(program_.num_qubits());
        record_ = 0;
        random_ = random;
        left_ = left;
    }
    void run(std::span<const TrajectoryProgram::Step> steps) {
        for (const TrajectoryProgram::Step& one : steps)
            std::visit([&](const auto& step) { take(step); }, one);
    }
    void finish() { pending_.flush_all(state_); }
    /// Samples the measurements at the end.
    void measure_finals() {
        const std::size_t index = program_.finals().empty() ? 0 : state_.sample(random_.uniform());
        for (const TrajectoryProgram::Final& final : program_.finals())
            note(final.bit, final.qubit != kIdle && (index >> final.qubit & 1), final.readout);
    }
    double exponential() { return -std::log1p(-random_.uniform()); }

  private:
    void take(const TrajectoryProgram::Apply& apply) { pending_.add(apply.matrix, apply.qubits, state_); }

    void take(const TrajectoryProgram::Strike& strike) {
        if (left_ >= strike.hazard) {
            left_ -= strike.hazard;
            return;
        }
        const ChannelParts& parts = *strike.parts;
        std::vector<double> weights = parts.weights;
        double whole = 1;
        if (weights.empty()) {
            for (const circuit::Qubit qubit : strike.qubits) pending_.flush(qubit, state_);
            const circuit::Matrix rho = state_.reduced(strike.qubits);
            whole = 0;
            for (std::size_t k = 0; k < rho.size; ++k) whole += rho(k, k).real();
            for (const circuit::Matrix& matrix : parts.rest) {
                const circuit::Matrix part = matrix * rho * matrix.adjoint();
                double weight = 0;
                for (std::size_t k = 0; k < part.size; ++k) weight += part(k, k).real();
                weights.push_back(std::max(0.0, weight));
            }
        }
        const std::size_t chosen = choose(weights);
        circuit::Matrix matrix = parts.rest[chosen];
        const double length = std::sqrt(weights[chosen] / whole);
        for (circuit::Complex& value : matrix.values) value /= length;
        pending_.add(matrix, strike.qubits, state_);
        // What is no unitary must be in the state before another qubit's weights are asked for.
        if (parts.weights.empty())
            for (const circuit::Qubit qubit : strike.qubits) pending_.flush(qubit, state_);
        left_ = exponential();
    }

    /// In proportion to the weights, never one of 0.
    std::size_t choose(std::span<const double> weights) {
        double sum = 0;
        for (const double weight : weights) sum += weight;
        double left = random_.uniform() * sum;
        std::size_t chosen = 0;
        for (std::size_t k = 0; k < weights.size(); ++k) {
            if (weights[k] <= 0) continue;
            chosen = k;
            if ((left -= weights[k]) < 0) break;
        }
        return chosen;
    }

    /// The qubit's value by chance; the state is projected on it.
    bool collapse(circuit::Qubit qubit, bool then_reset) {
        pending_.flush(qubit, state_);
        const circuit::Matrix rho = state_.reduced({&qubit, 1});
        const double zero = rho(0, 0).real(), one = rho(1, 1).real();
        const bool value = random_.uniform() * (zero + one) >= zero;
        const std::size_t kept = value;
        circuit::Matrix projector = circuit::Matrix::zero(2);
        projector(then_reset ? 0 : kept, kept) = std::sqrt((zero + one) / (value ? one : zero));
        state_.apply(projector, std::span(&qubit, 1));
        return value;
    }

    void note(std::uint64_t bit, bool value, const ReadoutError& readout) {
        const double flip = value ? readout.p0_given_1 : readout.p1_given_0;
        if (flip > 0 && random_.uniform() < flip) value = !value;
        record_ = value ? record_ | bit : record_ & ~bit;
    }

    void take(const TrajectoryProgram::Measure& measure) {
        note(measure.bit, measure.qubit != kIdle && collapse(measure.qubit, false), measure.readout);
    }
    void take(const TrajectoryProgram::Reset& reset) {
        if (reset.qubit != kIdle) collapse(reset.qubit, true);
    }
    void take(const TrajectoryProgram::Prepare& prepare) {
        for (const circuit::Qubit qubit : prepare.qubits) collapse(qubit, true);
        state_.prepare(prepare.qubits, prepare.amplitudes);
    }
    bool holds_now(const circuit::Condition& condition) const {
        return circuit::holds(condition, program_.bits().word(condition.bits, record_));
    }
    void take(const TrajectoryProgram::Branch& branch) {
        run(holds_now(*branch.condition) ? branch.then_steps : branch.else_steps);
    }
    void take(const TrajectoryProgram::Loop& loop) {
        for (std::uint64_t turn = 0; holds_now(*loop.condition); ++turn) {
            if (turn == kMostTurns)
                throw Error(ErrorKind::unsupported,
                            fmt::format("a loop goes on after {} turns of one trajectory", turn),
                            "Does it end?");
            run(loop.body);
        }
    }
    void take(const circuit::Store* store) {
        const std::uint64_t value = store->formula.evaluate(program_.bits().word(store->bits, record_));
        for (std::size_t i = 0; i < store->targets.size(); ++i) {
            const std::uint64_t bit = std::uint64_t{1} << program_.bits().position(store->targets[i]);
            record_ = value >> i & 1 ? record_ | bit : record_ & ~bit;
        }
    }

    const TrajectoryProgram& program_;
    Amplitudes<Real> state_;
    PendingGates pending_;
    std::uint64_t record_ = 0;
    Random random_;
    double left_ = 0;
};

}  // namespace qdcnn::sim
