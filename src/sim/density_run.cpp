#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bound_values.h"
#include "density_memory.h"
#include "light_cone.h"
#include "pauli_map.h"
#include "pending_maps.h"
#include "places.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/sim/density_matrix.h"
#include "record_bits.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

/// A branch this improbable is dropped: rounding of a certain outcome leaves as much.
constexpr double kNegligible = 1e-16;
/// A loop is left when the branches still inside weigh less.
constexpr double kNegligibleInLoop = 1e-15;

/// The state given what was recorded, its trace the record's probability; `pending` is still to be applied.
struct Branch {
    std::uint64_t record;
    DensityMatrix state;
    PendingMaps pending;
};

/// A measurement that nothing comes after: its bit is filled in at the end.
struct FinalMeasurement {
    /// kIdle for a qubit that nothing else acts on: it is |0>.
    Qubit place;
    unsigned bit;
    ReadoutError readout;
};

/// The probability of reading `bit`, given that the qubit is |0> or |1>.
std::array<double, 2> reading(const ReadoutError& error, unsigned bit) {
    return bit ? std::array{error.p1_given_0, 1 - error.p0_given_1}
               : std::array{1 - error.p1_given_0, error.p0_given_1};
}

/// Of a gate without angles on one or two qubits; made once.
const PauliMap& map_of_fixed(GateId id) {
    static const std::vector<PauliMap> maps = [] {
        std::vector<PauliMap> all;
        for (const GateRow& row : gate_table())
            all.push_back(row.parameters == 0 && row.qubits <= 2 ? map_of_unitary(row.matrix({}))
                                                                 : PauliMap());
        return all;
    }();
    return maps[static_cast<std::size_t>(id)];
}

class CircuitRun {
  public:
    /// is_compact: idle qubits have no place in the state.
    CircuitRun(const Circuit& circuit, const NoiseModel& noise, const DensityMatrixOptions& options,
               bool is_compact)
        : circuit_(circuit),
          noise_(noise),
          bits_(circuit),
          keeps_records_(options.records),
          max_loop_turns_(options.max_loop_turns),
          precision_(options.precision),
          memory_limit_(options.memory_limit) {
        const auto relaxes = [&](Qubit qubit) { return noise_.acts_on_delay(qubit); };
        is_final_ = bits_.final_measurements(circuit_, relaxes);
        const Places places =
            is_compact ? Places::compact(circuit, noise, is_final_) : Places::all(circuit.num_qubits());
        places_ = places.of_qubit;
        require_within_limit(places.count, precision_, 1, memory_limit_);
        branches_.push_back({0, DensityMatrix(places.count, precision_), PendingMaps(places.count)});
    }

    void run() {
        run(circuit_.operations(), branches_, keeps_records_ ? bits_.results(circuit_) : 0, true);
        for (Branch& branch : branches_) branch.pending.flush_all(branch.state);
    }

    std::vector<std::pair<std::uint64_t, double>> records() const;
    DensityMatrix average() &&;
    std::vector<Clbit> clbits() const { return keeps_records_ ? bits_.clbits() : std::vector<Clbit>(); }
    double expectation(const Observable& observable) const;

  private:
    using Branches = std::vector<Branch>;

    void run(std::span<const Operation> operations, Branches& branches, std::uint64_t live_out, bool is_top);
    void step(const Gate& gate, Branches& branches);
    void step(const Measure& measure, Branches& branches, bool is_read, bool is_final);
    void step(const Reset& reset, Branches& branches);
    void step(const Delay& delay, Branches& branches);
    void step(const Prepare& prepare, Branches& branches);
    void step(const IfElse& branch, Branches& branches, std::uint64_t live_out);
    void step(const While& loop, Branches& branches, std::uint64_t live_out);
    void step(const Store& store, Branches& branches);
    void split(Branches& branches, Qubit place, unsigned bit, const ReadoutError& readout);
    /// Clears the bits outside `live` and adds up branches whose records have become equal.
    static void forget(Branches& branches, std::uint64_t live);

