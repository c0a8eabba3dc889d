#include "consolidate.h"

#include <numeric>

#include "canonical.h"
#include "pair_blocks.h"
#include "pair_synthesis.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using target::NativeGate;

/// exp(i (x XX + y YY + z ZZ)) between its local gates, one rzz for each coordinate.
void append_canonical(const Weyl& weyl, Qubit a, Qubit b, std::vector<Operation>& out) {
    static const NativeGate rzz{GateId::rzz, "rzz", {{}}, false};
    PairNatives natives;
    natives.rotations.push_back({&rzz, a, b, 1});
    synthesise_pair(weyl, {.by_axes = true}, natives, a, b, out);
}

class Consolidator {
  public:
    explicit Consolidator(const target::Target& target) : natives_(typical_natives(target)) {}

    bool changed() const { return changed_; }

    bool write(PairBlock& block, bool may_exchange, std::vector<Operation>& out) {
        const bool is_lone_rzz = block.two_qubit_gates == 1 && !has_swap(block);
        if (!is_lone_rzz) {
            const Weyl weyl = weyl_decomposition(block.unitary);
            if (may_exchange) {
                const Weyl mirror = mirrored(weyl);
                if (plan_pair(mirror, natives_).uses < plan_pair(weyl, natives_).uses) {
                    append_canonical(mirror, block.a, block.b, out);
                    changed_ = true;
                    return true;
                }
            }
            if (rotations_of(weyl) < block.two_qubit_gates) {
                append_canonical(weyl, block.a, block.b, out);
                changed_ = true;
                return false;
            }
        }
        for (Gate& gate : block.gates) out.push_back(std::move(gate));
        return false;
    }

  private:
    static bool has_swap(const PairBlock& block) {
        for (const Gate& gate : block.gates)
            if (gate.qubits.size() == 2 && gate.id != GateId::rzz) return true;
        return false;
    }

    PairNatives natives_;
    bool changed_ = false;
};

}  // namespace

int native_uses(const std::vector<Operation>& operations, const target::Target& target,
                std::uint32_t num_qubits) {
    const PairNatives natives = typical_natives(target);
    int uses = 0;
    for_each_operation(operations, [&](const Operation& operation) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (gate && gate->id == GateId::rzz && !gate->angles[0].is_bound())
            uses += natives.any_angle() ? 1 : 2;
    });
    with_blocks_rewritten(operations, num_qubits, [&](PairBlock& block, bool, std::vector<Operation>&) {
        uses += plan_pair(weyl_decomposition(block.unitary), natives).uses;
        return false;
    });
    return uses;
}

std::vector<Operation> with_blocks_consolidated(std::vector<Operation> operations,
                                                const target::Target& target, std::uint32_t num_qubits,
                                                int rounds, bool may_exchange, std::vector<Qubit>& place) {
    place.resize(num_qubits);
    std::iota(place.begin(), place.end(), Qubit{0});
    for (int round = 0; round < rounds; ++round) {
        Consolidator consolidator(target);
        std::vector<Qubit> moved;
        operations = with_blocks_rewritten(
            std::move(operations), num_qubits,
            [&](PairBlock& block, bool is_outside, std::vector<Operation>& out) {
                return consolidator.write(block, may_exchange && is_outside, out);
            },
            &moved);
        for (Qubit& own : place) own = moved[own];
        if (!consolidator.changed()) break;
        operations = with_interactions_merged(std::move(operations), num_qubits);
    }
    return operations;
}

}  // namespace qdcnn::transpile
