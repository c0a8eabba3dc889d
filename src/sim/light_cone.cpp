#include "light_cone.h"

#include <algorithm>

namespace qdcnn::sim {

using namespace circuit;

namespace {

/// Qubits and classical bits that still matter, going backwards.
class Cone {
  public:
    Cone(const Circuit& circuit, std::span<const Observable> observables)
        : qubits_(circuit.num_qubits(), false), clbits_(circuit.num_clbits(), false) {
        for (const Observable& observable : observables)
            for (const auto& term : observable.terms)
                for (const auto& [qubit, pauli] : term.paulis)
                    if (qubit < qubits_.size()) qubits_[qubit] = true;
    }

    /// Whether the operation is in the cone; what it needs is then too.
    bool takes(const Operation& operation) {
        const auto& kind = operation.kind();
        if (std::holds_alternative<Barrier>(kind)) return false;
        // Qubits that share a preparation may be entangled by it, as those of a gate.
        const std::vector<Qubit> qubits = qubits_of(operation);
        bool is_seen = std::any_of(qubits.begin(), qubits.end(), [&](Qubit q) { return qubits_[q]; });
        for_each_operation({&operation, 1}, [&](const Operation& inner) {
            for (const Clbit clbit : bits_written(inner)) is_seen = is_seen || clbits_[clbit];
        });
        if (!is_seen) return false;
        for (const Qubit qubit : qubits) qubits_[qubit] = true;
        for_each_operation({&operation, 1}, [&](const Operation& inner) {
            for (const Qubit qubit : qubits_of(inner)) qubits_[qubit] = true;
            for (const Clbit clbit : bits_read(inner)) clbits_[clbit] = true;
        });
        return true;
    }

  private:
    std::vector<bool> qubits_, clbits_;
};

}  // namespace

Circuit light_cone(const Circuit& circuit, std::span<const Observable> observables) {
    Cone cone(circuit, observables);
    const auto& operations = circuit.operations();
    std::vector<bool> is_kept(operations.size(), false);
    for (std::size_t i = operations.size(); i-- > 0;) is_kept[i] = cone.takes(operations[i]);
    Circuit kept = circuit.empty_copy();
    for (std::size_t i = 0; i < operations.size(); ++i)
        if (is_kept[i]) kept.add(operations[i]);
    return kept;
}

}  // namespace qdcnn::sim
