#include <numbers>

#include "sim/program.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

constexpr double kPi = std::numbers::pi;

std::uint64_t bit(Qubit qubit) { return std::uint64_t{1} << qubit; }

}  // namespace

void PrimitiveList::add_gate(GateId id, std::span<const Qubit> q, std::span<const Angle> angles) {
    switch (id) {
        case GateId::id:
            return;
        case GateId::x:
            return add_flip(q[0], 0);
        case GateId::cx:
            return add_flip(q[1], bit(q[0]));
        case GateId::ccx:
            return add_flip(q[2], bit(q[0]) | bit(q[1]));
        case GateId::y:  // i R(pi)
            add_rotation(q[0], 0, kPi, false);
            return add_global_phase(kPi / 2);
        case GateId::z:
            return add_sign(bit(q[0]));
        case GateId::cz:
            return add_sign(bit(q[0]) | bit(q[1]));
        case GateId::ccz:
            return add_sign(bit(q[0]) | bit(q[1]) | bit(q[2]));
        case GateId::h:
            return add_rotation(q[0], 0, kPi / 2, true);
        case GateId::ch:
            return add_rotation(q[1], bit(q[0]), kPi / 2, true);
        case GateId::ry:
            return add_rotation(q[0], 0, angles[0], false);
        case GateId::cry:
            return add_rotation(q[1], bit(q[0]), angles[0], false);
        case GateId::s:
            return add_phase(bit(q[0]), kPi / 2);
        case GateId::sdg:
            return add_phase(bit(q[0]), -kPi / 2);
        case GateId::t:
            return add_phase(bit(q[0]), kPi / 4);
        case GateId::tdg:
            return add_phase(bit(q[0]), -kPi / 4);
        case GateId::p:
            return add_phase(bit(q[0]), angles[0]);
        case GateId::rz:
            add_phase(bit(q[0]), angles[0]);
            return add_global_phase(angles[0] * -0.5);
        case GateId::cp:
            return add_phase(bit(q[0]) | bit(q[1]), angles[0]);
        case GateId::cs:
            return add_phase(bit(q[0]) | bit(q[1]), kPi / 2);
        case GateId::csdg:
            return add_phase(bit(q[0]) | bit(q[1]), -kPi / 2);
        case GateId::crz:
            add_phase(bit(q[0]) | bit(q[1]), angles[0]);
            return add_phase(bit(q[0]), angles[0] * -0.5);
        case GateId::u:  // P(phi) R(theta) P(lambda)
            add_phase(bit(q[0]), angles[2]);
            add_rotation(q[0], 0, angles[0], false);
            return add_phase(bit(q[0]), angles[1]);
        default:
            break;
    }
    const GateRow& row = gate_row(id);
    for (const DefinitionStep& step : row.definition) {
        const Gate gate = instantiate(step, q, angles);
        add_gate(gate.id, gate.qubits, gate.angles);
    }
    add_global_phase(row.definition_phase.substitute(angles));
}

void PrimitiveList::add_global_phase(const Angle& angle) {
    if (condition_ == 0)
        global_phase_ = global_phase_ + angle;
    else
        add_phase(0, angle);
}

void PrimitiveList::add_flip(Qubit target, std::uint64_t controls) {
    items_.push_back({PrimitiveKind::flip, target, controls | condition_, {}, false});
}

void PrimitiveList::add_sign(std::uint64_t controls) {
    items_.push_back({PrimitiveKind::sign, 0, controls | condition_, {}, false});
}

void PrimitiveList::add_rotation(Qubit target, std::uint64_t controls, Angle angle, bool reflects) {
    controls |= condition_;
    const std::uint64_t mine = controls | bit(target);
    for (std::size_t i = items_.size(); i-- > closed_;) {
        Primitive& earlier = items_[i];
        if (earlier.kind == PrimitiveKind::rotation && earlier.target == target &&
            earlier.controls == controls) {
            // R(b) Z^g R(a) Z^f is R(b + a) Z^f for g = 0 and R(b - a) Z^(1 - f) for g = 1.
            earlier.angle = reflects ? angle - earlier.angle : angle + earlier.angle;
            earlier.reflects = earlier.reflects != reflects;
            return;
        }
        if ((earlier.controls | earlier.target_mask()) & mine) break;
    }
    items_.push_back({PrimitiveKind::rotation, target, controls, std::move(angle), reflects});
}

void PrimitiveList::add_phase(std::uint64_t controls, const Angle& angle) {
    controls |= condition_;
    for (std::size_t i = items_.size(); i-- > closed_;) {
        Primitive& earlier = items_[i];
        if (earlier.kind == PrimitiveKind::phase && earlier.controls == controls) {
            earlier.angle = earlier.angle + angle;
            return;
        }
        // Phases commute with all that leaves their qubits' values alone.
        if (earlier.target_mask() & controls) break;
    }
    items_.push_back({PrimitiveKind::phase, 0, controls, angle, false});
}

}  // namespace qdcnn::sim
