#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "canonical.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr double kPi = std::numbers::pi;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// after * Rz(+-angle) * before on one qubit, + where the other qubit is 0.
struct ControlledTurn {
    Matrix2 before;
    double angle;
    Matrix2 after;
};

/// Writes "u0 where the other qubit is 0, u1 where it is 1" as one interaction. u0 u1^-1 has determinant 1.
ControlledTurn controlled_turn(const Matrix2& u0, const Matrix2& u1) {
    // u0 u1^-1 = after Rz(2 angle) after^-1: its quaternion gives axis and angle.
    const Matrix2 turn = product(u0, adjoint(u1));
    const double w = turn[0].real(), z = -turn[0].imag(), x = -turn[1].imag(), y = -turn[1].real();
    const double size = std::sqrt(x * x + y * y + z * z);
    ControlledTurn result{{}, std::atan2(size, w), {1, 0, 0, 1}};
    if (size > kAngleTolerance) {
        const double polar = std::acos(std::clamp(z / size, -1.0, 1.0)), azimuth = std::atan2(y, x);
        const double c = std::cos(polar / 2), s = std::sin(polar / 2);
        result.after = product(rz_matrix(azimuth), {c, -s, s, c});
    }
    result.before = product(rz_matrix(-result.angle), product(adjoint(result.after), u0));
    return result;
}

/// One forward sweep over a list of operations.
class Merger {
  public:
    explicit Merger(std::uint32_t num_qubits) : runs_(num_qubits), last_pair_(num_qubits, kNone) {}

    bool changed() const { return changed_; }

    std::vector<Operation> merge(std::vector<Operation>& operations) {
        out_.reserve(operations.size());
        for (Operation& operation : operations) {
            if (auto* gate = std::get_if<Gate>(&operation.kind())) {
                if (gate->qubits.size() == 1)
                    runs_[gate->qubits[0]].append(*gate);
                else if (gate->id != GateId::rzz || !(merge_into_last(*gate) || merge_as_controlled(*gate)))
                    add_pair(std::move(*gate));
                continue;
            }
            for (const Qubit qubit : qubits_of(operation)) {
                flush(qubit);
                last_pair_[qubit] = kNone;
            }
            for (auto* body : bodies_of(operation))
                *body = with_interactions_merged(std::move(*body), static_cast<std::uint32_t>(runs_.size()));
            out_.push_back(std::move(operation));
        }
        for (Qubit qubit = 0; qubit < runs_.size(); ++qubit) flush(qubit);
        std::erase_if(out_, [](const Operation& operation) {
            const auto* gate = std::get_if<Gate>(&operation.kind());
            return gate && gate->id == GateId::rzz && is_no_rotation(gate->angles[0]);
        });
        return std::move(out_);
    }

  private:
    void flush(Qubit qubit) {
        runs_[qubit].emit(qubit, out_);
        runs_[qubit] = {};
    }

    void add_pair(Gate gate) {
        for (const Qubit qubit : gate.qubits) flush(qubit);
        for (const Qubit qubit : gate.qubits) last_pair_[qubit] = out_.size();
        out_.push_back(std::move(gate));
    }

    /// rzz(t) R rzz(s) = R rzz(s +- t) when R is z rotations and bit flips; a flip of one qubit turns the
    /// sign.
    bool merge_into_last(const Gate& gate) {
        const Qubit a = gate.qubits[0], b = gate.qubits[1];
        if (last_pair_[a] == kNone || last_pair_[a] != last_pair_[b]) return false;
        auto& before = std::get<Gate>(out_[last_pair_[a]].kind());
        if (before.id != GateId::rzz) return false;
        double sign = 1;
        for (const Qubit qubit : {a, b}) {
            if (runs_[qubit].as_z()) continue;
            if (!runs_[qubit].as_flip()) return false;
            sign = -sign;
        }
        Angle sum = wrapped(before.angles[0] + gate.angles[0] * sign);
        if (sum.is_bound() && std::abs(sum.constant()) > kPi / 2 + kAngleTolerance) {
            // rzz(pi) = Z Z, which passes through what came after it up to a phase.
            sum = wrapped(sum - Angle(kPi));
            runs_[a].append_z(Angle(kPi));
            runs_[b].append_z(Angle(kPi));
        }
        before.angles[0] = sum;
        changed_ = true;
        return true;
    }

