#include "qdcnn/sim/noisy_tape.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/local_backend.h"
#include "support/random_circuit.h"
#include "support/random_observable.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

NoiseModel varied_noise() {
    NoiseModel noise;
    for (const char* gate : {"h", "ry", "u", "rx"}) noise.add_error(gate, depolarizing(0.03));
    noise.add_error("rz", Channel::of(ChannelId::amplitude_damping, {0.05}))
        .add_error("p", thermal_relaxation(50e-6, 40e-6, 2e-6));
    for (const char* gate : {"cx", "cz", "rxx", "crx", "cu"}) noise.add_error(gate, depolarizing(0.06, 2));
    noise.add_error("reset", depolarizing(0.1))
        .add_error("ccx", GateError(3).add(depolarizing(0.2, 2), {0, 2}));
    return noise;
}

std::vector<ParameterIndex> all_of(const Circuit& circuit) {
    std::vector<ParameterIndex> wrt;
    for (ParameterIndex k = 0; k < circuit.parameters().size(); ++k) wrt.push_back(k);
    return wrt;
}

/// Values against the density matrix, gradients against central differences of it.
void expect_right(const Circuit& circuit, const std::vector<Observable>& observables, const NoiseModel& noise,
                  Random& random) {
    const auto wrt = all_of(circuit);
    const auto tape = make_noisy_tape(circuit, observables, wrt, noise);
    backend::ParameterMatrix parameters(2, wrt.size());
    for (std::size_t row = 0; row < 2; ++row)
        for (std::size_t k = 0; k < wrt.size(); ++k) parameters(row, k) = random.uniform(-3, 3);
    std::vector<double> values(2 * observables.size()), weights(values.size()), gradient(2 * wrt.size());
    for (double& weight : weights) weight = random.uniform(-1, 1);
    tape->forward(parameters, values);
    tape->backward(weights, gradient);
    const auto exact = [&](std::vector<double> row) {
        return run_density_matrix(circuit.bind(row), observables, noise, {.records = false}).expectations;
    };
    for (std::size_t row = 0; row < 2; ++row) {
        const std::span<const double> given = std::as_const(parameters).row(row);
        std::vector<double> at(given.begin(), given.end());
        const auto expected = exact(at);
        for (std::size_t o = 0; o < observables.size(); ++o)
            ASSERT_NEAR(values[row * observables.size() + o], expected[o], 1e-12);
        for (std::size_t k = 0; k < wrt.size(); ++k) {
            constexpr double kStep = 1e-4;
            const double here = at[k];
            at[k] = here + kStep;
            const auto up = exact(at);
            at[k] = here - kStep;
            const auto down = exact(at);
            at[k] = here;
            double difference = 0;
            for (std::size_t o = 0; o < observables.size(); ++o)
                difference += weights[row * observables.size() + o] * (up[o] - down[o]) / (2 * kStep);
            ASSERT_NEAR(gradient[row * wrt.size() + k], difference, 2e-6) << "parameter " << k;
        }
    }
}

TEST(NoisyTape, agrees_with_differences_of_the_density_matrix) {
    Random random(61);
    for (int round = 0; round < 30; ++round) {
        const Circuit circuit = test::random_circuit({.qubits = 4, .gates = 25, .parameters = 5}, random);
        expect_right(circuit, {test::random_observable(4, random), Observable::z(0)}, varied_noise(), random);
    }
}

TEST(NoisyTape, takes_every_gate_with_angles) {
    Random random(62);
    for (std::size_t id = 0; id < gate_table().size(); ++id) {
        const GateRow& row = gate_table()[id];
        if (row.parameters == 0) continue;
        Circuit circuit(3);
        for (Qubit q = 0; q < 3; ++q) circuit.h(q).ry(0.3 + q, q).rz(0.5 - q, q);
        QubitList qubits;
        for (int q = 0; q < row.qubits; ++q) qubits.push_back(static_cast<Qubit>(2 - q));
        std::vector<Angle> angles;
        for (int a = 0; a < row.parameters; ++a) angles.push_back(circuit.parameter("t" + std::to_string(a)));
        circuit.gate(row.id, qubits, angles);
        for (Qubit q = 0; q < 3; ++q) circuit.h(q);
        expect_right(circuit, {test::random_observable(3, random), test::random_observable(3, random)},
                     varied_noise(), random);
    }
}

