#include "qdcnn/run/readout.h"

#include <gtest/gtest.h>

#include "qdcnn/base/random.h"
#include "qdcnn/run/open_backend.h"
#include "qdcnn/target/devices.h"
#include "support/random_circuit.h"

// Measurement-aware runs answer in the caller's bits and observables.

namespace qdcnn::run {
namespace {

using backend::EstimatorPub;
using backend::ParameterMatrix;
using circuit::Circuit;
using circuit::Observable;
using transpile::ReadoutFolding;

std::unique_ptr<backend::Backend> folding(const std::string& device) {
    return open_backend("local:" + device,
                        {.noise_scale = 0.0, .transpile = {.readout_folding = ReadoutFolding::always}});
}

/// A random circuit and a ring of CX, which read-outs take over.
Circuit ringed(Random& random, std::uint32_t parameters) {
    Circuit circuit =
        test::random_circuit({.qubits = 4, .gates = 12, .largest_gate = 2, .parameters = parameters}, random);
    for (circuit::Qubit q = 0; q < 4; ++q) circuit.cx(q, (q + 1) % 4);
    circuit.x(2);
    return circuit;
}

class FoldingDevice : public testing::TestWithParam<std::string> {};

TEST_P(FoldingDevice, ExpectationValuesOfAnyPaulisAreThoseOfTheSimulator) {
    Random random(8);
    const auto ideal = open_backend("local");
    const auto device = folding(GetParam());
    for (int repeat = 0; repeat < 3; ++repeat) {
        EstimatorPub pub{
            std::make_shared<Circuit>(ringed(random, 2)), {}, ParameterMatrix(2, 2, {0.3, -1.0, 2.0, 0.7})};
        for (const char* text : {"Z0", "Z1 Z3 - 2", "X0 Y2 - 0.5 Z0 Z1", "0.3 X1 + Z2", "1.5"})
            pub.observables.push_back(circuit::parse_observable(text));
        const auto expected = ideal->run(std::vector{pub}, {})->result();
        const auto found = device->run(std::vector{pub}, {})->result();
        ASSERT_EQ(found[0].values.size(), expected[0].values.size());
        for (std::size_t i = 0; i < expected[0].values.size(); ++i)
            EXPECT_NEAR(found[0].values[i], expected[0].values[i], 1e-9) << repeat << ", value " << i;
    }
}

TEST_P(FoldingDevice, DistributionsComeInTheCallersRegisters) {
    Random random(9);
    const auto ideal = open_backend("local");
    const auto device = folding(GetParam());
    auto circuit = std::make_shared<Circuit>(ringed(random, 0));
    circuit->add_clbits("low", 1);
    circuit->add_clbits("high", 3);
    circuit->measure(2, 0).measure(0, 1).measure(3, 3);
    const std::vector<backend::SamplerPub> pubs{{circuit}};
    const auto expected = ideal->run(pubs, {})->result();
    const auto found = device->run(pubs, {})->result();
    ASSERT_EQ(found[0].probabilities.size(), 1u);
    EXPECT_EQ(found[0].registers, expected[0].registers);
    for (const auto& [key, probability] : expected[0].probabilities[0]) {
        const auto own = found[0].probabilities[0].find(key);
        ASSERT_NE(own, found[0].probabilities[0].end()) << key;
        EXPECT_NEAR(own->second, probability, 1e-9) << key;
    }
}

INSTANTIATE_TEST_SUITE_P(Bundled, FoldingDevice, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& device) { return device.param; });

TEST(RecoveredReadout, AmplitudesThatAreParametersGoRowByRow) {
    auto circuit = std::make_shared<Circuit>(2);
    std::vector<circuit::Angle> amplitudes;
    for (int k = 0; k < 4; ++k) amplitudes.push_back(circuit->parameter("a" + std::to_string(k)));
    circuit->prepare({0, 1}, amplitudes).cx(0, 1);
    const EstimatorPub pub{circuit,
                           {Observable::z(0), circuit::parse_observable("Z1 + X0")},
                           ParameterMatrix(2, 4, {1, 0, 0, 2, 0, -1, 3, 0})};
    const auto expected = open_backend("local")->run(std::vector{pub}, {})->result();
    const auto found = folding("ibm_torino")->run(std::vector{pub}, {})->result();
    ASSERT_EQ(found[0].values.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[0].values[i], expected[0].values[i], 1e-9);
}

TEST(RecoveredReadout, BranchesAreDeferredWhereTheDeviceHasNone) {
    auto circuit = std::make_shared<Circuit>(2, 2);
    circuit->ry(0.7, 0).measure(0, 0);
    circuit->if_else({{0}, 1}, [](Circuit& body) { body.ry(1.3, 1); });
    circuit->cx(0, 1).measure(1, 1);
    const std::vector<backend::SamplerPub> pubs{{circuit}};
    const auto expected = open_backend("local")->run(pubs, {})->result()[0].probabilities.at(0);
    const auto found = folding("ionq_aria")->run(pubs, {})->result()[0].probabilities.at(0);
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [key, probability] : expected) EXPECT_NEAR(found.at(key), probability, 1e-9) << key;
    const EstimatorPub pub{circuit, {circuit::parse_observable("X1 + Z0")}};
    EXPECT_NEAR(folding("ionq_aria")->run(std::vector{pub}, {})->result()[0].value(),
                open_backend("local")->run(std::vector{pub}, {})->result()[0].value(), 1e-9);
}

