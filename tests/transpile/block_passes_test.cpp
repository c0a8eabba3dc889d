#include <gtest/gtest.h>

#include <numbers>

#include "qdcnn/circuit/unitary.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/passes.h"
#include "support/random_circuit.h"
#include "transpile/canonical.h"
#include "transpile/consolidate.h"
#include "transpile/pair_blocks.h"
#include "transpile/two_qubit_matrices.h"

// Commutation, blocks, exchanged names and dropped gates.

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using test::matrix_of;

std::size_t pairs_in(const std::vector<Operation>& operations) {
    std::size_t pairs = 0;
    for (const Operation& operation : operations)
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) pairs += gate->qubits.size() == 2;
    return pairs;
}

std::vector<Operation> merged(const Circuit& circuit) {
    return with_interactions_merged(canonical(circuit.operations()), circuit.num_qubits());
}

void expect_merges_to(const Circuit& circuit, std::size_t pairs, std::span<const double> values = {}) {
    const auto out = merged(circuit);
    EXPECT_EQ(pairs_in(out), pairs);
    EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), circuit.num_qubits(), values),
                                   matrix_of(out, circuit.num_qubits(), values)),
              1e-11);
}

TEST(Commutation, GatesCancelAcrossThoseThatCommute) {
    Circuit same_control(3), same_target(3), diagonal(3), blocked(3);
    same_control.cx(0, 1).cx(0, 2).rz(0.3, 0).cx(0, 1);
    expect_merges_to(same_control, 1);
    same_target.cx(0, 2).rx(0.3, 2).cx(1, 2).cx(0, 2);
    expect_merges_to(same_target, 1);
    diagonal.cz(0, 1).cz(1, 2).x(1).cz(0, 2).cz(0, 1).cz(1, 2);
    expect_merges_to(diagonal, 1);
    blocked.cx(0, 1).cx(1, 2).cx(0, 1);
    expect_merges_to(blocked, 3);
}

TEST(Commutation, SymbolicRotationsAdd) {
    Circuit circuit(3);
    const Angle t = circuit.parameter("t0"), s = circuit.parameter("t1");
    circuit.gate(GateId::rzz, {0, 1}, {t}).gate(GateId::rzz, {1, 2}, {s}).x(0).rz(t, 1);
    circuit.gate(GateId::rzz, {1, 0}, {s}).gate(GateId::rzz, {1, 2}, {s * -1.0});
    expect_merges_to(circuit, 1, std::vector{0.7, -1.9});
}

TEST(Commutation, TwoControlledGatesOfOnePairAreOne) {
    Circuit circuit(3);
    circuit.gate(GateId::cry, {0, 1}, {0.4}).cx(0, 2).x(0).rx(0.7, 1).gate(GateId::ch, {0, 1});
    expect_merges_to(circuit, 2);
}

TEST(Commutation, AnInteractionComesToTheSwapBehindIt) {
    Circuit circuit(3);
    circuit.gate(GateId::rzz, {0, 1}, {0.4}).gate(GateId::rzz, {1, 2}, {0.3}).x(1).gate(GateId::swap, {0, 1});
    const auto out = merged(circuit);
    ASSERT_EQ(pairs_in(out), 3u);
    std::size_t swap = 0;
    while (std::get<Gate>(out[swap].kind()).id != GateId::swap) ++swap;
    EXPECT_EQ(std::get<Gate>(out[swap - 1].kind()).id, GateId::rzz);
    EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), 3), matrix_of(out, 3)), 1e-11);
}

TEST(Commutation, RandomCircuitsKeepTheirMatrix) {
    // Few kinds of gates on few qubits, so that much commutes and cancels.
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        Circuit circuit(4);
        const Angle t = circuit.parameter("t0");
        for (int step = 0; step < 25; ++step) {
            const auto a = static_cast<Qubit>(random.below(4));
            const auto b = static_cast<Qubit>((a + 1 + random.below(3)) % 4);
            switch (random.below(9)) {
                case 0:
                    circuit.cx(a, b);
                    break;
                case 1:
                    circuit.cz(a, b);
                    break;
                case 2:
                    circuit.x(a);
                    break;
                case 3:
                    circuit.rz(random.uniform(-3.0, 3.0), a);
                    break;
                case 4:
                    circuit.gate(GateId::rzz, {a, b}, {random.below(2) ? t : Angle(0.3)});
                    break;
                case 5:
                    circuit.gate(GateId::swap, {a, b});
                    break;
                case 6:
                    circuit.gate(GateId::cry, {a, b}, {0.4});
                    break;
                case 7:
                    circuit.h(a);
                    break;
                default:
                    circuit.gate(GateId::iswap, {a, b});
            }
        }
        const std::vector<double> values{0.7};
        EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), 4, values),
                                       matrix_of(merged(circuit), 4, values)),
                  1e-9);
    }
}

/// Consolidates for a device of cz, puts the exchanged names back and compares. Gives the interactions left.
std::size_t consolidated_pairs(const Circuit& circuit, std::vector<Qubit> expected_place) {
    const target::Target device = target::load_target("iqm_garnet");
    std::vector<Qubit> place;
    auto out = with_blocks_consolidated(merged(circuit), device, circuit.num_qubits(), 10, true, place);
    EXPECT_EQ(place, expected_place);
    const std::size_t pairs = pairs_in(out);
    // Brings qubit v from place[v] home.
    for (Qubit v = 0; v < place.size(); ++v)
        while (place[v] != v) {
            const Qubit to = place[v];
            out.push_back(Gate{GateId::swap, {v, to}, {}});
            for (Qubit& own : place) own = own == v ? to : own == to ? v : own;
        }
    EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), circuit.num_qubits()),
                                   matrix_of(out, circuit.num_qubits())),
              1e-9);
    return pairs;
}

