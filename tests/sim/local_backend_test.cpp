#include "qdcnn/sim/local_backend.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/statevector.h"
#include "sim/group_reader.h"
#include "sim/records.h"
#include "support/random_circuit.h"
#include "support/random_observable.h"
#include "support/reference_simulator.h"

namespace qdcnn::sim {
namespace {

using namespace backend;
using namespace circuit;

std::shared_ptr<const Circuit> shared(Circuit circuit) {
    return std::make_shared<const Circuit>(std::move(circuit));
}

/// Three bits in two registers: "a" (2 bits) then "b"; q0 -> a[0], q1 -> a[1], q2 -> b[0].
Circuit two_registers() {
    Circuit circuit(3);
    const Clbit a = circuit.add_clbits("a", 2), b = circuit.add_clbits("b", 1);
    circuit.x(0).ry(circuit.parameter("t"), 2).measure(0, a).measure(1, a + 1).measure(2, b);
    return circuit;
}

SamplerPubResult sample(const Circuit& circuit, const ParameterMatrix& parameters, RunOptions options) {
    return make_local_backend()->run({SamplerPub{shared(circuit), parameters}}, options)->result()[0];
}

EstimatorPubResult estimate(Backend& backend, const Circuit& circuit,
                            const std::vector<Observable>& observables, const ParameterMatrix& parameters,
                            RunOptions options = {}) {
    return backend.run({EstimatorPub{shared(circuit), observables, parameters}}, options)->result()[0];
}

TEST(LocalSampler, WritesExactProbabilitiesAsQiskitDoes) {
    const auto result = sample(two_registers(), ParameterMatrix(2, 1, {0.0, 1.0}), {});
    ASSERT_EQ(result.probabilities.size(), 2u);
    EXPECT_EQ(result.probabilities[0], (Probabilities{{"0 01", 1.0}}));
    ASSERT_EQ(result.probabilities[1].size(), 2u);
    EXPECT_NEAR(result.probabilities[1].at("0 01"), std::pow(std::cos(0.5), 2), 1e-15);
    EXPECT_NEAR(result.probabilities[1].at("1 01"), std::pow(std::sin(0.5), 2), 1e-15);
    EXPECT_EQ(result.registers.size(), 2u);
    EXPECT_TRUE(result.data.empty());
}

TEST(LocalSampler, ShotsComeByRegisterWithinFiveSigma) {
    constexpr std::uint64_t kShots = 20000;
    const auto result =
        sample(two_registers(), ParameterMatrix(2, 1, {0.0, 1.0}), {.shots = kShots, .seed = 3});
    EXPECT_TRUE(result.probabilities.empty());
    EXPECT_EQ(result["a"].counts(0), (Counts{{"01", kShots}}));
    EXPECT_EQ(result["b"].counts(0), (Counts{{"0", kShots}}));
    const double p = std::pow(std::sin(0.5), 2), sigma = std::sqrt(p * (1 - p) * kShots);
    EXPECT_NEAR(static_cast<double>(result.joint_counts(1)["1 01"]), p * kShots, 5 * sigma);
}

TEST(LocalSampler, SameSeedSameShotsWhateverTheThreads) {
    Random random(4);
    test::RandomCircuitShape shape{.qubits = 4, .gates = 40, .dynamic = true, .parameters = 2};
    Circuit circuit = test::random_circuit(shape, random);
    circuit.measure_all();
    ParameterMatrix parameters(7, 2);
    for (std::size_t row = 0; row < 7; ++row) parameters(row, 0) = 0.3 * static_cast<double>(row);
    auto counts = [&](std::uint64_t seed, int threads) {
        const int before = omp_get_max_threads();
        omp_set_num_threads(threads);
        const auto backend = make_local_backend();
        const SamplerPub pub{shared(circuit), parameters};
        const auto result = backend->run({pub, pub}, {.shots = 500, .seed = seed})->result();
        omp_set_num_threads(before);
        std::vector<std::string> shots;
        for (const auto& one : result.pubs)
            for (std::size_t row = 0; row < 7; ++row)
                for (std::uint64_t shot = 0; shot < 500; ++shot)
                    shots.push_back(one["meas"].bitstring(row, shot));
        return shots;
    };
    const auto once = counts(1, 1);
    EXPECT_EQ(once, counts(1, 3));
    EXPECT_NE(once, counts(2, 1));
    // PUBs and rows draw from streams of their own.
    EXPECT_FALSE(std::equal(once.begin(), once.begin() + 3500, once.begin() + 3500));
}

TEST(LocalEstimator, ExactValuesOfPlainAndDynamicCircuitsAgreeWithTheReference) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Random random(seed);
        test::RandomCircuitShape shape{.qubits = 3, .gates = 25, .dynamic = seed % 2 == 1, .parameters = 2};
        Circuit circuit = test::random_circuit(shape, random);
        if (seed % 4 == 0) circuit.measure_all();
        const std::vector<Observable> observables{test::random_observable(3, random),
                                                  test::random_observable(3, random)};
        const ParameterMatrix parameters(2, 2, {0.1, 0.2, -0.8, 1.4});
        const auto backend = make_local_backend();
        const auto result = estimate(*backend, circuit, observables, parameters);
        for (std::size_t row = 0; row < 2; ++row) {
            const auto reference = test::reference_run(circuit.bind(parameters.row(row)));
            for (std::size_t o = 0; o < 2; ++o) {
                EXPECT_NEAR(result.value(row, o), reference.expectation(observables[o]), 1e-12);
                EXPECT_EQ(result.deviation(row, o), 0);
            }
        }
    }
}

