#include "record_bits.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"

namespace qdcnn::sim {

using namespace circuit;

RecordBits::RecordBits(const Circuit& circuit) : positions_(circuit.num_clbits(), -1) {
    std::vector<bool> is_written(circuit.num_clbits(), false);
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        if (const auto* measure = std::get_if<Measure>(&operation.kind())) is_written[measure->clbit] = true;
    });
    for (Clbit clbit = 0; clbit < circuit.num_clbits(); ++clbit) {
        if (!is_written[clbit]) continue;
        positions_[clbit] = static_cast<int>(clbits_.size());
        clbits_.push_back(clbit);
    }
    if (clbits_.size() > 64)
        throw Error(ErrorKind::unsupported,
                    fmt::format("the circuit measures into {} classical bits; at most 64 can be simulated",
                                clbits_.size()),
                    "Measure fewer bits in one circuit.");
}

std::uint64_t RecordBits::all() const {
    return clbits_.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << clbits_.size()) - 1;
}

bool RecordBits::holds(const Condition& condition, std::uint64_t record) const {
    for (std::size_t i = 0; i < condition.bits.size(); ++i) {
        const int position = positions_[condition.bits[i]];
        const std::uint64_t bit = position < 0 ? 0 : record >> position & 1;
        if (bit != (condition.value >> i & 1)) return false;
    }
    // A value wider than the bits is never spelled.
    return condition.bits.size() >= 64 || condition.value >> condition.bits.size() == 0;
}

std::uint64_t RecordBits::read_by(const Condition& condition) const {
    std::uint64_t bits = 0;
    for (const Clbit clbit : condition.bits)
        if (positions_[clbit] >= 0) bits |= std::uint64_t{1} << positions_[clbit];
    return bits;
}

std::uint64_t RecordBits::live_before(const Operation& operation, std::uint64_t live) const {
    if (const auto* measure = std::get_if<Measure>(&operation.kind()))
        return live & ~(std::uint64_t{1} << position(measure->clbit));
    const auto* branch = std::get_if<IfElse>(&operation.kind());
    if (!branch) return live;
    std::uint64_t before = read_by(branch->condition);
    for (const auto* body : {&branch->then_body, &branch->else_body}) {
        std::uint64_t in_body = live;
        for (auto inner = body->rbegin(); inner != body->rend(); ++inner)
            in_body = live_before(*inner, in_body);
        before |= in_body;
    }
    return before;
}

std::vector<std::uint64_t> RecordBits::live_after(std::span<const Operation> operations,
                                                  std::uint64_t live_out) const {
    std::vector<std::uint64_t> live(operations.size());
    for (std::size_t i = operations.size(); i-- > 0;) {
        live[i] = live_out;
        live_out = live_before(operations[i], live_out);
    }
    return live;
}

std::vector<bool> RecordBits::final_measurements(const Circuit& circuit,
                                                 const std::function<bool(Qubit)>& relaxes) const {
    const auto& operations = circuit.operations();
    std::vector<bool> is_final(operations.size(), false);
    std::vector<bool> uses_qubit(circuit.num_qubits(), false);
    std::uint64_t used_bits = 0;
    for (std::size_t i = operations.size(); i-- > 0;) {
        const auto& kind = operations[i].kind();
        if (std::holds_alternative<Barrier>(kind)) continue;
        if (const auto* delay = std::get_if<Delay>(&kind); delay && !relaxes(delay->qubit)) continue;
        if (const auto* measure = std::get_if<Measure>(&kind))
            is_final[i] = !uses_qubit[measure->qubit] && !(used_bits >> position(measure->clbit) & 1);
        for (const Qubit qubit : qubits_of(operations[i])) uses_qubit[qubit] = true;
        for_each_operation({&operations[i], 1}, [&](const Operation& inner) {
            if (const auto* measure = std::get_if<Measure>(&inner.kind()))
                used_bits |= std::uint64_t{1} << position(measure->clbit);
            if (const auto* branch = std::get_if<IfElse>(&inner.kind()))
                used_bits |= read_by(branch->condition);
        });
    }
    return is_final;
}

}  // namespace qdcnn::sim
