#include <algorithm>
#include <cmath>
#include <numbers>

#include "fragment.h"
#include "qdcnn/circuit/unitary.h"

// pow(k) @ with a k that is no whole number.
namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr double kPi = std::numbers::pi;
/// An eigenvalue of -1 comes out of arithmetic on either side of the cut; it is e^(i pi).
constexpr double kAtTheCut = 1e-12;
constexpr int kDeepest = 8;

/// The representative in (-period/2, period/2].
double wrapped(double angle, double period) {
    const double rest = std::remainder(angle, period);
    return rest <= -period / 2 ? rest + period : rest;
}

/// For gates that are diag(1, e^(i angle)) in the basis that `before` leads to.
struct PhaseLike {
    GateId gate;
    double angle;
    bool between_hadamards;
    bool is_controlled;
};

constexpr PhaseLike kPhaseLike[] = {
    {GateId::z, kPi, false, false},        {GateId::s, kPi / 2, false, false},
    {GateId::sdg, -kPi / 2, false, false}, {GateId::t, kPi / 4, false, false},
    {GateId::tdg, -kPi / 4, false, false}, {GateId::x, kPi, true, false},
    {GateId::sx, kPi / 2, true, false},    {GateId::sxdg, -kPi / 2, true, false},
    {GateId::cz, kPi, false, true},        {GateId::cs, kPi / 2, false, true},
    {GateId::csdg, -kPi / 2, false, true}, {GateId::cx, kPi, true, true},
    {GateId::csx, kPi / 2, true, true},
};

constexpr GateId kRotations[] = {GateId::rx,  GateId::ry,  GateId::rz,  GateId::rxx, GateId::ryy,
                                 GateId::rzz, GateId::rzx, GateId::crx, GateId::cry, GateId::crz};

/// Of a gate whose power is one of the table's.
bool add_power(const Gate& gate, double exponent, std::vector<Operation>& operations) {
    if (gate.id == GateId::id) {
        operations.push_back(gate);
        return true;
    }
    for (const PhaseLike& row : kPhaseLike) {
        if (row.gate != gate.id) continue;
        const Gate hadamard{GateId::h, {gate.qubits[gate.qubits.size() - 1]}, {}};
        if (row.between_hadamards) operations.push_back(hadamard);
        operations.push_back(
            Gate{row.is_controlled ? GateId::cp : GateId::p, gate.qubits, {row.angle * exponent}});
        if (row.between_hadamards) operations.push_back(hadamard);
        return true;
    }
    if (gate.angles.empty() || !gate.angles[0].is_bound()) return false;
    const double angle = gate.angles[0].constant();
    if (gate.id == GateId::p || gate.id == GateId::cp) {
        operations.push_back(Gate{gate.id, gate.qubits, {wrapped(angle, 2 * kPi) * exponent}});
        return true;
    }
    for (const GateId rotation : kRotations) {
        if (rotation != gate.id) continue;
        // The eigenvalues are e^(+-i angle/2).
        operations.push_back(Gate{gate.id, gate.qubits, {wrapped(angle, 4 * kPi) * exponent}});
        return true;
    }
    return false;
}

/// Angle of a principal eigenvalue.
double principal(double angle) {
    const double rest = std::remainder(angle, 2 * kPi);
    return rest < -kPi + kAtTheCut ? rest + 2 * kPi : rest;
}

/// e^(i phase) u(theta, phi, lambda) on the qubit.
Fragment fragment_of(const Matrix& matrix, Qubit qubit) {
    const Complex a = matrix(0, 0), b = matrix(0, 1), c = matrix(1, 0), d = matrix(1, 1);
    const double theta = 2 * std::atan2(std::abs(c), std::abs(a));
    double phase = 0, phi = 0, lambda = 0;
    if (std::abs(a) < kAtTheCut) {
        phase = std::arg(-b);
        phi = std::arg(c) - phase;
    } else if (std::abs(c) < kAtTheCut) {
        phase = std::arg(a);
        lambda = std::arg(d) - phase;
    } else {
        phase = std::arg(a);
        phi = std::arg(c) - phase;
        lambda = std::arg(-b) - phase;
    }
    return {{Gate{GateId::u, {qubit}, {theta, phi, lambda}}}, phase};
}

/// With U = e^(i alpha) (cos h - i sin h n.sigma), h = half the angle of its rotation about n.
Matrix power_of_matrix(const Matrix& u, double exponent) {
    const Complex determinant = u(0, 0) * u(1, 1) - u(0, 1) * u(1, 0);
    const double alpha = std::arg(determinant) / 2;
    const Complex back = std::polar(1.0, -alpha);
    const Complex v00 = back * u(0, 0), v01 = back * u(0, 1), v10 = back * u(1, 0), v11 = back * u(1, 1);
    double n[3] = {-(v01 + v10).imag() / 2, (v10 - v01).real() / 2, (v11 - v00).imag() / 2};
    const double sine = std::hypot(n[0], n[1], n[2]);
    const double half = std::atan2(sine, (v00 + v11).real() / 2);
    if (sine < 1e-15)
        n[0] = n[1] = 0, n[2] = 1;
    else
        for (double& part : n) part /= sine;
    const double low = exponent * principal(alpha - half), high = exponent * principal(alpha + half);
    const Complex phase = std::polar(1.0, (low + high) / 2);
    const double c = std::cos((high - low) / 2), s = std::sin((high - low) / 2);
    const Complex i(0, 1);
    return {2,
            {phase * (c - i * s * n[2]), phase * (-i * s * n[0] - s * n[1]),
             phase * (-i * s * n[0] + s * n[1]), phase * (c + i * s * n[2])}};
}

