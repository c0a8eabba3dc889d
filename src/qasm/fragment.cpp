#include "fragment.h"

#include <cmath>
#include <numbers>

namespace qdcnn::qasm {

using namespace circuit;

namespace {

constexpr double kPi = std::numbers::pi;

struct ControlledForm {
    GateId gate;
    GateId controlled;
};

constexpr ControlledForm kControlledForms[] = {
    {GateId::x, GateId::cx},       {GateId::y, GateId::cy},   {GateId::z, GateId::cz},
    {GateId::h, GateId::ch},       {GateId::s, GateId::cs},   {GateId::sdg, GateId::csdg},
    {GateId::sx, GateId::csx},     {GateId::p, GateId::cp},   {GateId::rx, GateId::crx},
    {GateId::ry, GateId::cry},     {GateId::rz, GateId::crz}, {GateId::u, GateId::cu},
    {GateId::swap, GateId::cswap}, {GateId::cx, GateId::ccx}, {GateId::cz, GateId::ccz},
};

void add_controlled(const Gate& gate, Qubit control, std::vector<Operation>& operations) {
    if (gate.id == GateId::id) return;
    for (const ControlledForm& form : kControlledForms) {
        if (form.gate != gate.id) continue;
        Gate result{form.controlled, {control}, gate.angles};
        for (const Qubit qubit : gate.qubits) result.qubits.push_back(qubit);
        // cu has a fourth angle, the phase of the controlled gate.
        if (gate.id == GateId::u) result.angles.emplace_back(0.0);
        operations.push_back(std::move(result));
        return;
    }
    const GateRow& row = gate_row(gate.id);
    for (const DefinitionStep& step : row.definition)
        add_controlled(instantiate(step, gate.qubits, gate.angles), control, operations);
    const Angle phase = row.definition_phase.substitute(gate.angles);
    if (phase != Angle(0.0)) operations.push_back(Gate{GateId::p, {control}, {phase}});
}

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

}  // namespace

Fragment inverse(const Fragment& fragment) {
    Fragment result{{}, -fragment.phase};
    for (auto operation = fragment.operations.rbegin(); operation != fragment.operations.rend();
         ++operation) {
        if (const auto* gate = std::get_if<Gate>(&operation->kind()))
            for (const DefinitionStep& step : gate_row(gate->id).inverse)
                result.operations.push_back(instantiate(step, gate->qubits, gate->angles));
        else
            result.operations.push_back(*operation);
    }
    return result;
}

Fragment controlled(const Fragment& fragment, Qubit control) {
    Fragment result;
    if (fragment.phase != Angle(0.0))
        result.operations.push_back(Gate{GateId::p, {control}, {fragment.phase}});
    for (const Operation& operation : fragment.operations) {
        if (const auto* gate = std::get_if<Gate>(&operation.kind()))
            add_controlled(*gate, control, result.operations);
        else
            result.operations.push_back(operation);
    }
    return result;
}

std::optional<Fragment> fractional_power(const Fragment& fragment, double exponent) {
    if (fragment.operations.size() > 1 || !fragment.phase.is_bound()) return {};
    // With a phase beside a gate the eigenvalues would have to be wrapped together.
    if (!fragment.operations.empty() && fragment.phase != Angle(0.0)) return {};
    Fragment result{{}, wrapped(fragment.phase.constant(), 2 * kPi) * exponent};
    if (fragment.operations.empty()) return result;
    const auto* gate = std::get_if<Gate>(&fragment.operations[0].kind());
    if (gate == nullptr || !add_power(*gate, exponent, result.operations)) return {};
    return result;
}

}  // namespace qdcnn::qasm
