#include "sim/tape.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <iostream>
#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/sim/statevector.h"
#include "support/random_circuit.h"
#include "support/random_nested.h"
#include "support/random_observable.h"
#include "support/shared_files.h"
#include "support/sim_workload.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;
using backend::Differentiable;
using backend::ParameterMatrix;

ParameterMatrix random_parameters(std::size_t rows, std::size_t columns, Random& random) {
    ParameterMatrix parameters(rows, columns);
    for (std::size_t row = 0; row < rows; ++row)
        for (double& value : parameters.row(row)) value = random.uniform(-4, 4);
    return parameters;
}

std::vector<ParameterIndex> all_parameters(const Circuit& circuit) {
    std::vector<ParameterIndex> wrt;
    for (ParameterIndex k = 0; k < circuit.parameters().size(); ++k) wrt.push_back(k);
    return wrt;
}

std::vector<double> values_of(Differentiable& tape, const ParameterMatrix& parameters,
                              std::size_t observables) {
    std::vector<double> values(parameters.rows() * observables);
    tape.forward(parameters, values);
    return values;
}

/// Every value against a run of the bound circuit.
void expect_same_values(const Circuit& circuit, const std::vector<Observable>& observables,
                        const ParameterMatrix& parameters, const std::vector<double>& values) {
    for (std::size_t row = 0; row < parameters.rows(); ++row) {
        const Outcome outcome = run_statevector(circuit.bind(parameters.row(row)), observables);
        for (std::size_t o = 0; o < observables.size(); ++o)
            EXPECT_NEAR(values[row * observables.size() + o], outcome.expectations[o], 1e-12)
                << "row " << row << ", " << to_string(observables[o]);
    }
}

/// The gradient of a random combination of all values against central differences of runs of the bound
/// circuit.
void expect_same_gradient(const Circuit& circuit, const std::vector<Observable>& observables,
                          const ParameterMatrix& parameters, const std::vector<ParameterIndex>& wrt,
                          Differentiable& tape, Random& random) {
    values_of(tape, parameters, observables.size());
    std::vector<double> cotangent(parameters.rows() * observables.size());
    for (double& value : cotangent) value = random.uniform(-1, 1);
    std::vector<double> gradient(parameters.rows() * wrt.size(), 17.0);
    tape.backward(cotangent, gradient);
    constexpr double kStep = 1e-5;
    for (std::size_t row = 0; row < parameters.rows(); ++row)
        for (std::size_t k = 0; k < wrt.size(); ++k) {
            double difference = 0;
            for (const double sign : {1.0, -1.0}) {
                std::vector<double> moved(parameters.row(row).begin(), parameters.row(row).end());
                moved[wrt[k]] += sign * kStep;
                const Outcome outcome = run_statevector(circuit.bind(moved), observables);
                for (std::size_t o = 0; o < observables.size(); ++o)
                    difference += sign * cotangent[row * observables.size() + o] * outcome.expectations[o] /
                                  (2 * kStep);
            }
            EXPECT_NEAR(gradient[row * wrt.size() + k], difference, 2e-8)
                << "row " << row << ", parameter " << wrt[k];
        }
}

struct Case {
    Circuit circuit;
    std::vector<Observable> observables;
    std::vector<ParameterIndex> wrt;
};

Case random_case(std::uint64_t seed, Random& random, bool dynamic = false) {
    test::RandomCircuitShape shape;
    shape.qubits = static_cast<std::uint32_t>(dynamic ? 2 + seed % 2 : 1 + seed % 6);
    shape.gates = dynamic ? 20 : 50;
    shape.real = seed % 2 == 0;
    shape.parameters = 5;
    shape.dynamic = dynamic;
    Case made{test::random_circuit(shape, random), {}, {3, 0, 4}};
    for (std::uint64_t count = 1 + random.below(3); count > 0; --count)
        made.observables.push_back(test::random_observable(shape.qubits, random));
    return made;
}

class RandomTapes : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomTapes, testing::Range<std::uint64_t>(0, 24));

