#include "qdcnn/sim/statevector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/plan.h"
#include "qdcnn/sim/simulator.h"
#include "qdcnn/sim/trajectories.h"
#include "sim/instructions.h"
#include "sim/wide_state.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

/// Probabilities below this are rounding errors of amplitudes that are 0.
constexpr double kNegligible = 1e-28;

std::uint64_t bit(Qubit qubit) { return std::uint64_t{1} << qubit; }

/// An observable's term on the numbered qubits.
struct WireTerm {
    double coefficient;
    PauliMasks masks;
};

void prepare_qubits(WideState& state, const Instructions::Prepare& prepare) {
    std::uint64_t mask = 0;
    for (const Qubit qubit : prepare.qubits) mask |= bit(qubit);
    const double norm = state.norm();
    if (norm - state.weight(mask, 0) > 1e-10 * norm)
        throw Error(ErrorKind::invalid_input, "amplitudes are prepared on qubits that are not in |0>",
                    "Reset them before.");
    state.prepare(prepare.qubits, prepare.amplitudes);
}

class BranchRunner {
  public:
    BranchRunner(const Instructions& program, std::span<const Observable> observables) : program_(program) {
        for (const Observable& observable : observables) terms_.push_back(on_wires(observable));
        outcome_.clbits = program.clbits;
        outcome_.expectations.assign(observables.size(), 0);
        outcome_.method = "statevector";
    }

    Outcome run() {
        walk(WideState(program_.num_qubits, program_.is_real), 0, 0);
        merge_records();
        return std::move(outcome_);
    }

  private:
    std::vector<WireTerm> on_wires(const Observable& observable) const {
        std::uint64_t measured = 0;
        for (const auto& final : program_.final_measurements) measured |= bit(final.qubit);
        std::vector<WireTerm> terms;
        for (const auto& term : observable.terms) {
            PauliString paulis;
            bool vanishes = false;
            for (const auto& [qubit, pauli] : term.paulis) {
                if (qubit >= program_.wire.size())
                    throw Error(ErrorKind::invalid_input,
                                fmt::format("an observable names qubit {}, the circuit has {}", qubit,
                                            program_.wire.size()));
                const Qubit wire = program_.wire[qubit];
                // X and Y average to 0 on an idle qubit, which is |0>, and on a measured one.
                if (pauli != Pauli::z && (wire == Instructions::kUnused || measured & bit(wire)))
                    vanishes = true;
                if (wire != Instructions::kUnused) paulis.emplace_back(wire, pauli);
            }
            if (!vanishes) terms.push_back({term.coefficient, PauliMasks(paulis)});
        }
        return terms;
    }

    /// Runs on from instruction `place`. Where the state splits, the half with outcome 0 runs to its end
    /// first.
    void walk(WideState state, std::uint64_t record, std::size_t place) {
        for (; place < program_.list.size(); ++place) {
            interrupt().throw_if_interrupted();
            const auto& instruction = program_.list[place];
            if (const auto* apply = std::get_if<Instructions::Apply>(&instruction)) {
                for (std::size_t i = apply->first; i < apply->last; ++i)
                    state.apply(program_.primitives[i], program_.primitives[i].angle.constant());
            } else if (const auto* measure = std::get_if<Instructions::Measure>(&instruction)) {
                const double zero = state.weight(bit(measure->qubit), 0);
                const double one = state.weight(bit(measure->qubit), bit(measure->qubit));
                if (one > kNegligible && zero > kNegligible) {
                    WideState half = copy(state);
                    half.project(measure->qubit, false);
                    walk(std::move(half), record & ~measure->bit, place + 1);
                }
                state.project(measure->qubit, one > kNegligible);
                record = one > kNegligible ? record | measure->bit : record & ~measure->bit;
            } else if (const auto* reset = std::get_if<Instructions::Reset>(&instruction)) {
                if (std::optional<WideState> other = reset_qubit(state, reset->qubit))
                    walk(std::move(*other), record, place + 1);
            } else if (const auto* prepare = std::get_if<Instructions::Prepare>(&instruction)) {
                prepare_qubits(state, *prepare);
            } else if (const auto* test = std::get_if<Instructions::JumpUnless>(&instruction)) {
                if ((record & test->mask) != test->value) place = test->target - 1;
            } else if (const auto* jump = std::get_if<Instructions::JumpUnlessFormula>(&instruction)) {
                if (jump->formula.evaluate(word(jump->inputs, record)) == 0) place = jump->target - 1;
            } else if (const auto* store = std::get_if<Instructions::Store>(&instruction)) {
                const std::uint64_t value = store->formula.evaluate(word(store->inputs, record));
                for (std::size_t i = 0; i < store->targets.size(); ++i)
                    record = value >> i & 1 ? record | store->targets[i] : record & ~store->targets[i];
            } else {
                place = std::get<Instructions::Jump>(instruction).target - 1;
            }
        }
        finish(state, record);
    }

