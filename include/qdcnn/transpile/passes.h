#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "qdcnn/transpile/pass_manager.h"

namespace qdcnn::transpile {

/// Refuses what the device cannot do: measurement before a qubit's last use, reset, branches.
Pass check_abilities();

/// Prepare to gates. Throws Error(unsupported) when amplitudes are unbound.
Pass lower_prepare();

/// Takes out of the end of a circuit what its read-outs make superfluous: gates outside their light cones,
/// diagonal ones before them, and linear ones (CX, X, swap, and what is like them in another basis), whose
/// work the read-out map then does. Gates that commute with all that follows count as standing at the end.
/// `weighed`: the form that reads in more places is an alternative to the one that only drops gates; `always`
/// takes it. A circuit without a read-out at its end stays as it is. Needs:
/// lower_prepare; before any layout.
Pass fold_readout(ReadoutFolding choice);

/// A qubit that towards the end only controls gates, and is then read or left alone, is measured before
/// these, which become branches on its bit, where the device has feed-forward. `weighed`: an alternative that
/// is taken if the estimated success, waiting times included, does not fall; without error figures nothing is
/// done. The device's latency between read-out and branch is not in its figures. Needs: lower_prepare; before
/// canonical_form.
Pass feed_forward_controls(ReadoutFolding choice);

/// To one-qubit gates, rzz, swap and iswap. Needs: lower_prepare.
Pass canonical_form();

/// One-qubit gates merge; rzz on one pair add up or cancel when only commuting gates stand between; two rzz
/// on one pair with commuting gates on one qubit between and anything bound on the other become one. Needs:
/// canonical_form.
Pass merge_interactions();

/// Gates that no outcome depends on go: diagonal ones right before measurements, anything right before
/// resets. only_records: so does what acts on qubits that are not measured afterwards; the circuit is then
/// equal in its classical bits only.
Pass drop_unseen_gates(bool only_records = false);

/// Blocks of bound gates on one pair in as few rzz as they take, and behind a swap, their qubits renamed,
/// where that costs fewer native gates and no layout is given; merge_interactions over what comes together,
/// at most `rounds` times. Needs: canonical_form, before any layout.
Pass consolidate_blocks(int rounds);

/// Runs of gates as rotations about Pauli products and back, where that takes fewer native gates: much fewer
/// for circuits made of Pauli exponentials. Symbolic angles stay. On a coupled device it is an alternative to
/// the circuit as it is. Needs: canonical_form, before any layout.
Pass resynthesise_gadgets();

/// The options' initial_layout, when given; else, for a circuit on physical qubits, each where it is.
Pass user_layout();

/// Qubit v on physical qubit v, when there is no layout.
Pass trivial_layout();

/// When there is no layout: a placement that needs no swap, of the least cost by the device's error figures,
/// found by branch and bound over at most `budget` partial placements. Leaves the layout open when none is
/// found.
Pass perfect_layout(std::size_t budget);

/// How long sabre_layout looks.
struct LayoutEffort {
    /// Random connected patches of the device, each settled by routing forth and back once.
    int starts;
    /// How many of these, the best, are settled again and routed.
    int kept;
    /// How often one of the best layouts so far is disturbed, settled and routed.
    int disturbances;
    /// How often the end of one of the best routes so far, from a random step on, is routed anew.
    int ends;
};

/// When there is no layout: SABRE from random starts, then iterated local search around the best. Of the few
/// routes that add the fewest entangling gates the one of the best estimated success is kept, layout and
/// routed circuit, each on the best qubits of its shape that `budget` partial placements find. Needs:
/// canonical_form.
Pass sabre_layout(LayoutEffort effort, std::size_t budget);

/// Routes from the layout, `trials` times, the best kept. Nothing to do when already routed. Needs:
/// canonical_form, a layout.
Pass route(int trials);

/// Moves the routed circuit as a whole to the qubits of least cost that are coupled alike, unless the user
/// gave the layout. Needs: route.
Pass improve_placement(std::size_t budget);

/// merge_interactions over the routed circuit, where an rzz is also brought to the swap behind it on its
/// pair. Needs: route.
Pass merge_routed_interactions();

/// Swaps join the rzz before them on their pair. Needs: route.
Pass join_swaps();

/// Two-qubit gates to native ones, the cheapest of each edge by its errors. consolidate: a run of bound gates
/// on one pair is made as one unitary (Weyl coordinates) where that costs less. Needs: route.
Pass native_pairs(bool consolidate);

/// One-qubit gates to native ones. Needs: native_pairs.
Pass native_one_qubit_gates();

/// A pass by name, as the presets use it at level 3 (fold_readout: weighed).
struct PassRow {
    std::string_view name;
    /// One line.
    std::string_view summary;
    Pass (*make)();
};

/// All passes, in an order in which they may run.
///
///     PassManager manager(target, options);
///     for (const char* name : {"check_abilities", "lower_prepare", "canonical_form", "trivial_layout",
///                              "route", "native_pairs", "native_one_qubit_gates"})
///         manager.add(named_pass(name));
///     manager.insert("trivial_layout", named_pass("merge_interactions"));
std::span<const PassRow> pass_table();

/// Throws Error(not_found) with "did you mean".
Pass named_pass(std::string_view name);

}  // namespace qdcnn::transpile