/// Sent: a register a of one bit and one m of two. Asked for: b of two bits, a of one.
struct Example {
    ReadoutRegisters registers{{{"a", 0, 1}, {"m", 1, 2}}, {{"b", 0, 2}, {"a", 2, 1}}};
    transpile::ReadoutMap readout{{{{1, 2}, false}, {{2}, true}, {{0}, false}}};
};

TEST(RecoveredReadout, CountsOfSeveralRegisters) {
    const Example example;
    // Key "m1m0 a": b0 = m0 ^ m1, b1 = !m1, a; keys "a b1b0".
    const backend::Counts counts =
        recovered({{"01 1", 5}, {"10 0", 2}, {"11 0", 1}}, example.registers, example.readout);
    EXPECT_EQ(counts, (backend::Counts{{"1 11", 5}, {"0 01", 2}, {"0 00", 1}}));
}

TEST(RecoveredReadout, ShotByShot) {
    const Example example;
    backend::SamplerPubResult received;
    received.registers = example.registers.sent;
    received.data.push_back({"a", backend::BitArray(1, 2, 1)});
    received.data.push_back({"m", backend::BitArray(1, 2, 2)});
    received.data[0].shots.set(0, 1, 0, true);
    received.data[1].shots.set(0, 0, 1, true);
    const auto result = recovered(received, example.registers, example.readout);
    EXPECT_EQ(result["b"].bitstring(0, 0), "01");
    EXPECT_EQ(result["b"].bitstring(0, 1), "10");
    EXPECT_EQ(result["a"].bitstring(0, 1), "1");
    EXPECT_EQ(result.joint_counts(), recovered(received.joint_counts(), example.registers, example.readout));
}

TEST(RecoveredReadout, AnObservableIsAProductOnTheQubitsRead) {
    Circuit circuit(5, 2);
    circuit.measure(4, 0).measure(1, 1);
    const std::vector<ReadoutTerm> terms{{2.0, 0}, {0.5, 1}};
    const Observable found = observable_of(terms, {{{{0, 1}, true}, {{}, true}}}, circuit);
    EXPECT_EQ(to_string(found), to_string(circuit::parse_observable("-0.5 - 2 Z1 Z4")));
    EXPECT_EQ(without_readouts(circuit).num_clbits(), 0u);
}

}  // namespace
}  // namespace qdcnn::run