    static std::uint64_t word(const std::vector<std::uint64_t>& inputs, std::uint64_t record) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (record & inputs[i]) word |= std::uint64_t{1} << i;
        return word;
    }

    WideState copy(const WideState& state) const {
        const std::uint64_t bytes = WideState::bytes(program_.num_qubits, program_.is_real);
        if (bytes >> 20 != 0)
            require_memory(
                bytes, fmt::format("one more branch of a state vector of {} qubits", program_.num_qubits));
        return state;
    }

    /// Leaves the part that had the qubit in 1, moved to 0, in `state` and returns the other; when both are
    /// the same state up to a factor, or one is empty, all of it in `state` and nothing.
    std::optional<WideState> reset_qubit(WideState& state, Qubit qubit) const {
        const Primitive flip{PrimitiveKind::flip, qubit, 0, {}, false};
        const double zero = state.weight(bit(qubit), 0), one = state.weight(bit(qubit), bit(qubit));
        if (one <= kNegligible || zero <= kNegligible) {
            state.project(qubit, zero <= kNegligible);
            if (zero <= kNegligible) state.apply(flip, 0);
            return {};
        }
        if (is_product(state, qubit, zero)) {
            state.project(qubit, false);
            state.scale(std::sqrt((zero + one) / zero));
            return {};
        }
        WideState other = copy(state);
        other.project(qubit, false);
        state.project(qubit, true);
        state.apply(flip, 0);
        return other;
    }

    /// Whether the half with the qubit in 1 is a multiple of the half with it in 0.
    static bool is_product(const WideState& state, Qubit qubit, double zero_weight) {
        const double *re = state.re(), *im = state.im();
        auto amplitude = [&](std::size_t index) { return Complex(re[index], im ? im[index] : 0); };
        Complex overlap = 0;
        for (std::size_t index = 0; index < state.amplitudes(); ++index)
            if (!(index & bit(qubit))) overlap += std::conj(amplitude(index)) * amplitude(index | bit(qubit));
        const Complex factor = overlap / zero_weight;
        double rest = 0;
        for (std::size_t index = 0; index < state.amplitudes(); ++index)
            if (!(index & bit(qubit)))
                rest += std::norm(amplitude(index | bit(qubit)) - factor * amplitude(index));
        return rest <= kNegligible;
    }

    void finish(const WideState& state, std::uint64_t record) {
        for (std::size_t o = 0; o < terms_.size(); ++o)
            for (const WireTerm& term : terms_[o])
                outcome_.expectations[o] += term.coefficient * state.expectation(term.masks);
        if (program_.final_measurements.empty())
            add_record(record, state.norm());
        else
            read_final_measurements(state, record);
    }

    void read_final_measurements(const WideState& state, std::uint64_t record) {
        // The measured qubits, packed, index the distribution.
        std::vector<Qubit> qubits;
        for (const auto& final : program_.final_measurements) qubits.push_back(final.qubit);
        std::sort(qubits.begin(), qubits.end());
        qubits.erase(std::unique(qubits.begin(), qubits.end()), qubits.end());
        const std::size_t size = std::size_t{1} << qubits.size();
        if (size >> 17 != 0)
            require_memory(size * 3 * sizeof(double),
                           fmt::format("the distribution of {} bits", qubits.size()));
        std::vector<double> distribution(size);
        const double *re = state.re(), *im = state.im();
        for (std::size_t index = 0; index < state.amplitudes(); ++index) {
            std::size_t packed = 0;
            for (std::size_t i = 0; i < qubits.size(); ++i) packed |= (index >> qubits[i] & 1) << i;
            distribution[packed] += re[index] * re[index] + (im ? im[index] * im[index] : 0);
        }
        std::vector<std::uint64_t> bits_of(qubits.size(), 0);
        std::uint64_t written = 0;
        for (const auto& final : program_.final_measurements) {
            const auto place = std::lower_bound(qubits.begin(), qubits.end(), final.qubit) - qubits.begin();
            bits_of[static_cast<std::size_t>(place)] |= final.bit;
            written |= final.bit;
        }
        for (std::size_t packed = 0; packed < size; ++packed) {
            if (distribution[packed] <= kNegligible) continue;
            std::uint64_t key = record & ~written;
            for (std::size_t i = 0; i < qubits.size(); ++i)
                if (packed >> i & 1) key |= bits_of[i];
            add_record(key, distribution[packed]);
        }
    }

    void add_record(std::uint64_t key, double probability) {
        if (probability <= kNegligible) return;
        outcome_.records.emplace_back(key, probability);
        if (outcome_.records.size() >= merge_at_) {
            merge_records();
            merge_at_ = std::max(merge_at_, 2 * outcome_.records.size());
        }
    }
    /// Sorts by key and adds up equal ones, in the order in which they came.
    void merge_records() {
        auto& records = outcome_.records;
        std::stable_sort(records.begin(), records.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::size_t kept = 0;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (kept > 0 && records[kept - 1].first == records[i].first)
                records[kept - 1].second += records[i].second;
            else
                records[kept++] = records[i];
        }
        records.resize(kept);
    }

    const Instructions& program_;
    std::vector<std::vector<WireTerm>> terms_;
    Outcome outcome_;
    std::size_t merge_at_ = 1 << 16;
};

