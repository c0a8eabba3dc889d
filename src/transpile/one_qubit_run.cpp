#include "one_qubit_run.h"

#include <cmath>
#include <numbers>

namespace qdcnn::transpile {
namespace {

constexpr double kPi = std::numbers::pi;
bool is_diagonal(const Matrix2& m) {
    return std::abs(m[1]) < kAngleTolerance && std::abs(m[2]) < kAngleTolerance;
}
bool is_antidiagonal(const Matrix2& m) {
    return std::abs(m[0]) < kAngleTolerance && std::abs(m[3]) < kAngleTolerance;
}

/// Rz(after) Rx(x) Rz(before), x in [0, pi].
struct Euler {
    double before = 0, x = 0, after = 0;
};

Euler euler(const Matrix2& m) {
    if (is_diagonal(m)) return {0, 0, std::arg(m[3]) - std::arg(m[0])};
    if (is_antidiagonal(m)) return {0, kPi, std::arg(m[2]) - std::arg(m[1])};
    Euler e;
    e.x = 2 * std::atan2(std::abs(m[2]), std::abs(m[0]));
    if (std::abs(e.x - kPi / 2) < kAngleTolerance) e.x = kPi / 2;
    e.after = std::arg(m[2]) - std::arg(m[0]) + kPi / 2;
    e.before = std::arg(m[3]) - std::arg(m[2]) - kPi / 2;
    return e;
}

Angle symbolic_part(const Angle& angle) { return angle - Angle(angle.constant()); }

}  // namespace

Angle wrapped(const Angle& angle) {
    const double constant = std::remainder(angle.constant(), 2 * kPi);
    const double kept = constant <= -kPi + kAngleTolerance ? constant + 2 * kPi : constant;
    return symbolic_part(angle) + Angle(std::abs(kept) < kAngleTolerance ? 0.0 : kept);
}

bool is_no_rotation(const Angle& angle) { return angle.is_bound() && wrapped(angle).constant() == 0.0; }

std::optional<Matrix2> bound_matrix(const Gate& gate) {
    for (const Angle& angle : gate.angles)
        if (!angle.is_bound()) return std::nullopt;
    // The table's matrices are allocated; the frequent gates are not.
    constexpr double r = std::numbers::sqrt2 / 2;
    switch (gate.id) {
        case GateId::h:
            return Matrix2{r, r, r, -r};
        case GateId::x:
            return Matrix2{0, 1, 1, 0};
        case GateId::z:
            return Matrix2{1, 0, 0, -1};
        case GateId::rx:
            return rx_matrix(gate.angles[0].constant());
        case GateId::ry:
            return ry_matrix(gate.angles[0].constant());
        case GateId::rz:
            return rz_matrix(gate.angles[0].constant());
        case GateId::u: {
            const double theta = gate.angles[0].constant() / 2;
            const double phi = gate.angles[1].constant(), lambda = gate.angles[2].constant();
            return Matrix2{std::cos(theta), -std::polar(1.0, lambda) * std::sin(theta),
                           std::polar(1.0, phi) * std::sin(theta),
                           std::polar(1.0, phi + lambda) * std::cos(theta)};
        }
        default:
            break;
    }
    std::array<double, 3> values{};
    for (std::size_t k = 0; k < gate.angles.size(); ++k) values[k] = gate.angles[k].constant();
    const circuit::Matrix m = circuit::gate_row(gate.id).matrix(std::span(values).first(gate.angles.size()));
    return Matrix2{m(0, 0), m(0, 1), m(1, 0), m(1, 1)};
}

void OneQubitRun::multiply(const Matrix2& matrix) { last() = product(matrix, last()); }

void OneQubitRun::append_z(const Angle& angle) {
    if (angle.constant() != 0.0) multiply(rz_matrix(angle.constant()));
    if (angle.is_bound()) return;
    const Angle turn = symbolic_part(angle);
    if (!is_diagonal(last()) && !is_antidiagonal(last())) {
        rest_.emplace_back(turn, kIdentity2);
        return;
    }
    if (rest_.empty()) {
        // Behind the turn, where it meets what comes next.
        rest_.emplace_back(is_diagonal(first_) ? turn : -turn, first_);
        first_ = kIdentity2;
        return;
    }
    Angle& before = rest_.back().first;
    before = is_diagonal(last()) ? before + turn : before - turn;
    if (!before.is_bound()) return;
    const Matrix2 left = rest_.back().second;
    rest_.pop_back();
    multiply(left);
}

void OneQubitRun::append(const Gate& gate) {
    if (const auto matrix = bound_matrix(gate)) {
        multiply(*matrix);
    } else if (gate.id == GateId::rz || gate.id == GateId::p) {
        append_z(gate.angles[0]);
    } else if (gate.id == GateId::u) {
        // U(theta, phi, lambda) = Rz(phi) Ry(theta) Rz(lambda), Ry(theta) = Rx(-pi/2) Rz(theta) Rx(pi/2).
        append_z(gate.angles[2]);
        multiply(rx_matrix(kPi / 2));
        append_z(gate.angles[0]);
        multiply(rx_matrix(-kPi / 2));
        append_z(gate.angles[1]);
    } else {
        for (const auto& step : circuit::gate_row(gate.id).definition)
            append(circuit::instantiate(step, gate.qubits, gate.angles));
    }
}

std::optional<Matrix2> OneQubitRun::as_matrix() const {
    if (!rest_.empty()) return std::nullopt;
    return first_;
}

bool OneQubitRun::is_identity() const {
    const auto z = as_z();
    return z && is_no_rotation(*z);
}

std::optional<Angle> OneQubitRun::as_z() const {
    const Steps all = steps();
    if (!all.x.empty()) return std::nullopt;
    return all.z[0];
}

std::optional<Angle> OneQubitRun::as_flip() const {
    const Steps all = steps();
    if (all.x.size() != 1 || all.x[0].constant() != kPi) return std::nullopt;
    return all.z[1] - all.z[0];  // X Rz(a) = Rz(-a) X
}

OneQubitRun::Kind OneQubitRun::kind() const {
    bool flips = false;
    auto keeps_axis = [&](const Matrix2& m) {
        flips = flips != is_antidiagonal(m);
        return is_diagonal(m) || is_antidiagonal(m);
    };
    bool all_keep = keeps_axis(first_);
    for (const auto& [turn, matrix] : rest_) all_keep = all_keep && keeps_axis(matrix);
    if (all_keep) return flips ? Kind::flip : Kind::z;
    return Kind::other;
}

OneQubitRun::Steps OneQubitRun::steps() const {
    Steps all;
    all.z.emplace_back();
    auto add = [&](const Matrix2& matrix) {
        const Euler e = euler(matrix);
        all.z.back() = all.z.back() + Angle(e.before);
        if (e.x > kAngleTolerance) {
            all.x.emplace_back(e.x);
            all.z.emplace_back();
        }
        all.z.back() = all.z.back() + Angle(e.after);
    };
    add(first_);
    for (const auto& [turn, matrix] : rest_) {
        all.z.back() = all.z.back() + turn;
        add(matrix);
    }
    for (Angle& angle : all.z) angle = wrapped(angle);
    return all;
}

void OneQubitRun::emit(Qubit qubit, std::vector<Operation>& out) const {
    const Steps all = steps();
    if (rest_.empty() && !all.x.empty()) {
        // Rx(x) = Rz(-pi/2) Ry(x) Rz(pi/2)
        out.push_back(
            Gate{GateId::u, {qubit}, {all.x[0], all.z[1] - Angle(kPi / 2), all.z[0] + Angle(kPi / 2)}});
        return;
    }
    for (std::size_t i = 0; i < all.z.size(); ++i) {
        if (!is_no_rotation(all.z[i])) out.push_back(Gate{GateId::rz, {qubit}, {all.z[i]}});
        if (i < all.x.size()) out.push_back(Gate{GateId::rx, {qubit}, {all.x[i]}});
    }
}

}  // namespace qdcnn::transpile
