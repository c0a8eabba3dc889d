#include "sim/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "qdcnn/base/error.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

constexpr Qubit kNone = ~Qubit{0};
constexpr Qubit kMaxWires = 63;

std::uint64_t bit(Qubit wire) { return std::uint64_t{1} << wire; }

/// Walks a circuit and keeps for every qubit and classical bit the wire of the program that holds it. kNone
/// stands for a qubit in |0> that nothing has touched since the start or its reset, and for a bit that is 0.
/// A wire that holds a bit never changes again.
class Deferral {
  public:
    Deferral(const Circuit& circuit, std::span<const Observable> observables)
        : circuit_(circuit),
          observables_(observables),
          wire_(circuit.num_qubits(), kNone),
          bit_wire_(circuit.num_clbits(), kNone) {}

    Program run() {
        find_last_uses();
        for (position_ = 0; position_ < circuit_.operations().size(); ++position_)
            step(circuit_.operations()[position_]);
        for (const Observable& observable : observables_)
            program_.observables.push_back(on_wires(observable));
        program_.primitives = list_.take();
        return std::move(program_);
    }

  private:
    Qubit new_wire() {
        if (wires_ == kMaxWires)
            throw Error(
                ErrorKind::unsupported,
                fmt::format("the circuit, its measurements deferred, needs more than {} qubits", kMaxWires));
        return wires_++;
    }
    Qubit scratch_wire() {
        if (free_wires_.empty()) return new_wire();
        const Qubit wire = free_wires_.back();
        free_wires_.pop_back();
        return wire;
    }
    Qubit wire(Qubit qubit) {
        if (wire_[qubit] == kNone) wire_[qubit] = new_wire();
        return wire_[qubit];
    }

    void step(const Operation& operation) {
        std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }
    void step(const Gate& gate) {
        QubitList wires = gate.qubits;
        for (std::size_t i = 0; i < wires.size(); ++i) wires[i] = wire(wires[i]);
        list_.add_gate(gate.id, wires, gate.angles);
    }
    void step(const Barrier&) {}
    void step(const Delay&) {}

    void step(const Measure& measure) {
        if (condition_ == 0 && wire_[measure.qubit] == kNone) {
            bit_wire_[measure.clbit] = kNone;
        } else if (condition_ == 0 && is_left_alone(measure.qubit)) {
            bit_wire_[measure.clbit] = wire_[measure.qubit];
        } else {
            const Qubit old = bit_wire_[measure.clbit];
            const Qubit copy = new_wire();
            list_.add_flip(copy, bit(wire(measure.qubit)));
            if (condition_ != 0 && old != kNone) {  // where the condition fails the bit keeps its value
                list_.add_flip(copy, bit(old));
                list_.set_condition(0);
                list_.add_flip(copy, bit(old));
                list_.set_condition(condition_);
            }
            bit_wire_[measure.clbit] = copy;
        }
    }

    void step(const Reset& reset) {
        if (wire_[reset.qubit] == kNone) return;
        if (condition_ == 0) {
            wire_[reset.qubit] = kNone;
            return;
        }
        // Trades places with a fresh wire where the condition holds.
        const Qubit used = wire_[reset.qubit], fresh = new_wire();
        list_.add_flip(fresh, bit(used));
        list_.add_flip(used, bit(fresh));
    }

    void step(const Prepare& prepare) {
        if (condition_ != 0)
            throw Error(ErrorKind::unsupported, "amplitudes cannot be prepared inside a branch here",
                        "Use parameter shift, or prepare before the branch.");
        Preparation preparation{{}, prepare.amplitudes};
        for (const Qubit qubit : prepare.qubits) {
            if (wire_[qubit] != kNone)
                throw Error(ErrorKind::unsupported,
                            fmt::format("amplitudes are prepared on qubit {}, which is not in |0>", qubit),
                            "Prepare first, or reset the qubit before.");
            preparation.qubits.push_back(wire(qubit));
        }
        program_.preparations.push_back(std::move(preparation));
    }

