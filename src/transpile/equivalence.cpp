#include "qdcnn/transpile/equivalence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "qdcnn/base/error.h"
#include "qdcnn/base/memory.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/circuit/unitary.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

using State = std::vector<Complex>;
using Record = std::vector<bool>;

constexpr double kTolerance = 1e-7;
/// Outcomes less likely than this are not followed.
constexpr double kNegligible = 1e-14;
/// No machine holds states of more; sizes up to here fit 64 bits.
constexpr std::size_t kMostQubits = 40;
/// A loop is followed for so many turns and outcomes.
constexpr int kMostTurns = 200;
constexpr std::size_t kMostBranches = 1 << 14;
/// Random states that a mixture is compared through.
constexpr int kProbes = 4;

double weight(const State& state) {
    double sum = 0;
    for (const Complex& value : state) sum += std::norm(value);
    return sum;
}

State random_state(std::size_t size, Random& random) {
    State state(size);
    for (Complex& value : state) value = Complex(random.normal(), random.normal());
    const double scale = 1 / std::sqrt(weight(state));
    for (Complex& value : state) value *= scale;
    return state;
}

/// A product of random one-qubit states.
State random_product_state(std::size_t qubits, Random& random) {
    State state{1.0};
    for (std::size_t q = 0; q < qubits; ++q) {
        const State one = random_state(2, random);
        const std::size_t size = state.size();
        state.resize(2 * size);
        for (std::size_t i = 0; i < size; ++i) {
            state[i + size] = state[i] * one[1];
            state[i] *= one[0];
        }
    }
    return state;
}

/// The part of the state where the qubit is `value`; the rest set to zero.
State projected(State state, Qubit qubit, bool value) {
    for (std::size_t i = 0; i < state.size(); ++i)
        if ((i >> qubit & 1) != static_cast<std::size_t>(value)) state[i] = 0;
    return state;
}

/// Runs operations on states; a qubit's wire number is wire[qubit].
class Runner {
  public:
    struct Branch {
        State state;
        Record record;
    };

    explicit Runner(const std::vector<Qubit>& wire) : wire_(wire) {}

    std::vector<Branch> run(const std::vector<Operation>& operations, std::vector<Branch> branches) const {
        for (const Operation& operation : operations)
            std::visit([&](const auto& kind) { step(kind, branches); }, operation.kind());
        return branches;
    }

  private:
    void step(const Gate& gate, std::vector<Branch>& branches) const {
        Gate placed = gate;
        for (std::size_t i = 0; i < placed.qubits.size(); ++i) placed.qubits[i] = wire_[placed.qubits[i]];
        for (Branch& branch : branches) apply_gate(placed, branch.state);
    }
    void step(const Measure& measure, std::vector<Branch>& branches) const {
        split(branches, wire_[measure.qubit],
              [&](Branch& branch, bool value) { branch.record[measure.clbit] = value; });
    }
    void step(const Reset& reset, std::vector<Branch>& branches) const {
        const Qubit qubit = wire_[reset.qubit];
        split(branches, qubit, [&](Branch& branch, bool value) {
            if (value) apply_gate(Gate{GateId::x, {qubit}, {}}, branch.state);
        });
    }
    void step(const Barrier&, std::vector<Branch>&) const {}
    void step(const Delay&, std::vector<Branch>&) const {}
    void step(const Prepare&, std::vector<Branch>&) const {
        throw Error(ErrorKind::internal, "a Prepare is lowered before circuits are compared");
    }
    void step(const IfElse& branching, std::vector<Branch>& branches) const {
        std::vector<Branch> after;
        for (Branch& branch : branches) {
            const auto& body =
                does_hold(branching.condition, branch) ? branching.then_body : branching.else_body;
            std::vector<Branch> one;
            one.push_back(std::move(branch));
            for (Branch& result : run(body, std::move(one))) after.push_back(std::move(result));
        }
        branches = std::move(after);
    }

