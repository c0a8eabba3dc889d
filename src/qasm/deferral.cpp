#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "fragment.h"
#include "qdcnn/base/error.h"
#include "qdcnn/qasm/passes.h"

namespace qdcnn::qasm {

using namespace circuit;

namespace {

/// Qubits of the result are called wires here: a qubit of the circuit moves from wire to wire.
class Deferral {
  public:
    Deferral(const Circuit& circuit, std::uint32_t max_qubits)
        : circuit_(circuit),
          max_qubits_(max_qubits),
          num_wires_(circuit.num_qubits()),
          holder_(circuit.num_clbits()),
          is_used_(circuit.num_qubits()) {
        for (Qubit qubit = 0; qubit < circuit.num_qubits(); ++qubit) wire_.push_back(qubit);
    }

    Circuit run() {
        if (circuit_.has_verbatim_box())
            throw Error(ErrorKind::unsupported,
                        "measurements cannot be deferred around a verbatim box, whose gates stay as they are",
                        "Take the pragma out.");
        find_kept_wires();
        for (std::size_t i = 0; i < circuit_.operations().size(); ++i) {
            is_kept_ = keeps_wire_[i];
            step(circuit_.operations()[i]);
        }
        for (Clbit bit = 0; bit < holder_.size(); ++bit)
            if (holder_[bit]) operations_.push_back(Measure{*holder_[bit], bit});
        Circuit result = circuit_.empty_copy();
        result.set_global_phase(circuit_.global_phase());
        if (num_wires_ > circuit_.num_qubits()) {
            result.add_qubits(circuit_.free_register_name("deferred"), num_wires_ - circuit_.num_qubits());
            result.set_on_physical_qubits(false);
        }
        result.mutable_operations() = std::move(operations_);
        return result;
    }

  private:
    using Literal = std::pair<Qubit, bool>;

    /// A measured qubit on which nothing but a reset follows may hold the bit itself; a reset on which
    /// nothing follows may be left out.
    void find_kept_wires() {
        enum class Next : std::uint8_t { nothing, reset, other };
        std::vector<Next> next(circuit_.num_qubits(), Next::nothing);
        keeps_wire_.assign(circuit_.operations().size(), false);
        for (std::size_t i = circuit_.operations().size(); i-- > 0;) {
            const Operation& operation = circuit_.operations()[i];
            if (std::holds_alternative<Barrier>(operation.kind())) continue;
            if (const auto* measure = std::get_if<Measure>(&operation.kind()))
                keeps_wire_[i] = next[measure->qubit] != Next::other;
            const auto* reset = std::get_if<Reset>(&operation.kind());
            if (reset != nullptr) keeps_wire_[i] = next[reset->qubit] == Next::nothing;
            for (const Qubit qubit : qubits_of(operation))
                next[qubit] = reset != nullptr ? Next::reset : Next::other;
        }
    }

    Qubit fresh() {
        if (num_wires_ >= max_qubits_)
            throw Error(ErrorKind::unsupported,
                        fmt::format("deferring the measurements takes more than {} qubits", max_qubits_));
        is_used_.push_back(false);
        return num_wires_++;
    }

    void apply(Gate gate) {
        for (const Qubit wire : gate.qubits) is_used_[wire] = true;
        operations_.push_back(std::move(gate));
    }
    void x(Qubit wire) { apply({GateId::x, {wire}, {}}); }
    void cx(Qubit control, Qubit target) { apply({GateId::cx, {control, target}, {}}); }
    void ccx(Qubit a, Qubit b, Qubit target) { apply({GateId::ccx, {a, b, target}, {}}); }

    void step(const Operation& operation) {
        std::visit([&](const auto& kind) { step(kind); }, operation.kind());
    }

    void step(const Gate& gate) {
        Gate moved = gate;
        for (Qubit& qubit : moved.qubits) qubit = wire_[qubit];
        if (!flag_) return apply(std::move(moved));
        for (Operation& part : controlled({{moved}, 0.0}, *flag_).operations)
            apply(std::get<Gate>(std::move(part.kind())));
    }

    void step(const Measure& measure) {
        const Qubit wire = wire_[measure.qubit];
        std::optional<Qubit>& holder = holder_[measure.clbit];
        is_used_[wire] = true;
        if (!flag_ && is_kept_) {
            holder = wire;
            return;
        }
        const Qubit copy = fresh();
        if (!flag_) {
            cx(wire, copy);
        } else {
            ccx(*flag_, wire, copy);
            // Where the branch is not taken the bit keeps its value, which is 0 if it is the flag.
            if (holder && *holder != *flag_) {
                x(*flag_);
                ccx(*flag_, *holder, copy);
                x(*flag_);
            }
        }
        holder = copy;
    }