TEST(LocalEstimator, ShotsLieWithinFiveStandardErrors) {
    Random random(9);
    test::RandomCircuitShape shape{.qubits = 3, .gates = 25, .parameters = 2};
    const Circuit circuit = test::random_circuit(shape, random);
    const std::vector<Observable> observables{parse_observable("Z0 Z1 + 0.5 X2 - 0.25"),
                                              parse_observable("Y0 Y1"), parse_observable("3 X0 + Z2")};
    const ParameterMatrix parameters(2, 2, {0.1, 0.2, -0.8, 1.4});
    const auto backend = make_local_backend();
    const auto exact = estimate(*backend, circuit, observables, parameters);
    const auto sampled = estimate(*backend, circuit, observables, parameters, {.shots = 40000, .seed = 1});
    for (std::size_t row = 0; row < 2; ++row)
        for (std::size_t o = 0; o < 3; ++o) {
            EXPECT_GT(sampled.deviation(row, o), 1e-4);
            EXPECT_LT(sampled.deviation(row, o), 0.03);
            EXPECT_NEAR(sampled.value(row, o), exact.value(row, o), 5 * sampled.deviation(row, o));
            EXPECT_NE(sampled.value(row, o), exact.value(row, o));
        }
    const auto again = estimate(*backend, circuit, observables, parameters, {.shots = 40000, .seed = 1});
    EXPECT_EQ(again.values, sampled.values);
}

TEST(LocalEstimator, DeviationIsTheStandardErrorOfTheMean) {
    Circuit circuit(1);
    circuit.ry(1.0, 0);
    const auto backend = make_local_backend();
    const auto result = estimate(*backend, circuit, {Observable::z(0)}, ParameterMatrix::bound(),
                                 {.shots = 10000, .seed = 2});
    const double mean = result.value();
    EXPECT_NEAR(result.deviation(), std::sqrt((1 - mean * mean) / 10000), 1e-15);
    EXPECT_NEAR(mean, std::cos(1.0), 5 * result.deviation());
}

TEST(PauliGroups, ShareMeasurementsWhereQubitsAgree) {
    const std::vector<Observable> observables{parse_observable("Z0 + Z1 + 2"), parse_observable("Z0 Z2"),
                                              parse_observable("X0 Z1"), parse_observable("X0 Y2 + Z1")};
    const auto groups = group_paulis(observables);
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].terms.size(), 5u);
    EXPECT_EQ(groups[1].basis, (std::map<Qubit, Pauli>{{0, Pauli::x}, {1, Pauli::z}, {2, Pauli::y}}));
}

