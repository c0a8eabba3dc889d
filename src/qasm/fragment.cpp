#include "fragment.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

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

std::optional<Gate> without_control(const Gate& gate) {
    for (const ControlledForm& form : kControlledForms)
        if (form.controlled == gate.id && form.gate != GateId::u)
            return Gate{form.gate, QubitList(std::span(gate.qubits).subspan(1)), gate.angles};
    return {};
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

}  // namespace qdcnn::qasm