    /// Turn after turn; what stays inside too long is compared as it is.
    void step(const While& loop, std::vector<Branch>& branches) const {
        std::vector<Branch> left;
        for (int turn = 0; turn < kMostTurns && !branches.empty(); ++turn) {
            std::vector<Branch> inside;
            for (Branch& branch : branches)
                (does_hold(loop.condition, branch) ? inside : left).push_back(std::move(branch));
            branches = run(loop.body, std::move(inside));
            if (branches.size() + left.size() > kMostBranches)
                throw Error(ErrorKind::out_of_memory, "a loop has too many outcomes to be compared");
        }
        std::move(left.begin(), left.end(), std::back_inserter(branches));
    }
    void step(const Store& store, std::vector<Branch>& branches) const {
        for (Branch& branch : branches) {
            const std::uint64_t value = store.formula.evaluate(word(store.bits, branch));
            for (std::size_t i = 0; i < store.targets.size(); ++i)
                branch.record[store.targets[i]] = (value >> i & 1) != 0;
        }
    }
    static std::uint64_t word(const std::vector<Clbit>& bits, const Branch& branch) {
        return word_of(bits, [&](Clbit bit) { return static_cast<bool>(branch.record[bit]); });
    }
    static bool does_hold(const Condition& condition, const Branch& branch) {
        return holds(condition, word(condition.bits, branch));
    }

    template <typename Then>
    void split(std::vector<Branch>& branches, Qubit qubit, Then then) const {
        std::vector<Branch> after;
        for (Branch& branch : branches)
            for (const bool value : {false, true}) {
                Branch half{projected(branch.state, qubit, value), branch.record};
                if (weight(half.state) < kNegligible) continue;
                then(half, value);
                after.push_back(std::move(half));
            }
        branches = std::move(after);
    }

    const std::vector<Qubit>& wire_;
};

/// Where the virtual qubits and the ancillas lie among the touched physical qubits.
struct Wiring {
    /// For each physical qubit of the device: its wire, when touched.
    std::vector<Qubit> wire;
    std::size_t wires = 0;
    std::vector<Qubit> start;
    std::vector<Qubit> end;

    explicit Wiring(const Result& result) {
        std::vector<bool> touched(result.circuit.num_qubits(), false);
        for_each_operation(result.circuit.operations(), [&](const Operation& operation) {
            if (std::holds_alternative<Barrier>(operation.kind())) return;
            for (const Qubit qubit : qubits_of(operation)) touched[qubit] = true;
        });
        for (const auto* layout : {&result.initial_layout, &result.final_layout})
            for (const Qubit qubit : *layout) touched.at(qubit) = true;
        wire.assign(touched.size(), 0);
        for (std::size_t q = 0; q < touched.size(); ++q)
            if (touched[q]) wire[q] = static_cast<Qubit>(wires++);
        for (const Qubit qubit : result.initial_layout) start.push_back(wire[qubit]);
        for (const Qubit qubit : result.final_layout) end.push_back(wire[qubit]);
    }

    /// A state of virtual qubits on the wires, all others |0>.
    State spread(const State& state, const std::vector<Qubit>& places) const {
        State wide(std::size_t{1} << wires, 0);
        for (std::size_t i = 0; i < state.size(); ++i) {
            std::size_t index = 0;
            for (std::size_t v = 0; v < places.size(); ++v) index |= (i >> v & 1) << places[v];
            wide[index] = state[i];
        }
        return wide;
    }
};

