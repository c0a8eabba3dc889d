#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "device_model.h"
#include "qdcnn/base/error.h"
#include "translate.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using target::NativeGate;
using target::Target;

constexpr double kPi = std::numbers::pi;

/// What the device turns a qubit with. R(x, phi) is a rotation by x about cos(phi) X + sin(phi) Y.
struct Pulses {
    /// rz or p.
    const NativeGate* z = nullptr;
    /// R(x, phi) of any phase: r, or gpi2 and gpi (x = pi/2 and pi only).
    const NativeGate* r = nullptr;
    const NativeGate* gpi = nullptr;
    const NativeGate* gpi2 = nullptr;
    /// Rotations about a fixed axis.
    const NativeGate* sx = nullptr;
    const NativeGate* x = nullptr;
    const NativeGate* rx = nullptr;
    const NativeGate* ry = nullptr;
    const NativeGate* u = nullptr;

    explicit Pulses(const Target& target)
        : z(target.find_native(GateId::rz)),
          r(target.find_native(GateId::r)),
          gpi(target.find_native(GateId::gpi)),
          gpi2(target.find_native(GateId::gpi2)),
          sx(target.find_native(GateId::sx)),
          x(target.find_native(GateId::x)),
          rx(target.find_native(GateId::rx)),
          ry(target.find_native(GateId::ry)),
          u(target.find_native(GateId::u)) {
        if (!z) z = target.find_native(GateId::p);
        const bool has_axis = sx || rx || ry;
        const bool has_phase = r || (gpi && gpi2);
        if (u || (has_phase && (z || target.has_virtual_z)) || (z && has_axis)) return;
        throw Error(ErrorKind::unsupported,
                    fmt::format("the native one-qubit gates of {} do not make every rotation", target.name),
                    "Known: rz with sx, rx or ry; r (prx, u1q); gpi and gpi2; u.");
    }

    bool has_phase() const { return r || (gpi && gpi2); }
    /// The phase range of the pulses that have one.
    const target::AngleRange& phase_range() const { return r ? r->ranges[1] : gpi2->ranges[0]; }

    /// Whether one pulse makes Rx(x).
    bool makes(const Angle& x_angle) const {
        if (u) return true;
        if (r) return is_in_range(r->ranges[0], x_angle);
        const bool is_half = x_angle.is_bound() && std::abs(x_angle.constant() - kPi) < kAngleTolerance;
        const bool is_quarter =
            x_angle.is_bound() && std::abs(x_angle.constant() - kPi / 2) < kAngleTolerance;
        if (gpi && gpi2) return is_half || is_quarter;
        if ((is_half && x) || (is_quarter && sx)) return true;
        return (rx && is_in_range(rx->ranges[0], x_angle)) || (ry && is_in_range(ry->ranges[0], x_angle));
    }
};

class Lowering {
  public:
    Lowering(const Target& target, std::uint32_t num_qubits)
        : target_(target), pulses_(target), runs_(num_qubits), frame_(num_qubits), home_(num_qubits) {}

    std::vector<Operation> lower_all(const std::vector<Operation>& operations) {
        std::vector<Operation> out;
        out.reserve(operations.size() * 3);
        out_ = &out;
        lower(operations);
        for (Qubit qubit = 0; qubit < runs_.size(); ++qubit) {
            end_run(qubit);
            settle(qubit);
        }
        return out;
    }

  private:
    void lower(const std::vector<Operation>& operations) {
        for (const Operation& operation : operations)
            std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }

    void step(const Gate& gate) {
        if (gate.qubits.size() == 1) {
            runs_[gate.qubits[0]].append(gate);
            return;
        }
        for (const Qubit qubit : gate.qubits) end_run(qubit);
        Gate passed = gate;
        pass_frames(passed);
        out_->push_back(std::move(passed));
    }
    void step(const Measure& measure) {
        end_run(measure.qubit);
        leave(measure.qubit);
        out_->push_back(measure);
    }
    void step(const Reset& reset) {
        end_run(reset.qubit);
        leave(reset.qubit);
        out_->push_back(reset);
    }
    void step(const Barrier& barrier) {
        for (const Qubit qubit : barrier.qubits) end_run_and_show(qubit);
        out_->push_back(barrier);
    }
    void step(const Delay& delay) {
        end_run(delay.qubit);
        out_->push_back(delay);
    }
    void step(const Prepare&) {
        throw Error(ErrorKind::internal, "a Prepare reached the pass native_one_qubit_gates");
    }
    void step(const Store& store) { out_->push_back(store); }
    void step(const IfElse& branch) { step_inside(branch); }
    void step(const While& loop) { step_inside(loop); }
    void step_inside(const Operation& operation) {
        const std::vector<Qubit> touched = qubits_of(operation);
        for (const Qubit qubit : touched) end_run_and_show(qubit);
        const std::vector<Angle> homes = home_, frames = frame_;
        std::vector<Operation>* outside = out_;
        Operation lowered = operation;
        for (auto* body : bodies_of(lowered)) {
            const std::vector<Operation> from = std::exchange(*body, {});
            // All bodies end in the frame they begin with, so that what follows fits whichever ran, and how
            // often.
            for (const Qubit qubit : touched) home_[qubit] = frame_[qubit] = frames[qubit];
            out_ = body;
            lower(from);
            for (const Qubit qubit : touched) {
                end_run(qubit);
                settle(qubit);
            }
        }
        out_ = outside;
        home_ = homes;
        out_->push_back(std::move(lowered));
    }

