#include "sim/amplitudes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/random.h"
#include "sim/pending_gates.h"
#include "support/random_observable.h"
#include "support/reference_simulator.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

Matrix random_matrix(std::size_t d, Random& random, bool is_real) {
    Matrix matrix = Matrix::zero(d);
    for (Complex& value : matrix.values)
        value = {random.uniform(-0.6, 0.6), is_real ? 0.0 : random.uniform(-0.6, 0.6)};
    return matrix;
}

template <typename Real>
double tolerance() {
    return sizeof(Real) == 4 ? 2e-5 : 1e-13;
}

template <typename Real>
class AmplitudesTest : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(AmplitudesTest, Precisions);

std::vector<Complex> applied(const Matrix& whole, const std::vector<Complex>& state) {
    std::vector<Complex> result(state.size());
    for (std::size_t row = 0; row < state.size(); ++row)
        for (std::size_t column = 0; column < state.size(); ++column)
            result[row] += whole(row, column) * state[column];
    return result;
}

template <typename Real>
void expect_same(const Amplitudes<Real>& state, const std::vector<Complex>& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_LT(std::abs(state[i] - expected[i]), tolerance<Real>()) << i;
}

TYPED_TEST(AmplitudesTest, every_choice_of_qubits_agrees_with_whole_matrices) {
    Random random(5);
    for (const std::uint32_t n : {1u, 2u, 3u, 6u}) {
        std::vector<std::vector<Qubit>> choices;
        for (Qubit a = 0; a < n; ++a) {
            choices.push_back({a});
            for (Qubit b = 0; b < n; ++b)
                if (a != b) choices.push_back({a, b});
        }
        for (const auto& qubits : choices)
            for (const bool is_real : {false, true}) {
                Amplitudes<TypeParam> state(n);
                std::vector<Complex> expected(state.size());
                expected[0] = 1;
                for (Qubit q = 0; q < n; ++q) {
                    const Matrix start = random_matrix(2, random, false);
                    state.apply(start, std::vector{q});
                    expected = applied(test::whole_matrix(start, {q}, n), expected);
                }
                const Matrix matrix = random_matrix(std::size_t{1} << qubits.size(), random, is_real);
                state.apply(matrix, qubits);
                expected = applied(test::whole_matrix(matrix, qubits, n), expected);
                expect_same(state, expected);
            }
    }
}

TYPED_TEST(AmplitudesTest, pending_gates_give_the_same_state) {
    Random random(6);
    constexpr std::uint32_t n = 5;
    Amplitudes<TypeParam> state(n);
    PendingGates pending(n);
    std::vector<Complex> expected(state.size());
    expected[0] = 1;
    for (int step = 0; step < 60; ++step) {
        std::vector<Qubit> qubits{static_cast<Qubit>(random.below(n))};
        if (random.below(2)) qubits.push_back((qubits[0] + 1 + static_cast<Qubit>(random.below(n - 1))) % n);
        Matrix matrix = random_matrix(std::size_t{1} << qubits.size(), random, random.below(2) != 0);
        pending.add(matrix, qubits, state);
        expected = applied(test::whole_matrix(matrix, qubits, n), expected);
        if (step % 7 == 0) pending.flush(qubits[0], state);
    }
    pending.flush_all(state);
    expect_same(state, expected);
}

TYPED_TEST(AmplitudesTest, says_what_the_state_says) {
    Random random(7);
    constexpr std::uint32_t n = 5;
    Amplitudes<TypeParam> state(n);
    for (Qubit q = 0; q < n; ++q) state.apply(random_matrix(4, random, false), std::vector{q, (q + 2) % n});
    state.scale(1 / std::sqrt(state.norm()));
    EXPECT_NEAR(state.norm(), 1, tolerance<TypeParam>());
    Matrix rho = Matrix::zero(state.size());
    for (std::size_t row = 0; row < rho.size; ++row)
        for (std::size_t column = 0; column < rho.size; ++column)
            rho(row, column) = state[row] * std::conj(state[column]);
    for (int k = 0; k < 10; ++k) {
        const Observable observable = test::random_observable(n, random);
        double found = 0;
        for (const auto& term : observable.terms)
            found += term.coefficient * state.expectation(PauliMasks(term.paulis));
        const Matrix product = test::whole_matrix(observable, n) * rho;
        Complex trace = 0;
        for (std::size_t i = 0; i < rho.size; ++i) trace += product(i, i);
        EXPECT_NEAR(found, trace.real(), 10 * tolerance<TypeParam>());
    }
    // <K> of the pair from its density matrix.
    const std::vector<Qubit> pair{3, 1};
    const Matrix reduced = state.reduced(pair);
    const Matrix k = random_matrix(4, random, false);
    const Matrix on_all = test::whole_matrix(k, pair, n) * rho, on_pair = k * reduced;
    Complex all = 0, two = 0;
    for (std::size_t i = 0; i < rho.size; ++i) all += on_all(i, i);
    for (std::size_t i = 0; i < 4; ++i) two += on_pair(i, i);
    EXPECT_LT(std::abs(all - two), 10 * tolerance<TypeParam>());
    std::vector<double> distribution(4);
    state.add_distribution(pair, 2, distribution);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_NEAR(distribution[i], 2 * reduced(i, i).real(), 10 * tolerance<TypeParam>());
    // The sample is where the running sum passes the share.
    double sum = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
        const double weight = std::norm(state[i]);
        if (weight > 1e-3) {
            EXPECT_EQ(state.sample((sum + weight / 2) / state.norm()), i);
        }
        sum += weight;
    }
}

}  // namespace
}  // namespace qdcnn::sim
