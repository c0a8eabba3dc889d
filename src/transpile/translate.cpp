#include "translate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "canonical.h"
#include "device_model.h"
#include "qdcnn/base/error.h"

namespace qdcnn::transpile {

using namespace circuit;
using target::NativeGate;
using target::Target;

bool is_in_range(const target::AngleRange& range, const Angle& angle) {
    const bool is_any = range.allowed.empty() && std::isinf(range.low) && std::isinf(range.high);
    if (is_any) return true;
    if (!angle.is_bound()) return false;
    for (const double value : range.allowed)
        if (std::abs(angle.constant() - value) < 1e-9) return true;
    return range.allowed.empty() && angle.constant() > range.low - 1e-9 &&
           angle.constant() < range.high + 1e-9;
}

namespace {

constexpr double kPi = std::numbers::pi;

/// How a native two-qubit gate makes an rzz.
enum class Way {
    /// Locally equal to rzz(pi/2): one for a quarter angle, two for any other.
    quarter,
    /// A rotation by an angle of its own, locally equal to rzz of that angle.
    free_angle,
    /// Two make any rzz.
    iswap,
    none
};

Way way_of(GateId gate) {
    switch (gate) {
        case GateId::cz:
        case GateId::cx:
        case GateId::ecr:
            return Way::quarter;
        case GateId::rzz:
        case GateId::rxx:
        case GateId::ms:
            return Way::free_angle;
        case GateId::iswap:
            return Way::iswap;
        default:
            return Way::none;
    }
}

/// Translates one two-qubit operation after the other.
class PairTranslator {
  public:
    explicit PairTranslator(const Target& target) : target_(target) {}

    std::vector<Operation> translate(std::vector<Operation>& operations) {
        for (std::size_t i = 0; i < operations.size(); ++i) {
            auto* gate = std::get_if<Gate>(&operations[i].kind());
            if (!gate || gate->qubits.size() == 1) {
                for (auto* body : bodies_of(operations[i]))
                    *body = with_native_pairs(std::move(*body), target_);
                out_.push_back(std::move(operations[i]));
                continue;
            }
            const Qubit a = gate->qubits[0], b = gate->qubits[1];
            if (gate->id == GateId::rzz && i + 1 < operations.size() && is_swap_on(operations[i + 1], a, b)) {
                rzz_and_swap(a, b, gate->angles[0]);
                ++i;
            } else if (gate->id == GateId::rzz) {
                rzz(a, b, gate->angles[0]);
            } else if (gate->id == GateId::swap) {
                swap(a, b);
            } else if (gate->id == GateId::iswap) {
                iswap(a, b);
            } else {
                throw Error(ErrorKind::internal,
                            fmt::format("gate {} is not in canonical form", gate_row(gate->id).name));
            }
        }
        return std::move(out_);
    }

  private:
    /// A native gate on an ordered pair.
    struct Choice {
        const NativeGate* native = nullptr;
        Way way = Way::none;
        Qubit from = 0, to = 0;
        int uses = 0;
        double cost = std::numeric_limits<double>::infinity();
    };

    static bool is_swap_on(const Operation& operation, Qubit a, Qubit b) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        return gate && gate->id == GateId::swap && gate->qubits.contains(a) && gate->qubits.contains(b);
    }

    void one(GateId id, Qubit qubit) { out_.push_back(Gate{id, {qubit}, {}}); }
    void one(GateId id, Qubit qubit, const Angle& angle) { out_.push_back(Gate{id, {qubit}, {angle}}); }
    void native(const Choice& choice, std::vector<Angle> angles = {}) {
        out_.push_back(Gate{choice.native->gate, {choice.from, choice.to}, std::move(angles)});
    }

    static const target::AngleRange& angle_range(const NativeGate& gate) { return gate.ranges.back(); }