TEST(PauliGroups, RotationsInNativeGatesMeasureTheSame) {
    Random random(11);
    test::RandomCircuitShape shape{.qubits = 2, .gates = 20};
    const Circuit circuit = test::random_circuit(shape, random);
    for (const auto& natives : std::vector<std::vector<GateId>>{{},
                                                                {GateId::sx, GateId::rz},
                                                                {GateId::rx, GateId::rz},
                                                                {GateId::r},
                                                                {GateId::gpi, GateId::gpi2}}) {
        target::Target target;
        for (const GateId gate : natives)
            target.native_gates.push_back({gate, std::string(gate_row(gate).name), {}, false});
        for (const char* text : {"X0 Y1", "Y0 X1", "X0", "Y1", "Z0 X1"}) {
            const std::vector<Observable> observables{parse_observable(text)};
            const auto groups = group_paulis(observables);
            const auto measured = measure_group(circuit, groups[0], natives.empty() ? nullptr : &target);
            const Outcome outcome = run_statevector(measured.circuit, {});
            const GroupReader reader(groups[0], measured, outcome);
            double mean = 0;
            for (const auto& [record, probability] : outcome.records) {
                double value = 0;
                reader.add_values(record, {&value, 1});
                mean += probability * value;
            }
            EXPECT_NEAR(mean, test::reference_run(circuit).expectation(observables[0]), 1e-13) << text;
        }
    }
}

/// The slow twin as a simulator with read-out errors and nothing else.
class NoisyTwin final : public Simulator {
  public:
    explicit NoisyTwin(std::vector<std::pair<double, double>> readout) {
        noise_.readout = std::move(readout);
    }
    Outcome run(const Circuit& bound, std::span<const Observable> observables) const override {
        const auto state = test::reference_run(bound, noise_);
        Outcome outcome;
        for (Clbit bit = 0; bit < bound.num_clbits(); ++bit) outcome.clbits.push_back(bit);
        for (const auto& record : state.records()) outcome.records.push_back(record);
        for (const Observable& observable : observables)
            outcome.expectations.push_back(state.expectation(observable));
        return outcome;
    }
    bool is_noisy() const override { return true; }
    double bytes_for(std::uint32_t qubits) const override {
        return std::ldexp(16.0, 2 * static_cast<int>(qubits));
    }
    std::uint32_t max_qubits() const override { return 5; }

  private:
    test::ReferenceNoise noise_;
};

TEST(NoisyLocalBackend, ExactValuesHaveReadoutErrors) {
    const auto backend = make_local_backend(
        std::make_shared<NoisyTwin>(std::vector<std::pair<double, double>>{{0.1, 0.2}, {0.02, 0.06}}),
        "twin");
    EXPECT_EQ(backend->name(), "twin");
    EXPECT_EQ(backend->limits().max_qubits, 5u);
    Circuit circuit(2, 1);
    circuit.ry(0.7, 0).ry(-1.1, 1);
    const std::vector<Observable> observables{Observable::z(0), parse_observable("X1"),
                                              parse_observable("Z0 X1")};
    // Reading turns <Z> into (1 - p01 - p10) <Z> + p10 - p01.
    const double z = (1 - 0.3) * std::cos(0.7) + 0.1, x = (1 - 0.08) * std::sin(-1.1) + 0.04;
    for (const bool measures : {false, true}) {
        if (measures) circuit.measure(0, 0);  // final, replaced by the estimator's own
        const auto result = estimate(*backend, circuit, observables, ParameterMatrix::bound());
        EXPECT_NEAR(result.value(0, 0), z, 1e-14);
        EXPECT_NEAR(result.value(0, 1), x, 1e-14);
        EXPECT_NEAR(result.value(0, 2), z * x, 1e-14);
        EXPECT_EQ(result.deviation(0, 0), 0);
    }
    const auto again = estimate(*backend, circuit, {parse_observable("X0")}, ParameterMatrix::bound());
    EXPECT_NEAR(again.value(), 0.1,
                1e-14);  // X after a measurement is 0; what is left is the read-out's bias
    EXPECT_EQ(backend->differentiable(shared(circuit), observables, {}), nullptr);
}

TEST(LocalBackend, IsAnEngineForTheSamplerAndEstimatorFaces) {
    const auto backend = make_local_backend();
    Circuit bell(2);
    bell.h(0).cx(0, 1);
    EXPECT_NEAR(Estimator(*backend)
                    .run({EstimatorPub{shared(bell), {parse_observable("X0 X1")}}})
                    ->result()[0]
                    .value(),
                1, 1e-15);
    bell.measure_all();
    const auto counts = Sampler(*backend, {.shots = 100, .seed = 5})
                            .run({SamplerPub{shared(bell)}})
                            ->result()[0]["meas"]
                            .counts();
    EXPECT_EQ(counts.size(), 2u);
    EXPECT_EQ(counts.at("00") + counts.at("11"), 100u);
    EXPECT_EQ(backend->name(), "local");
    EXPECT_TRUE(backend->limits().has_exact);
    EXPECT_GT(backend->limits().max_qubits, 20u);
}

