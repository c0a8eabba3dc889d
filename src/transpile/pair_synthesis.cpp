#include "pair_synthesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "device_model.h"
#include "qdcnn/base/error.h"
#include "translate.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using target::NativeGate;

constexpr double kPi = std::numbers::pi;
constexpr double kNever = std::numeric_limits<double>::infinity();
/// Coordinates are half the angle of their rotation.
constexpr double kTolerance = kAngleTolerance / 2;

bool is_zero(double coordinate) { return std::abs(coordinate) < kTolerance; }
bool is_quarter_turn(double coordinate) { return std::abs(std::abs(coordinate) - kPi / 4) < kTolerance; }

const Matrix2 kHadamard{std::numbers::sqrt2 / 2, std::numbers::sqrt2 / 2, std::numbers::sqrt2 / 2,
                        -std::numbers::sqrt2 / 2};
/// (Y + Z)/sqrt 2 exchanges Y and Z.
const Matrix2 kYWithZ{std::numbers::sqrt2 / 2, Complex(0, -std::numbers::sqrt2 / 2),
                      Complex(0, std::numbers::sqrt2 / 2), -std::numbers::sqrt2 / 2};
const Matrix2 kFlip{0, 1, 1, 0};
const Matrix2 kInversePhase{1, 0, 0, Complex(0, -1)};

/// How often the rotation is used for rzz(angle): 0 when it is not to be had.
int pieces_of(const NativeGate& gate, double angle) {
    const target::AngleRange& range = gate.ranges.back();
    if (is_in_range(range, Angle(angle)) || is_in_range(range, Angle(-angle))) return 1;
    const double reach = std::max(range.high, -range.low);
    if (!range.allowed.empty() || reach <= 0) return 0;
    const int pieces = static_cast<int>(std::ceil(std::abs(angle) / reach - 1e-9));
    const double piece = std::abs(angle) / pieces;
    return is_in_range(range, Angle(piece)) || is_in_range(range, Angle(-piece)) ? pieces : 0;
}

/// How one coordinate is made: `rotation` in pieces, or quarters.
struct AxisChoice {
    const PairGate* rotation = nullptr;
    int uses = 0;
    double cost = kNever;
};

AxisChoice choose_axis(double coordinate, const PairNatives& natives) {
    AxisChoice best;
    if (natives.quarter) {
        best.uses = is_quarter_turn(coordinate) ? 1 : 2;
        best.cost = best.uses * natives.quarter.cost;
    }
    for (const PairGate& gate : natives.rotations) {
        const int pieces = pieces_of(*gate.native, 2 * coordinate);
        if (pieces > 0 && pieces * gate.cost < best.cost) best = {&gate, pieces, pieces * gate.cost};
    }
    return best;
}

/// Which numbers of quarters make a unitary whose fewest are `fewest`.
bool can_be_made_of(int fewest, int count) {
    return count == 3 || (count == 2 ? fewest <= 2 : count == fewest);
}

PairPlan plan_without_swap(const Weyl& weyl, const PairNatives& natives) {
    PairPlan best;
    PairPlan axes{.by_axes = true, .cost = 0};
    for (const double coordinate : {weyl.x, weyl.y, weyl.z})
        if (!is_zero(coordinate)) {
            const AxisChoice choice = choose_axis(coordinate, natives);
            axes.uses += choice.uses;
            axes.cost += choice.cost;
        }
    if (is_zero(weyl.x) || !natives.iswap) {
        const int count = quarters_of(weyl);
        best.quarters = best.uses = count;
        if (count == 0 || natives.quarter) best.cost = count == 0 ? 0 : count * natives.quarter.cost;
    } else {
        for (const bool is_mirrored : {false, true}) {
            const int fewest = quarters_of(is_mirrored ? mirrored(weyl) : weyl);
            for (int count = 0; count <= 3; ++count)
                for (int iswaps = is_mirrored ? 1 : 0; iswaps <= count; iswaps += 2) {
                    if (!can_be_made_of(fewest, count)) continue;
                    const int quarters = count - iswaps;
                    const double cost = (iswaps > 0 ? iswaps * natives.iswap.cost : 0) +
                                        (quarters > 0 ? quarters * natives.quarter.cost : 0);
                    if (cost < best.cost)
                        best = {.is_mirrored = is_mirrored,
                                .quarters = quarters,
                                .iswaps = iswaps,
                                .uses = count,
                                .cost = cost};
                }
        }
    }
    return axes.cost < best.cost ? axes : best;
}

/// Writes gates on a pair, one-qubit gates between them multiplied out. Sides are those of the unitary; an
/// iSWAP used for a CZ exchanges the qubits they lie on.
class Writer {
  public:
    Writer(const PairNatives& natives, const PairPlan& plan, Qubit a, Qubit b, std::vector<Operation>& out)
        : natives_(natives), iswaps_left_(plan.iswaps), place_{a, b}, out_(out) {}