/// Gates whose angles are known, nothing else.
bool is_plain(const Fragment& fragment) {
    return fragment.phase.is_bound() &&
           std::all_of(
               fragment.operations.begin(), fragment.operations.end(), [](const Operation& operation) {
                   const auto* gate = std::get_if<Gate>(&operation.kind());
                   return gate != nullptr && std::all_of(gate->angles.begin(), gate->angles.end(),
                                                         [](const Angle& angle) { return angle.is_bound(); });
               });
}

const Gate& gate_at(const Fragment& fragment, std::size_t index) {
    return std::get<Gate>(fragment.operations[index].kind());
}

std::optional<Qubit> only_qubit(const Fragment& fragment) {
    const Qubit qubit = gate_at(fragment, 0).qubits[0];
    for (std::size_t i = 0; i < fragment.operations.size(); ++i)
        if (gate_at(fragment, i).qubits.size() != 1 || gate_at(fragment, i).qubits[0] != qubit) return {};
    return qubit;
}

Fragment power_on_one_qubit(const Fragment& fragment, Qubit qubit, double exponent) {
    Circuit circuit(1);
    for (std::size_t i = 0; i < fragment.operations.size(); ++i) {
        Gate gate = gate_at(fragment, i);
        gate.qubits = {0};
        circuit.mutable_operations().push_back(std::move(gate));
    }
    circuit.set_global_phase(fragment.phase);
    return fragment_of(power_of_matrix(unitary_of(circuit), exponent), qubit);
}

bool are_inverse(const Gate& one, const Gate& other) {
    const Fragment undone = inverse({{Gate(one)}, 0.0});
    if (undone.operations.size() != 1) return false;
    const Gate& gate = std::get<Gate>(undone.operations[0].kind());
    return gate.id == other.id && std::ranges::equal(gate.qubits, other.qubits) &&
           std::ranges::equal(gate.angles, other.angles);
}

std::optional<Fragment> power_of(const Fragment& fragment, double exponent, int depth);

/// Of a gate as its control, or as its definition, says.
std::optional<Fragment> power_of_gate(const Gate& gate, double exponent, int depth) {
    Fragment result;
    if (add_power(gate, exponent, result.operations)) return result;
    if (const auto inner = without_control(gate)) {
        const auto power = power_of({{Gate(*inner)}, 0.0}, exponent, depth + 1);
        if (!power) return {};
        return controlled(*power, gate.qubits[0]);
    }
    const GateRow& row = gate_row(gate.id);
    if (row.definition.empty()) return {};
    Fragment definition{{}, row.definition_phase.substitute(gate.angles)};
    for (const DefinitionStep& step : row.definition)
        definition.operations.push_back(instantiate(step, gate.qubits, gate.angles));
    return power_of(definition, exponent, depth + 1);
}

std::optional<Fragment> power_of(const Fragment& fragment, double exponent, int depth) {
    if (depth > kDeepest) return {};
    if (fragment.operations.empty()) return Fragment{{}, principal(fragment.phase.constant()) * exponent};
    const bool has_phase = fragment.phase != Angle(0.0);
    if (fragment.operations.size() == 1 && !has_phase)
        if (Fragment known; add_power(gate_at(fragment, 0), exponent, known.operations)) return known;
    if (const auto qubit = only_qubit(fragment)) return power_on_one_qubit(fragment, *qubit, exponent);
    // With a phase beside a gate the eigenvalues would have to be wrapped together.
    if (fragment.operations.size() == 1)
        return has_phase ? std::nullopt : power_of_gate(gate_at(fragment, 0), exponent, depth);
    const std::size_t last = fragment.operations.size() - 1;
    if (!are_inverse(gate_at(fragment, 0), gate_at(fragment, last))) return {};
    const Fragment middle{{fragment.operations.begin() + 1, fragment.operations.end() - 1}, fragment.phase};
    const auto power = power_of(middle, exponent, depth + 1);
    if (!power) return {};
    Fragment result{{fragment.operations.front()}, power->phase};
    result.operations.insert(result.operations.end(), power->operations.begin(), power->operations.end());
    result.operations.push_back(fragment.operations.back());
    return result;
}

}  // namespace

std::optional<Fragment> fractional_power(const Fragment& fragment, double exponent) {
    if (!is_plain(fragment)) return {};
    return power_of(fragment, exponent, 0);
}

}  // namespace qdcnn::qasm
