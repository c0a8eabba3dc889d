#include "gadgets.h"

#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr double kPi = std::numbers::pi;

/// The number of quarter turns that the angle is, 0 to 3.
std::optional<unsigned> quarter_turns(const Angle& angle) {
    if (!angle.is_bound()) return std::nullopt;
    const double turns = angle.constant() / (kPi / 2), nearest = std::round(turns);
    if (std::abs(turns - nearest) * (kPi / 2) > kAngleTolerance) return std::nullopt;
    return static_cast<unsigned>(static_cast<long long>(nearest) & 3);
}

/// Takes gates one after the other.
class Collector {
  public:
    explicit Collector(std::uint32_t num_qubits) {
        for (unsigned q = 0; q < num_qubits; ++q) {
            form_.x.push_back(Pauli::of_letter(q, 1));
            form_.z.push_back(Pauli::of_letter(q, 2));
        }
    }

    void add(const Gate& gate) {
        if (gate.qubits.size() == 1) {
            OneQubitRun run;
            run.append(gate);
            const OneQubitRun::Steps steps = run.steps();
            for (std::size_t i = 0; i < steps.z.size(); ++i) {
                rotate(form_.z[gate.qubits[0]], steps.z[i]);
                if (i < steps.x.size()) rotate(form_.x[gate.qubits[0]], steps.x[i]);
            }
        } else if (gate.id == GateId::rzz) {
            rotate(form_.z[gate.qubits[0]] * form_.z[gate.qubits[1]], gate.angles[0]);
        } else {
            for (Pauli* rows : {form_.x.data(), form_.z.data()})
                std::swap(rows[gate.qubits[0]], rows[gate.qubits[1]]);
            // iSWAP = SWAP rzz(pi/2) up to a phase, in either order.
            if (gate.id == GateId::iswap)
                rotate(form_.z[gate.qubits[0]] * form_.z[gate.qubits[1]], Angle(kPi / 2));
        }
    }

    GadgetForm take() { return std::move(form_); }

  private:
    /// The rotation about a product that F has been taken through already.
    void rotate(const Pauli& product, Angle angle) {
        Pauli letters = product;
        if (product.is_negative()) {
            angle = -angle;
            letters = letters.turned(2);
        }
        if (const auto turns = quarter_turns(angle)) {
            turn_from(form_.gadgets.size(), letters, *turns);
            return;
        }
        for (std::size_t i = form_.gadgets.size(); i-- > 0;) {
            Gadget& before = form_.gadgets[i];
            if (before.pauli.has_letters_of(letters)) {
                before.angle = wrapped(before.angle + angle);
                if (const auto turns = quarter_turns(before.angle)) {
                    form_.gadgets.erase(form_.gadgets.begin() + static_cast<std::ptrdiff_t>(i));
                    turn_from(i, letters, *turns);
                }
                return;
            }
            if (anticommute(before.pauli, letters)) break;
        }
        form_.gadgets.push_back({letters, angle});
    }

    /// G = exp(-i pi/4 pauli)^turns stands before the gadgets from `first` on; it moves behind them into F:
    /// S becomes G^-1 S G.
    void turn_from(std::size_t first, const Pauli& pauli, unsigned turns) {
        for (; turns > 0; --turns) {
            for (std::size_t i = first; i < form_.gadgets.size(); ++i) {
                Gadget& gadget = form_.gadgets[i];
                if (!anticommute(gadget.pauli, pauli)) continue;
                gadget.pauli = (gadget.pauli * pauli).turned(3);
                if (!gadget.pauli.is_negative()) continue;
                gadget.pauli = gadget.pauli.turned(2);
                gadget.angle = -gadget.angle;
            }
            for (auto* rows : {&form_.x, &form_.z})
                for (Pauli& row : *rows)
                    if (anticommute(row, pauli)) row = (row * pauli).turned(3);
        }
    }

    GadgetForm form_;
};

}  // namespace

GadgetForm gadget_form(const std::vector<Operation>& gates, std::uint32_t num_qubits) {
    Collector collector(num_qubits);
    for (const Operation& operation : gates) collector.add(std::get<Gate>(operation.kind()));
    return collector.take();
}

}  // namespace qdcnn::transpile