TEST_P(RandomTapes, BatchesAgreeWithBoundCircuitsAndCentralDifferences) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    const Case test = random_case(GetParam(), random);
    const std::size_t rows = 1 + random.below(20);
    ParameterMatrix parameters = random_parameters(rows, 5, random);
    for (std::size_t row = 1; row < rows; ++row)
        parameters(row, 3) = parameters(0, 3);  // one shared by all rows
    const auto tape = make_batch_tape(make_program(test.circuit, test.observables), 5, test.wrt);
    expect_same_values(test.circuit, test.observables, parameters,
                       values_of(*tape, parameters, test.observables.size()));
    expect_same_gradient(test.circuit, test.observables, parameters, test.wrt, *tape, random);
}

TEST_P(RandomTapes, RowAfterRowAgreesWithBoundCircuitsAndCentralDifferences) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    const Case test = random_case(GetParam(), random);
    const ParameterMatrix parameters = random_parameters(3, 5, random);
    const auto tape = make_wide_tape(make_program(test.circuit, test.observables), 5, test.wrt);
    expect_same_values(test.circuit, test.observables, parameters,
                       values_of(*tape, parameters, test.observables.size()));
    expect_same_gradient(test.circuit, test.observables, parameters, test.wrt, *tape, random);
}

TEST_P(RandomTapes, DeferredMeasurementsAgreeWithBranches) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    const Case test = random_case(GetParam(), random, true);
    const ParameterMatrix parameters = random_parameters(2, 5, random);
    const auto tape = make_tape(test.circuit, test.observables, test.wrt);
    expect_same_values(test.circuit, test.observables, parameters,
                       values_of(*tape, parameters, test.observables.size()));
    expect_same_gradient(test.circuit, test.observables, parameters, test.wrt, *tape, random);
}

TEST_P(RandomTapes, DeferredNestedBranchesAgreeWithBranches) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    const Circuit circuit = test::random_nested_circuit(2, 9, random);
    const std::vector<Observable> observables{test::random_observable(2, random), Observable::z(1)};
    const ParameterMatrix parameters = random_parameters(2, 1, random);
    const Program program = make_program(circuit, observables);
    ASSERT_LE(program.num_qubits, 20u);
    const auto tape = make_tape(circuit, observables, {0});
    expect_same_values(circuit, observables, parameters, values_of(*tape, parameters, 2));
    expect_same_gradient(circuit, observables, parameters, {0}, *tape, random);
}

TEST(Tape, ABitMeasuredInABranchKeepsItsValueElsewhere) {
    Random random(12);
    Circuit circuit(3, 2);
    const Angle t = circuit.parameter("t");
    circuit.ry(t, 0).ry(t * 0.7 + 1, 1).ry(0.4, 2).measure(0, 0).measure(1, 1);
    circuit.if_else({{0}, 1}, [](Circuit& body) { body.measure(2, 1).reset(2); });
    circuit.if_else(
        {{1}, 0}, [&](Circuit& body) { body.ry(t, 2); }, [](Circuit& body) { body.h(2); });
    const std::vector<Observable> observables{Observable::z(2), parse_observable("X2 Z0")};
    const ParameterMatrix parameters(3, 1, {0.5, 1.1, 2.3});
    const auto tape = make_tape(circuit, observables, {0});
    expect_same_values(circuit, observables, parameters, values_of(*tape, parameters, 2));
    expect_same_gradient(circuit, observables, parameters, {0}, *tape, random);
}

/// RP's embedding: H, then layers of RY and a ring of CX, on amplitudes or from |0..0>.
Circuit embedding(std::uint32_t qubits, std::uint32_t layers, bool prepares) {
    Circuit circuit(qubits);
    std::vector<Qubit> all;
    std::vector<Angle> amplitudes;
    for (Qubit q = 0; q < qubits; ++q) all.push_back(q);
    if (prepares) {
        for (std::uint32_t k = 0; k < 1u << qubits; ++k)
            amplitudes.push_back(circuit.parameter("a" + std::to_string(k)));
        circuit.prepare(all, amplitudes);
    }
    for (const Qubit q : all) circuit.h(q);
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
        for (const Qubit q : all) circuit.ry(circuit.parameter("w" + std::to_string(layer * qubits + q)), q);
        for (const Qubit q : all) circuit.cx(q, (q + 1 + layer % (qubits - 1)) % qubits);
    }
    return circuit;
}

