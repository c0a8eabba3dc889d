#include "model/shift_rule.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>

#include "qdcnn/base/error.h"

namespace qdcnn::model {
namespace {

using circuit::Complex;
using circuit::GateRow;
using circuit::Matrix;

/// All products U[a] conj(U[b]): what the gate does to a density matrix.
std::vector<Complex> channel_of(const GateRow& gate, std::span<const double> angles) {
    const Matrix matrix = gate.matrix(angles);
    std::vector<Complex> products;
    for (const Complex& left : matrix.values)
        for (const Complex& right : matrix.values) products.push_back(left * std::conj(right));
    return products;
}

bool holds(const GateRow& gate, std::size_t angle, std::span<const ShiftTerm> rule) {
    constexpr double kStep = 1e-5, kTolerance = 1e-8;
    // Any point without symmetries will do: both sides are analytic in the angles.
    std::vector<double> at{0.913, -1.277, 0.456, 2.118};
    at.resize(static_cast<std::size_t>(gate.parameters));
    const auto shifted = [&](double shift) {
        std::vector<double> angles = at;
        angles[angle] += shift;
        return channel_of(gate, angles);
    };
    std::vector<Complex> difference = shifted(kStep);
    const std::vector<Complex> below = shifted(-kStep);
    for (std::size_t i = 0; i < difference.size(); ++i)
        difference[i] = (difference[i] - below[i]) / (2 * kStep);
    for (const ShiftTerm& term : rule) {
        const std::vector<Complex> value = shifted(term.shift);
        for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= term.weight * value[i];
    }
    double largest = 0.0;
    for (const Complex& one : difference) largest = std::max(largest, std::abs(one));
    return largest < kTolerance;
}

}  // namespace

std::vector<ShiftTerm> shift_rule(circuit::GateId gate, std::size_t angle) {
    constexpr double kPi = std::numbers::pi, kRoot = std::numbers::sqrt2;
    static const std::array<std::vector<ShiftTerm>, 2> rules{{
        {{kPi / 2, 0.5}, {-kPi / 2, -0.5}},
        {{kPi / 2, (kRoot + 1) / (4 * kRoot)},
         {-kPi / 2, -(kRoot + 1) / (4 * kRoot)},
         {3 * kPi / 2, -(kRoot - 1) / (4 * kRoot)},
         {-3 * kPi / 2, (kRoot - 1) / (4 * kRoot)}},
    }};
    const GateRow& row = circuit::gate_row(gate);
    for (const auto& rule : rules)
        if (holds(row, angle, rule)) return rule;
    throw Error(ErrorKind::unsupported,
                fmt::format("no shift rule is known for angle {} of the gate {}", angle, row.name),
                "Use --gradient spsa, or write the gate as rotations.");
}

}  // namespace qdcnn::model
