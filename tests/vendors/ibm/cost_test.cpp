#include "vendors/ibm/cost.h"

#include <gtest/gtest.h>

#include "scripted_ibm.h"

namespace qdcnn::vendors::ibm {
namespace {

using namespace circuit;

// Of the device `line`: sx and x 40 ns, cz 100 ns, readout 1 us, 250 us between shots.

target::Target line() {
    return read_facts({to_text(line_configuration()), to_text(line_properties())}, "line", false).target;
}

TEST(Cost, schedules_take_the_longest_way) {
    const target::Target target = line();
    Circuit circuit(3, 3);
    EXPECT_EQ(scheduled_seconds(circuit, target), 0);
    circuit.sx(0).sx(0).x(1).rz(1.0, 1);
    EXPECT_NEAR(scheduled_seconds(circuit, target), 80e-9, 1e-15);
    circuit.cz(0, 1);
    EXPECT_NEAR(scheduled_seconds(circuit, target), 180e-9, 1e-15);
    circuit.delay(100, 2, TimeUnit::dt).barrier().measure(2, 2);
    EXPECT_NEAR(scheduled_seconds(circuit, target), 400e-9 + 1e-6, 1e-15);
    Circuit branch(2, 1);
    branch.measure(0, 0).if_else(
        {{0}, 1}, [](Circuit& body) { body.x(1).x(1).x(1); }, [](Circuit& body) { body.x(1); });
    EXPECT_NEAR(scheduled_seconds(branch, target), 1e-6 + 120e-9, 1e-15);
}

TEST(Cost, quote_of_a_sampler) {
    ScriptedIbm ibm;
    Circuit circuit(1, 1);
    circuit.rz(circuit.parameter("t"), 0).measure(0, 0);
    backend::SamplerPub pub{std::make_shared<const Circuit>(circuit), backend::ParameterMatrix(7, 1), 1000};
    JobRequest request{.device = "line", .pubs = std::vector{pub}};
    Cost cost = ibm.service()->quote(ibm.service()->prepare(request));
    EXPECT_NEAR(cost.qpu_seconds.value(), 2 + 7 * 1000 * (251e-6), 1e-9);
    EXPECT_FALSE(cost.amount);
    EXPECT_NE(cost.basis.find("2026-01-01"), std::string::npos) << cost.basis;
    request.options_json = R"({"execution":{"rep_delay":1e-4}})";
    ibm.price_per_second = 2.0;
    cost = ibm.service()->quote(ibm.service()->prepare(request));
    EXPECT_NEAR(cost.qpu_seconds.value(), 2 + 7 * 1000 * (101e-6), 1e-9);
    EXPECT_NEAR(cost.amount.value(), 2 * cost.qpu_seconds.value(), 1e-12);
    EXPECT_EQ(cost.currency, "USD");
}

TEST(Cost, quote_of_an_estimator_counts_groups_and_noise_factors) {
    ScriptedIbm ibm;
    backend::EstimatorPub pub{.circuit = std::make_shared<const Circuit>(Circuit(2)), .observables = {}};
    pub.observables = {parse_observable("Z0 Z1 + Z0"), parse_observable("X0"), parse_observable("Y1")};
    pub.shots = 400;
    JobRequest request{.device = "line", .pubs = std::vector{pub}};
    const auto seconds = [&] {
        return ibm.service()->quote(ibm.service()->prepare(request)).qpu_seconds.value();
    };
    // {Z0 Z1, Z0} and {X0, Y1}.
    EXPECT_NEAR(seconds(), 2 + 2 * 400 * 250e-6, 1e-9);
    request.options_json = R"({"resilience_level":2})";
    EXPECT_NEAR(seconds(), 2 + 3 * 2 * 400 * 250e-6, 1e-9);
}

}  // namespace
}  // namespace qdcnn::vendors::ibm
