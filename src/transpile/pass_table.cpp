#include <array>
#include <string>
#include <vector>

#include "efforts.h"
#include "qdcnn/base/error.h"
#include "qdcnn/base/suggest.h"
#include "qdcnn/transpile/passes.h"

namespace qdcnn::transpile {
namespace {

constexpr const Effort& kLong = kEfforts[3];

constexpr std::array kRows{
    PassRow{"check_abilities", "refuses what the device cannot do: mid-circuit measurement, reset, branches",
            [] { return check_abilities(); }},
    PassRow{"lower_prepare", "amplitude encodings to gates", [] { return lower_prepare(); }},
    PassRow{"fold_readout", "what the read-outs make superfluous goes, a read-out map recovers the bits",
            [] { return fold_readout(ReadoutFolding::weighed); }},
    PassRow{"feed_forward_controls", "controls that are read next become branches on their bits",
            [] { return feed_forward_controls(ReadoutFolding::weighed); }},
    PassRow{"canonical_form", "to one-qubit gates, rzz, swap and iswap", [] { return canonical_form(); }},
    PassRow{"merge_interactions", "rzz on one pair add up or cancel across commuting gates",
            [] { return merge_interactions(); }},
    PassRow{"drop_unseen_gates", "diagonal gates before measurements and gates before resets go",
            [] { return drop_unseen_gates(); }},
    PassRow{"consolidate_blocks", "blocks on one pair in as few rzz as they take",
            [] { return consolidate_blocks(kFixedPoint); }},
    PassRow{"resynthesise_gadgets", "rotations about Pauli products, made again together",
            [] { return resynthesise_gadgets(); }},
    PassRow{"user_layout", "the layout that was given", [] { return user_layout(); }},
    PassRow{"perfect_layout", "a placement without swaps, of the least error",
            [] { return perfect_layout(kLong.budget); }},
    PassRow{"sabre_layout", "random placements, settled and routed, and what is found around the best",
            [] { return sabre_layout(kLong.layout, kLong.budget); }},
    PassRow{"trivial_layout", "qubit v on physical qubit v", [] { return trivial_layout(); }},
    PassRow{"route", "swaps where qubits are not coupled", [] { return route(kLong.route_trials); }},
    PassRow{"improve_placement", "the routed circuit to the best qubits of its shape",
            [] { return improve_placement(kLong.budget); }},
    PassRow{"merge_routed_interactions", "merge_interactions over the routed circuit",
            [] { return merge_routed_interactions(); }},
    PassRow{"join_swaps", "swaps join the rzz before them", [] { return join_swaps(); }},
    PassRow{"native_pairs", "two-qubit gates to native ones, the cheapest of each edge",
            [] { return native_pairs(true); }},
    PassRow{"native_one_qubit_gates", "one-qubit gates to native ones",
            [] { return native_one_qubit_gates(); }},
};

}  // namespace

std::span<const PassRow> pass_table() { return kRows; }

Pass named_pass(std::string_view name) {
    std::vector<std::string> names;
    for (const PassRow& row : kRows) {
        if (row.name == name) return row.make();
        names.emplace_back(row.name);
    }
    throw Error(ErrorKind::not_found, "there is no pass \"" + std::string(name) + "\"",
                suggestion(std::string(name), names));
}

}  // namespace qdcnn::transpile