    /// The z rotation owed on the qubit comes out as a native gate, where there is one.
    void end_run_and_show(Qubit qubit) {
        end_run(qubit);
        if (pulses_.z) show_frame(qubit);
    }

    /// Before a measurement or reset: the frame ends there, for a z rotation before it or after it changes
    /// only phases.
    void leave(Qubit qubit) { frame_[qubit] = home_[qubit]; }

    /// Brings the frame back to what it is at home, by gates.
    void settle(Qubit qubit) {
        const Angle owed = wrapped(frame_[qubit] - home_[qubit]);
        frame_[qubit] = home_[qubit];
        rotate_z(qubit, owed);
    }

    void show_frame(Qubit qubit) {
        const Angle owed = frame_[qubit];
        frame_[qubit] = Angle();
        rotate_z(qubit, wrapped(owed));
    }

    void native(const NativeGate& gate, Qubit qubit, std::vector<Angle> angles = {}) {
        out_->push_back(Gate{gate.gate, {qubit}, std::move(angles)});
    }

    /// Rz(angle) by gates: a native one, or two half turns, R(pi, angle/2) R(pi, 0).
    void rotate_z(Qubit qubit, const Angle& angle) {
        if (is_no_rotation(angle)) return;
        if (pulses_.z) {
            native(*pulses_.z, qubit, {angle});
        } else if (pulses_.has_phase()) {
            half_turn(qubit, Angle());
            half_turn(qubit, angle * 0.5);
        } else {
            native(*pulses_.u, qubit, {Angle(), Angle(), angle});
        }
    }
    void half_turn(Qubit qubit, const Angle& phase) {
        if (pulses_.r)
            native(*pulses_.r, qubit, {Angle(kPi), in_phase_range(phase)});
        else
            native(*pulses_.gpi, qubit, {in_phase_range(phase)});
    }

    /// A whole number of turns away, inside the range of the device's phases.
    Angle in_phase_range(const Angle& phase) const {
        Angle result = wrapped(phase);
        const auto& range = pulses_.phase_range();
        if (result.is_bound() && result.constant() < range.low) result = result + Angle(2 * kPi);
        return result;
    }

    /// Emits what is collected on the qubit; z rotations go into the frame.
    void end_run(Qubit qubit) {
        OneQubitRun::Steps steps = runs_[qubit].steps();
        runs_[qubit] = {};
        if (steps.x.empty() && is_no_rotation(steps.z[0])) return;
        join_symbolic(steps);
        for (std::size_t i = 0; i < steps.z.size(); ++i) {
            frame_[qubit] = wrapped(frame_[qubit] + steps.z[i]);
            if (i < steps.x.size()) turn(qubit, steps.x[i]);
        }
    }

    /// Rx(pi/2) Rz(s) Rx(pi/2) = Rz(-pi/2) Rx(s - pi) Rz(-pi/2), where one pulse takes a symbolic angle.
    void join_symbolic(OneQubitRun::Steps& steps) const {
        auto is_quarter = [](const Angle& angle) { return angle == Angle(kPi / 2); };
        for (std::size_t i = 0; i + 1 < steps.x.size(); ++i) {
            const Angle between = steps.z[i + 1];
            if (!is_quarter(steps.x[i]) || !is_quarter(steps.x[i + 1]) || between.is_bound()) continue;
            if (!pulses_.makes(between - Angle(kPi))) continue;
            const auto at = static_cast<std::ptrdiff_t>(i);
            steps.x[i] = between - Angle(kPi);
            steps.z[i] = steps.z[i] - Angle(kPi / 2);
            steps.z[i + 2] = steps.z[i + 2] - Angle(kPi / 2);
            steps.x.erase(steps.x.begin() + at + 1);
            steps.z.erase(steps.z.begin() + at + 1);
        }
    }

