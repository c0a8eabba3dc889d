#include "qdcnn/circuit/state_preparation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"

namespace qdcnn::circuit {
namespace {

/// Largest distance of the prepared state from the wanted one, sign included.
double error_of(const Circuit& circuit, std::vector<double> wanted) {
    double norm = 0;
    for (const double value : wanted) norm += value * value;
    std::vector<Complex> state(wanted.size());
    state[0] = std::polar(1.0, circuit.global_phase().constant());
    for (const Operation& operation : circuit.operations())
        apply_gate(std::get<Gate>(operation.kind()), state);
    double largest = 0;
    for (std::size_t i = 0; i < state.size(); ++i)
        largest = std::max(largest, std::abs(state[i] - wanted[i] / std::sqrt(norm)));
    return largest;
}

Circuit circuit_with_phase(Circuit circuit, Angle phase) {
    circuit.set_global_phase(std::move(phase));
    return circuit;
}

std::vector<double> random_sparse(std::size_t size, std::size_t count, Random& random) {
    std::vector<double> amplitudes(size, 0.0);
    for (std::size_t i = 0; i < count; ++i) amplitudes[random.below(size)] = random.uniform(-1.0, 1.0);
    amplitudes[random.below(size)] = 0.7;
    return amplitudes;
}

TEST(StatePreparation, MakesSparseAndDenseStates) {
    Random random(11);
    for (int qubits = 1; qubits <= 7; ++qubits)
        for (const std::size_t count : {1, 2, 3, 5, 9, 40, 200}) {
            const auto wanted = random_sparse(std::size_t{1} << qubits, count, random);
            EXPECT_LT(error_of(state_preparation(wanted), wanted), 1e-13) << qubits << " qubits, " << count;
        }
}

TEST(StatePreparation, KeepsTheSignOfASingleAmplitude) {
    const std::vector<double> wanted{0, 0, -2.0, 0};
    EXPECT_LT(error_of(state_preparation(wanted), wanted), 1e-15);
}

TEST(StatePreparation, LoweringKeepsTheGlobalPhase) {
    Circuit circuit(2);
    circuit.set_global_phase(0.25);
    circuit.prepare({0, 1}, {0, 0, -2.0, 0});
    const Circuit lowered = with_prepares_lowered(circuit);
    EXPECT_LT(error_of(circuit_with_phase(lowered, lowered.global_phase() - 0.25), {0, 0, -2.0, 0}), 1e-15);
}

TEST(StatePreparation, TinyAndHugeAmplitudesAreStates) {
    for (const double size : {5e-324, 1e-320, 1e-200, 1.0, 1e200, 1.7e308}) {
        SCOPED_TRACE(size);
        const std::vector<double> unit = normalised(std::vector<double>{size, 0, -size, size});
        for (const std::size_t index : {0u, 2u, 3u})
            EXPECT_NEAR(unit[index], (index == 2 ? -1 : 1) / std::sqrt(3.0), 2e-16);
        const std::vector<double> wanted{1, 0, -1, 1}, given{size, 0, -size, size};
        EXPECT_LT(error_of(state_preparation(given), wanted), 1e-15);
    }
    EXPECT_THROW(normalised(std::vector<double>{0.0, -0.0}), Error);
    EXPECT_THROW(normalised(std::vector<double>{1, INFINITY}), Error);
    EXPECT_THROW(normalised(std::vector<double>{NAN, 1}), Error);
}

TEST(StatePreparation, ASentenceCostsFarLessThanTheDenseForm) {
    // A sentence of the RP task: the unknown token and four words of 98, on seven qubits; dense takes 126 cx.
    Random random(5);
    for (int repeat = 0; repeat < 20; ++repeat) {
        std::vector<double> wanted(128, 0.0);
        wanted[0] = 0.2;
        for (int word = 0; word < 4; ++word) wanted[2 + random.below(96)] = random.uniform(0.2, 1.0);
        const Circuit circuit = state_preparation(wanted);
        EXPECT_LT(error_of(circuit, wanted), 1e-13);
        EXPECT_LE(metrics(circuit).two_qubit_gates, 40u);
    }
}

TEST(StatePreparation, DenseFormHasTheKnownCount) {
    std::vector<double> wanted(32, 1.0);
    wanted[3] = -0.5;
    EXPECT_EQ(metrics(state_preparation(wanted)).two_qubit_gates, 30u);
}

TEST(StatePreparation, RefusesWhatIsNoState) {
    EXPECT_THROW(state_preparation(std::vector<double>{1, 2, 3}), Error);
    EXPECT_THROW(state_preparation(std::vector<double>{0, 0}), Error);
    EXPECT_THROW(state_preparation(std::vector<double>{1, std::nan("")}), Error);
}

TEST(StatePreparation, LowersPreparesOnAnyQubits) {
    Circuit circuit(4);
    circuit.prepare({3, 1}, {0.0, 0.6, 0.8, 0.0});
    const Circuit lowered = with_prepares_lowered(circuit);
    std::vector<double> wanted(16, 0.0);
    wanted[1 << 3] = 0.6;
    wanted[1 << 1] = 0.8;
    EXPECT_LT(error_of(lowered, wanted), 1e-14);
}

TEST(StatePreparation, UnboundAmplitudesAreRefused) {
    Circuit circuit(1);
    circuit.prepare({0}, {circuit.parameter("a"), 1.0});
    EXPECT_THROW(with_prepares_lowered(circuit), Error);
}

}  // namespace
}  // namespace qdcnn::circuit
