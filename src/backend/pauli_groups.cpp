#include "qdcnn/backend/pauli_groups.h"

#include <algorithm>
#include <numbers>

namespace qdcnn::backend {

using namespace circuit;

namespace {

constexpr double kQuarter = std::numbers::pi / 2;

bool fits(const PauliGroup& group, const PauliString& paulis) {
    return std::all_of(paulis.begin(), paulis.end(), [&](const auto& factor) {
        const auto found = group.basis.find(factor.first);
        return found == group.basis.end() || found->second == factor.second;
    });
}

/// After these gates a Z measurement reads the Pauli. U = e^(-i t/2 P) turns Z so: for RX(pi/2) U+ Z U = Y,
/// for RY(-pi/2) it is X, and RZ(pi/2) before takes Y to X.
void rotate_into_basis(Circuit& circuit, Qubit qubit, Pauli pauli, const target::Target* target) {
    if (pauli == Pauli::z) return;
    const bool is_x = pauli == Pauli::x;
    auto has = [&](GateId gate) { return target != nullptr && target->find_native(gate) != nullptr; };
    if (has(GateId::sx) || has(GateId::rx)) {
        if (is_x) circuit.rz(kQuarter, qubit);
        if (has(GateId::sx))
            circuit.sx(qubit);
        else
            circuit.rx(kQuarter, qubit);
    } else if (has(GateId::r)) {
        circuit.gate(GateId::r, {qubit}, {kQuarter, is_x ? -kQuarter : 0.0});
    } else if (has(GateId::gpi2)) {
        circuit.gate(GateId::gpi2, {qubit}, {is_x ? -kQuarter : 0.0});
    } else if (is_x) {
        circuit.ry(-kQuarter, qubit);
    } else {
        circuit.rx(kQuarter, qubit);
    }
}

}  // namespace

std::vector<PauliGroup> group_paulis(std::span<const Observable> observables) {
    std::vector<PauliGroup> groups;
    for (std::size_t o = 0; o < observables.size(); ++o)
        for (const auto& term : observables[o].terms) {
            auto group = std::find_if(groups.begin(), groups.end(), [&](const PauliGroup& candidate) {
                return fits(candidate, term.paulis);
            });
            if (group == groups.end()) group = groups.insert(groups.end(), PauliGroup{});
            PauliGroup::Term placed{o, term.coefficient, {}};
            for (const auto& [qubit, pauli] : term.paulis) {
                group->basis.emplace(qubit, pauli);
                placed.qubits.push_back(qubit);
            }
            group->terms.push_back(std::move(placed));
        }
    return groups;
}

MeasuredGroup measure_group(const Circuit& circuit, const PauliGroup& group, const target::Target* target) {
    MeasuredGroup measured{circuit.empty_copy(), {}};
    measured.circuit.set_global_phase(circuit.global_phase());
    const std::vector<bool> is_final = final_measurements(circuit);
    for (std::size_t i = 0; i < is_final.size(); ++i) {
        if (is_final[i]) {
            // An X or Y after a measurement sees that it happened; a Z does not.
            const auto found = group.basis.find(std::get<Measure>(circuit.operations()[i].kind()).qubit);
            if (found == group.basis.end() || found->second == Pauli::z) continue;
        }
        measured.circuit.mutable_operations().push_back(circuit.operations()[i]);
    }
    for (const auto& [qubit, pauli] : group.basis) rotate_into_basis(measured.circuit, qubit, pauli, target);
    if (group.basis.empty()) return measured;
    Clbit next = measured.circuit.add_clbits(circuit.free_register_name("observables"),
                                             static_cast<std::uint32_t>(group.basis.size()));
    for (const auto& [qubit, pauli] : group.basis) {
        measured.circuit.measure(qubit, next);
        measured.clbits[qubit] = next++;
    }
    return measured;
}

}  // namespace qdcnn::backend
