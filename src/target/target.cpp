#include "qdcnn/target/target.h"

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::target {

const NativeGate* Target::find_native(GateId gate) const {
    for (const NativeGate& native : native_gates)
        if (native.gate == gate) return &native;
    return nullptr;
}

GateProperties Target::properties_of(const std::string& native_name, const std::vector<Qubit>& on) const {
    auto found = gates.find({native_name, on});
    if (found == gates.end() && on.size() == 2) {
        const auto* row = circuit::find_gate(native_name);
        if (row && row->is_symmetric) found = gates.find({native_name, {on[1], on[0]}});
    }
    if (found != gates.end()) return found->second;
    const auto otherwise = defaults.find(native_name);
    return otherwise == defaults.end() ? GateProperties{} : otherwise->second;
}

bool Target::is_available(const NativeGate& native, Qubit a, Qubit b) const {
    const auto& row = circuit::gate_row(native.gate);
    if (row.qubits != 2 || a >= num_qubits || b >= num_qubits || a == b) return false;
    for (const Qubit qubit : {a, b})
        if (!qubits.empty() && !qubits[qubit].is_operational) return false;
    const bool listed = all_to_all || std::binary_search(edges.begin(), edges.end(), std::pair(a, b)) ||
                        (row.is_symmetric && std::binary_search(edges.begin(), edges.end(), std::pair(b, a)));
    return listed && !(properties_of(native.name, {a, b}).error >= 1.0);
}

bool Target::is_coupled(Qubit a, Qubit b) const {
    return std::any_of(native_gates.begin(), native_gates.end(),
                       [&](const NativeGate& native) { return is_available(native, a, b); });
}

std::vector<std::vector<Qubit>> Target::neighbours() const {
    if (all_to_all) throw Error(ErrorKind::unsupported, "an all-to-all target has no list of neighbours");
    std::vector<std::vector<Qubit>> lists(num_qubits);
    for (const auto& [a, b] : edges) {
        if (!is_neighbour(a, b)) continue;
        lists[a].push_back(b);
        lists[b].push_back(a);
    }
    for (auto& list : lists) {
        std::sort(list.begin(), list.end());
        list.erase(std::unique(list.begin(), list.end()), list.end());
    }
    return lists;
}

std::pair<double, double> Target::readout_flips(Qubit qubit) const {
    double error = properties_of("measure", {qubit}).error;
    if (qubit < qubits.size()) {
        const QubitProperties& own = qubits[qubit];
        if (!std::isnan(own.prob_meas1_prep0) && !std::isnan(own.prob_meas0_prep1))
            return {own.prob_meas1_prep0, own.prob_meas0_prep1};
        if (!std::isnan(own.readout_error)) error = own.readout_error;
    }
    if (std::isnan(error)) error = 0.0;
    return {error, error};
}

}  // namespace qdcnn::target
