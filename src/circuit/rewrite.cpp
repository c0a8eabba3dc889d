#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::circuit {

Operation rewritten(const Operation& operation, const Rewriting& rewriting) {
    auto on_qubit = [&](Qubit& qubit) {
        if (rewriting.qubit) qubit = rewriting.qubit(qubit);
    };
    auto on_bit = [&](Clbit& bit) {
        if (rewriting.clbit) bit = rewriting.clbit(bit);
    };
    auto on_angle = [&](Angle& angle) {
        if (rewriting.angle) angle = rewriting.angle(angle);
    };
    Operation copy = operation;
    std::visit(overloaded{
                   [&](Gate& gate) {
                       for (Qubit& qubit : gate.qubits) on_qubit(qubit);
                       for (Angle& angle : gate.angles) on_angle(angle);
                   },
                   [&](Measure& measure) {
                       on_qubit(measure.qubit);
                       on_bit(measure.clbit);
                   },
                   [&](Reset& reset) { on_qubit(reset.qubit); },
                   [&](Barrier& barrier) {
                       for (Qubit& qubit : barrier.qubits) on_qubit(qubit);
                   },
                   [&](Delay& delay) { on_qubit(delay.qubit); },
                   [&](Prepare& prepare) {
                       for (Qubit& qubit : prepare.qubits) on_qubit(qubit);
                       for (Angle& amplitude : prepare.amplitudes) on_angle(amplitude);
                   },
                   [&](IfElse& branch) {
                       for (Clbit& bit : branch.condition.bits) on_bit(bit);
                   },
                   [&](While& loop) {
                       for (Clbit& bit : loop.condition.bits) on_bit(bit);
                   },
                   [&](Store& store) {
                       for (auto* bits : {&store.targets, &store.bits})
                           for (Clbit& bit : *bits) on_bit(bit);
                   },
               },
               copy.kind());
    for (auto* body : bodies_of(copy))
        for (Operation& inner : *body) inner = rewritten(inner, rewriting);
    return copy;
}

}  // namespace qdcnn::circuit
