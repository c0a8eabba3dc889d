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
///
/// Interactions on a qubit that only z rotations and bit flips separate commute there; they are its group.
/// Two that are in one group on both of their qubits can be brought together, whatever stands between.
class Merger {
  public:
    explicit Merger(std::uint32_t num_qubits) : wires_(num_qubits) {}

    bool changed() const { return changed_; }

    std::vector<Operation> merge(std::vector<Operation>& operations) {
        out_.reserve(operations.size());
        for (Operation& operation : operations) {
            if (auto* gate = std::get_if<Gate>(&operation.kind())) {
                if (gate->qubits.size() == 1)
                    wires_[gate->qubits[0]].run.append(*gate);
                else if (gate->id != GateId::rzz)
                    add_other_pair(std::move(*gate));
                else if (!(merge_into_group(*gate) || merge_as_controlled(*gate)))
                    add_rzz(std::move(*gate));
                continue;
            }
            for (const Qubit qubit : qubits_of(operation)) {
                flush(qubit);
                end_group(qubit);
            }
            for (auto* body : bodies_of(operation))
                *body = with_interactions_merged(std::move(*body), static_cast<std::uint32_t>(wires_.size()));
            out_.push_back(std::move(operation));
        }
        for (Qubit qubit = 0; qubit < wires_.size(); ++qubit) flush(qubit);
        std::erase_if(out_, [](const Operation& operation) {
            const auto* gate = std::get_if<Gate>(&operation.kind());
            return gate && gate->id == GateId::rzz && is_no_rotation(gate->angles[0]);
        });
        return std::move(out_);
    }

  private:
    struct Member {
        /// Index in out_.
        std::size_t at;
        /// Whether an odd number of flips of the group came before.
        bool is_flipped;
    };
    struct Wire {
        /// Gates since the last two-qubit gate.
        OneQubitRun run;
        /// Whether an odd number of the group's flips is out.
        bool is_flipped = false;
        std::vector<Member> group;
        /// Index in out_ of the last two-qubit gate, when no other operation came after it.
        std::size_t last_pair = kNone;
    };
    /// An earlier interaction of a pair that can be brought here, and whether its angle changes sign on the
    /// way.
    struct Earlier {
        std::size_t at = kNone;
        bool is_negated = false;
    };

    void end_group(Qubit qubit) {
        Wire& wire = wires_[qubit];
        wire.group.clear();
        wire.is_flipped = false;
        wire.last_pair = kNone;
    }

    void flush(Qubit qubit) {
        Wire& wire = wires_[qubit];
        const auto kind = wire.run.kind();
        if (kind == OneQubitRun::Kind::flip) wire.is_flipped = !wire.is_flipped;
        if (kind == OneQubitRun::Kind::other) {
            wire.group.clear();
            wire.is_flipped = false;
        }
        wire.run.emit(qubit, out_);
        wire.run = {};
    }

    void add_rzz(Gate gate) {
        for (const Qubit qubit : gate.qubits) {
            // What commutes but for a sign goes on to the next run.
            const auto& run = wires_[qubit].run;
            const auto kind = run.kind();
            if (kind == OneQubitRun::Kind::other || !run.as_matrix())
                flush(qubit);
            else if (kind == OneQubitRun::Kind::flip)
                gate.angles[0] = -gate.angles[0];
        }
        for (const Qubit qubit : gate.qubits) {
            Wire& wire = wires_[qubit];
            wire.last_pair = out_.size();
            wire.group.push_back({out_.size(), wire.is_flipped});
        }
        out_.push_back(std::move(gate));
    }

    /// An earlier rzz is brought right before a swap, so that both are translated as one.
    void add_other_pair(Gate gate) {
        const Earlier earlier = find_earlier(gate);
        for (const Qubit qubit : gate.qubits) flush(qubit);
        if (earlier.at != kNone) {
            Angle& before = angle_at(earlier.at);
            const Angle angle = earlier.is_negated ? -before : before;
            before = Angle();
            out_.push_back(Gate{GateId::rzz, gate.qubits, {angle}});
        }
        for (const Qubit qubit : gate.qubits) {
            end_group(qubit);
            wires_[qubit].last_pair = out_.size();
        }
        out_.push_back(std::move(gate));
    }

