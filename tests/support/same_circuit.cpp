#include "support/same_circuit.h"

#include <algorithm>

#include <fmt/format.h>

namespace qdcnn::test {

using namespace circuit;

namespace {

using SortedCondition = std::vector<std::pair<Clbit, bool>>;

SortedCondition sorted(const Condition& condition) {
    SortedCondition bits;
    for (std::size_t i = 0; i < condition.bits.size(); ++i)
        bits.emplace_back(condition.bits[i], (condition.value >> i & 1) != 0);
    std::sort(bits.begin(), bits.end());
    return bits;
}

bool same(const Condition& a, const Condition& b) {
    if (a.formula.empty() && b.formula.empty()) return sorted(a) == sorted(b);
    return a.bits == b.bits && a.formula == b.formula;
}

bool same(const std::vector<Operation>& a, const std::vector<Operation>& b);

bool same(const Operation& a, const Operation& b) {
    if (a.index() != b.index()) return false;
    return std::visit(
        overloaded{
            [&](const Gate& left) {
                const auto& right = std::get<Gate>(b.kind());
                return left.id == right.id && left.qubits == right.qubits && left.angles == right.angles;
            },
            [&](const Measure& left) {
                const auto& right = std::get<Measure>(b.kind());
                return left.qubit == right.qubit && left.clbit == right.clbit;
            },
            [&](const Reset& left) { return left.qubit == std::get<Reset>(b.kind()).qubit; },
            [&](const Barrier& left) { return left.qubits == std::get<Barrier>(b.kind()).qubits; },
            [&](const Delay& left) {
                const auto& right = std::get<Delay>(b.kind());
                return left.qubit == right.qubit && left.duration == right.duration &&
                       left.unit == right.unit;
            },
            [&](const Prepare& left) {
                const auto& right = std::get<Prepare>(b.kind());
                return left.qubits == right.qubits && left.amplitudes == right.amplitudes;
            },
            [&](const IfElse& left) {
                const auto& right = std::get<IfElse>(b.kind());
                return same(left.condition, right.condition) && same(left.then_body, right.then_body) &&
                       same(left.else_body, right.else_body);
            },
            [&](const While& left) {
                const auto& right = std::get<While>(b.kind());
                return same(left.condition, right.condition) && same(left.body, right.body);
            },
            [&](const Store& left) {
                const auto& right = std::get<Store>(b.kind());
                return left.targets == right.targets && left.bits == right.bits &&
                       left.formula == right.formula;
            },
        },
        a.kind());
}

bool same(const std::vector<Operation>& a, const std::vector<Operation>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Operation& x, const Operation& y) { return same(x, y); });
}

}  // namespace

testing::AssertionResult same_circuit(const Circuit& a, const Circuit& b, bool compare_names) {
    if (a.num_qubits() != b.num_qubits() || a.num_clbits() != b.num_clbits())
        return testing::AssertionFailure()
               << fmt::format("{} qubits, {} bits against {} qubits, {} bits", a.num_qubits(), a.num_clbits(),
                              b.num_qubits(), b.num_clbits());
    if (compare_names &&
        (a.qubit_registers() != b.qubit_registers() || a.clbit_registers() != b.clbit_registers()))
        return testing::AssertionFailure() << "registers differ";
    if (a.parameters() != b.parameters()) return testing::AssertionFailure() << "parameters differ";
    if (a.operations().size() != b.operations().size())
        return testing::AssertionFailure()
               << a.operations().size() << " operations against " << b.operations().size();
    for (std::size_t i = 0; i < a.operations().size(); ++i)
        if (!same(a.operations()[i], b.operations()[i]))
            return testing::AssertionFailure() << "operation " << i << " differs";
    if (a.global_phase() != b.global_phase()) return testing::AssertionFailure() << "global phases differ";
    return testing::AssertionSuccess();
}

}  // namespace qdcnn::test