/// |a - b| with the phase of b free for each outcome of the measured wires, for no later measurement can see
/// it.
double vector_distance(const State& a, const State& b, const std::vector<Qubit>& measured) {
    auto outcome = [&](std::size_t index) {
        std::size_t key = 0;
        for (std::size_t k = 0; k < measured.size(); ++k) key |= (index >> measured[k] & 1) << k;
        return key;
    };
    std::vector<Complex> phases(std::size_t{1} << measured.size(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) phases[outcome(i)] += std::conj(b[i]) * a[i];
    for (Complex& phase : phases) phase = std::abs(phase) > 0 ? phase / std::abs(phase) : Complex(1);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::norm(a[i] - phases[outcome(i)] * b[i]);
    return std::sqrt(sum);
}

/// Which virtual qubit each classical bit is read from.
std::map<Clbit, Qubit> sources(const std::vector<Operation>& operations) {
    std::map<Clbit, Qubit> from;
    for (const Operation& operation : operations)
        if (const auto* measure = std::get_if<Measure>(&operation.kind()))
            from[measure->clbit] = measure->qubit;
    return from;
}

double plain_distance(const Circuit& original, const Circuit& transpiled, const Result& result,
                      const Wiring& wiring, const State& input) {
    auto expected = sources(original.operations());
    for (auto& [bit, qubit] : expected) qubit = result.final_layout[qubit];
    if (expected != sources(transpiled.operations())) return 1;
    auto without_measurements = [](const Circuit& circuit) {
        auto operations = circuit.operations();
        std::erase_if(operations,
                      [](const Operation& o) { return std::holds_alternative<Measure>(o.kind()); });
        return operations;
    };
    std::vector<Qubit> own(original.num_qubits());
    for (Qubit q = 0; q < own.size(); ++q) own[q] = q;
    const auto left = Runner(own).run(without_measurements(original), {{input, {}}});
    const auto right =
        Runner(wiring.wire).run(without_measurements(transpiled), {{wiring.spread(input, wiring.start), {}}});
    std::vector<Qubit> measured;
    for (const auto& [bit, qubit] : sources(original.operations())) measured.push_back(wiring.end[qubit]);
    std::sort(measured.begin(), measured.end());
    measured.erase(std::unique(measured.begin(), measured.end()), measured.end());
    return vector_distance(right[0].state, wiring.spread(left[0].state, wiring.end), measured);
}

/// For each record the weight, then the overlaps with the probes.
std::map<Record, std::vector<double>> summary(const std::vector<Runner::Branch>& branches,
                                              const std::vector<State>& probes) {
    std::map<Record, std::vector<double>> sums;
    for (const auto& branch : branches) {
        auto& figures = sums[branch.record];
        figures.resize(probes.size() + 1, 0.0);
        figures[0] += weight(branch.state);
        for (std::size_t p = 0; p < probes.size(); ++p) {
            Complex overlap = 0;
            for (std::size_t i = 0; i < branch.state.size(); ++i)
                overlap += std::conj(probes[p][i]) * branch.state[i];
            figures[p + 1] += std::norm(overlap);
        }
    }
    return sums;
}

double dynamic_distance(const Circuit& original, const Circuit& transpiled, const Wiring& wiring,
                        const State& input, Random& random) {
    std::vector<Qubit> own(original.num_qubits());
    for (Qubit q = 0; q < own.size(); ++q) own[q] = q;
    const Record none(original.num_clbits(), false);
    std::vector<State> narrow, wide;
    for (int p = 0; p < kProbes; ++p) {
        narrow.push_back(random_state(input.size(), random));
        wide.push_back(wiring.spread(narrow.back(), wiring.end));
    }
    const auto left = summary(Runner(own).run(original.operations(), {{input, none}}), narrow);
    const auto right = summary(
        Runner(wiring.wire).run(transpiled.operations(), {{wiring.spread(input, wiring.start), none}}), wide);
    double distance = 0;
    auto compare = [&](const auto& a, const auto& b) {
        for (const auto& [record, figures] : a) {
            const auto other = b.find(record);
            for (std::size_t k = 0; k < figures.size(); ++k) {
                const double scale = k == 0 ? 1.0 : static_cast<double>(input.size());
                const double difference = figures[k] - (other == b.end() ? 0.0 : other->second[k]);
                distance = std::max(distance, scale * std::abs(difference));
            }
        }
    };
    compare(left, right);
    compare(right, left);
    return distance;
}

/// Several states of so many qubits.
void require_states(std::size_t qubits) {
    if (qubits > kMostQubits)
        throw Error(
            ErrorKind::out_of_memory,
            fmt::format("the comparison of two circuits needs states of {} qubits, at most {} are taken",
                        qubits, kMostQubits));
    require_memory(sizeof(Complex) * 8 << qubits, "the comparison of two circuits");
}

}  // namespace

Equivalence check_equivalence(const Circuit& original, const Result& result, std::span<const double> values,
                              std::uint64_t seed, int inputs) {
    if (result.circuit.parameters() != original.parameters() ||
        result.circuit.num_clbits() != original.num_clbits() ||
        result.initial_layout.size() != original.num_qubits() ||
        result.final_layout.size() != original.num_qubits())
        return {false, 1};
    const Circuit bound = original.bind(values);
    const Circuit left = with_prepares_lowered(bound);
    const Circuit right = result.circuit.bind(values);
    bool has_prepare = false;
    for_each_operation(bound.operations(), [&](const Operation& operation) {
        has_prepare = has_prepare || std::holds_alternative<Prepare>(operation.kind());
    });
    const Wiring wiring(result);
    require_states(std::max<std::size_t>(wiring.wires, original.num_qubits()));
    const bool is_dynamic = left.is_dynamic() || right.is_dynamic();

    Random random(seed);
    double distance = 0;
    for (int k = 0; k < (has_prepare ? 1 : inputs); ++k) {
        State input = random_product_state(original.num_qubits(), random);
        if (has_prepare) {
            std::fill(input.begin(), input.end(), 0);
            input[0] = 1;
        }
        const double own = is_dynamic ? dynamic_distance(left, right, wiring, input, random)
                                      : plain_distance(left, right, result, wiring, input);
        distance = std::max(distance, own);
    }
    return {distance < kTolerance, distance};
}

}  // namespace qdcnn::transpile
