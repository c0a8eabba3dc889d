#include <algorithm>

#include "canonical.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// What of a qubit can still be seen behind a point of the circuit.
enum class Sight : std::uint8_t {
    all,
    /// Measured in Z, or kept in that basis: nothing sees phases.
    outcome,
    /// Reset: nothing sees it.
    none
};

bool is_diagonal(const Gate& gate) {
    if (gate_row(gate.id).is_diagonal) return true;
    if (gate.qubits.size() != 1) return false;
    const auto matrix = bound_matrix(gate);
    return matrix && std::abs((*matrix)[1]) < kAngleTolerance && std::abs((*matrix)[2]) < kAngleTolerance;
}

/// Goes backwards over a list of operations.
class Sweep {
  public:
    Sweep(std::uint32_t num_qubits, Sight at_end) : sight_(num_qubits, at_end) {}

    std::vector<Operation> sweep(std::vector<Operation> operations) {
        std::vector<Operation> kept;
        kept.reserve(operations.size());
        for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation)
            if (std::visit([&](auto& kind) { return keep(kind); }, operation->kind()))
                kept.push_back(std::move(*operation));
        std::reverse(kept.begin(), kept.end());
        return kept;
    }

  private:
    bool keep(const Gate& gate) {
        bool nothing = true, no_phase = true;
        for (const Qubit qubit : gate.qubits) {
            nothing = nothing && sight_[qubit] == Sight::none;
            no_phase = no_phase && sight_[qubit] != Sight::all;
        }
        const bool is_phase = is_diagonal(gate);
        if (nothing || (no_phase && is_phase)) return false;
        // Phases pass through a diagonal gate, so what does not see them behind it does not before it.
        for (const Qubit qubit : gate.qubits)
            sight_[qubit] = is_phase && sight_[qubit] != Sight::all ? Sight::outcome : Sight::all;
        return true;
    }
    bool keep(const Measure& measure) {
        sight_[measure.qubit] = Sight::outcome;
        return true;
    }
    bool keep(const Reset& reset) {
        sight_[reset.qubit] = Sight::none;
        return true;
    }
    bool keep(const Barrier&) { return true; }
    bool keep(const Delay&) { return true; }
    bool keep(const Store&) { return true; }
    bool keep(const Prepare& prepare) {
        for (const Qubit qubit : prepare.qubits) sight_[qubit] = Sight::all;
        return true;
    }
    bool keep(IfElse& branch) { return keep_inside(branch, {&branch.then_body, &branch.else_body}); }
    bool keep(While& loop) { return keep_inside(loop, {&loop.body}); }

    /// Behind a body may stand anything, its own beginning too.
    bool keep_inside(const Operation& operation, std::initializer_list<std::vector<Operation>*> bodies) {
        for (const Qubit qubit : qubits_of(operation)) sight_[qubit] = Sight::all;
        for (auto* body : bodies)
            *body = Sweep(static_cast<std::uint32_t>(sight_.size()), Sight::all).sweep(std::move(*body));
        return true;
    }

    std::vector<Sight> sight_;
};

}  // namespace

std::vector<Operation> without_unseen_gates(std::vector<Operation> operations, std::uint32_t num_qubits,
                                            bool only_records) {
    return Sweep(num_qubits, only_records ? Sight::none : Sight::all).sweep(std::move(operations));
}

}  // namespace qdcnn::transpile
