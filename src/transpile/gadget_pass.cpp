#include <numeric>

#include "canonical.h"
#include "consolidate.h"
#include "gadgets.h"
#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// What the greedy search takes: products are 64 bits wide, and its cost grows with the square of the
/// rotations.
constexpr std::size_t kMostQubits = 64;
constexpr std::size_t kMostGadgets = 600;
constexpr int kRounds = 3;
/// Fewer interactions than this are not worth a search.
constexpr std::size_t kFewest = 4;

class Resynthesis {
  public:
    Resynthesis(const target::Target& target, std::uint32_t num_qubits)
        : target_(target), num_qubits_(num_qubits), place_(num_qubits) {
        std::iota(place_.begin(), place_.end(), Qubit{0});
        to_place_.qubit = [this](Qubit qubit) { return place_[qubit]; };
    }

    std::vector<Operation> run(const std::vector<Operation>& operations) {
        for (const Operation& operation : operations) {
            if (std::holds_alternative<Gate>(operation.kind())) {
                gates_.push_back(rewritten(operation, to_place_));
                continue;
            }
            end_run();
            out_.push_back(rewritten(operation, to_place_));
        }
        end_run();
        return std::move(out_);
    }
    const std::vector<Qubit>& places() const { return place_; }
    bool changed() const { return changed_; }

  private:
    void end_run() {
        std::vector<Qubit> moved;
        if (auto better = resynthesised(moved)) {
            for (Operation& gate : *better) out_.push_back(std::move(gate));
            for (Qubit& own : place_) own = moved[own];
            changed_ = true;
        } else {
            for (Operation& gate : gates_) out_.push_back(std::move(gate));
        }
        gates_.clear();
    }

    /// Nothing when it is not better. moved: where each qubit ends.
    std::optional<std::vector<Operation>> resynthesised(std::vector<Qubit>& moved) const {
        std::size_t pairs = 0;
        std::vector<Qubit> used;
        std::vector<Qubit> number(num_qubits_, 0);
        std::vector<bool> is_used(num_qubits_, false);
        for (const Operation& operation : gates_) {
            const auto& gate = std::get<Gate>(operation.kind());
            pairs += gate.qubits.size() == 2;
            for (const Qubit qubit : gate.qubits) is_used[qubit] = true;
        }
        for (Qubit q = 0; q < num_qubits_; ++q)
            if (is_used[q]) {
                number[q] = static_cast<Qubit>(used.size());
                used.push_back(q);
            }
        if (pairs < kFewest || used.size() > kMostQubits) return std::nullopt;
        Rewriting compact, back;
        compact.qubit = [&](Qubit qubit) { return number[qubit]; };
        back.qubit = [&](Qubit qubit) { return used[qubit]; };
        std::vector<Operation> narrow;
        for (const Operation& operation : gates_) narrow.push_back(rewritten(operation, compact));
        const auto width = static_cast<std::uint32_t>(used.size());
        GadgetForm form = gadget_form(narrow, width);
        if (form.gadgets.size() > kMostGadgets) return std::nullopt;

        std::vector<Qubit> place, merged_place;
        std::vector<Operation> made = synthesise_gadgets(std::move(form), place);
        made = with_interactions_merged(std::move(made), width);
        made = with_blocks_consolidated(std::move(made), target_, width, kRounds, true, merged_place);
        const int before = native_uses(narrow, target_, width);
        const int after = native_uses(made, target_, width);
        if (after >= before) return std::nullopt;
        moved.resize(num_qubits_);
        std::iota(moved.begin(), moved.end(), Qubit{0});
        for (std::size_t v = 0; v < used.size(); ++v) moved[used[v]] = used[merged_place[place[v]]];
        for (Operation& operation : made) operation = rewritten(operation, back);
        return made;
    }

    const target::Target& target_;
    std::uint32_t num_qubits_;
    std::vector<Qubit> place_;
    Rewriting to_place_;
    std::vector<Operation> gates_;
    std::vector<Operation> out_;
    bool changed_ = false;
};

}  // namespace

std::optional<std::vector<Operation>> with_gadgets_resynthesised(const std::vector<Operation>& operations,
                                                                 const target::Target& target,
                                                                 std::uint32_t num_qubits,
                                                                 std::vector<Qubit>& place) {
    Resynthesis resynthesis(target, num_qubits);
    auto made = resynthesis.run(operations);
    place = resynthesis.places();
    if (!resynthesis.changed()) return std::nullopt;
    return made;
}

}  // namespace qdcnn::transpile
