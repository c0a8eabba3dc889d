#include "qdcnn/run/sampling_backend.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/random.h"
#include "qdcnn/run/transpiling_backend.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "qdcnn/target/devices.h"
#include "support/random_circuit.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::ParameterMatrix;
using circuit::Circuit;
using circuit::Observable;

std::unique_ptr<backend::Backend> noisy(const std::string& device, bool samples) {
    const target::Target target = target::load_target(device);
    auto local = sim::make_local_backend(sim::make_noisy_simulator(sim::noise_model_from_target(target)),
                                         device, target);
    if (samples) local = make_sampling_backend(std::move(local));
    return make_transpiling_backend(std::move(local), device);
}

/// Values that differ from qubit to qubit, so that an exchange of bits shows.
EstimatorPub random_pub(Random& random) {
    auto circuit = std::make_shared<Circuit>(
        test::random_circuit({.qubits = 3, .gates = 12, .largest_gate = 2, .parameters = 2}, random));
    EstimatorPub pub{circuit, {}, ParameterMatrix(3, 2, {0.3, -1.0, 2.0, 0.7, 0.1, 0.2})};
    for (const char* text : {"Z0", "Z1", "Z2", "Z0 Z2 - 0.5 Z1", "X0 Y2 + 0.25", "2 X1 + Z0", "3"})
        pub.observables.push_back(circuit::parse_observable(text));
    return pub;
}

TEST(SamplingBackend, IsExactFromExactDistributions) {
    Random random(5);
    for (const char* device : {"ibm_torino", "iqm_garnet", "ionq_forte"}) {
        const EstimatorPub pub = random_pub(random);
        const auto expected = noisy(device, false)->run(std::vector{pub}, {})->result();
        const auto found = noisy(device, true)->run(std::vector{pub}, {})->result();
        ASSERT_EQ(found[0].values.size(), expected[0].values.size());
        for (std::size_t i = 0; i < expected[0].values.size(); ++i) {
            EXPECT_NEAR(found[0].values[i], expected[0].values[i], 1e-9) << device << ", value " << i;
            EXPECT_EQ(found[0].deviations[i], 0.0);
        }
    }
}

TEST(SamplingBackend, AgreesWithTheEstimatorWithinItsErrors) {
    Random random(6);
    for (int repeat = 0; repeat < 3; ++repeat) {
        const EstimatorPub pub = random_pub(random);
        const auto expected = noisy("ibm_torino", false)->run(std::vector{pub}, {})->result();
        const auto found =
            noisy("ibm_torino", true)->run(std::vector{pub}, {.shots = 4000, .seed = 9})->result();
        const auto other =
            noisy("ibm_torino", false)->run(std::vector{pub}, {.shots = 4000, .seed = 9})->result();
        std::size_t differing = 0;
        for (std::size_t i = 0; i < expected[0].values.size(); ++i) {
            EXPECT_NEAR(found[0].values[i], expected[0].values[i], 5 * found[0].deviations[i] + 1e-12) << i;
            EXPECT_NEAR(found[0].deviations[i], other[0].deviations[i], 0.1 * other[0].deviations[i] + 1e-3);
            differing += found[0].values[i] != expected[0].values[i];
        }
        // All but the constant.
        EXPECT_GE(differing, 15u);
    }
}

TEST(SamplingBackend, BranchesKeepTheirRegisters) {
    auto circuit = std::make_shared<Circuit>(2, 1);
    // Qubit 0 is |+>, measured into c[0]; qubit 1 is turned over when that was 1: Z0 Z1 is 1 always.
    circuit->h(0).measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.x(1); });
    const EstimatorPub pub{circuit, {circuit::parse_observable("Z0 Z1"), Observable::z(1)}};
    const auto backend = make_sampling_backend(sim::make_local_backend());
    const auto result = backend->run(std::vector{pub}, {.shots = 1000, .seed = 1})->result();
    EXPECT_EQ(result[0].value(0, 0), 1.0);
    EXPECT_EQ(result[0].deviation(0, 0), 0.0);
    EXPECT_NEAR(result[0].value(0, 1), 0.0, 5 / std::sqrt(1000.0));
}

TEST(SamplingBackend, ConstantsSendNothing) {
    auto circuit = std::make_shared<Circuit>(1);
    circuit->h(0);
    const auto backend = make_sampling_backend(sim::make_local_backend());
    const EstimatorPub pub{circuit, {circuit::parse_observable("2.5")}};
    const auto result = backend->run(std::vector{pub}, {.shots = 10})->result();
    EXPECT_EQ(result[0].value(), 2.5);
    EXPECT_EQ(result[0].deviation(), 0.0);
}

}  // namespace
}  // namespace qdcnn::run
