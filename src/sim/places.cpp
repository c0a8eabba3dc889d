#include "places.h"

#include <algorithm>
#include <numeric>

namespace qdcnn::sim {

using namespace circuit;

Places Places::all(std::uint32_t num_qubits) {
    Places places{std::vector<Qubit>(num_qubits), num_qubits};
    std::iota(places.of_qubit.begin(), places.of_qubit.end(), Qubit{0});
    return places;
}

Places Places::compact(const Circuit& circuit, const NoiseModel& noise, const std::vector<bool>& is_final) {
    std::vector<std::size_t> pairings(circuit.num_qubits(), 0);
    std::vector<bool> is_used(circuit.num_qubits(), false);
    const auto count = [&](const Operation& operation) {
        if (std::holds_alternative<Barrier>(operation.kind()) ||
            std::holds_alternative<Store>(operation.kind()) || condition_of(operation) != nullptr)
            return;
        const std::vector<Qubit> qubits = qubits_of(operation);
        if (std::holds_alternative<Delay>(operation.kind()) && !noise.acts_on_delay(qubits[0])) return;
        for (const Qubit qubit : qubits) {
            is_used[qubit] = true;
            if (qubits.size() > 1) ++pairings[qubit];
        }
    };
    for (std::size_t i = 0; i < circuit.operations().size(); ++i) {
        const Operation& operation = circuit.operations()[i];
        // Most operations are gates, and the general way allocates.
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) {
            for (const Qubit qubit : gate->qubits) {
                is_used[qubit] = true;
                if (gate->qubits.size() > 1) ++pairings[qubit];
            }
            continue;
        }
        if (is_final[i] && !noise.error_of("measure", qubits_of(operation))) continue;
        for_each_operation({&operation, 1}, count);
    }
    std::vector<Qubit> used;
    for (Qubit qubit = 0; qubit < circuit.num_qubits(); ++qubit)
        if (is_used[qubit]) used.push_back(qubit);
    std::stable_sort(used.begin(), used.end(), [&](Qubit a, Qubit b) { return pairings[a] < pairings[b]; });
    Places places{std::vector<Qubit>(circuit.num_qubits(), kIdle), static_cast<std::uint32_t>(used.size())};
    for (std::size_t place = 0; place < used.size(); ++place)
        places.of_qubit[used[place]] = static_cast<Qubit>(place);
    return places;
}

}  // namespace qdcnn::sim