    void apply_error(const GateError* error, std::span<const Qubit> qubits, Branches& branches);
    void apply_one(std::span<const double> map, Qubit place, Branches& branches) {
        for (Branch& branch : branches) branch.pending.add_one(map, place);
    }
    void apply_two(std::span<const double> map, Qubit first, Qubit second, Branches& branches) {
        for (Branch& branch : branches) branch.pending.add_two(map, first, second, branch.state);
    }
    /// The gate with its error as one map; for one or two qubits.
    PauliMap map_of(const Gate& gate) const;
    void apply_map_of(const Gate& gate, std::span<const double> map, Branches& branches);

    const Circuit& circuit_;
    const NoiseModel& noise_;
    /// By qubit of the circuit; kIdle for one without a place.
    std::vector<Qubit> places_;
    RecordBits bits_;
    bool keeps_records_;
    std::uint64_t max_loop_turns_;
    Precision precision_;
    double memory_limit_;
    std::vector<bool> is_final_;
    std::vector<FinalMeasurement> final_;
    Branches branches_;
    /// Maps of gates without angles.
    std::map<std::pair<GateId, std::array<Qubit, 2>>, PauliMap> fixed_maps_;
};

void CircuitRun::run(std::span<const Operation> operations, Branches& branches, std::uint64_t live_out,
                     bool is_top) {
    const std::vector<std::uint64_t> live = bits_.live_after(operations, live_out);
    // All branches of a body may turn out negligible.
    for (std::size_t i = 0; i < operations.size() && !branches.empty(); ++i) {
        interrupt().throw_if_interrupted();
        std::visit(overloaded{
                       [&](const Gate& gate) { step(gate, branches); },
                       [&](const Measure& measure) {
                           step(measure, branches, live[i] >> bits_.position(measure.clbit) & 1,
                                is_top && is_final_[i]);
                       },
                       [&](const Reset& reset) { step(reset, branches); },
                       [&](const Barrier&) {},
                       [&](const Delay& delay) { step(delay, branches); },
                       [&](const Prepare& prepare) { step(prepare, branches); },
                       [&](const IfElse& branch) { step(branch, branches, live[i]); },
                       [&](const While& loop) { step(loop, branches, live[i]); },
                       [&](const Store& store) { step(store, branches); },
                   },
                   operations[i].kind());
        forget(branches, live[i]);
    }
}

PauliMap CircuitRun::map_of(const Gate& gate) const {
    const GateRow& row = gate_row(gate.id);
    PauliMap map = row.parameters == 0 ? map_of_fixed(gate.id)
                                       : map_of_unitary(row.matrix(bound_values(gate.angles, row.name)));
    if (const GateError* error = noise_.error_of(gate.id, gate.qubits)) map = product(error->map(), map);
    return map;
}

void CircuitRun::apply_map_of(const Gate& gate, std::span<const double> map, Branches& branches) {
    if (gate.qubits.size() == 1)
        apply_one(map, places_[gate.qubits[0]], branches);
    else
        apply_two(map, places_[gate.qubits[0]], places_[gate.qubits[1]], branches);
}

void CircuitRun::step(const Gate& gate, Branches& branches) {
    const GateRow& row = gate_row(gate.id);
    if (row.qubits > 2) {
        // The pieces of a definition are ideal; the error belongs to the whole.
        const std::function<void(const Gate&)> apply_pieces = [&](const Gate& whole) {
            for (const DefinitionStep& definition : gate_row(whole.id).definition) {
                const Gate piece = instantiate(definition, whole.qubits, whole.angles);
                if (piece.qubits.size() > 2) {
                    apply_pieces(piece);
                } else {
                    const GateRow& piece_row = gate_row(piece.id);
                    apply_map_of(piece,
                                 map_of_unitary(piece_row.matrix(bound_values(piece.angles, piece_row.name))),
                                 branches);
                }
            }
        };
        apply_pieces(gate);
        apply_error(noise_.error_of(gate.id, gate.qubits), gate.qubits, branches);
        return;
    }
    if (row.parameters > 0) {
        apply_map_of(gate, map_of(gate), branches);
        return;
    }
    auto& map = fixed_maps_[{gate.id, {gate.qubits[0], gate.qubits[row.qubits == 2 ? 1 : 0]}}];
    if (map.empty()) map = map_of(gate);
    apply_map_of(gate, map, branches);
}

