#include "qdcnn/transpile/readout.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "model_circuits.h"
#include "qdcnn/base/error.h"
#include "qdcnn/circuit/state_preparation.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/validate.h"
#include "readout_oracle.h"
#include "support/random_circuit.h"

// Measurement-aware mode: what the read-outs tell is what they told before, through the read-out map.

namespace qdcnn::transpile {
namespace {

using namespace circuit;

Options folding(ReadoutFolding choice, int level = 2, std::uint64_t seed = 0) {
    Options options;
    options.level = level;
    options.seed = seed;
    options.readout_folding = choice;
    return options;
}

std::vector<double> random_values(const Circuit& circuit, Random& random) {
    std::vector<double> values;
    for (std::size_t k = 0; k < circuit.parameters().size(); ++k) values.push_back(random.uniform(-3.0, 3.0));
    return values;
}

ReadoutMap map_of(const Result& result) {
    return result.readout ? *result.readout : plain_readout(result.circuit.num_clbits());
}

void expect_same_records(const Circuit& circuit, const Result& result, const target::Target& device,
                         Random& random) {
    for (const std::string& problem : find_illegal(result.circuit, device)) ADD_FAILURE() << problem;
    const std::vector<double> values = random_values(circuit, random);
    const Circuit bound = with_prepares_lowered(circuit.bind(values));
    const auto expected = test::values_of(bound, plain_readout(circuit.num_clbits()));
    const auto found = test::values_of(result.circuit.bind(values), map_of(result));
    EXPECT_LT(test::distance(expected, found), 1e-9);
}

/// Random gates, many of them linear or diagonal, and some qubits measured.
Circuit random_measured(std::uint64_t seed, bool dynamic) {
    Random random(seed);
    test::RandomCircuitShape shape;
    shape.qubits = 2 + static_cast<std::uint32_t>(random.below(4));
    shape.gates = 4 + random.below(12);
    shape.parameters = static_cast<std::uint32_t>(seed % 3);
    shape.dynamic = dynamic;
    Circuit circuit = test::random_circuit(shape, random);
    constexpr std::array kEnding{GateId::cx, GateId::cx, GateId::swap, GateId::cz,  GateId::x,
                                 GateId::h,  GateId::s,  GateId::t,    GateId::ecr, GateId::iswap};
    for (int step = 0; step < 12; ++step) {
        const GateId id = kEnding[random.below(kEnding.size())];
        const auto a = static_cast<Qubit>(random.below(shape.qubits));
        const auto b = static_cast<Qubit>((a + 1 + random.below(shape.qubits - 1)) % shape.qubits);
        if (gate_row(id).qubits == 1)
            circuit.gate(id, {a});
        else
            circuit.gate(id, {a, b});
    }
    const Clbit first = circuit.add_clbits("out", shape.qubits);
    for (Qubit q = 0; q < shape.qubits; ++q)
        if (q == 0 || random.below(4)) circuit.measure(q, first + q);
    return circuit;
}

class Readout : public testing::TestWithParam<std::string> {
  protected:
    target::Target device_ = target::load_target(GetParam());
};

TEST_P(Readout, RandomCircuitsTellTheSame) {
    for (const ReadoutFolding choice : {ReadoutFolding::weighed, ReadoutFolding::always})
        for (std::uint64_t seed = 0; seed < 16; ++seed) {
            const int level = static_cast<int>(seed % 4);
            SCOPED_TRACE(fmt::format("seed {} level {}", seed, level));
            const bool dynamic = device_.is_dynamic() && seed % 3 == 2;
            const Circuit circuit = random_measured(seed, dynamic);
            Random random(seed);
            expect_same_records(circuit, transpile(circuit, device_, folding(choice, level, seed)), device_,
                                random);
        }
}

TEST_P(Readout, ModelCircuitsTellTheSame) {
    Random random(5);
    for (const auto& [name, circuit] : test::model_circuits()) {
        SCOPED_TRACE(name);
        if (circuit.is_dynamic() && !device_.is_dynamic()) continue;
        const Result plain = transpile(circuit, device_, folding(ReadoutFolding::off));
        const Result result = transpile(circuit, device_, folding(ReadoutFolding::always));
        expect_same_records(circuit, result, device_, random);
        EXPECT_LE(metrics(result.circuit).two_qubit_gates, metrics(plain.circuit).two_qubit_gates);
    }
}

INSTANTIATE_TEST_SUITE_P(Bundled, Readout, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& row) { return row.param; });

TEST(ReadoutFolding, TheWordCircuitOfOneLayerNeedsNoTwoQubitGate) {
    Random random(1);
    const Circuit circuit = test::word_circuit({.qubits = 5, .layers = 1}, 13, random);
    const Result result =
        transpile(circuit, target::load_target("iqm_garnet"), folding(ReadoutFolding::always));
    EXPECT_EQ(metrics(result.circuit).two_qubit_gates, 0u);
    ASSERT_TRUE(result.readout);
    // The ring's last CX puts bit 0 on the parity of all but itself.
    EXPECT_EQ(result.readout->values[0].bits.size(), 4u);
}

TEST(ReadoutFolding, OneReadOutTellsAWholeGhzRecord) {
    Circuit circuit(3, 3);
    circuit.h(0).cx(0, 1).cx(1, 2).x(2);
    for (Qubit q = 0; q < 3; ++q) circuit.measure(q, q);
    const target::Target device = target::load_target("ibm_torino");
    const Result result = transpile(circuit, device, folding(ReadoutFolding::weighed));
    Random random(3);
    expect_same_records(circuit, result, device, random);
    EXPECT_EQ(metrics(result.circuit).two_qubit_gates, 0u);
    EXPECT_EQ(result.circuit.num_clbits(), 1u);
    EXPECT_EQ(map_of(result), (ReadoutMap{{{{0}, false}, {{0}, false}, {{0}, true}}}));
}

TEST(ReadoutFolding, AnXBeforeTheReadOutIsAFlip) {
    Circuit circuit(2, 2);
    circuit.h(0).cx(0, 1).x(1).measure(0, 0).measure(1, 1);
    const Result result =
        transpile(circuit, target::load_target("iqm_garnet"), folding(ReadoutFolding::always, 0));
    ASSERT_TRUE(result.readout);
    EXPECT_TRUE(result.readout->values[1].flip);
    EXPECT_FALSE(result.readout->values[0].flip);
}

TEST(ReadoutFolding, OnlyWhatIsAskedForIsKept) {
    Circuit circuit(4, 4);
    for (Qubit q = 0; q < 4; ++q) circuit.ry(0.3 + q, q);
    circuit.cx(0, 1).cx(2, 3);
    for (Qubit q = 0; q < 4; ++q) circuit.rx(0.9 + q, q).measure(q, q);
    const auto manager =
        preset_pass_manager(1, target::load_target("iqm_garnet"), folding(ReadoutFolding::always));
    const Result result = manager.run(circuit, {{{{0, 1}, true}}});
    EXPECT_EQ(metrics(result.circuit).two_qubit_gates, 1u);
    ASSERT_TRUE(result.readout);
    ASSERT_EQ(result.readout->values.size(), 1u);
    const auto expected = test::values_of(circuit, {{{{0, 1}, true}}});
    EXPECT_LT(test::distance(expected, test::values_of(result.circuit, *result.readout)), 1e-9);
    EXPECT_THROW(manager.run(circuit, {{{{4}, false}}}), Error);
}

TEST(FeedForward, ControlsThatAreDroppedOrReadAreMeasured) {
    Circuit circuit(4, 3);
    for (Qubit q = 0; q < 4; ++q) circuit.ry(0.4 + q, q);
    circuit.cx(0, 1).cx(2, 3).ry(0.3, 0).ry(1.3, 2).ry(0.7, 1);
    circuit.cx(0, 1).ry(-0.7, 1).cx(0, 1).ry(0.2, 1);
    circuit.gate(GateId::cry, {2, 3}, {1.1}).gate(GateId::rzz, {2, 3}, {0.8});
    circuit.ry(0.9, 3).ry(0.5, 1);
    circuit.measure(1, 0).measure(2, 1).measure(3, 2);
    for (const std::string name : {"quantinuum_h2", "ibm_torino", "iqm_garnet"}) {
        SCOPED_TRACE(name);
        const target::Target device = target::load_target(name);
        const Result result = transpile(circuit, device, folding(ReadoutFolding::always, 1));
        EXPECT_EQ(metrics(result.circuit).two_qubit_gates, device.is_dynamic() ? 2u : 6u);
        Random random(1);
        expect_same_records(circuit, result, device, random);
    }
}

TEST(FeedForward, ItIsWeighed) {
    Circuit circuit(2, 1);
    circuit.ry(0.4, 0).ry(1.4, 1).cx(0, 1).ry(0.3, 0).gate(GateId::cry, {0, 1}, {1.1}).ry(0.4, 1);
    circuit.measure(1, 0);
    target::Target device = target::load_target("ibm_torino");
    auto gates_with = [&](double readout_error, double waits) {
        for (auto& qubit : device.qubits) {
            qubit.readout_error = readout_error;
            qubit.readout_duration = waits * qubit.t1;
        }
        const Result result = transpile(circuit, device, folding(ReadoutFolding::weighed, 1));
        Random random(1);
        expect_same_records(circuit, result, device, random);
        return metrics(result.circuit).two_qubit_gates;
    };
    EXPECT_EQ(gates_with(1e-6, 1e-6), 1u);
    EXPECT_EQ(gates_with(0.2, 1e-6), 2u);
    EXPECT_EQ(gates_with(1e-6, 0.2), 2u);
}

TEST(ReadoutFolding, TheStateIsKeptWhereNothingIsRead) {
    Circuit circuit(3);
    circuit.h(0).cx(0, 1).cx(1, 2);
    const Result result =
        transpile(circuit, target::load_target("iqm_garnet"), folding(ReadoutFolding::always));
    EXPECT_EQ(metrics(result.circuit).two_qubit_gates, 2u);
    EXPECT_FALSE(result.readout);
}

TEST(Parities, ErrorsOfSeveralBits) {
    EXPECT_DOUBLE_EQ(parity_error(std::array{0.1}), 0.1);
    // One of the two wrong.
    EXPECT_NEAR(parity_error(std::array{0.1, 0.2}), 0.1 * 0.8 + 0.9 * 0.2, 1e-15);
    EXPECT_DOUBLE_EQ(parity_error({}), 0.0);
}

}  // namespace
}  // namespace qdcnn::transpile