class StatevectorSimulator final : public Simulator {
  public:
    Outcome run(const Circuit& bound, std::span<const Observable> observables) const override {
        return run_statevector(bound, observables);
    }
    bool is_noisy() const override { return false; }
    double bytes_for(std::uint32_t qubits) const override {
        return std::ldexp(sizeof(Complex), static_cast<int>(qubits));
    }
    std::uint32_t max_qubits() const override {
        const std::uint64_t amplitudes = available_memory() / sizeof(Complex);
        return amplitudes == 0 ? 0 : static_cast<std::uint32_t>(std::bit_width(amplitudes)) - 1;
    }
};

/// A trajectory that nothing strikes.
class SingleStatevectorSimulator final : public Simulator {
  public:
    Outcome run(const Circuit& bound, std::span<const Observable> observables) const override {
        const NoiseModel ideal;
        if (make_plan(bound, {}, ideal, Method::statevector, Precision::f32).is_dynamic)
            throw Error(ErrorKind::unsupported,
                        "state vectors in single precision take no measurements on the way, resets, branches "
                        "and loops",
                        "Use double precision.");
        const TrajectoryOutcome found =
            run_trajectories(bound, observables, ideal, {.precision = Precision::f32, .distribution = true});
        return {found.clbits, found.records, found.expectations, "statevector"};
    }
    bool is_noisy() const override { return false; }
    double bytes_for(std::uint32_t qubits) const override {
        return std::ldexp(sizeof(Complex) / 2, static_cast<int>(qubits));
    }
    std::uint32_t max_qubits() const override { return StatevectorSimulator().max_qubits() + 1; }
};

}  // namespace

Outcome run_statevector(const Circuit& bound, std::span<const Observable> observables) {
    bool has_loop = false;
    for_each_operation(bound.operations(), [&](const Operation& operation) {
        has_loop |= std::holds_alternative<While>(operation.kind());
    });
    // Turn after turn a state vector would split; on density matrices equal records are one branch.
    if (has_loop) return run_density_matrix(bound, observables, NoiseModel());
    const Instructions program = make_instructions(bound);
    return BranchRunner(program, observables).run();
}

std::vector<Complex> statevector(const Circuit& bound) {
    for (const Operation& operation : bound.operations())
        if (std::holds_alternative<Measure>(operation.kind()) ||
            std::holds_alternative<Reset>(operation.kind()) ||
            std::holds_alternative<Store>(operation.kind()) || condition_of(operation) != nullptr)
            throw Error(ErrorKind::unsupported,
                        "a circuit that measures, resets or branches has no state vector",
                        "Use run_statevector for its records and expectation values.");
    const Instructions program = make_instructions(bound, true);
    WideState state(program.num_qubits, program.is_real);
    for (const auto& instruction : program.list) {
        if (const auto* prepare = std::get_if<Instructions::Prepare>(&instruction)) {
            prepare_qubits(state, *prepare);
        } else {
            const auto& apply = std::get<Instructions::Apply>(instruction);
            for (std::size_t i = apply.first; i < apply.last; ++i)
                state.apply(program.primitives[i], program.primitives[i].angle.constant());
        }
    }
    const Complex phase = std::polar(1.0, program.global_phase);
    const double *re = state.re(), *im = state.im();
    if (state.amplitudes() >> 16 != 0)
        require_memory(state.amplitudes() * sizeof(Complex),
                       fmt::format("{} amplitudes", state.amplitudes()));
    std::vector<Complex> amplitudes(state.amplitudes());
    for (std::size_t index = 0; index < amplitudes.size(); ++index)
        amplitudes[index] = phase * Complex(re[index], im ? im[index] : 0);
    return amplitudes;
}

std::shared_ptr<const Simulator> make_statevector_simulator(Precision precision) {
    if (precision == Precision::f32) return std::make_shared<SingleStatevectorSimulator>();
    return std::make_shared<StatevectorSimulator>();
}

}  // namespace qdcnn::sim
