#include "qdcnn/sim/trajectories.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <map>

#include "qdcnn/base/error.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/statevector.h"
#include "support/random_circuit.h"
#include "support/random_observable.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

constexpr double kSigmas = 5;

/// Depolarizing, relaxation with and without dephasing of its own, over-rotation, read-out.
NoiseModel varied_noise() {
    NoiseModel noise;
    noise.add_error("h", depolarizing(0.05))
        .add_error("x", thermal_relaxation(50e-6, 40e-6, 3e-6))
        .add_error("ry", Channel::of(ChannelId::amplitude_damping, {0.05}))
        .add_error("rz", Channel::of(ChannelId::pauli, {0.02, 0.01, 0.03}))
        .add_error("cx", GateError(depolarizing(0.08, 2))
                             .append(Channel::tensor(thermal_relaxation(50e-6, 90e-6, 2e-6),
                                                     thermal_relaxation(60e-6, 50e-6, 2e-6))))
        .add_error("cz", Channel::from_unitary(
                             {4, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, std::polar(1.0, 0.2)}}))
        .add_error("reset", Channel::of(ChannelId::bit_flip, {0.04}))
        .add_error("measure", Channel::of(ChannelId::amplitude_damping, {0.06}))
        .set_readout({0.03, 0.06});
    return noise;
}

Circuit test_circuit(bool is_dynamic) {
    Circuit c(5, 4);
    for (Qubit q = 0; q < 4; ++q) c.h(q).ry(0.3 + 0.4 * q, q).rz(0.2 * q, q);
    c.cx(0, 1).cx(2, 3).cz(1, 2).x(3).h(2).cx(3, 0).ry(1.1, 1);
    if (is_dynamic) {
        c.measure(0, 0);
        IfElse branch;
        branch.condition.bits = {0};
        branch.condition.value = 1;
        branch.then_body = {Gate{GateId::x, {1}, {}}, Gate{GateId::h, {2}, {}}};
        branch.else_body = {Gate{GateId::cx, {2, 3}, {}}};
        c.add(branch);
        c.reset(3);
        c.h(3).cx(3, 0);
    }
    c.measure(1, 1);
    c.measure(2, 2);
    c.measure(3, 3);
    return c;
}

std::vector<Observable> observables() {
    return {Observable::z(0),
            {{{0.5, {{0, Pauli::z}, {2, Pauli::z}}}, {1.5, {{0, Pauli::x}}}, {0.2, {}}}},
            {{{1, {{1, Pauli::x}}}}}};
}

std::map<std::uint64_t, double> as_map(const std::vector<std::pair<std::uint64_t, double>>& records) {
    return {records.begin(), records.end()};
}

class Trajectories : public testing::TestWithParam<std::tuple<bool, Precision>> {};

TEST_P(Trajectories, agree_with_the_density_matrix) {
    const auto [is_dynamic, precision] = GetParam();
    const Circuit c = test_circuit(is_dynamic);
    const NoiseModel noise = varied_noise();
    const Outcome exact = run_density_matrix(c, observables(), noise);
    constexpr std::uint64_t kCount = 6000;
    const TrajectoryOutcome found =
        run_trajectories(c, observables(), noise,
                         {.seed = 3, .trajectories = kCount, .precision = precision, .distribution = true});
    EXPECT_EQ(found.trajectories, kCount);
    for (std::size_t o = 0; o < exact.expectations.size(); ++o) {
        EXPECT_LT(found.deviations[o], 0.02);
        EXPECT_NEAR(found.expectations[o], exact.expectations[o], kSigmas * found.deviations[o] + 1e-6) << o;
    }
    // X of a measured qubit is 0 whatever happens.
    EXPECT_EQ(found.expectations[2], 0);
    const auto expected = as_map(exact.records), mean = as_map(found.records);
    double sum = 0;
    for (const auto& [record, probability] : expected)
        EXPECT_NEAR(mean.contains(record) ? mean.at(record) : 0, probability,
                    kSigmas * std::sqrt(probability / kCount) + 1e-6)
            << record;
    for (const auto& [record, probability] : mean) sum += probability;
    EXPECT_NEAR(sum, 1, 1e-5);
}

TEST_P(Trajectories, samples_are_those_of_the_density_matrix) {
    const auto [is_dynamic, precision] = GetParam();
    const Circuit c = test_circuit(is_dynamic);
    const NoiseModel noise = varied_noise();
    constexpr std::uint64_t kCount = 6000;
    const TrajectoryOutcome found = run_trajectories(
        c, {}, noise, {.seed = 4, .trajectories = kCount, .precision = precision, .samples = true});
    std::map<std::uint64_t, std::uint64_t> counts(found.counts.begin(), found.counts.end());
    std::uint64_t sum = 0;
    for (const auto& [record, count] : counts) sum += count;
    EXPECT_EQ(sum, kCount);
    for (const auto& [record, probability] : run_density_matrix(c, {}, noise).records)
        EXPECT_NEAR(static_cast<double>(counts[record]) / kCount, probability,
                    kSigmas * std::sqrt(probability / kCount) + 1e-6)
            << record;
}

INSTANTIATE_TEST_SUITE_P(all, Trajectories,
                         testing::Combine(testing::Bool(), testing::Values(Precision::f64, Precision::f32)));

