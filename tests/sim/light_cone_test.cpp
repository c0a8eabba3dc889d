#include "sim/light_cone.h"

#include <gtest/gtest.h>

#include "qdcnn/sim/density_matrix.h"
#include "sim/workload_noise.h"
#include "support/random_circuit.h"
#include "support/random_observable.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

TEST(LightCone, leaves_out_what_is_not_seen) {
    Circuit c(4, 1);
    c.h(0).cx(0, 1).cx(2, 3).h(1).cx(1, 2).h(3);
    EXPECT_EQ(light_cone(c, std::vector{Observable::z(0)}).operations().size(), 2u);
    EXPECT_EQ(light_cone(c, std::vector{Observable::z(3)}).operations().size(), 2u);
    EXPECT_EQ(light_cone(c, std::vector{Observable::z(1)}).operations().size(), 5u);
    EXPECT_TRUE(light_cone(c, {}).operations().empty());
}

TEST(LightCone, follows_bits) {
    Circuit c(3, 2);
    c.h(0).h(2);
    c.measure(0, 0);
    c.measure(2, 1);
    IfElse branch;
    branch.condition.bits = {0};
    branch.condition.value = 1;
    branch.then_body.push_back(Gate{GateId::x, {1}, {}});
    c.add(branch);
    // h, measure and branch; the other bit is read by nobody.
    EXPECT_EQ(light_cone(c, std::vector{Observable::z(1)}).operations().size(), 3u);
    EXPECT_EQ(light_cone(c, std::vector{Observable::z(2)}).operations().size(), 2u);
}

TEST(LightCone, changes_no_expectation_value) {
    Random random(11);
    NoiseModel noise;
    noise.add_error("h", depolarizing(0.05))
        .add_error("cx", depolarizing(0.1, 2))
        .add_error("measure", Channel::of(ChannelId::amplitude_damping, {0.1}))
        .set_readout({0.02, 0.05});
    std::size_t left_out = 0;
    for (int round = 0; round < 60; ++round) {
        const Circuit c = test::random_circuit(
            {.qubits = 4, .gates = 14, .dynamic = round % 2 == 1, .largest_gate = 2}, random);
        Observable observable = test::random_observable(2, random);
        if (round % 3 == 0) observable = Observable::z(static_cast<Qubit>(random.below(4)));
        const std::vector<Observable> observables{observable};
        left_out += c.operations().size() - light_cone(c, observables).operations().size();
        const double expected =
            test::reference_run(c, test::reference_noise(noise, 4)).expectation(observable);
        const double whole = run_density_matrix(c, observables, noise).expectations[0];
        const double cone = run_density_matrix(c, observables, noise, {.records = false}).expectations[0];
        EXPECT_NEAR(whole, cone, 1e-12) << round;
        // The twin's noise of "measure" is another: it stands for gates.
        if (round % 2 == 0) {
            EXPECT_NEAR(cone, expected, 1e-12) << round;
        }
    }
    EXPECT_GT(left_out, 50u);
}

}  // namespace
}  // namespace qdcnn::sim