TEST(Tape, GradientOfRyIsTheParameterShift) {
    Random random(5);
    const Circuit circuit = embedding(4, 3, false);
    std::vector<Observable> observables;
    for (Qubit q = 0; q < 4; ++q) observables.push_back(Observable::z(q));
    const std::vector<ParameterIndex> wrt = all_parameters(circuit);
    const ParameterMatrix parameters = random_parameters(9, wrt.size(), random);
    const auto tape = make_tape(circuit, observables, wrt);
    std::vector<double> gradient(9 * wrt.size());
    for (std::size_t o = 0; o < 4; ++o) {
        values_of(*tape, parameters, 4);
        std::vector<double> cotangent(9 * 4, 0);
        for (std::size_t row = 0; row < 9; ++row) cotangent[row * 4 + o] = 1;
        tape->backward(cotangent, gradient);
        for (std::size_t k = 0; k < wrt.size(); ++k) {
            ParameterMatrix up = parameters, down = parameters;
            for (std::size_t row = 0; row < 9; ++row) {
                up(row, k) += std::numbers::pi / 2;
                down(row, k) -= std::numbers::pi / 2;
            }
            const auto high = values_of(*tape, up, 4), low = values_of(*tape, down, 4);
            for (std::size_t row = 0; row < 9; ++row)
                EXPECT_NEAR(gradient[row * wrt.size() + k], (high[row * 4 + o] - low[row * 4 + o]) / 2,
                            1e-13);
        }
    }
}

TEST(Tape, AmplitudesAreDataOfEachRow) {
    Random random(6);
    const Circuit circuit = embedding(3, 2, true);
    const std::vector<Observable> observables{Observable::z(0), Observable::z(2),
                                              parse_observable("X0 X1 - 0.5 Z1")};
    const std::vector<ParameterIndex> wrt{8, 11, 13};
    const ParameterMatrix parameters = random_parameters(11, circuit.parameters().size(), random);
    for (const bool wide : {false, true}) {
        const Program program = make_program(circuit, observables);
        const auto tape = wide ? make_wide_tape(program, 14, wrt) : make_batch_tape(program, 14, wrt);
        expect_same_values(circuit, observables, parameters, values_of(*tape, parameters, 3));
        expect_same_gradient(circuit, observables, parameters, wrt, *tape, random);
        ParameterMatrix zero = parameters;
        for (std::size_t k = 0; k < 8; ++k) zero(7, k) = 0;
        EXPECT_THROW(values_of(*tape, zero, 3), Error);
    }
    EXPECT_THROW(make_tape(circuit, observables, {7}), Error);
    EXPECT_THROW(make_tape(circuit, observables, {14}), Error);
}

TEST(Tape, SeveralPreparationsFillTheirOwnQubits) {
    Random random(7);
    Circuit circuit(5);
    circuit.prepare({4, 1}, {circuit.parameter("a"), 1, 2, circuit.parameter("b") * 2.0})
        .prepare({2}, {0.3, -1});
    circuit.ry(circuit.parameter("t"), 0)
        .cx(0, 4)
        .gate(GateId::rzz, {1, 2}, {circuit.parameter("t")})
        .cx(2, 3);
    const std::vector<Observable> observables{parse_observable("Y1 X2 Z4"), parse_observable("Z3 + X0")};
    const ParameterMatrix parameters = random_parameters(4, 3, random);
    const auto tape = make_tape(circuit, observables, {2});
    expect_same_values(circuit, observables, parameters, values_of(*tape, parameters, 2));
    expect_same_gradient(circuit, observables, parameters, {2}, *tape, random);
}