TEST(TrajectoriesRun, do_not_depend_on_the_threads) {
    const int threads = omp_get_max_threads();
    for (const bool is_dynamic : {false, true}) {
        const Circuit c = test_circuit(is_dynamic);
        const TrajectoryOptions options{
            .seed = 9, .trajectories = 700, .distribution = true, .samples = is_dynamic};
        omp_set_num_threads(1);
        const TrajectoryOutcome one = run_trajectories(c, observables(), varied_noise(), options);
        omp_set_num_threads(3);
        const TrajectoryOutcome three = run_trajectories(c, observables(), varied_noise(), options);
        EXPECT_EQ(one.expectations, three.expectations);
        EXPECT_EQ(one.deviations, three.deviations);
        EXPECT_EQ(one.records, three.records);
        EXPECT_EQ(one.counts, three.counts);
        TrajectoryOptions other = options;
        other.seed = 10;
        EXPECT_NE(run_trajectories(c, observables(), varied_noise(), other).expectations, three.expectations);
    }
    omp_set_num_threads(threads);
}

TEST(TrajectoriesRun, stop_at_the_error_asked_for) {
    const Circuit c = test_circuit(false);
    NoiseModel noise;
    noise.add_error("cx", depolarizing(0.05, 2));
    const std::vector<Observable> z{Observable::z(0)};
    const TrajectoryOutcome found =
        run_trajectories(c, z, noise, {.seed = 1, .trajectories = 1'000'000, .target_error = 2e-3});
    EXPECT_LE(found.deviations[0], 2e-3);
    EXPECT_LT(found.trajectories, 20'000u);
    // Three gates, of which each leaves everything as it is with probability 1 - 0.05 * 15 / 16.
    EXPECT_NEAR(found.errorless, std::pow(1 - 0.05 * 15 / 16, 3), 1e-12);
    EXPECT_NEAR(found.expectations[0], run_density_matrix(c, z, noise).expectations[0],
                kSigmas * found.deviations[0]);
}

TEST(TrajectoriesRun, the_error_is_that_of_the_mean) {
    const Circuit c = test_circuit(false);
    NoiseModel noise;
    noise.add_error("cx", depolarizing(0.1, 2)).add_error("h", depolarizing(0.02));
    const std::vector<Observable> z{Observable::z(0)};
    const double exact = run_density_matrix(c, z, noise).expectations[0];
    double squares = 0;
    constexpr int kRuns = 60;
    for (int seed = 0; seed < kRuns; ++seed) {
        const TrajectoryOutcome found =
            run_trajectories(c, z, noise, {.seed = static_cast<std::uint64_t>(seed), .trajectories = 200});
        squares += std::pow((found.expectations[0] - exact) / found.deviations[0], 2);
    }
    // Chi square with 60 degrees of freedom: 60 +- 11 each sigma.
    EXPECT_GT(squares, kRuns - 4 * 11);
    EXPECT_LT(squares, kRuns + 5 * 11);
}

TEST(TrajectoriesRun, are_exact_without_noise) {
    Random random(2);
    for (int round = 0; round < 10; ++round) {
        const Circuit c = test::random_circuit({.qubits = 5, .gates = 30}, random);
        const std::vector<Observable> observable{test::random_observable(5, random)};
        const TrajectoryOutcome found = run_trajectories(c, observable, NoiseModel(), {});
        EXPECT_EQ(found.trajectories, 0u);
        EXPECT_EQ(found.errorless, 1);
        EXPECT_EQ(found.deviations[0], 0);
        EXPECT_NEAR(found.expectations[0], run_statevector(c, observable).expectations[0], 1e-12);
    }
}

TEST(TrajectoriesRun, keep_to_the_light_cone) {
    // 40 qubits would not fit; two are seen.
    Circuit c(40);
    for (Qubit q = 0; q < 40; ++q) c.h(q);
    c.cx(0, 1);
    for (Qubit q = 2; q + 1 < 40; ++q) c.cx(q, q + 1);
    NoiseModel noise;
    noise.add_error("cx", depolarizing(0.1, 2));
    const std::vector<Observable> x{{{{1, {{0, Pauli::x}, {1, Pauli::x}}}}}};
    const TrajectoryOutcome found = run_trajectories(c, x, noise, {.seed = 1, .trajectories = 4000});
    EXPECT_NEAR(found.expectations[0], 0.9, kSigmas * found.deviations[0]);
    EXPECT_NEAR(run_density_matrix(c, x, noise, {.records = false}).expectations[0], 0.9, 1e-12);
}

TEST(TrajectoriesRun, refuse_what_they_cannot_do) {
    const auto expect_error = [](ErrorKind kind, const std::string& part, const Circuit& c,
                                 const TrajectoryOptions& options) {
        try {
            run_trajectories(c, {}, varied_noise(), options);
            FAIL() << part;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), kind);
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        }
    };
    expect_error(ErrorKind::invalid_input, "0 trajectories", test_circuit(false), {.trajectories = 0});
    Circuit wide(24);
    for (Qubit q = 0; q < 24; ++q) wide.h(q);
    wide.measure_all();
    expect_error(ErrorKind::unsupported, "24 measured bits", wide, {.distribution = true});
    expect_error(ErrorKind::out_of_memory, "24 qubits", wide, {.memory = 1e6});
}

}  // namespace
}  // namespace qdcnn::sim