TEST(NoisyTape, keeps_some_states_and_makes_the_others_again) {
    // 9 qubits: 2 MiB a state, 56 blocks: not all fit into 64 MiB.
    Random random(63);
    Circuit circuit(9);
    for (int layer = 0; layer < 14; ++layer) {
        for (Qubit q = 0; q < 9; ++q) circuit.ry(0.1 * q + layer, q);
        if (layer == 4) circuit.ry(circuit.parameter("a"), 3);
        if (layer == 7) circuit.rz(circuit.parameter("b"), 5);
        for (Qubit q = static_cast<Qubit>(layer % 2); q + 1 < 9; q += 2) circuit.cx(q, q + 1);
    }
    circuit.h(5);
    expect_right(circuit, {{{{1, {{4, Pauli::z}, {5, Pauli::x}}}}}}, varied_noise(), random);
}

TEST(NoisyTape, takes_what_is_not_a_gate) {
    Random random(64);
    Circuit circuit(3, 1);
    std::vector<Angle> amplitudes{0.6, 0.0, 0.3, -0.7};
    circuit.prepare({0, 2}, amplitudes);
    circuit.ry(circuit.parameter("a"), 0).cx(0, 1);
    circuit.measure(1, 0);
    circuit.reset(2);
    circuit.rx(circuit.parameter("b"), 2).cx(2, 1).rz(circuit.parameter("a"), 1).h(1);
    expect_right(circuit, {Observable::z(0), {{{0.5, {{1, Pauli::x}, {2, Pauli::z}}}}}}, varied_noise(),
                 random);
}

TEST(NoisyTape, is_the_noiseless_gradient_without_noise) {
    Random random(65);
    const Circuit circuit = test::random_circuit({.qubits = 4, .gates = 30, .parameters = 6}, random);
    const auto wrt = all_of(circuit);
    const std::vector<Observable> observables{test::random_observable(4, random)};
    const auto noisy = make_noisy_tape(circuit, observables, wrt, NoiseModel());
    const auto backend = make_local_backend();
    const auto pure = backend->differentiable(std::make_shared<const Circuit>(circuit), observables, wrt);
    backend::ParameterMatrix parameters(3, wrt.size());
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t k = 0; k < wrt.size(); ++k) parameters(row, k) = random.uniform(-3, 3);
    std::vector<double> values(3), others(3), gradient(3 * wrt.size()), other(gradient.size());
    const std::vector<double> weights{1, -2, 0.5};
    noisy->forward(parameters, values);
    pure->forward(parameters, others);
    noisy->backward(weights, gradient);
    pure->backward(weights, other);
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], others[i], 1e-12);
    for (std::size_t i = 0; i < gradient.size(); ++i) EXPECT_NEAR(gradient[i], other[i], 1e-11);
}

TEST(NoisyTape, refuses_what_it_cannot_do) {
    const auto expect_error = [](ErrorKind kind, const std::string& part, const Circuit& circuit,
                                 std::vector<ParameterIndex> wrt) {
        try {
            make_noisy_tape(circuit, std::vector{Observable::z(0)}, std::move(wrt), varied_noise());
            FAIL() << part;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), kind);
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        }
    };
    Circuit branching(1, 1);
    branching.h(0);
    branching.measure(0, 0);
    IfElse branch;
    branch.condition.bits = {0};
    branch.condition.value = 1;
    branch.then_body.push_back(Gate{GateId::x, {0}, {}});
    branching.add(branch);
    expect_error(ErrorKind::unsupported, "branches", branching, {});
    Circuit late(2);
    late.ry(late.parameter("a"), 0);
    late.prepare({1}, std::vector<Angle>{0.6, 0.8});
    late.cx(1, 0);
    expect_error(ErrorKind::unsupported, "Prepare", late, {0});
    expect_error(ErrorKind::invalid_input, "out of range", late, {7});
}

}  // namespace
}  // namespace qdcnn::sim