    /// Rx(angle) by pulses, in the qubit's frame.
    void turn(Qubit qubit, const Angle& angle) {
        if (pulses_.makes(angle)) {
            pulse(qubit, angle);
            return;
        }
        // Rx(t) = Rz(pi/2) Rx(pi/2) Rz(t + pi) Rx(pi/2) Rz(pi/2); a half turn without its own pulse is two
        // quarters.
        const Angle quarter(kPi / 2);
        if (angle == Angle(kPi)) {
            pulse(qubit, quarter);
            pulse(qubit, quarter);
            return;
        }
        frame_[qubit] = wrapped(frame_[qubit] + quarter);
        pulse(qubit, quarter);
        frame_[qubit] = wrapped(frame_[qubit] + angle + Angle(kPi));
        pulse(qubit, quarter);
        frame_[qubit] = wrapped(frame_[qubit] + quarter);
    }

    /// One pulse. Rx(t) Rz(f) = Rz(f) R(t, -f): the frame turns into the pulse's phase, or comes out before
    /// it.
    void pulse(Qubit qubit, const Angle& angle) {
        if (!pulses_.makes(angle))
            throw Error(ErrorKind::unsupported, fmt::format("{} has no quarter turn about x", target_.name));
        if (pulses_.has_phase() && !pulses_.u) {
            if (!is_in_range(pulses_.phase_range(), in_phase_range(-frame_[qubit]))) show_frame(qubit);
            const Angle phase = in_phase_range(-frame_[qubit]);
            if (pulses_.r)
                native(*pulses_.r, qubit, {angle, phase});
            else
                native(angle == Angle(kPi) ? *pulses_.gpi : *pulses_.gpi2, qubit, {phase});
            return;
        }
        if (pulses_.u) {
            // U(t, p, l) with the frame as its first z rotation: Rx(t) = Rz(-pi/2) Ry(t) Rz(pi/2).
            native(*pulses_.u, qubit, {angle, Angle(-kPi / 2), wrapped(frame_[qubit] + Angle(kPi / 2))});
            frame_[qubit] = Angle();
            return;
        }
        const bool is_half = angle == Angle(kPi), is_quarter = angle == Angle(kPi / 2);
        const bool about_x = (is_half && pulses_.x) || (is_quarter && pulses_.sx) || pulses_.rx;
        if (!about_x) frame_[qubit] = wrapped(frame_[qubit] + Angle(kPi / 2));
        show_frame(qubit);
        if (is_half && pulses_.x)
            native(*pulses_.x, qubit);
        else if (is_quarter && pulses_.sx)
            native(*pulses_.sx, qubit);
        else
            native(about_x ? *pulses_.rx : *pulses_.ry, qubit, {angle});
        if (!about_x) frame_[qubit] = Angle(-kPi / 2);
    }

    /// Takes the frames of a native two-qubit gate's qubits past it.
    void pass_frames(Gate& gate) {
        const Qubit a = gate.qubits[0], b = gate.qubits[1];
        if (gate_row(gate.id).is_diagonal) return;
        switch (gate.id) {
            case GateId::cx:
                clear_frame(b);
                return;
            case GateId::ecr:
                // ECR = X_0 rzx: the flip turns the sign.
                frame_[a] = wrapped(-frame_[a]);
                clear_frame(b);
                return;
            case GateId::iswap:
            case GateId::swap:
                std::swap(frame_[a], frame_[b]);
                return;
            case GateId::ms:
                gate.angles[0] = wrapped(gate.angles[0] - frame_[a]);
                gate.angles[1] = wrapped(gate.angles[1] - frame_[b]);
                return;
            default:
                clear_frame(a);
                clear_frame(b);
        }
    }
    void clear_frame(Qubit qubit) { show_frame(qubit); }

    const Target& target_;
    Pulses pulses_;
    std::vector<OneQubitRun> runs_;
    /// The z rotation each qubit is owed behind the gates that are out.
    std::vector<Angle> frame_;
    /// What the frame has to be where the list of operations ends.
    std::vector<Angle> home_;
    std::vector<Operation>* out_ = nullptr;
};

}  // namespace

std::vector<Operation> with_native_one_qubit_gates(std::vector<Operation> operations, const Target& target) {
    return Lowering(target, target.num_qubits).lower_all(operations);
}

}  // namespace qdcnn::transpile
