#include "qdcnn/run/open_backend.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/target/devices.h"
#include "support/random_circuit.h"

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::ParameterMatrix;
using circuit::Circuit;
using circuit::Observable;

std::vector<Observable> z_of_all(const Circuit& circuit) {
    std::vector<Observable> observables;
    for (circuit::Qubit q = 0; q < circuit.num_qubits(); ++q) observables.push_back(Observable::z(q));
    return observables;
}

/// Layout and bit order are the device's business: without noise its answers are those of the plain
/// simulator.
class EveryDevice : public testing::TestWithParam<std::string> {};

TEST_P(EveryDevice, WithoutNoiseAnswersLikeTheSimulator) {
    const auto ideal = open_backend("local");
    const auto device = open_backend("local:" + GetParam(), {.noise_scale = 0.0});
    Random random(3);
    for (int repeat = 0; repeat < 3; ++repeat) {
        auto circuit = std::make_shared<Circuit>(
            test::random_circuit({.qubits = 3, .gates = 15, .largest_gate = 2, .parameters = 2}, random));
        EstimatorPub pub{circuit, z_of_all(*circuit), ParameterMatrix(2, 2, {0.3, -1.0, 2.0, 0.7})};
        pub.observables.push_back(circuit::parse_observable("X0 Y2 - 0.5 Z0 Z1"));
        const auto expected = ideal->run(std::vector{pub}, {})->result();
        const auto found = device->run(std::vector{pub}, {})->result();
        ASSERT_EQ(found[0].rows, 2u);
        for (std::size_t i = 0; i < expected[0].values.size(); ++i)
            EXPECT_NEAR(found[0].values[i], expected[0].values[i], 1e-9)
                << "repeat " << repeat << ", value " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Bundled, EveryDevice, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& device) { return device.param; });

TEST(OpenBackend, AmplitudesThatAreParametersGoRowByRow) {
    auto circuit = std::make_shared<Circuit>(3);
    std::vector<circuit::Angle> amplitudes;
    for (int k = 0; k < 8; ++k) amplitudes.push_back(circuit->parameter("a" + std::to_string(k)));
    circuit->prepare({0, 1, 2}, amplitudes).ry(0.4, 1).cx(1, 2);
    const ParameterMatrix rows(2, 8, {1, 0, 0, 2, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 3, 0});
    const EstimatorPub pub{circuit, z_of_all(*circuit), rows};
    const auto expected = open_backend("local")->run(std::vector{pub}, {})->result();
    const auto found =
        open_backend("local:ibm_torino", {.noise_scale = 0.0})->run(std::vector{pub}, {})->result();
    ASSERT_EQ(found.size(), 1u);
    ASSERT_EQ(found[0].values.size(), 6u);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(found[0].values[i], expected[0].values[i], 1e-9);
}

TEST(OpenBackend, NoiseShrinksCorrelations) {
    auto bell = std::make_shared<Circuit>(2);
    bell->h(0).cx(0, 1);
    const EstimatorPub pub{bell, {circuit::parse_observable("Z0 Z1")}};
    double before = 1.0 + 1e-9;
    for (const double scale : {0.0, 1.0, 4.0}) {
        const double value = open_backend("local:ibm_torino", {.noise_scale = scale})
                                 ->run(std::vector{pub}, {})
                                 ->result()[0]
                                 .value();
        EXPECT_LT(value, before) << "scale " << scale;
        EXPECT_GT(value, 0.5);
        before = value - 1e-6;
    }
}

TEST(OpenBackend, QubitsThatReadWellAreChosenForObservablesToo) {
    auto bell = std::make_shared<Circuit>(2);
    bell->h(0).cx(0, 1);
    // The first pair of this device reads one in six shots wrongly, its good ones one in a hundred.
    const auto value = open_backend("local:ibm_torino")
                           ->run(std::vector<EstimatorPub>{{bell, {circuit::parse_observable("Z0 Z1")}}}, {})
                           ->result()[0]
                           .value();
    EXPECT_GT(value, 0.94);
}

TEST(OpenBackend, SamplesKeepRegistersAndBitOrder) {
    auto circuit = std::make_shared<Circuit>();
    circuit->add_qubits("q", 3);
    circuit->add_clbits("low", 2);
    circuit->add_clbits("flag", 1);
    circuit->x(0).measure(0, 0).measure(1, 1).measure(2, 2);
    const auto device = open_backend("local:ibm_sherbrooke", {.noise_scale = 0.0});
    const auto result =
        device->run(std::vector<backend::SamplerPub>{{circuit}}, {.shots = 50, .seed = 1})->result();
    EXPECT_EQ(result[0]["low"].counts(), (backend::Counts{{"01", 50}}));
    EXPECT_EQ(result[0].joint_counts(), (backend::Counts{{"0 01", 50}}));
}

TEST(OpenBackend, SameSeedSameShots) {
    auto bell = std::make_shared<Circuit>(2);
    bell->h(0).cx(0, 1).measure_all();
    auto counts = [&](std::uint64_t seed) {
        return open_backend("local:iqm_garnet")
            ->run(std::vector<backend::SamplerPub>{{bell}}, {.shots = 1000, .seed = seed})
            ->result()[0]
            .joint_counts();
    };
    EXPECT_EQ(counts(5), counts(5));
    EXPECT_NE(counts(5), counts(6));
}

TEST(OpenBackend, UnknownNamesSuggestTheNearest) {
    for (const auto& [name, hint] : {std::pair("locla", "Did you mean \"local\"?"),
                                     std::pair("local:ibm_turino", "Did you mean \"ibm_torino\"?"),
                                     std::pair("ibn:ibm_torino", "Did you mean \"ibm:ibm_torino\"?"),
                                     std::pair("rehearsl", "Did you mean \"rehearsal\"?")}) {
        try {
            open_backend(name);
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::not_found);
            EXPECT_EQ(error.hint(), hint);
        }
    }
}

TEST(OpenBackend, ACircuitWiderThanTheDeviceIsRefused) {
    auto wide = std::make_shared<Circuit>(200);
    wide->h(199);
    try {
        open_backend("local:ibm_torino")->run(std::vector<EstimatorPub>{{wide, {Observable::z(199)}}}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("200"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("133"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace qdcnn::run