    void step(const While&) {
        throw Error(ErrorKind::unsupported, "a loop on measured bits cannot be deferred",
                    "Use parameter shift, or a loop of fixed length.");
    }
    void step(const Store&) {
        throw Error(ErrorKind::unsupported, "an assignment to classical bits cannot be deferred",
                    "Use parameter shift, or conditions on the measured bits themselves.");
    }
    void step(const IfElse& branch) {
        if (!branch.condition.formula.empty()) {
            const auto plain = with_plain_conditions(branch);
            if (!plain)
                throw Error(ErrorKind::unsupported, "a condition on so many bits cannot be deferred",
                            "Use parameter shift.");
            return step(*plain);
        }
        std::uint64_t ones = 0, zeros = 0;
        bool possible = true;
        for (std::size_t i = 0; i < branch.condition.bits.size(); ++i) {
            const Qubit held = bit_wire_[branch.condition.bits[i]];
            const bool wanted = branch.condition.value >> i & 1;
            if (held == kNone)
                possible = possible && !wanted;
            else
                (wanted ? ones : zeros) |= bit(held);
        }
        if (!possible || (ones & zeros) ||
            (branch.condition.bits.size() < 64 &&
             branch.condition.value >> branch.condition.bits.size() != 0)) {
            for (const Operation& inner : branch.else_body) step(inner);
        } else if (zeros == 0 && branch.else_body.empty()) {
            run_where(condition_ | ones, branch.then_body);
        } else if (zeros == 0 && ones == 0) {
            for (const Operation& inner : branch.then_body) step(inner);
        } else {
            const Qubit holds = scratch_wire();
            compute(holds, ones, zeros);
            run_where(condition_ | bit(holds), branch.then_body);
            flip_always(holds);
            run_where(condition_ | bit(holds), branch.else_body);
            flip_always(holds);
            compute(holds, ones, zeros);
            free_wires_.push_back(holds);
        }
    }

    void run_where(std::uint64_t condition, const std::vector<Operation>& body) {
        const std::uint64_t before = condition_;
        list_.set_condition(condition_ = condition);
        for (const Operation& inner : body) step(inner);
        list_.set_condition(condition_ = before);
    }
    void flip_always(Qubit wire) {
        list_.set_condition(0);
        list_.add_flip(wire, 0);
        list_.set_condition(condition_);
    }
    /// holds ^= (all ones are 1 and all zeros are 0).
    void compute(Qubit holds, std::uint64_t ones, std::uint64_t zeros) {
        list_.set_condition(0);
        for (std::uint64_t rest = zeros; rest; rest &= rest - 1)
            list_.add_flip(static_cast<Qubit>(std::countr_zero(rest)), 0);
        list_.add_flip(holds, ones | zeros);
        for (std::uint64_t rest = zeros; rest; rest &= rest - 1)
            list_.add_flip(static_cast<Qubit>(std::countr_zero(rest)), 0);
        list_.set_condition(condition_);
    }

    /// For every measurement outside branches the position of the next operation on its qubit, or the end.
    void find_last_uses() {
        const auto& operations = circuit_.operations();
        next_use_.assign(operations.size(), 0);
        std::vector<std::size_t> next(circuit_.num_qubits(), operations.size());
        for (std::size_t i = operations.size(); i-- > 0;) {
            if (std::holds_alternative<Barrier>(operations[i].kind()) ||
                std::holds_alternative<Delay>(operations[i].kind()))
                continue;
            if (const auto* measure = std::get_if<Measure>(&operations[i].kind()))
                next_use_[i] = next[measure->qubit];
            for (const Qubit qubit : qubits_of(operations[i])) next[qubit] = i;
        }
    }
    /// After the measurement at position_, if it stands outside any branch: the qubit is reset next, or never
    /// used again and no observable asks for its phase.
    bool is_left_alone(Qubit qubit) const {
        if (!std::holds_alternative<Measure>(circuit_.operations()[position_].kind())) return false;
        const std::size_t next = next_use_[position_];
        if (next < circuit_.operations().size())
            return std::holds_alternative<Reset>(circuit_.operations()[next].kind());
        for (const Observable& observable : observables_)
            for (const auto& term : observable.terms)
                for (const auto& [on, pauli] : term.paulis)
                    if (on == qubit && pauli != Pauli::z) return false;
        return true;
    }