void CircuitRun::apply_error(const GateError* error, std::span<const Qubit> qubits, Branches& branches) {
    if (!error) return;
    for (const GateError::Step& step : error->steps()) {
        const Qubit first = places_[qubits[step.on[0]]];
        if (step.on.size() == 1)
            apply_one(step.channel.map(), first, branches);
        else
            apply_two(step.channel.map(), first, places_[qubits[step.on[1]]], branches);
    }
}

void CircuitRun::step(const Measure& measure, Branches& branches, bool is_read, bool is_final) {
    const Qubit place = places_[measure.qubit];
    const unsigned bit = bits_.position(measure.clbit);
    if (place == kIdle) {
        if (is_read) final_.push_back({place, bit, noise_.readout(measure.qubit)});
        return;
    }
    apply_error(noise_.error_of("measure", {&measure.qubit, 1}), {&measure.qubit, 1}, branches);
    if (is_read && !is_final) {
        split(branches, place, bit, noise_.readout(measure.qubit));
        return;
    }
    apply_one(measurement_map(1, 1), place, branches);
    if (is_read) final_.push_back({place, bit, noise_.readout(measure.qubit)});
}

void CircuitRun::split(Branches& branches, Qubit place, unsigned bit, const ReadoutError& readout) {
    // Weights of the branches that record 0 and 1.
    std::vector<std::array<double, 2>> weights;
    double copies = 0;
    for (Branch& branch : branches) {
        branch.pending.flush_for_measurement(place, branch.state);
        const double z = branch.state.coefficient(std::size_t{3} << 2 * place), trace = branch.state.trace();
        const double is_zero = (trace + z) / 2, is_one = (trace - z) / 2;
        std::array<double, 2> weight{};
        for (unsigned value = 0; value < 2; ++value)
            weight[value] = reading(readout, value)[0] * is_zero + reading(readout, value)[1] * is_one;
        if (weight[0] > kNegligible && weight[1] > kNegligible) ++copies;
        weights.push_back(weight);
    }
    const std::uint32_t qubits = branches.front().state.num_qubits();
    require_within_limit(qubits, precision_, static_cast<double>(branches.size()) + copies, memory_limit_);
    require_density_matrices(qubits, precision_, copies, sizeof(Branch) + PendingMaps::bytes(qubits));
    Branches children;
    children.reserve(branches.size() + static_cast<std::size_t>(copies));
    for (std::size_t i = 0; i < branches.size(); ++i) {
        const bool has_both = weights[i][0] > kNegligible && weights[i][1] > kNegligible;
        for (unsigned value = 0; value < 2; ++value) {
            if (weights[i][value] <= kNegligible) continue;
            if (has_both && value == 0)
                children.push_back(branches[i]);
            else
                children.push_back(std::move(branches[i]));
            Branch& child = children.back();
            child.record = (child.record & ~(std::uint64_t{1} << bit)) | std::uint64_t{value} << bit;
            const auto [given_zero, given_one] = reading(readout, value);
            child.pending.add_one(measurement_map(given_zero, given_one), place, false);
        }
    }
    branches = std::move(children);
}

void CircuitRun::step(const Reset& reset, Branches& branches) {
    apply_one(reset_map(), places_[reset.qubit], branches);
    apply_error(noise_.error_of("reset", {&reset.qubit, 1}), {&reset.qubit, 1}, branches);
}