TEST(Tape, TinyAndHugeAmplitudesArePrepared) {
    for (const std::uint32_t qubits : {2u, kBatchQubits + 1}) {
        Circuit circuit(qubits);
        const Angle a = circuit.parameter("a");
        circuit.prepare({0, 1}, {a, 0, a * 2.0, 0});
        for (Qubit q = 2; q < qubits; ++q) circuit.cx(q - 1, q);
        const std::vector<Observable> observables{Observable::z(qubits - 1)};
        const auto tape = make_tape(circuit, observables, {});
        for (const double value : values_of(*tape, ParameterMatrix(4, 1, {1e-320, -1e-200, 1e200, 8e307}), 1))
            EXPECT_NEAR(value, (1.0 - 4.0) / 5, 1e-3) << qubits << " qubits";
        EXPECT_THROW(values_of(*tape, ParameterMatrix(1, 1, {0.0}), 1), Error);
    }
}

TEST(Tape, WideRowsStopWhenInterrupted) {
    const Circuit circuit = embedding(kBatchQubits + 1, 1, false);
    const std::vector<Observable> observables{Observable::z(0)};
    const auto tape = make_tape(circuit, observables, {});
    const ParameterMatrix parameters(1, circuit.parameters().size());
    values_of(*tape, parameters, 1);
    interrupt().set(2);
    EXPECT_THROW(values_of(*tape, parameters, 1), Error);
    interrupt().clear();
}

TEST(Tape, ARowDoesNotDependOnItsNeighbours) {
    Random random(8);
    const Circuit circuit = embedding(5, 2, false);
    std::vector<Observable> observables{Observable::z(1), Observable::z(4)};
    const auto wrt = all_parameters(circuit);
    const ParameterMatrix many = random_parameters(21, wrt.size(), random);
    const auto tape = make_tape(circuit, observables, wrt);
    const auto values = values_of(*tape, many, 2);
    std::vector<double> gradient(21 * wrt.size()), one_gradient(wrt.size());
    tape->backward(std::vector<double>(42, 0.7), gradient);
    for (const std::size_t row : {0u, 9u, 20u}) {
        const ParameterMatrix one(std::vector<double>(many.row(row).begin(), many.row(row).end()));
        const auto alone = values_of(*tape, one, 2);
        EXPECT_EQ(alone[0], values[2 * row]);
        EXPECT_EQ(alone[1], values[2 * row + 1]);
        tape->backward(std::vector<double>(2, 0.7), one_gradient);
        for (std::size_t k = 0; k < wrt.size(); ++k)
            EXPECT_EQ(one_gradient[k], gradient[row * wrt.size() + k]);
    }
}

TEST(Tape, ThreadsChangeNothing) {
    Random random(10);
    const Circuit circuit = embedding(7, 5, false);
    const std::vector<Observable> observables{Observable::z(1), Observable::z(4)};
    const auto wrt = all_parameters(circuit);
    const ParameterMatrix parameters = random_parameters(4000, wrt.size(), random);
    const int before = omp_get_max_threads();
    std::vector<std::vector<double>> results;
    for (const int threads : {1, 3}) {
        omp_set_num_threads(threads);
        const auto tape = make_tape(circuit, observables, wrt);
        results.push_back(values_of(*tape, parameters, 2));
        results.emplace_back(4000 * wrt.size());
        tape->backward(std::vector<double>(8000, 0.7), results.back());
    }
    omp_set_num_threads(before);
    EXPECT_EQ(results[0], results[2]);
    EXPECT_EQ(results[1], results[3]);
}