    Observable on_wires(const Observable& observable) const {
        Observable mapped;
        for (const auto& term : observable.terms) {
            Observable::Term on{term.coefficient, {}};
            bool vanishes = false;
            for (const auto& [qubit, pauli] : term.paulis) {
                if (qubit >= circuit_.num_qubits())
                    throw Error(ErrorKind::invalid_input,
                                fmt::format("an observable names qubit {}, the circuit has {}", qubit,
                                            circuit_.num_qubits()));
                if (wire_[qubit] != kNone)
                    on.paulis.emplace_back(wire_[qubit], pauli);
                else if (pauli != Pauli::z)  // <0|X|0> = <0|Y|0> = 0 and <0|Z|0> = 1
                    vanishes = true;
            }
            if (!vanishes) mapped.terms.push_back(std::move(on));
        }
        return mapped;
    }

    const Circuit& circuit_;
    std::span<const Observable> observables_;
    Program program_;
    PrimitiveList list_;
    std::vector<Qubit> wire_;
    std::vector<Qubit> bit_wire_;
    std::vector<Qubit> free_wires_;
    Qubit wires_ = 0;
    std::uint64_t condition_ = 0;
    std::size_t position_ = 0;
    std::vector<std::size_t> next_use_;
};

/// Drops what no observable sees, then numbers the wires that are left.
void prune(Program& program) {
    std::uint64_t seen = 0;
    for (const Observable& observable : program.observables)
        for (const auto& term : observable.terms)
            for (const auto& [wire, pauli] : term.paulis) seen |= bit(wire);
    std::vector<Primitive> kept;
    for (auto primitive = program.primitives.rbegin(); primitive != program.primitives.rend(); ++primitive) {
        const std::uint64_t mask = primitive->controls | primitive->target_mask();
        if (!(mask & seen)) continue;
        seen |= mask;
        kept.push_back(std::move(*primitive));
    }
    std::reverse(kept.begin(), kept.end());
    std::erase_if(program.preparations, [&](const Preparation& preparation) {
        return std::none_of(preparation.qubits.begin(), preparation.qubits.end(),
                            [&](Qubit wire) { return seen & bit(wire); });
    });
    for (const Preparation& preparation : program.preparations)
        for (const Qubit wire : preparation.qubits) seen |= bit(wire);

    auto number = [&](Qubit wire) { return static_cast<Qubit>(std::popcount(seen & (bit(wire) - 1))); };
    program.num_qubits = static_cast<std::uint32_t>(std::popcount(seen));
    for (Primitive& primitive : kept) {
        std::uint64_t controls = 0;
        for (std::uint64_t rest = primitive.controls; rest; rest &= rest - 1)
            controls |= bit(number(static_cast<Qubit>(std::countr_zero(rest))));
        primitive.controls = controls;
        if (primitive.has_target()) primitive.target = number(primitive.target);
    }
    for (Preparation& preparation : program.preparations)
        for (Qubit& wire : preparation.qubits) wire = number(wire);
    for (Observable& observable : program.observables)
        for (auto& term : observable.terms)
            for (auto& [wire, pauli] : term.paulis) wire = number(wire);
    program.primitives = std::move(kept);
}

}  // namespace

Program make_program(const Circuit& circuit, std::span<const Observable> observables) {
    Program program = Deferral(circuit, observables).run();
    prune(program);
    program.is_real =
        std::none_of(program.primitives.begin(), program.primitives.end(),
                     [](const Primitive& primitive) { return primitive.kind == PrimitiveKind::phase; });
    return program;
}

}  // namespace qdcnn::sim