void CircuitRun::step(const Delay& delay, Branches& branches) {
    if (const Relaxation* relaxation = noise_.relaxation(delay.qubit)) {
        double seconds = delay.duration;
        if (delay.unit == TimeUnit::dt) {
            if (std::isnan(noise_.dt()))
                throw Error(ErrorKind::unsupported,
                            "a delay is counted in dt, and the noise model does not say how long that is",
                            "Write the delay in seconds.");
            seconds *= noise_.dt();
        }
        apply_one(thermal_relaxation(relaxation->t1, relaxation->t2, seconds, relaxation->excited).map(),
                  places_[delay.qubit], branches);
    }
    apply_error(noise_.error_of("delay", {&delay.qubit, 1}), {&delay.qubit, 1}, branches);
}

void CircuitRun::step(const Prepare& prepare, Branches& branches) {
    const std::vector<double> amplitudes = bound_values(prepare.amplitudes, "a preparation");
    std::vector<Qubit> places;
    for (const Qubit qubit : prepare.qubits) places.push_back(places_[qubit]);
    for (Branch& branch : branches) {
        for (const Qubit place : places) branch.pending.flush(place, branch.state);
        branch.state.prepare(places, amplitudes);
    }
}

void CircuitRun::step(const IfElse& branch, Branches& branches, std::uint64_t live_out) {
    const auto other = std::partition(branches.begin(), branches.end(), [&](const Branch& b) {
        return holds(branch.condition, bits_.word(branch.condition.bits, b.record));
    });
    Branches otherwise(std::make_move_iterator(other), std::make_move_iterator(branches.end()));
    branches.erase(other, branches.end());
    run(branch.then_body, branches, live_out, false);
    run(branch.else_body, otherwise, live_out, false);
    std::move(otherwise.begin(), otherwise.end(), std::back_inserter(branches));
}

void CircuitRun::step(const While& loop, Branches& branches, std::uint64_t live_out) {
    const std::uint64_t live = bits_.live_inside(loop, live_out);
    Branches left;
    for (std::uint64_t turn = 0;; ++turn) {
        const auto other = std::partition(branches.begin(), branches.end(), [&](const Branch& b) {
            return holds(loop.condition, bits_.word(loop.condition.bits, b.record));
        });
        std::move(other, branches.end(), std::back_inserter(left));
        branches.erase(other, branches.end());
        forget(left, live_out);
        double weight = 0;
        for (const Branch& branch : branches) weight += branch.state.trace();
        if (weight < kNegligibleInLoop) break;
        if (turn == max_loop_turns_)
            throw Error(ErrorKind::unsupported,
                        fmt::format("a loop goes on with probability {:.3g} after {} turns", weight, turn),
                        "Does it end? The limit on turns can be raised.");
        run(loop.body, branches, live, false);
    }
    branches = std::move(left);
}

void CircuitRun::step(const Store& store, Branches& branches) {
    for (Branch& branch : branches) {
        const std::uint64_t value = store.formula.evaluate(bits_.word(store.bits, branch.record));
        for (std::size_t i = 0; i < store.targets.size(); ++i) {
            const std::uint64_t bit = std::uint64_t{1} << bits_.position(store.targets[i]);
            branch.record = value >> i & 1 ? branch.record | bit : branch.record & ~bit;
        }
    }
}

void CircuitRun::forget(Branches& branches, std::uint64_t live) {
    for (Branch& branch : branches) branch.record &= live;
    const auto before = [](const Branch& a, const Branch& b) { return a.record < b.record; };
    const auto is_doubled = [&](const Branch& a, const Branch& b) { return !before(a, b); };
    if (std::adjacent_find(branches.begin(), branches.end(), is_doubled) == branches.end()) return;
    std::sort(branches.begin(), branches.end(), before);
    Branches merged;
    for (Branch& branch : branches) {
        if (merged.empty() || merged.back().record != branch.record) {
            merged.push_back(std::move(branch));
            continue;
        }
        Branch& into = merged.back();
        into.pending.flush_all(into.state);
        branch.pending.flush_all(branch.state);
        into.state += branch.state;
    }
    branches = std::move(merged);
}

