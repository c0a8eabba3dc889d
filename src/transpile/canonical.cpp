#include "canonical.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr double kPi = std::numbers::pi;

bool all_bound(const Gate& gate) {
    for (const Angle& angle : gate.angles)
        if (!angle.is_bound()) return false;
    return true;
}

void rz(Qubit qubit, const Angle& angle, std::vector<Operation>& out) {
    out.push_back(Gate{GateId::rz, {qubit}, {angle}});
}
void rx(Qubit qubit, const Angle& angle, std::vector<Operation>& out) {
    out.push_back(Gate{GateId::rx, {qubit}, {angle}});
}

/// exp(-i angle/2 Z Z); bound angles are folded into [-pi/2, pi/2] by rzz(pi) = -i Z Z.
void rzz(Qubit a, Qubit b, const Angle& angle, std::vector<Operation>& out) {
    Angle folded = wrapped(angle);
    if (folded.is_bound() && std::abs(folded.constant()) > kPi / 2 + kAngleTolerance) {
        folded = wrapped(folded - Angle(kPi));
        out.push_back(Gate{GateId::z, {a}, {}});
        out.push_back(Gate{GateId::z, {b}, {}});
    }
    if (!is_no_rotation(folded)) out.push_back(Gate{GateId::rzz, {a, b}, {folded}});
}

/// Controlled Rz(phi) Ry(theta) Rz(lambda), bound: V rz(turn) V^-1 on the target, so one rzz.
void controlled_rotation(Qubit control, Qubit target, double theta, double phi, double lambda,
                         std::vector<Operation>& out) {
    // The rotation's axis and angle from its quaternion (w; x, y, z).
    const double w = std::cos(theta / 2) * std::cos((phi + lambda) / 2);
    const double z = std::cos(theta / 2) * std::sin((phi + lambda) / 2);
    const double x = std::sin(theta / 2) * std::sin((lambda - phi) / 2);
    const double y = std::sin(theta / 2) * std::cos((lambda - phi) / 2);
    const double size = std::sqrt(x * x + y * y + z * z);
    const double turn = 2 * std::atan2(size, w);
    if (size < kAngleTolerance) {
        // The identity, or minus it: a phase of the control.
        if (w < 0) rz(control, Angle(kPi), out);
        return;
    }
    // V takes the z axis to (x, y, z): Ry by the polar angle, then Rz by the azimuth.
    const double polar = std::acos(std::clamp(z / size, -1.0, 1.0)), azimuth = std::atan2(y, x);
    rz(target, Angle(-azimuth), out);
    out.push_back(Gate{GateId::ry, {target}, {Angle(-polar)}});
    rz(target, Angle(turn / 2), out);
    rzz(control, target, Angle(-turn / 2), out);
    out.push_back(Gate{GateId::ry, {target}, {Angle(polar)}});
    rz(target, Angle(azimuth), out);
}

}  // namespace

bool is_quarter(const Angle& angle) {
    return angle.is_bound() && std::abs(std::abs(angle.constant()) - kPi / 2) < kAngleTolerance;
}

void append_canonical(const Gate& gate, std::vector<Operation>& out) {
    const Qubit a = gate.qubits[0];
    const Qubit b = gate.qubits.size() > 1 ? gate.qubits[1] : a;
    switch (gate.id) {
        case GateId::cz:
            rz(a, Angle(-kPi / 2), out);
            rz(b, Angle(-kPi / 2), out);
            rzz(a, b, Angle(kPi / 2), out);
            return;
        case GateId::cx:
            out.push_back(Gate{GateId::h, {b}, {}});
            append_canonical(Gate{GateId::cz, {a, b}, {}}, out);
            out.push_back(Gate{GateId::h, {b}, {}});
            return;
        case GateId::cp:
            rz(a, gate.angles[0] * 0.5, out);
            rz(b, gate.angles[0] * 0.5, out);
            rzz(a, b, gate.angles[0] * -0.5, out);
            return;
        case GateId::crz:
            rz(b, gate.angles[0] * 0.5, out);
            rzz(a, b, gate.angles[0] * -0.5, out);
            return;
        case GateId::cry:
            rx(b, Angle(kPi / 2), out);
            append_canonical(Gate{GateId::crz, {a, b}, gate.angles}, out);
            rx(b, Angle(-kPi / 2), out);
            return;
        case GateId::cu:
            if (!all_bound(gate)) break;
            rz(a, gate.angles[3] + (gate.angles[1] + gate.angles[2]) * 0.5, out);
            controlled_rotation(a, b, gate.angles[0].constant(), gate.angles[1].constant(),
                                gate.angles[2].constant(), out);
            return;
        case GateId::ecr:
            append_canonical(Gate{GateId::rzx, {a, b}, {Angle(kPi / 2)}}, out);
            out.push_back(Gate{GateId::x, {a}, {}});
            return;
        case GateId::rzz:
            rzz(a, b, gate.angles[0], out);
            return;
        default:
            break;
    }
    const auto& row = gate_row(gate.id);
    if (row.qubits == 1 || gate.id == GateId::swap || gate.id == GateId::iswap) {
        out.push_back(gate);
        return;
    }
    for (const auto& step : row.definition)
        append_canonical(instantiate(step, gate.qubits, gate.angles), out);
}

std::vector<Operation> canonical(std::vector<Operation> operations) {
    std::vector<Operation> out;
    out.reserve(operations.size() * 2);
    const auto inside = [&](Operation& operation) {
        for (auto* body : bodies_of(operation)) *body = canonical(std::move(*body));
        out.push_back(std::move(operation));
    };
    for (Operation& operation : operations)
        std::visit(overloaded{
                       [&](Gate& gate) { append_canonical(gate, out); },
                       [&](Measure& measure) { out.push_back(measure); },
                       [&](Reset& reset) { out.push_back(reset); },
                       [&](Barrier& barrier) {
                           // Remarks name the qubits of the program, which are gone.
                           if (!barrier.note || barrier.note->kind != Note::Kind::remark)
                               out.push_back(std::move(barrier));
                       },
                       [&](Delay& delay) { out.push_back(delay); },
                       [&](Prepare&) {
                           throw Error(ErrorKind::internal, "a Prepare reached the pass canonical_form");
                       },
                       [&](IfElse&) { inside(operation); },
                       [&](While&) { inside(operation); },
                       [&](Store& store) { out.push_back(std::move(store)); },
                   },
                   operation.kind());
    return out;
}

}  // namespace qdcnn::transpile
