#include "translate.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "canonical.h"
#include "pair_blocks.h"
#include "pair_synthesis.h"
#include "qdcnn/base/error.h"

namespace qdcnn::transpile {

using namespace circuit;
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
/// Costs of equal plans differ by rounding.
constexpr double kGain = 1e-12;

/// rzz(angle) = (H x H) exp(-i angle/2 XX) (H x H), without a search for its coordinates. x may be negative:
/// in the chamber it would take bit flips.
Weyl weyl_of_rzz(double angle) {
    const Complex r = std::numbers::sqrt2 / 2;
    Weyl weyl;
    weyl.before = weyl.after = {Matrix2{r, r, r, -r}, Matrix2{r, r, r, -r}};
    double turn = std::remainder(angle, 2 * kPi);
    if (std::abs(turn) > kPi / 2 + kAngleTolerance) {
        // rzz(pi) = Z Z.
        turn -= std::copysign(kPi, turn);
        for (Matrix2& before : weyl.before) before = product(before, Matrix2{1, 0, 0, -1});
    }
    weyl.x = -turn / 2;
    return weyl;
}

/// Writes two-qubit blocks as native gates, gate by gate or, when that costs less, as one unitary.
class PairTranslator {
  public:
    PairTranslator(const Target& target, bool consolidate) : catalogue_(target), consolidate_(consolidate) {}

    /// Symbolic rzz as rotations that take every angle or as CX Rz CX, so that all that is left are bound
    /// two-qubit gates and symbolic one-qubit gates.
    std::vector<Operation> with_symbols_apart(std::vector<Operation> operations) {
        std::vector<Operation> out;
        out.reserve(operations.size());
        for (std::size_t i = 0; i < operations.size(); ++i) {
            for (auto* body : bodies_of(operations[i])) *body = with_symbols_apart(std::move(*body));
            const auto* gate = std::get_if<Gate>(&operations[i].kind());
            if (!gate || gate->id != GateId::rzz || gate->angles[0].is_bound()) {
                out.push_back(std::move(operations[i]));
                continue;
            }
            const Qubit a = gate->qubits[0], b = gate->qubits[1];
            const PairGate* rotation = catalogue_.of(a, b).any_angle();
            // With a swap behind it CX Rz CX costs less: one CX joins the swap.
            if (rotation && !(i + 1 < operations.size() && is_swap_on(operations[i + 1], a, b))) {
                append_rotation(*rotation, gate->angles[0], out);
                continue;
            }
            append_canonical(Gate{GateId::cx, {a, b}, {}}, out);
            out.push_back(Gate{GateId::rz, {b}, {gate->angles[0]}});
            append_canonical(Gate{GateId::cx, {a, b}, {}}, out);
        }
        return out;
    }

    void write(PairBlock& block, std::vector<Operation>& out) {
        const PairNatives& natives = catalogue_.of(block.a, block.b);
        const double cost = plan_pieces(block, natives);
        if (consolidate_ && pieces_.size() > 1) {
            const Weyl weyl = weyl_decomposition(block.unitary);
            const PairPlan plan = plan_pair(weyl, natives);
            if (plan.cost < cost - kGain) {
                synthesise_pair(weyl, plan, natives, block.a, block.b, out);
                return;
            }
        }
        if (std::isinf(cost))
            throw Error(ErrorKind::unsupported,
                        fmt::format("the two-qubit gates of {} on qubits {} and {} do not make every angle",
                                    catalogue_.target().name, block.a, block.b));
        std::size_t at = 0;
        for (const Piece& piece : pieces_) {
            for (; at < piece.first; ++at) out.push_back(std::move(block.gates[at]));
            synthesise_pair(piece.weyl, piece.plan, natives, block.a, block.b, out);
            at = piece.past;
        }
        for (; at < block.gates.size(); ++at) out.push_back(std::move(block.gates[at]));
    }

  private:
    /// The gates first .. past - 1 of a block: one two-qubit gate, or an rzz and the swap right behind it.
    struct Piece {
        std::size_t first, past;
        Weyl weyl;
        PairPlan plan;
    };

    static bool is_swap_on(const Operation& operation, Qubit a, Qubit b) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        return gate && gate->id == GateId::swap && gate->qubits.contains(a) && gate->qubits.contains(b);
    }

    /// Gives what they cost together.
    double plan_pieces(const PairBlock& block, const PairNatives& natives) {
        pieces_.clear();
        double cost = 0;
        for (std::size_t i = 0; i < block.gates.size(); ++i) {
            const Gate& gate = block.gates[i];
            if (gate.qubits.size() == 1) continue;
            Piece piece{i, i + 1, {}, {}};
            switch (gate.id) {
                case GateId::rzz:
                    piece.weyl = weyl_of_rzz(gate.angles[0].constant());
                    if (piece.past < block.gates.size() && block.gates[piece.past].id == GateId::swap) {
                        piece.weyl = mirrored(piece.weyl);
                        ++piece.past;
                    }
                    break;
                case GateId::swap:
                    piece.weyl = mirrored(weyl_of_rzz(0));
                    break;
                case GateId::iswap:
                    // SWAP rzz(pi/2) = iSWAP up to a phase.
                    piece.weyl = mirrored(weyl_of_rzz(kPi / 2));
                    break;
                default:
                    throw Error(ErrorKind::internal,
                                fmt::format("gate {} is not in canonical form", gate_row(gate.id).name));
            }
            i = piece.past - 1;
            piece.plan = plan_pair(piece.weyl, natives);
            cost += piece.plan.cost;
            pieces_.push_back(std::move(piece));
        }
        return cost;
    }

    PairCatalogue catalogue_;
    bool consolidate_;
    std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Operation> with_native_pairs(std::vector<Operation> operations, const Target& target,
                                         bool consolidate) {
    PairTranslator translator(target, consolidate);
    return with_blocks_rewritten(translator.with_symbols_apart(std::move(operations)), target.num_qubits,
                                 [&](PairBlock& block, bool, std::vector<Operation>& out) {
                                     translator.write(block, out);
                                     return false;
                                 });
}

}  // namespace qdcnn::transpile