std::vector<std::pair<std::uint64_t, double>> CircuitRun::records() const {
    // First the qubits in the state, then those that are |0>: the latter only widen the list where they are
    // misread.
    std::vector<FinalMeasurement> measured = final_;
    std::erase_if(measured,
                  [](const FinalMeasurement& m) { return m.place == kIdle && m.readout.p1_given_0 == 0; });
    std::stable_partition(measured.begin(), measured.end(),
                          [](const FinalMeasurement& m) { return m.place != kIdle; });
    std::vector<Qubit> places;
    for (const FinalMeasurement& measurement : measured)
        if (measurement.place != kIdle) places.push_back(measurement.place);
    using Record = std::pair<std::uint64_t, double>;
    const double count = std::ldexp(static_cast<double>(branches_.size()), static_cast<int>(measured.size()));
    if (count > 0x1p20)
        require_memory(
            count < 0x1p58 ? static_cast<std::uint64_t>(count) * 2 * sizeof(Record) : ~std::uint64_t{0},
            fmt::format("the distribution of {} measured bits", measured.size()));

    std::vector<Record> records;
    double sum = 0;
    for (const Branch& branch : branches_) {
        std::vector<double> values = branch.state.probabilities(places);
        values.resize(std::size_t{1} << measured.size(), 0.0);
        for (std::size_t k = 0; k < measured.size(); ++k) {
            if (measured[k].readout.is_ideal()) continue;
            const auto zero = reading(measured[k].readout, 0), one = reading(measured[k].readout, 1);
            const std::size_t bit = std::size_t{1} << k;
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (i & bit) continue;
                const double is_zero = values[i], is_one = values[i | bit];
                values[i] = zero[0] * is_zero + zero[1] * is_one;
                values[i | bit] = one[0] * is_zero + one[1] * is_one;
            }
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i] <= kNegligible) continue;
            std::uint64_t record = branch.record;
            for (std::size_t k = 0; k < measured.size(); ++k)
                record |= std::uint64_t{i >> k & 1} << measured[k].bit;
            records.emplace_back(record, values[i]);
            sum += values[i];
        }
    }
    std::sort(records.begin(), records.end());
    // Branches that were dropped and rounding.
    for (auto& [record, probability] : records) probability /= sum;
    return records;
}

DensityMatrix CircuitRun::average() && {
    DensityMatrix sum = std::move(branches_.front().state);
    for (std::size_t i = 1; i < branches_.size(); ++i) sum += branches_[i].state;
    return sum;
}

double CircuitRun::expectation(const Observable& observable) const {
    double value = 0;
    for (const auto& term : observable.terms) {
        PauliString on_places;
        bool vanishes = false;
        for (const auto& [qubit, pauli] : term.paulis) {
            if (qubit >= places_.size())
                throw Error(
                    ErrorKind::invalid_input,
                    fmt::format("an observable acts on qubit {}: the circuit has {}", qubit, places_.size()));
            // A qubit that nothing acts on is |0>: <Z> = 1, <X> = <Y> = 0.
            if (places_[qubit] != kIdle)
                on_places.emplace_back(places_[qubit], pauli);
            else if (pauli != Pauli::z)
                vanishes = true;
        }
        if (vanishes) continue;
        for (const Branch& branch : branches_)
            value += term.coefficient * branch.state.expectation(on_places);
    }
    return value;
}

}  // namespace

Outcome run_density_matrix(const Circuit& bound, std::span<const Observable> observables,
                           const NoiseModel& noise, const DensityMatrixOptions& options) {
    if (!options.records && !observables.empty()) {
        const Circuit seen = light_cone(bound, observables);
        if (seen.operations().size() < bound.operations().size())
            return run_density_matrix(seen, observables, noise, options);
    }
    CircuitRun run(bound, noise, options, true);
    run.run();
    Outcome outcome;
    outcome.method = "density_matrix";
    outcome.clbits = run.clbits();
    outcome.records = run.records();
    for (const Observable& observable : observables)
        outcome.expectations.push_back(run.expectation(observable));
    return outcome;
}

DensityMatrix final_density_matrix(const Circuit& bound, const NoiseModel& noise) {
    CircuitRun run(bound, noise, {.records = false}, false);
    run.run();
    return std::move(run).average();
}

}  // namespace qdcnn::sim
