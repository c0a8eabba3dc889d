#include "qdcnn/target/target.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"

namespace qdcnn::target {
namespace {

/// 0 -ecr-> 1 (directed), 1 - 2 (out of order).
Target directed() {
    Target t;
    t.num_qubits = 3;
    t.native_gates = {{GateId::ecr, "ecr", {}, false}, {GateId::rz, "rz", {{}}, true}};
    t.edges = {{0, 1}, {1, 2}};
    t.gates[{"ecr", {0, 1}}] = {.error = 0.01, .duration = 5e-7};
    t.gates[{"ecr", {1, 2}}] = {.error = 1.0, .duration = 5e-7};
    t.defaults["measure"] = {.error = 0.02, .duration = 1e-6};
    return t;
}

TEST(Target, DirectionCountsForGatesThatAreNotSymmetric) {
    Target t = directed();
    EXPECT_TRUE(t.is_coupled(0, 1));
    EXPECT_FALSE(t.is_coupled(1, 0));
    EXPECT_TRUE(t.is_neighbour(1, 0));
    t.native_gates[0] = {GateId::cz, "cz", {}, false};
    EXPECT_TRUE(t.is_coupled(1, 0)) << "cz is symmetric";
}

TEST(Target, EachNativeGateHasItsOwnDirectionsAndFigures) {
    Target t = directed();
    t.native_gates.push_back({GateId::cz, "cz", {}, false});
    const NativeGate &ecr = t.native_gates[0], &rz = t.native_gates[1], &cz = t.native_gates[2];
    EXPECT_TRUE(t.is_available(ecr, 0, 1));
    EXPECT_FALSE(t.is_available(ecr, 1, 0));
    EXPECT_TRUE(t.is_available(cz, 1, 0));
    EXPECT_FALSE(t.is_available(ecr, 1, 2)) << "error 1";
    EXPECT_TRUE(t.is_available(cz, 1, 2));
    EXPECT_FALSE(t.is_available(cz, 0, 2)) << "not coupled";
    EXPECT_FALSE(t.is_available(rz, 0, 1)) << "acts on one qubit";
}

TEST(Target, FaultyEdgesAndQubitsAreNoNeighbours) {
    Target t = directed();
    EXPECT_FALSE(t.is_coupled(1, 2)) << "error 1";
    EXPECT_EQ(t.neighbours(), (std::vector<std::vector<Qubit>>{{1}, {0}, {}}));
    t.qubits.resize(3);
    t.qubits[0].is_operational = false;
    EXPECT_FALSE(t.is_coupled(0, 1));
}

TEST(Target, FiguresFallBackToDefaults) {
    Target t = directed();
    EXPECT_EQ(t.properties_of("ecr", {0, 1}).error, 0.01);
    EXPECT_TRUE(std::isnan(t.properties_of("ecr", {1, 0}).error)) << "the other direction has no figure";
    EXPECT_EQ(t.readout_flips(2), (std::pair<double, double>{0.02, 0.02}));
    t.qubits.resize(3);
    t.qubits[2].prob_meas1_prep0 = 0.01;
    t.qubits[2].prob_meas0_prep1 = 0.05;
    EXPECT_EQ(t.readout_flips(2), (std::pair<double, double>{0.01, 0.05}));
}

TEST(Target, AllToAllCouplesEveryPair) {
    Target t;
    t.num_qubits = 4;
    t.all_to_all = true;
    t.native_gates = {{GateId::rzz, "rzz", {{}}, false}};
    EXPECT_TRUE(t.is_coupled(3, 0));
    EXPECT_FALSE(t.is_coupled(3, 3));
    EXPECT_FALSE(t.is_coupled(3, 4));
    EXPECT_THROW(t.neighbours(), Error);
}

}  // namespace
}  // namespace qdcnn::target