    void local(std::size_t side, const Matrix2& matrix) { pending_[side] = product(matrix, pending_[side]); }
    void both(const Matrix2& matrix) {
        local(0, matrix);
        local(1, matrix);
    }

    void cz() {
        if (iswaps_left_ > 0) {
            --iswaps_left_;
            both(kInversePhase);
            native(natives_.iswap);
            std::swap(place_[0], place_[1]);
            return;
        }
        const PairGate& gate = natives_.quarter;
        const std::size_t from = side_of(gate.from), to = side_of(gate.to);
        switch (gate.native->gate) {
            case GateId::cz:
                native(gate);
                return;
            case GateId::cx:
                local(to, kHadamard);
                native(gate);
                local(to, kHadamard);
                return;
            case GateId::ecr:
                // ECR = X_0 rzx(pi/2), rzx = H rzz H on the target; CZ = rzz(pi/2) (Rz(-pi/2) x Rz(-pi/2)).
                local(to, kHadamard);
                native(gate);
                local(from, kFlip);
                local(to, kHadamard);
                both(rz_matrix(-kPi / 2));
                return;
            default:
                rotation(gate, kPi / 2, 1);
                both(rz_matrix(-kPi / 2));
        }
    }
    void cx(std::size_t control) {
        local(1 - control, kHadamard);
        cz();
        local(1 - control, kHadamard);
    }

    /// rzz(angle) in equal pieces.
    void rotation(const PairGate& gate, double angle, int pieces) {
        const target::AngleRange& range = gate.native->ranges.back();
        double piece = angle / pieces;
        const bool is_flipped = !is_in_range(range, Angle(piece));
        if (is_flipped) piece = -piece;
        if (range.allowed.empty()) piece = std::clamp(piece, range.low, range.high);
        const std::size_t from = side_of(gate.from);
        if (is_flipped) local(from, kFlip);
        const bool is_xx = gate.native->gate != GateId::rzz;
        if (is_xx) both(kHadamard);
        for (int k = 0; k < pieces; ++k)
            native(gate, gate.native->gate == GateId::ms ? std::vector<Angle>{Angle(0), Angle(0), piece}
                                                         : std::vector<Angle>{piece});
        if (is_xx) both(kHadamard);
        if (is_flipped) local(from, kFlip);
    }

    void native(const PairGate& gate, std::vector<Angle> angles = {}) {
        flush();
        out_.push_back(Gate{gate.native->gate, {gate.from, gate.to}, std::move(angles)});
    }
    void flush() {
        for (std::size_t side = 0; side < 2; ++side) {
            OneQubitRun run;
            run.append_matrix(pending_[side]);
            run.emit(place_[side], out_);
            pending_[side] = kIdentity2;
        }
    }

  private:
    std::size_t side_of(Qubit qubit) const { return qubit == place_[0] ? 0 : 1; }

    const PairNatives& natives_;
    int iswaps_left_;
    std::array<Qubit, 2> place_;
    std::array<Matrix2, 2> pending_{kIdentity2, kIdentity2};
    std::vector<Operation>& out_;
};

void write_axis(double coordinate, const PairNatives& natives, Writer& writer) {
    const AxisChoice choice = choose_axis(coordinate, natives);
    if (choice.rotation) {
        writer.rotation(*choice.rotation, -2 * coordinate, choice.uses);
    } else if (choice.uses == 1) {
        writer.both(rz_matrix(coordinate > 0 ? -kPi / 2 : kPi / 2));
        writer.cz();
    } else {
        writer.cx(0);
        writer.local(1, rz_matrix(-2 * coordinate));
        writer.cx(0);
    }
}

/// exp(i (x XX + y YY + z ZZ)) coordinate by coordinate.
void write_by_axes(const Weyl& weyl, const PairNatives& natives, Writer& writer) {
    const std::array<std::pair<double, const Matrix2*>, 3> axes{
        std::pair{weyl.x, &kHadamard}, std::pair{weyl.y, &kYWithZ}, std::pair{weyl.z, &kIdentity2}};
    for (const auto& [coordinate, to_z] : axes) {
        if (is_zero(coordinate)) continue;
        writer.both(*to_z);
        write_axis(coordinate, natives, writer);
        writer.both(*to_z);
    }
}

/// The same in so many CZ.
void write_by_quarters(const Weyl& weyl, int count, Writer& writer) {
    if (count == 1) {
        writer.both(kHadamard);
        writer.both(rz_matrix(weyl.x > 0 ? -kPi / 2 : kPi / 2));
        writer.cz();
        writer.both(kHadamard);
    } else if (count == 2) {
        // CX takes XX to X on the control and ZZ to Z on the target.
        writer.both(kYWithZ);
        writer.cx(0);
        writer.local(0, rx_matrix(-2 * weyl.x));
        writer.local(1, rz_matrix(-2 * weyl.y));
        writer.cx(0);
        writer.both(kYWithZ);
    } else if (count == 3) {
        writer.local(1, rz_matrix(-kPi / 2));
        writer.cx(1);
        writer.local(0, rz_matrix(kPi / 2 - 2 * weyl.z));
        writer.local(1, ry_matrix(2 * weyl.x - kPi / 2));
        writer.cx(0);
        writer.local(1, ry_matrix(kPi / 2 - 2 * weyl.y));
        writer.cx(1);
        writer.local(0, rz_matrix(kPi / 2));
    }
}