/// Counts the runs under way at once; `bytes` is what it says a state takes. Rows of a parameter below 0
/// fail, the lower ones later.
class SlowSimulator final : public Simulator {
  public:
    explicit SlowSimulator(double bytes) : bytes_(bytes) {}
    Outcome run(const Circuit& bound, std::span<const Observable>) const override {
        const int running = ++running_;
        int most = most_;
        while (running > most && !most_.compare_exchange_weak(most, running)) {
        }
        const double value = std::get<Gate>(bound.operations()[0].kind()).angles[0].constant();
        std::this_thread::sleep_for(std::chrono::milliseconds(value == -1 ? 60 : 20));
        --running_;
        if (value < 0) throw Error(ErrorKind::invalid_input, std::to_string(static_cast<int>(value)));
        Outcome outcome;
        outcome.records = {{0, 1.0}};
        return outcome;
    }
    bool is_noisy() const override { return true; }
    double bytes_for(std::uint32_t) const override { return bytes_; }
    std::uint32_t max_qubits() const override { return 5; }
    int most() const { return most_; }

  private:
    double bytes_;
    mutable std::atomic<int> running_{0}, most_{0};
};

/// Runs four rows of these values on two threads (or more, see tests/threads).
void run_four(std::shared_ptr<const Simulator> simulator, std::vector<double> values) {
    Circuit circuit(1, 1);
    circuit.ry(circuit.parameter("t"), 0).measure(0, 0);
    const int before = omp_get_max_threads();
    omp_set_num_threads(2);
    try {
        make_local_backend(std::move(simulator), "slow")
            ->run({SamplerPub{shared(circuit), ParameterMatrix(4, 1, std::move(values))}}, {});
    } catch (...) {
        omp_set_num_threads(before);
        throw;
    }
    omp_set_num_threads(before);
}

TEST(LocalBackend, RowsShareTheMachineOnlyWhereTheirStatesFit) {
    const auto small = std::make_shared<SlowSimulator>(1024), large = std::make_shared<SlowSimulator>(1e18);
    run_four(small, {0, 1, 2, 3});
    // Two threads, but four where the thread sanitizer's own runtime takes the place of OpenMP's.
    EXPECT_GE(small->most(), 2);
    run_four(large, {0, 1, 2, 3});
    EXPECT_EQ(large->most(), 1);
    // A density matrix is the square of a state vector.
    EXPECT_EQ(make_statevector_simulator()->bytes_for(14), 16.0 * 16384);
    EXPECT_EQ(make_noisy_simulator({})->bytes_for(14), 8.0 * 16384 * 16384);
}

TEST(LocalBackend, TheLowestRowsErrorIsTheOne) {
    try {
        run_four(std::make_shared<SlowSimulator>(1024), {-1, -2, -3, -4});
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "-1");
    }
}

TEST(LocalBackend, SamplingStopsWhenInterrupted) {
    Circuit circuit(1, 1);
    circuit.h(0).measure(0, 0);
    const Outcome outcome = run_statevector(circuit, {});
    auto data = empty_shots(circuit, 1, 1);
    interrupt().set(2);
    EXPECT_THROW(sample_row(circuit, outcome, Random(1), 0, data), Error);
    interrupt().clear();
}

TEST(LocalBackend, RefusesWhatItCannotRun) {
    const auto backend = make_local_backend();
    Circuit circuit(2, 2);
    circuit.ry(circuit.parameter("t"), 0).measure(0, 0);
    EXPECT_THROW(backend->run({SamplerPub{shared(circuit)}}, {}), Error);
    EXPECT_THROW(backend->run({SamplerPub{shared(circuit), ParameterMatrix(1, 1), 0}}, {}), Error);
    EXPECT_THROW(backend->run({EstimatorPub{shared(circuit), {Observable::z(2)}, ParameterMatrix(1, 1)}}, {}),
                 Error);
    ParameterMatrix bad(3, 1);
    bad(2, 0) = INFINITY;
    EXPECT_THROW(backend->run({SamplerPub{shared(circuit), bad}}, {}), Error);

    target::Target small;
    small.num_qubits = 1;
    const auto device = make_local_backend(make_statevector_simulator(), "small", small);
    try {
        device->run({SamplerPub{shared(circuit), ParameterMatrix(1, 1)}}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("small has 1"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace qdcnn::sim
