#include "record_bits.h"

#include <fmt/format.h>

#include "qdcnn/base/error.h"

namespace qdcnn::sim {

using namespace circuit;

RecordBits::RecordBits(const Circuit& circuit) : positions_(circuit.num_clbits(), -1) {
    std::vector<bool> is_written(circuit.num_clbits(), false);
    for_each_operation(circuit.operations(), [&](const Operation& operation) {
        for (const Clbit clbit : bits_written(operation)) is_written[clbit] = true;
    });
    for (Clbit clbit = 0; clbit < circuit.num_clbits(); ++clbit) {
        if (!is_written[clbit]) continue;
        positions_[clbit] = static_cast<int>(clbits_.size());
        clbits_.push_back(clbit);
    }
    if (clbits_.size() > 64)
        throw Error(
            ErrorKind::unsupported,
            fmt::format(
                "the circuit writes {} classical bits, those of its variables included; at most 64 can be "
                "simulated",
                clbits_.size()),
            "Measure fewer bits in one circuit, or give its variables narrower types such as uint[8].");
}

std::uint64_t RecordBits::results(const Circuit& circuit) const {
    std::uint64_t bits = 0;
    for (const Register& one : circuit.result_registers())
        for (std::uint32_t i = 0; i < one.size; ++i)
            if (const int position = positions_[one.offset + i]; position >= 0)
                bits |= std::uint64_t{1} << position;
    return bits;
}

std::uint64_t RecordBits::word(std::span<const Clbit> clbits, std::uint64_t record) const {
    return word_of(clbits, [&](Clbit clbit) {
        const int position = positions_[clbit];
        return position >= 0 && (record >> position & 1) != 0;
    });
}

std::uint64_t RecordBits::mask(std::span<const Clbit> clbits) const {
    std::uint64_t bits = 0;
    for (const Clbit clbit : clbits)
        if (positions_[clbit] >= 0) bits |= std::uint64_t{1} << positions_[clbit];
    return bits;
}

std::uint64_t RecordBits::live_inside(const While& loop, std::uint64_t live_out) const {
    // What a body reads before it writes does not depend on what lives after it, so one round is enough.
    const std::uint64_t around = live_out | mask(loop.condition.bits);
    return around | live_before(loop.body, around);
}

std::uint64_t RecordBits::live_before(std::span<const Operation> operations, std::uint64_t live) const {
    for (std::size_t i = operations.size(); i-- > 0;) live = live_before(operations[i], live);
    return live;
}

std::uint64_t RecordBits::live_before(const Operation& operation, std::uint64_t live) const {
    if (std::holds_alternative<Gate>(operation.kind())) return live;
    if (const auto* loop = std::get_if<While>(&operation.kind())) return live_inside(*loop, live);
    if (const auto* branch = std::get_if<IfElse>(&operation.kind()))
        return mask(branch->condition.bits) | live_before(branch->then_body, live) |
               live_before(branch->else_body, live);
    return (live & ~mask(bits_written(operation))) | mask(bits_read(operation));
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
        // Most operations are gates, and the general way allocates.
        if (const auto* gate = std::get_if<Gate>(&kind)) {
            for (const Qubit qubit : gate->qubits) uses_qubit[qubit] = true;
            continue;
        }
        if (const auto* delay = std::get_if<Delay>(&kind); delay && !relaxes(delay->qubit)) continue;
        if (const auto* measure = std::get_if<Measure>(&kind))
            is_final[i] = !uses_qubit[measure->qubit] && !(used_bits >> position(measure->clbit) & 1);
        for (const Qubit qubit : qubits_of(operations[i])) uses_qubit[qubit] = true;
        for_each_operation({&operations[i], 1}, [&](const Operation& inner) {
            used_bits |= mask(bits_written(inner)) | mask(bits_read(inner));
        });
    }
    return is_final;
}

}  // namespace qdcnn::sim