/// Among the pair's gates, when it is the cheapest of its kind.
void keep(const PairGate& gate, PairNatives& natives) {
    const auto offer = [&](PairGate& own) {
        if (gate.cost < own.cost) own = gate;
    };
    switch (gate.native->gate) {
        case GateId::cx:
        case GateId::cz:
        case GateId::ecr:
            offer(natives.quarter);
            return;
        case GateId::iswap:
            offer(natives.iswap);
            return;
        case GateId::swap:
            offer(natives.swap);
            return;
        case GateId::rzz:
        case GateId::rxx:
        case GateId::ms:
            natives.rotations.push_back(gate);
            if (pieces_of(*gate.native, kPi / 2) == 1) offer(natives.quarter);
            return;
        default:
            return;
    }
}

}  // namespace

const PairGate* PairNatives::any_angle() const {
    for (const PairGate& gate : rotations)
        if (is_in_range(gate.native->ranges.back(), Angle::of_parameter(0))) return &gate;
    return nullptr;
}

const PairNatives& PairCatalogue::of(Qubit a, Qubit b) {
    const auto [low, high] = std::minmax(a, b);
    const std::uint64_t key = std::uint64_t{low} << 32 | high;
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    PairNatives natives;
    for (const NativeGate& native : target_.native_gates) {
        if (gate_row(native.gate).qubits != 2) continue;
        PairGate gate;
        for (const auto& [from, to] : {std::pair(low, high), std::pair(high, low)}) {
            if (!target_.is_available(native, from, to)) continue;
            const double cost = cost_of_error(target_.properties_of(native.name, {from, to}).error) + 1e-9;
            if (cost < gate.cost) gate = {&native, from, to, cost};
        }
        if (gate) keep(gate, natives);
    }
    if (!natives.quarter && !natives.iswap && natives.rotations.empty())
        throw Error(
            ErrorKind::unsupported,
            fmt::format("{} has no entangling gate on qubits {} and {} that circuits can be translated to",
                        target_.name, a, b),
            "Known: cx, cz, ecr, rzz, rxx, ms, iswap.");
    return known_.emplace(key, std::move(natives)).first->second;
}

PairNatives typical_natives(const target::Target& target) {
    PairNatives natives;
    for (const NativeGate& native : target.native_gates)
        if (gate_row(native.gate).qubits == 2) keep({&native, 0, 1, 1}, natives);
    return natives;
}

int quarters_of(const Weyl& weyl) {
    if (is_zero(weyl.x)) return 0;
    if (!is_zero(weyl.z)) return 3;
    return is_quarter_turn(weyl.x) && is_zero(weyl.y) ? 1 : 2;
}

int rotations_of(const Weyl& weyl) { return !is_zero(weyl.x) + !is_zero(weyl.y) + !is_zero(weyl.z); }

PairPlan plan_pair(const Weyl& weyl, const PairNatives& natives) {
    PairPlan plan = plan_without_swap(weyl, natives);
    if (!natives.swap) return plan;
    PairPlan with_swap = plan_without_swap(mirrored(weyl), natives);
    with_swap.ends_in_swap = true;
    with_swap.uses += 1;
    with_swap.cost += natives.swap.cost;
    return with_swap.cost < plan.cost ? with_swap : plan;
}

void synthesise_pair(const Weyl& weyl, const PairPlan& plan, const PairNatives& natives, Qubit a, Qubit b,
                     std::vector<Operation>& out) {
    Weyl own = plan.ends_in_swap != plan.is_mirrored ? mirrored(weyl) : weyl;
    Writer writer(natives, plan, a, b, out);
    for (std::size_t side = 0; side < 2; ++side) writer.local(side, own.before[side]);
    if (plan.by_axes)
        write_by_axes(own, natives, writer);
    else
        write_by_quarters(own, plan.quarters + plan.iswaps, writer);
    for (std::size_t side = 0; side < 2; ++side) writer.local(side, own.after[side]);
    if (plan.ends_in_swap) writer.native(natives.swap);
    writer.flush();
}

void append_rotation(const PairGate& gate, const Angle& angle, std::vector<Operation>& out) {
    const bool is_xx = gate.native->gate != GateId::rzz;
    auto turn = [&] {
        if (is_xx)
            for (const Qubit qubit : {gate.from, gate.to}) out.push_back(Gate{GateId::h, {qubit}, {}});
    };
    turn();
    std::vector<Angle> angles{angle};
    if (gate.native->gate == GateId::ms) angles = {Angle(0), Angle(0), angle};
    out.push_back(Gate{gate.native->gate, {gate.from, gate.to}, std::move(angles)});
    turn();
}

}  // namespace qdcnn::transpile