TEST(Consolidation, SwapsAreNames) {
    Circuit swaps(3);
    swaps.h(0).cx(0, 1).gate(GateId::swap, {1, 2}).ry(0.3, 2).cx(2, 0).gate(GateId::swap, {0, 2}).ry(0.1, 1);
    EXPECT_EQ(consolidated_pairs(swaps, {1, 2, 0}), 2u) << "both cx are on one pair";
    Circuit two_ways(2);
    two_ways.cx(0, 1).ry(0.4, 0).cx(1, 0);
    consolidated_pairs(two_ways, {0, 1});
    Circuit like_iswap(2);
    like_iswap.cx(0, 1).cx(1, 0);
    EXPECT_EQ(consolidated_pairs(like_iswap, {1, 0}), 1u);
}

TEST(Consolidation, ABlockTakesAtMostThree) {
    Random random(1);
    Circuit circuit(2);
    for (int step = 0; step < 12; ++step)
        circuit.ry(random.uniform(-3.0, 3.0), 0).rx(random.uniform(-3.0, 3.0), 1).cx(step % 2, 1 - step % 2);
    EXPECT_LE(consolidated_pairs(circuit, {0, 1}), 3u);
}

TEST(Consolidation, BodiesOfBranchesKeepTheirNames) {
    Circuit circuit(3, 1);
    circuit.h(0).cx(0, 1).gate(GateId::swap, {0, 2}).measure(2, 0);
    circuit.if_else({{0}, 1}, [](Circuit& body) {
        body.ry(0.3, 0).gate(GateId::swap, {0, 1}).cx(1, 0).cx(0, 1).cx(1, 0).cx(0, 1);
    });
    circuit.cx(1, 0).h(1);
    const target::Target device = target::load_target("ibm_torino");
    for (const int level : {2, 3}) {
        Options options;
        options.level = level;
        const Result result = transpile(circuit, device, options);
        const Equivalence same = check_equivalence(circuit, result, {});
        EXPECT_TRUE(same.equal) << same.distance;
    }
}

TEST(PairBlocks, AreMaximalAndMultipliedOut) {
    Circuit circuit(3);
    circuit.h(0).cx(0, 1).ry(0.3, 0).ry(0.2, 2).cx(1, 0).cx(1, 2).ry(0.1, 0).gate(GateId::swap, {2, 1});
    std::vector<std::size_t> sizes;
    std::vector<Operation> out = with_blocks_rewritten(
        circuit.operations(), 3, [&](PairBlock& block, bool may_exchange, std::vector<Operation>& into) {
            EXPECT_FALSE(may_exchange);
            sizes.push_back(block.gates.size());
            std::vector<Operation> own;
            for (Gate gate : block.gates) {
                for (Qubit& qubit : gate.qubits) qubit = qubit == block.a ? 0 : 1;
                own.push_back(gate);
            }
            EXPECT_LT(test::difference(test::matrix4(test::matrix_of(own, 2)), block.unitary), 1e-12);
            for (Gate& gate : block.gates) into.push_back(std::move(gate));
            return false;
        });
    EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 3}));
    EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), 3), matrix_of(out, 3)), 1e-12);
}

std::vector<Operation> seen(const Circuit& circuit, bool only_records = false) {
    return without_unseen_gates(circuit.operations(), circuit.num_qubits(), only_records);
}

TEST(UnseenGates, DiagonalGatesBeforeMeasurementsGo) {
    Circuit circuit(3, 3);
    circuit.h(0).cz(0, 1).rz(0.3, 0).cz(1, 2).barrier().measure(0, 0).measure(1, 1);
    // cz(0, 1) passes cz(1, 2), which stays: qubit 2 is not measured.
    const auto out = seen(circuit);
    ASSERT_EQ(out.size(), 5u);
    EXPECT_EQ(std::get<Gate>(out[0].kind()).id, GateId::h);
    EXPECT_EQ(std::get<Gate>(out[1].kind()).qubits, (QubitList{1, 2}));
    Circuit used_again(2, 1);
    used_again.h(0).measure(0, 0).rz(0.3, 0).h(0).rz(0.2, 1);
    EXPECT_EQ(seen(used_again).size(), 5u);
}

TEST(UnseenGates, NothingIsLeftBeforeAReset) {
    Circuit circuit(2);
    circuit.h(0).cx(0, 1).ry(0.3, 0).reset(0).h(0);
    EXPECT_EQ(seen(circuit).size(), 4u) << "cx leaves its mark on qubit 1";
    Circuit both(2);
    both.h(0).cx(0, 1).reset(0).reset(1);
    EXPECT_EQ(seen(both).size(), 2u);
}

TEST(UnseenGates, OnlyRecordsLeaveTheLightCone) {
    Circuit circuit(3, 1);
    circuit.h(0).cx(0, 1).cx(1, 2).ry(0.2, 1).measure(0, 0).h(0);
    circuit.mutable_operations() = canonical(circuit.operations());
    EXPECT_EQ(pairs_in(seen(circuit)), 2u);
    EXPECT_EQ(seen(circuit, true).size(), 2u) << "cx(0, 1) is diagonal on what is measured";
}

TEST(UnseenGates, OutcomesStayAsTheyAre) {
    const target::Target device = target::load_target("ibm_torino");
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const Circuit circuit = test::random_circuit({.qubits = 4, .gates = 30, .dynamic = true}, random);
        PassManager manager = preset_pass_manager(1, device);
        manager.insert("merge_interactions", drop_unseen_gates());
        const Equivalence same = check_equivalence(circuit, manager.run(circuit), {}, seed);
        EXPECT_TRUE(same.equal) << same.distance;
    }
}

}  // namespace
}  // namespace qdcnn::transpile
