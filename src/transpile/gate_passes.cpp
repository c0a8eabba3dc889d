#include <fmt/format.h>

#include "canonical.h"
#include "consolidate.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/transpile/passes.h"
#include "translate.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

[[noreturn]] void cannot(const Compilation& work, const char* what, const char* ability) {
    throw Error(ErrorKind::unsupported,
                fmt::format("the circuit {}; {} has no {}", what, work.target.name, ability),
                "Use a circuit without mid-circuit measurement and branches (the deferred form), or a device "
                "that has them.");
}

/// Whether a qubit is used again after it was measured. Branches count as use of what they touch.
bool measures_midway(const Circuit& circuit) {
    std::vector<bool> measured(circuit.num_qubits(), false);
    bool midway = false;
    for (const Operation& operation : circuit.operations()) {
        if (std::holds_alternative<Barrier>(operation.kind()) ||
            std::holds_alternative<Delay>(operation.kind()))
            continue;
        for (const Qubit qubit : qubits_of(operation)) midway = midway || measured[qubit];
        for_each_operation(std::span(&operation, 1), [&](const Operation& inner) {
            if (const auto* measure = std::get_if<Measure>(&inner.kind())) {
                measured[measure->qubit] = true;
                // The next turn may use the qubit again.
                midway = midway || std::holds_alternative<While>(operation.kind());
            }
        });
    }
    return midway;
}

void require_routed(const Compilation& work, const char* pass) {
    if (!work.is_routed)
        throw Error(ErrorKind::internal, fmt::format("the pass {} needs a routed circuit", pass));
}

void require_unrouted(const Compilation& work, const char* pass) {
    if (work.is_routed) throw Error(ErrorKind::internal, fmt::format("the pass {} came after routing", pass));
}

/// A pass that replaces the list of operations.
Pass rewriting(const char* name, bool needs_routed,
               std::vector<Operation> (*rewrite)(std::vector<Operation>, const Compilation&)) {
    return {name, [=](Compilation& work) {
                if (needs_routed) require_routed(work, name);
                auto operations = std::move(work.circuit.mutable_operations());
                work.circuit.mutable_operations() = rewrite(std::move(operations), work);
            }};
}

}  // namespace

Pass check_abilities() {
    return {"check_abilities", [](Compilation& work) {
                if (work.circuit.has_verbatim_box())
                    throw Error(ErrorKind::unsupported,
                                "the circuit has a verbatim box, whose gates no pass may change",
                                "A circuit on physical qubits is submitted as it is; else take out the "
                                "pragma braket verbatim.");
                for_each_operation(work.circuit.operations(), [&](const Operation& operation) {
                    const bool computes =
                        condition_of(operation) || std::holds_alternative<Store>(operation.kind());
                    if (computes && !work.target.has_feed_forward)
                        cannot(work, "branches, loops or computes on a measured bit", "feed-forward");
                    if (std::holds_alternative<Reset>(operation.kind()) && !work.target.has_reset)
                        cannot(work, "resets a qubit", "reset");
                });
                if (!work.target.has_mid_circuit_measurement && measures_midway(work.circuit))
                    cannot(work, "uses a qubit after measuring it", "mid-circuit measurement");
            }};
}

Pass lower_prepare() {
    return {"lower_prepare", [](Compilation& work) { work.circuit = with_prepares_lowered(work.circuit); }};
}

Pass canonical_form() {
    return rewriting("canonical_form", false, [](std::vector<Operation> operations, const Compilation&) {
        return canonical(std::move(operations));
    });
}

Pass merge_interactions() {
    return rewriting("merge_interactions", false,
                     [](std::vector<Operation> operations, const Compilation& work) {
                         return with_interactions_merged(std::move(operations), work.circuit.num_qubits());
                     });
}

Pass drop_unseen_gates(bool only_records) {
    return {"drop_unseen_gates", [=](Compilation& work) {
                auto operations = std::move(work.circuit.mutable_operations());
                work.circuit.mutable_operations() =
                    without_unseen_gates(std::move(operations), work.circuit.num_qubits(), only_records);
            }};
}

Pass consolidate_blocks(int rounds) {
    constexpr const char* kName = "consolidate_blocks";
    return {kName, [=](Compilation& work) {
                require_unrouted(work, kName);
                // Where qubits have their places, a pair that is coupled would become one that is not.
                const bool has_places =
                    work.options.initial_layout || work.circuit.is_on_physical_qubits() || work.layout;
                std::vector<Qubit> place;
                auto operations = std::move(work.circuit.mutable_operations());
                work.circuit.mutable_operations() =
                    with_blocks_consolidated(std::move(operations), work.target, work.circuit.num_qubits(),
                                             rounds, !has_places, place);
                work.exchanged = work.exchanged_by(place);
            }};
}

Pass resynthesise_gadgets() {
    constexpr const char* kName = "resynthesise_gadgets";
    return {kName, [](Compilation& work) {
                require_unrouted(work, kName);
                std::vector<Qubit> place;
                auto made = with_gadgets_resynthesised(work.circuit.operations(), work.target,
                                                       work.circuit.num_qubits(), place);
                if (!made) return;
                if (work.target.all_to_all) {
                    work.circuit.mutable_operations() = std::move(*made);
                    work.exchanged = work.exchanged_by(place);
                    return;
                }
                // Fewer gates on other pairs may take more swaps: routing decides.
                work.alternative.emplace(work.circuit.empty_copy(), work.exchanged_by(place), work.readout);
                work.alternative->circuit.mutable_operations() = std::move(*made);
            }};
}

Pass merge_routed_interactions() {
    return rewriting("merge_routed_interactions", true,
                     [](std::vector<Operation> operations, const Compilation& work) {
                         return with_interactions_merged(std::move(operations), work.target.num_qubits);
                     });
}

Pass join_swaps() {
    return rewriting("join_swaps", true, [](std::vector<Operation> operations, const Compilation& work) {
        return with_swaps_joined(std::move(operations), work.target.num_qubits);
    });
}

Pass native_pairs(bool consolidate) {
    constexpr const char* kName = "native_pairs";
    return {kName, [=](Compilation& work) {
                require_routed(work, kName);
                auto operations = std::move(work.circuit.mutable_operations());
                work.circuit.mutable_operations() =
                    with_native_pairs(std::move(operations), work.target, consolidate);
            }};
}

Pass native_one_qubit_gates() {
    return rewriting("native_one_qubit_gates", true,
                     [](std::vector<Operation> operations, const Compilation& work) {
                         return with_native_one_qubit_gates(std::move(operations), work.target);
                     });
}

}  // namespace qdcnn::transpile