    void step(const Reset& reset) {
        Qubit& wire = wire_[reset.qubit];
        if (!is_used_[wire] || is_kept_) return;
        const Qubit zero = fresh();
        if (!flag_)
            wire = zero;
        else
            apply({GateId::cswap, {*flag_, wire, zero}, {}});
    }

    void step(const Barrier& barrier) {
        Barrier moved = barrier;
        for (Qubit& qubit : moved.qubits) qubit = wire_[qubit];
        operations_.push_back(std::move(moved));
    }

    void step(const Delay& delay) {
        Delay moved = delay;
        moved.qubit = wire_[delay.qubit];
        operations_.push_back(moved);
    }

    void step(const Prepare& prepare) {
        if (flag_)
            throw Error(ErrorKind::unsupported, "an amplitude preparation in a branch cannot be deferred",
                        "Lower it to gates with state_preparation first.");
        Prepare moved = prepare;
        for (Qubit& qubit : moved.qubits) is_used_[qubit = wire_[qubit]] = true;
        operations_.push_back(std::move(moved));
    }

    void step(const While&) {
        throw Error(ErrorKind::unsupported, "a loop on measured bits has no form without measurements",
                    "Unroll it first: qdcnn emit --unroll TURNS.");
    }

    void step(const Store&) {
        throw Error(ErrorKind::unsupported, "an assignment to classical bits cannot be deferred",
                    "Do this step on the results.");
    }

    void step(const IfElse& branch) {
        if (!branch.condition.formula.empty()) {
            const auto plain = with_plain_conditions(branch);
            if (!plain)
                throw Error(ErrorKind::unsupported,
                            "a branch on this many bits cannot be deferred: it takes more than 64 branches",
                            "Use a condition on fewer bits.");
            return step(*plain);
        }
        is_kept_ = false;
        std::vector<Literal> literals;
        bool never =
            branch.condition.bits.size() < 64 && branch.condition.value >> branch.condition.bits.size() != 0;
        for (std::size_t i = 0; i < branch.condition.bits.size(); ++i) {
            const bool value = (branch.condition.value >> i & 1) != 0;
            // A bit that nothing has measured is 0.
            if (const auto holder = holder_[branch.condition.bits[i]])
                literals.emplace_back(*holder, value);
            else
                never |= value;
        }
        const std::optional<Qubit> outer = flag_;
        if (outer) literals.emplace_back(*outer, true);
        std::sort(literals.begin(), literals.end());
        literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
        never |= std::adjacent_find(literals.begin(), literals.end(), [](const auto& a, const auto& b) {
                     return a.first == b.first;
                 }) != literals.end();
        if (never) return run(branch.else_body);
        if (literals.empty()) return run(branch.then_body);
        const Qubit holds = conjunction(literals);
        std::optional<Qubit> otherwise;
        if (!branch.else_body.empty()) {
            otherwise = fresh();
            cx(holds, *otherwise);
            if (outer)
                cx(*outer, *otherwise);
            else
                x(*otherwise);
        }
        flag_ = holds;
        run(branch.then_body);
        flag_ = otherwise;
        run(branch.else_body);
        flag_ = outer;
    }

    void run(const std::vector<Operation>& body) {
        for (const Operation& operation : body) {
            is_kept_ = false;
            step(operation);
        }
    }

    /// A wire that is 1 where all these different wires have their values.
    Qubit conjunction(const std::vector<Literal>& literals) {
        if (literals.size() == 1) {
            if (literals[0].second) return literals[0].first;
            const Qubit result = fresh();
            cx(literals[0].first, result);
            x(result);
            return result;
        }
        const auto flip_zeros = [&] {
            for (const auto& [wire, value] : literals)
                if (!value) x(wire);
        };
        flip_zeros();
        Qubit result = literals[0].first;
        for (std::size_t i = 1; i < literals.size(); ++i) {
            const Qubit both = fresh();
            ccx(result, literals[i].first, both);
            result = both;
        }
        flip_zeros();
        return result;
    }

    const Circuit& circuit_;
    const std::uint32_t max_qubits_;
    Qubit num_wires_;
    std::vector<Qubit> wire_;
    /// The wire that holds a bit's value; none: the bit is 0.
    std::vector<std::optional<Qubit>> holder_;
    std::vector<bool> is_used_;
    std::vector<bool> keeps_wire_;
    bool is_kept_ = false;
    /// The wire that is 1 where the operations at hand happen; none: always.
    std::optional<Qubit> flag_;
    std::vector<Operation> operations_;
};

}  // namespace

Circuit with_measurements_deferred(const Circuit& circuit, std::uint32_t max_qubits) {
    return Deferral(circuit, max_qubits).run();
}

}  // namespace qdcnn::qasm