TEST(Tape, KeepsOnlyWhatTheObservablesSee) {
    Circuit circuit(40);
    for (Qubit q = 0; q < 40; ++q) circuit.ry(circuit.parameter("t") * (0.1 * q), q);
    for (Qubit q = 0; q + 1 < 40; q += 2) circuit.cx(q, q + 1);
    const Program program = make_program(circuit, std::vector{Observable::z(7), Observable::z(31)});
    EXPECT_EQ(program.num_qubits, 4u);
    const auto tape = make_tape(circuit, std::vector{Observable::z(7), Observable::z(31)}, {});
    const auto values = values_of(*tape, ParameterMatrix(std::vector<double>{1.5}), 2);
    EXPECT_NEAR(values[0], std::cos(0.9) * std::cos(1.05), 1e-15);
    EXPECT_NEAR(values[1], std::cos(4.5) * std::cos(4.65), 1e-15);
}

TEST(Tape, FusesNeighboursAndPermutesForNothing) {
    Circuit circuit(2);
    circuit.ry(circuit.parameter("a"), 0)
        .h(0)
        .ry(circuit.parameter("b"), 0)
        .x(1)
        .cx(0, 1)
        .rz(0.3, 0)
        .cx(0, 1)
        .rz(0.4, 0);
    const Program program = make_program(circuit, std::vector{parse_observable("X0")});
    std::size_t rotations = 0, phases = 0;
    for (const Primitive& primitive : program.primitives) {
        rotations += primitive.kind == PrimitiveKind::rotation;
        phases += primitive.kind == PrimitiveKind::phase;
    }
    EXPECT_EQ(rotations, 1u);
    EXPECT_EQ(phases, 1u);
}

TEST(Tape, RefusesWhatHasNoDeferredForm) {
    Circuit used(1);
    used.h(0).prepare({0}, {1, 1});
    try {
        make_tape(used, std::vector{Observable::z(0)}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    }
    Circuit one(1);
    one.ry(one.parameter("t"), 0);
    const auto tape = make_tape(one, std::vector{Observable::z(0)}, {0});
    EXPECT_THROW(values_of(*tape, ParameterMatrix(1, 2), 1), Error);
    EXPECT_THROW(values_of(*tape, ParameterMatrix(std::vector<double>{NAN}), 1), Error);
}

TEST(Tape, AgreesWithTheSharedGradientOfTwentyQubits) {
    const auto file = test::shared_file("bench/sim/w5_n20.json");
    if (!file) {
        std::cout << "no w5_n20 beside the checkout; central differences cover this\n";
        return;
    }
    const test::SimWorkload workload = test::read_sim_workload(*file);
    const nlohmann::json expected = read_json_file(*test::shared_file("bench/sim/expected/w5_n20.json"));
    Circuit circuit = workload.circuit.empty_copy();
    std::vector<double> angles;
    for (const Operation& operation : workload.circuit.operations()) {
        Gate gate = std::get<Gate>(operation.kind());
        if (!gate.angles.empty()) {
            angles.push_back(gate.angles[0].constant());
            gate.angles[0] = circuit.parameter("t" + std::to_string(angles.size()));
        }
        circuit.add(gate);
    }
    // Alone, Z0 needs its light cone only; terms of weight 0 on all qubits keep the state whole.
    Observable whole = Observable::z(0);
    for (Qubit q = 1; q < 20; ++q) whole.terms.push_back({0.0, {{q, Pauli::z}}});
    EXPECT_LT(make_program(circuit, std::vector{Observable::z(0)}).num_qubits, 20u);
    EXPECT_EQ(make_program(circuit, std::vector{whole}).num_qubits, 20u);
    for (const Observable& observable : {Observable::z(0), whole}) {
        const auto tape = make_tape(circuit, std::vector{observable}, all_parameters(circuit));
        const auto values = values_of(*tape, ParameterMatrix(angles), 1);
        EXPECT_NEAR(values[0], expected["z0"].get<double>(), 1e-10);
        std::vector<double> gradient(angles.size());
        tape->backward(std::vector<double>{1.0}, gradient);
        for (std::size_t k = 0; k < angles.size(); ++k)
            EXPECT_NEAR(gradient[k], expected["grad"][k].get<double>(), 1e-10) << "parameter " << k;
    }
}

}  // namespace
}  // namespace qdcnn::sim