    Angle& angle_at(std::size_t at) { return std::get<Gate>(out_[at].kind()).angles[0]; }

    const Member* find_member(Qubit qubit, std::size_t at) const {
        for (const Member& member : wires_[qubit].group)
            if (member.at == at) return &member;
        return nullptr;
    }

    /// The pair's last interaction that is in the group of both qubits, their pending runs counted.
    Earlier find_earlier(const Gate& gate) const {
        const Qubit a = gate.qubits[0], b = gate.qubits[1];
        bool is_negated = false;
        for (const Qubit qubit : {a, b}) {
            const auto kind = wires_[qubit].run.kind();
            if (kind == OneQubitRun::Kind::other) return {};
            is_negated = is_negated != (kind == OneQubitRun::Kind::flip);
        }
        const auto& group = wires_[a].group;
        for (auto member = group.rbegin(); member != group.rend(); ++member) {
            const auto& qubits = std::get<Gate>(out_[member->at].kind()).qubits;
            if (!qubits.contains(b)) continue;
            const Member* other = find_member(b, member->at);
            if (!other) return {};
            const bool turns_a = member->is_flipped != wires_[a].is_flipped;
            const bool turns_b = other->is_flipped != wires_[b].is_flipped;
            return {member->at, is_negated != (turns_a != turns_b)};
        }
        return {};
    }

    bool merge_into_group(const Gate& gate) {
        const Earlier earlier = find_earlier(gate);
        if (earlier.at == kNone) return false;
        Angle& before = angle_at(earlier.at);
        Angle sum = wrapped(before + gate.angles[0] * (earlier.is_negated ? -1.0 : 1.0));
        if (sum.is_bound() && std::abs(sum.constant()) > kPi / 2 + kAngleTolerance) {
            // rzz(pi) = Z Z, which passes through what came after it up to a phase.
            sum = wrapped(sum - Angle(kPi));
            for (const Qubit qubit : gate.qubits) wires_[qubit].run.append_z(Angle(kPi));
        }
        before = sum;
        changed_ = true;
        return true;
    }

    /// rzz(t) (D x V) rzz(s) with D commuting but for a sign and V anything bound is, for either value of D's
    /// qubit, a matrix on V's: one rzz of some angle between matrices on V's qubit.
    bool merge_as_controlled(const Gate& gate) {
        for (const auto& [control, other] :
             {std::pair(gate.qubits[0], gate.qubits[1]), std::pair(gate.qubits[1], gate.qubits[0])}) {
            Wire &along = wires_[control], &across = wires_[other];
            if (across.last_pair == kNone || along.run.kind() == OneQubitRun::Kind::other) continue;
            const Member* member = find_member(control, across.last_pair);
            if (!member) continue;
            Angle& before = angle_at(member->at);
            const auto between = across.run.as_matrix();
            if (!before.is_bound() || !gate.angles[0].is_bound() || !between) continue;
            // Both as seen where the pending run of the control begins.
            const double first =
                member->is_flipped != along.is_flipped ? -before.constant() : before.constant();
            const bool flips = along.run.kind() == OneQubitRun::Kind::flip;
            const double second = flips ? -gate.angles[0].constant() : gate.angles[0].constant();
            const ControlledTurn joined =
                controlled_turn(product(rz_matrix(second), product(*between, rz_matrix(first))),
                                product(rz_matrix(-second), product(*between, rz_matrix(-first))));
            before = Angle();
            const OneQubitRun control_run = std::exchange(along.run, {});
            across.run = {};
            across.run.append_matrix(joined.before);
            Angle angle(joined.angle);
            const bool folds = joined.angle > kPi / 2 + kAngleTolerance;
            if (folds) angle = angle - Angle(kPi);
            add_rzz(Gate{GateId::rzz, gate.qubits, {angle}});
            // rzz(pi) = Z Z, right behind the interaction.
            along.run = control_run;
            if (folds) along.run.append_z(Angle(kPi));
            if (folds) across.run.append_z(Angle(kPi));
            across.run.append_matrix(joined.after);
            changed_ = true;
            return true;
        }
        return false;
    }

    std::vector<Wire> wires_;
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