    /// Times the native gate is used for rzz(angle); 0 when there is no way.
    static int uses_for(const NativeGate& gate, Way way, const Angle& angle) {
        switch (way) {
            case Way::quarter:
                return is_quarter(angle) ? 1 : 2;
            case Way::iswap:
                return 2;
            case Way::free_angle: {
                const auto& range = angle_range(gate);
                if (is_in_range(range, angle) || is_in_range(range, -angle)) return 1;
                return is_in_range(range, Angle(kPi / 2)) ? 2 : 0;
            }
            case Way::none:
                return 0;
        }
        return 0;
    }

    Choice choose(Qubit a, Qubit b, const Angle& angle) const {
        Choice best;
        for (const NativeGate& gate : target_.native_gates) {
            if (gate_row(gate.gate).qubits != 2) continue;
            const Way way = way_of(gate.gate);
            const int uses = uses_for(gate, way, angle);
            if (uses == 0) continue;
            for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
                if (!target_.is_available(gate, from, to)) continue;
                const double error = cost_of_error(target_.properties_of(gate.name, {from, to}).error);
                // The second term prefers fewer gates where errors are unknown.
                const double cost = uses * error + 1e-9 * uses;
                if (cost < best.cost) best = {&gate, way, from, to, uses, cost};
            }
        }
        if (!best.native)
            throw Error(
                ErrorKind::unsupported,
                fmt::format(
                    "{} has no entangling gate on qubits {} and {} that circuits can be translated to",
                    target_.name, a, b),
                "Known: cx, cz, ecr, rzz, rxx, ms, iswap.");
        return best;
    }

    /// rzz(angle) by one use of the gate.
    void once(const Choice& choice, Angle angle) {
        const Qubit from = choice.from, to = choice.to;
        const bool is_negative = angle.is_bound() && angle.constant() < 0;
        switch (choice.native->gate) {
            case GateId::cz:
            case GateId::cx:
                // CZ = rzz(pi/2) (Rz(-pi/2) x Rz(-pi/2)) and its conjugate alike; CX = H CZ H on the target.
                one(GateId::rz, from, angle);
                one(GateId::rz, to, angle);
                if (choice.native->gate == GateId::cx) one(GateId::h, to);
                native(choice);
                if (choice.native->gate == GateId::cx) one(GateId::h, to);
                return;
            case GateId::ecr:
                // ECR = X_0 rzx(pi/2), rzx = H rzz H on the target.
                if (is_negative) {
                    one(GateId::z, from);
                    one(GateId::z, to);
                }
                one(GateId::h, to);
                native(choice);
                one(GateId::x, from);
                one(GateId::h, to);
                return;
            default:
                break;
        }
        // A bit flip on one side turns the sign of the angle.
        const bool flip = !is_in_range(angle_range(*choice.native), angle);
        if (flip) angle = -angle;
        if (angle.is_bound() && angle_range(*choice.native).allowed.empty())
            angle = std::clamp(angle.constant(), angle_range(*choice.native).low,
                               angle_range(*choice.native).high);
        if (flip) one(GateId::x, from);
        const bool is_xx = choice.native->gate != GateId::rzz;
        if (is_xx) both(GateId::h, from, to);
        if (choice.native->gate == GateId::ms)
            native(choice, {Angle(0), Angle(0), angle});
        else
            native(choice, {angle});
        if (is_xx) both(GateId::h, from, to);
        if (flip) one(GateId::x, from);
    }

    void both(GateId id, Qubit a, Qubit b) {
        one(id, a);
        one(id, b);
    }

    void rzz(Qubit a, Qubit b, const Angle& angle) {
        const Choice choice = choose(a, b, angle);
        if (choice.way == Way::iswap) {
            rzz_by_iswaps(choice, angle);
        } else if (choice.uses == 1) {
            once(choice, angle);
        } else {
            cx(choice, a, b);
            one(GateId::rz, b, angle);
            cx(choice, a, b);
        }
    }

