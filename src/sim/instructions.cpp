#include "sim/instructions.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/state_preparation.h"

namespace qdcnn::sim {

using namespace circuit;

namespace {

constexpr std::size_t kMaxBits = 64;
constexpr std::uint32_t kMaxQubits = 63;

double number(const Angle& angle) {
    if (!angle.is_bound())
        throw Error(ErrorKind::invalid_input, "the circuit has unbound parameters",
                    "Give every parameter a value with bind().");
    return angle.constant();
}

class Flattening {
  public:
    Flattening(const Circuit& circuit, bool keeps_all_qubits) : circuit_(circuit) {
        number_wires(keeps_all_qubits);
        is_final_ = final_measurements(circuit);
    }

    Instructions run() {
        const auto& operations = circuit_.operations();
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (is_final_[i]) {
                const auto& measure = std::get<Measure>(operations[i].kind());
                out_.final_measurements.push_back({wire(measure.qubit), record_bit(measure.clbit)});
            } else {
                step(operations[i]);
            }
        }
        close_run();
        out_.global_phase = number(gates_.global_phase()) + number(circuit_.global_phase());
        out_.primitives = gates_.take();
        out_.is_real = std::none_of(out_.primitives.begin(), out_.primitives.end(),
                                    [](const Primitive& one) { return one.kind == PrimitiveKind::phase; });
        return std::move(out_);
    }

  private:
    Qubit wire(Qubit qubit) const { return out_.wire[qubit]; }

    void number_wires(bool keeps_all_qubits) {
        std::vector<bool> used(circuit_.num_qubits(), keeps_all_qubits);
        std::vector<bool> written(circuit_.num_clbits(), false);
        for_each_operation(circuit_.operations(), [&](const Operation& operation) {
            if (std::holds_alternative<Barrier>(operation.kind()) ||
                std::holds_alternative<Delay>(operation.kind()) || condition_of(operation) != nullptr)
                return;
            for (const Qubit qubit : qubits_of(operation)) used[qubit] = true;
            for (const Clbit clbit : bits_written(operation)) written[clbit] = true;
        });
        out_.wire.assign(circuit_.num_qubits(), Instructions::kUnused);
        for (Qubit qubit = 0; qubit < circuit_.num_qubits(); ++qubit)
            if (used[qubit]) out_.wire[qubit] = out_.num_qubits++;
        for (Clbit clbit = 0; clbit < circuit_.num_clbits(); ++clbit)
            if (written[clbit]) out_.clbits.push_back(clbit);
        if (out_.num_qubits > kMaxQubits)
            throw Error(ErrorKind::out_of_memory,
                        fmt::format("a state vector of {} qubits fits in no memory", out_.num_qubits));
        if (out_.clbits.size() > kMaxBits)
            throw Error(ErrorKind::unsupported,
                        fmt::format("the circuit writes {} classical bits; the simulator "
                                    "keeps records of at most {}",
                                    out_.clbits.size(), kMaxBits));
    }

    /// The record's mask of a written bit; 0 for one that stays 0.
    std::uint64_t record_bit(Clbit clbit) const {
        const auto found = std::lower_bound(out_.clbits.begin(), out_.clbits.end(), clbit);
        if (found == out_.clbits.end() || *found != clbit) return 0;
        return std::uint64_t{1} << (found - out_.clbits.begin());
    }

    void close_run() {
        if (gates_.items().size() > run_start_)
            out_.list.push_back(Instructions::Apply{run_start_, gates_.items().size()});
        run_start_ = gates_.items().size();
        gates_.close();
    }
    void add(Instructions::Instruction instruction) {
        close_run();
        out_.list.push_back(std::move(instruction));
    }

    void step(const Operation& operation) {
        std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }
    void step(const Gate& gate) {
        QubitList wires = gate.qubits;
        for (std::size_t i = 0; i < wires.size(); ++i) wires[i] = wire(wires[i]);
        for (const Angle& angle : gate.angles) number(angle);
        gates_.add_gate(gate.id, wires, gate.angles);
    }
    void step(const Measure& measure) {
        add(Instructions::Measure{wire(measure.qubit), record_bit(measure.clbit)});
    }
    void step(const Reset& reset) { add(Instructions::Reset{wire(reset.qubit)}); }
    void step(const Barrier&) {}
    void step(const Delay&) {}
    void step(const Prepare& prepare) {
        Instructions::Prepare prepared;
        for (const Qubit qubit : prepare.qubits) prepared.qubits.push_back(wire(qubit));
        for (const Angle& amplitude : prepare.amplitudes) prepared.amplitudes.push_back(number(amplitude));
        normalise(prepared.amplitudes);
        add(std::move(prepared));
    }
    void step(const IfElse& branch) {
        std::uint64_t mask = 0, value = 0;
        const bool has_formula = !branch.condition.formula.empty();
        bool possible = !has_formula && (branch.condition.bits.size() == 64 ||
                                         branch.condition.value >> branch.condition.bits.size() == 0);
        for (std::size_t i = 0; i < branch.condition.bits.size(); ++i) {
            const std::uint64_t held = record_bit(branch.condition.bits[i]);
            const bool wanted = branch.condition.value >> i & 1;
            if (held == 0 ? wanted : (mask & held) != 0 && ((value & held) != 0) != wanted) possible = false;
            mask |= held;
            if (wanted) value |= held;
        }
        const std::size_t test = reserve_jump();
        for (const Operation& inner : branch.then_body) step(inner);
        const std::size_t skip = branch.else_body.empty() ? 0 : reserve_jump();
        close_run();
        if (possible)
            out_.list[test] = Instructions::JumpUnless{mask, value, out_.list.size()};
        else if (has_formula)
            out_.list[test] = Instructions::JumpUnlessFormula{record_bits(branch.condition.bits),
                                                              branch.condition.formula, out_.list.size()};
        else
            out_.list[test] = Instructions::Jump{out_.list.size()};
        if (!branch.else_body.empty()) {
            for (const Operation& inner : branch.else_body) step(inner);
            close_run();
            out_.list[skip] = Instructions::Jump{out_.list.size()};
        }
    }
    void step(const While&) {
        throw Error(ErrorKind::internal, "a loop reached the state vector's instructions");
    }
    void step(const Store& store) {
        add(Instructions::Store{record_bits(store.bits), store.formula, record_bits(store.targets)});
    }
    std::vector<std::uint64_t> record_bits(std::span<const Clbit> clbits) const {
        std::vector<std::uint64_t> bits;
        for (const Clbit clbit : clbits) bits.push_back(record_bit(clbit));
        return bits;
    }
    std::size_t reserve_jump() {
        add(Instructions::Jump{0});
        return out_.list.size() - 1;
    }

    const Circuit& circuit_;
    Instructions out_;
    PrimitiveList gates_;
    std::size_t run_start_ = 0;
    std::vector<bool> is_final_;
};

}  // namespace

Instructions make_instructions(const Circuit& bound, bool keeps_all_qubits) {
    return Flattening(bound, keeps_all_qubits).run();
}

}  // namespace qdcnn::sim
