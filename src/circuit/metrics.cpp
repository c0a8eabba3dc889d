#include <algorithm>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::circuit {
namespace {

/// The layer reached so far on every qubit and classical bit, once for all operations and once for those on
/// two or more qubits.
struct Levels {
    std::vector<std::size_t> qubits;
    std::vector<std::size_t> clbits;

    std::size_t start(std::span<const Qubit> on, std::span<const Clbit> bits) const {
        std::size_t level = 0;
        for (const Qubit qubit : on) level = std::max(level, qubits[qubit]);
        for (const Clbit bit : bits) level = std::max(level, clbits[bit]);
        return level;
    }
    void raise(std::span<const Qubit> on, std::span<const Clbit> bits, std::size_t level) {
        for (const Qubit qubit : on) qubits[qubit] = level;
        for (const Clbit bit : bits) clbits[bit] = level;
    }
    std::size_t highest() const {
        std::size_t level = 0;
        for (const auto value : qubits) level = std::max(level, value);
        return level;
    }
};

class Counter {
  public:
    explicit Counter(const Circuit& circuit)
        : all_{std::vector<std::size_t>(circuit.num_qubits()),
               std::vector<std::size_t>(circuit.num_clbits())},
          pairs_(all_) {}

    void count(std::span<const Operation> operations) {
        for (const Operation& operation : operations)
            std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }

    CircuitMetrics result() {
        metrics_.depth = all_.highest();
        metrics_.two_qubit_depth = pairs_.highest();
        return metrics_;
    }

  private:
    /// One layer more on these wires; `in_pairs` is 1 when it counts for the two-qubit depth.
    void advance(std::span<const Qubit> qubits, std::span<const Clbit> bits, std::size_t in_pairs) {
        all_.raise(qubits, bits, all_.start(qubits, bits) + 1);
        pairs_.raise(qubits, bits, pairs_.start(qubits, bits) + in_pairs);
    }

    void step(const Gate& gate) {
        const bool several = gate.qubits.size() > 1;
        (several ? metrics_.two_qubit_gates : metrics_.one_qubit_gates) += 1;
        advance(gate.qubits, {}, several ? 1 : 0);
    }
    void step(const Measure& measure) { advance({&measure.qubit, 1}, {&measure.clbit, 1}, 0); }
    void step(const Reset& reset) { advance({&reset.qubit, 1}, {}, 0); }
    void step(const Barrier&) {}
    void step(const Delay& delay) { advance({&delay.qubit, 1}, {}, 0); }
    void step(const Prepare& prepare) { advance(prepare.qubits, {}, prepare.qubits.size() > 1 ? 1 : 0); }
    void step(const While& loop) {
        const std::vector<Qubit> touched = qubits_of(Operation(loop));
        all_.raise(touched, {}, all_.start(touched, loop.condition.bits));
        pairs_.raise(touched, {}, pairs_.start(touched, loop.condition.bits));
        count(loop.body);
    }
    void step(const Store& store) {
        // Takes no layer, but its targets come after what it reads.
        for (Levels* levels : {&all_, &pairs_})
            levels->raise({}, store.targets,
                          std::max(levels->start({}, store.bits), levels->start({}, store.targets)));
    }
    void step(const IfElse& branch) {
        // The bodies start together, after every wire they touch and the bits they read.
        const std::vector<Qubit> touched = qubits_of(Operation(branch));
        all_.raise(touched, {}, all_.start(touched, branch.condition.bits));
        pairs_.raise(touched, {}, pairs_.start(touched, branch.condition.bits));
        const Levels all_before = all_, pairs_before = pairs_;
        count(branch.then_body);
        const Levels all_then = all_, pairs_then = pairs_;
        all_ = all_before;
        pairs_ = pairs_before;
        count(branch.else_body);
        join(all_, all_then);
        join(pairs_, pairs_then);
    }
    static void join(Levels& into, const Levels& other) {
        for (std::size_t i = 0; i < into.qubits.size(); ++i)
            into.qubits[i] = std::max(into.qubits[i], other.qubits[i]);
        for (std::size_t i = 0; i < into.clbits.size(); ++i)
            into.clbits[i] = std::max(into.clbits[i], other.clbits[i]);
    }

    Levels all_;
    Levels pairs_;
    CircuitMetrics metrics_;
};

}  // namespace

CircuitMetrics metrics(const Circuit& circuit) {
    Counter counter(circuit);
    counter.count(circuit.operations());
    return counter.result();
}

}  // namespace qdcnn::circuit