    /// iSWAP (S^-1 x S^-1 Rx(t)) iSWAP (S^-1 x S^-1) = rzx(t) from the second qubit to the first, because
    /// iSWAP = SWAP CZ (S x S).
    void rzz_by_iswaps(const Choice& choice, const Angle& angle) {
        const Qubit from = choice.from, to = choice.to;
        one(GateId::h, from);
        both(GateId::sdg, from, to);
        native(choice);
        one(GateId::rx, to, angle);
        both(GateId::sdg, from, to);
        native(choice);
        one(GateId::h, from);
    }

    /// A CX by one quarter rzz of the choice.
    void cx(const Choice& choice, Qubit control, Qubit to) {
        one(GateId::h, to);
        one(GateId::rz, control, Angle(-kPi / 2));
        one(GateId::rz, to, Angle(-kPi / 2));
        once(choice, Angle(kPi / 2));
        one(GateId::h, to);
    }

    void translate_inner(std::initializer_list<Gate> gates) {
        std::vector<Operation> inner;
        for (const Gate& gate : gates) append_canonical(gate, inner);
        for (Operation& operation : inner) {
            const auto& gate = std::get<Gate>(operation.kind());
            if (gate.id == GateId::rzz)
                rzz(gate.qubits[0], gate.qubits[1], gate.angles[0]);
            else
                out_.push_back(std::move(operation));
        }
    }

    const NativeGate* own(GateId id, Qubit a, Qubit b) const {
        const NativeGate* gate = target_.find_native(id);
        return gate && target_.is_available(*gate, a, b) ? gate : nullptr;
    }

    void iswap(Qubit a, Qubit b) {
        if (own(GateId::iswap, a, b))
            out_.push_back(Gate{GateId::iswap, {a, b}, {}});
        else
            translate_inner({Gate{GateId::s, {a}, {}}, Gate{GateId::s, {b}, {}}, Gate{GateId::h, {a}, {}},
                             Gate{GateId::cx, {a, b}, {}}, Gate{GateId::cx, {b, a}, {}},
                             Gate{GateId::h, {b}, {}}});
    }

    void swap(Qubit a, Qubit b) {
        if (own(GateId::swap, a, b)) {
            out_.push_back(Gate{GateId::swap, {a, b}, {}});
        } else if (own(GateId::iswap, a, b)) {
            // SWAP = iSWAP rzz(-pi/2)
            iswap(a, b);
            rzz(a, b, Angle(-kPi / 2));
        } else {
            translate_inner(
                {Gate{GateId::cx, {a, b}, {}}, Gate{GateId::cx, {b, a}, {}}, Gate{GateId::cx, {a, b}, {}}});
        }
    }

    /// SWAP rzz(t) = exp(i pi/4 (XX + YY + ZZ) - i t/2 ZZ).
    void rzz_and_swap(Qubit a, Qubit b, const Angle& angle) {
        if (own(GateId::swap, a, b)) {
            rzz(a, b, angle);
            swap(a, b);
        } else if (is_quarter(angle) || own(GateId::iswap, a, b)) {
            // SWAP rzz(pi/2) = iSWAP, so the rest is rzz(t - pi/2); by -pi it is Z x Z.
            iswap(a, b);
            std::vector<Operation> rest;
            append_canonical(Gate{GateId::rzz, {a, b}, {angle - Angle(kPi / 2)}}, rest);
            for (Operation& operation : rest) {
                const auto& gate = std::get<Gate>(operation.kind());
                if (gate.id == GateId::rzz)
                    rzz(a, b, gate.angles[0]);
                else
                    out_.push_back(std::move(operation));
            }
        } else {
            translate_inner({Gate{GateId::cx, {a, b}, {}}, Gate{GateId::rz, {b}, {angle}},
                             Gate{GateId::cx, {b, a}, {}}, Gate{GateId::cx, {a, b}, {}}});
        }
    }

    const Target& target_;
    std::vector<Operation> out_;
};

}  // namespace

std::vector<Operation> with_native_pairs(std::vector<Operation> operations, const Target& target) {
    return PairTranslator(target).translate(operations);
}

}  // namespace qdcnn::transpile