    /// rzz(t) (D x V) rzz(s) with D a z rotation or flip and V anything bound is, for either value of D's
    /// qubit, a matrix on V's: one rzz of some angle between matrices on V's qubit.
    bool merge_as_controlled(const Gate& gate) {
        for (const auto& [control, other] :
             {std::pair(gate.qubits[0], gate.qubits[1]), std::pair(gate.qubits[1], gate.qubits[0])}) {
            if (last_pair_[control] == kNone || last_pair_[control] != last_pair_[other]) return false;
            auto& before = std::get<Gate>(out_[last_pair_[control]].kind());
            if (before.id != GateId::rzz || !before.angles[0].is_bound() || !gate.angles[0].is_bound())
                return false;
            const bool flips = !runs_[control].as_z();
            const auto between = runs_[other].as_matrix();
            if (!between || (flips && !runs_[control].as_flip())) continue;
            const double first = before.angles[0].constant();
            const double second = flips ? -gate.angles[0].constant() : gate.angles[0].constant();
            const ControlledTurn joined =
                controlled_turn(product(rz_matrix(second), product(*between, rz_matrix(first))),
                                product(rz_matrix(-second), product(*between, rz_matrix(-first))));
            // The new interaction stands here, the old one goes; nothing else touched the two since.
            before.angles[0] = Angle();
            const OneQubitRun control_run = std::exchange(runs_[control], {});
            runs_[other] = {};
            runs_[other].append_matrix(joined.before);
            Angle angle(joined.angle);
            const bool folds = joined.angle > kPi / 2 + kAngleTolerance;
            if (folds) angle = angle - Angle(kPi);
            add_pair(Gate{GateId::rzz, gate.qubits, {angle}});
            // rzz(pi) = Z Z, right behind the interaction.
            runs_[control] = control_run;
            if (folds) runs_[control].append_z(Angle(kPi));
            if (folds) runs_[other].append_z(Angle(kPi));
            runs_[other].append_matrix(joined.after);
            changed_ = true;
            return true;
        }
        return false;
    }

    std::vector<OneQubitRun> runs_;
    /// Index in out_ of the last two-qubit gate on the qubit, when no other operation came after it.
    std::vector<std::size_t> last_pair_;
    std::vector<Operation> out_;
    bool changed_ = false;
};

}  // namespace

std::vector<Operation> with_interactions_merged(std::vector<Operation> operations, std::uint32_t num_qubits) {
    // A pair that comes to nothing lets its neighbours meet, so sweeps go on while they find something.
    for (bool changed = true; changed;) {
        Merger merger(num_qubits);
        operations = merger.merge(operations);
        changed = merger.changed();
    }
    return operations;
}

std::vector<Operation> with_swaps_joined(std::vector<Operation> operations, std::uint32_t num_qubits) {
    std::vector<std::size_t> last_pair(num_qubits, kNone);
    std::vector<bool> joined(operations.size(), false), moved(operations.size(), false);
    for (std::size_t i = 0; i < operations.size(); ++i) {
        for (auto* body : bodies_of(operations[i])) *body = with_swaps_joined(std::move(*body), num_qubits);
        auto* gate = std::get_if<Gate>(&operations[i].kind());
        if (gate && gate->qubits.size() == 1) continue;
        const auto touched = qubits_of(operations[i]);
        const bool is_swap = gate && gate->id == GateId::swap;
        const std::size_t before = is_swap ? last_pair[touched[0]] : kNone;
        if (before == kNone || before != last_pair[touched[1]] || joined[before]) {
            const bool is_rzz = gate && gate->id == GateId::rzz;
            for (const Qubit qubit : touched) last_pair[qubit] = is_rzz ? i : kNone;
            continue;
        }
        joined[before] = moved[i] = true;
        // One-qubit gates that the swap is pulled over act on the other qubit of the pair.
        for (std::size_t j = before + 1; j < i; ++j) {
            auto* passed = std::get_if<Gate>(&operations[j].kind());
            if (!passed || passed->qubits.size() != 1) continue;
            Qubit& qubit = passed->qubits[0];
            if (qubit == touched[0])
                qubit = touched[1];
            else if (qubit == touched[1])
                qubit = touched[0];
        }
        for (const Qubit qubit : touched) last_pair[qubit] = kNone;
    }
    std::vector<Operation> out;
    out.reserve(operations.size());
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (moved[i]) continue;
        out.push_back(std::move(operations[i]));
        if (!joined[i]) continue;
        const Gate rzz = std::get<Gate>(out.back().kind());
        out.push_back(Gate{GateId::swap, rzz.qubits, {}});
    }
    return out;
}

}  // namespace qdcnn::transpile
