#include "qdcnn/sim/statevector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/base/interrupt.h"
#include "qdcnn/base/json.h"
#include "qdcnn/circuit/unitary.h"
#include "support/random_circuit.h"
#include "support/random_nested.h"
#include "support/random_observable.h"
#include "support/reference_simulator.h"
#include "support/shared_files.h"
#include "support/sim_workload.h"

namespace qdcnn::sim {
namespace {

using namespace circuit;

/// Gate by gate with the plain twin.
std::vector<Complex> plain_state(const Circuit& circuit) {
    std::vector<Complex> state(std::size_t{1} << circuit.num_qubits(), 0);
    state[0] = std::polar(1.0, circuit.global_phase().evaluate({}));
    for (const Operation& operation : circuit.operations())
        apply_gate(std::get<Gate>(operation.kind()), state);
    return state;
}

double distance(const std::vector<Complex>& a, const std::vector<Complex>& b) {
    EXPECT_EQ(a.size(), b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

/// Records of an outcome by the value of all classical bits.
std::map<std::uint64_t, double> by_bits(const Outcome& outcome) {
    std::map<std::uint64_t, double> result;
    for (const auto& [record, probability] : outcome.records) {
        std::uint64_t key = 0;
        for (std::size_t i = 0; i < outcome.clbits.size(); ++i) key |= (record >> i & 1) << outcome.clbits[i];
        result[key] += probability;
    }
    return result;
}

void expect_same_records(const Outcome& outcome, std::map<std::uint64_t, double> expected, double tolerance) {
    double sum = 0;
    for (std::size_t i = 0; i < outcome.records.size(); ++i) {
        sum += outcome.records[i].second;
        EXPECT_GT(outcome.records[i].second, 0);
        if (i > 0) {
            EXPECT_LT(outcome.records[i - 1].first, outcome.records[i].first);
        }
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    for (const auto& [key, probability] : by_bits(outcome)) {
        EXPECT_NEAR(probability, expected[key], tolerance) << "record " << key;
        expected.erase(key);
    }
    for (const auto& [key, probability] : expected)
        EXPECT_NEAR(probability, 0, tolerance) << "record " << key;
}

TEST(Statevector, EveryGateOnEveryChoiceOfQubits) {
    constexpr Qubit kQubits = 5;
    for (const GateRow& row : gate_table()) {
        Random random(static_cast<std::uint64_t>(row.id));
        for (std::size_t choice = 0; choice < (row.qubits == 1   ? 5u
                                               : row.qubits == 2 ? 25u
                                                                 : 125u);
             ++choice) {
            const std::vector<Qubit> all{static_cast<Qubit>(choice % kQubits),
                                         static_cast<Qubit>(choice / kQubits % kQubits),
                                         static_cast<Qubit>(choice / kQubits / kQubits)};
            const std::vector<Qubit> qubits(all.begin(), all.begin() + row.qubits);
            if (std::set<Qubit>(qubits.begin(), qubits.end()).size() != qubits.size()) continue;
            Circuit circuit(kQubits);
            for (Qubit q = 0; q < kQubits; ++q) {
                circuit.gate(GateId::u, {q},
                             {random.uniform(-3, 3), random.uniform(-3, 3), random.uniform(-3, 3)});
                if (q > 0) circuit.cx(q - 1, q);
            }
            Gate gate{row.id, QubitList(qubits), {}};
            for (int k = 0; k < row.parameters; ++k) gate.angles.emplace_back(random.uniform(-7, 7));
            circuit.add(gate);
            EXPECT_LT(distance(statevector(circuit), plain_state(circuit)), 1e-14)
                << row.name << " choice " << choice;
        }
    }
}

class RandomCircuits : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomCircuits, testing::Range<std::uint64_t>(0, 24));

TEST_P(RandomCircuits, AgreeWithThePlainTwin) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    test::RandomCircuitShape shape;
    shape.qubits = static_cast<std::uint32_t>(1 + GetParam() % 7);
    shape.gates = 60;
    shape.real = GetParam() % 2 == 0;
    const Circuit circuit = test::random_circuit(shape, random);
    EXPECT_LT(distance(statevector(circuit), plain_state(circuit)), 1e-13);
}

TEST_P(RandomCircuits, WithMeasurementResetAndBranchesAgreeWithTheReference) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    test::RandomCircuitShape shape;
    shape.qubits = static_cast<std::uint32_t>(2 + GetParam() % 3);
    shape.gates = 30;
    shape.dynamic = true;
    shape.real = GetParam() % 3 == 0;
    Circuit circuit = test::random_circuit(shape, random);
    if (GetParam() % 4 < 2)
        for (Qubit q = 0; q < circuit.num_qubits(); ++q)
            if (random.below(2)) circuit.measure(q, q);
    const std::vector<Observable> observables{test::random_observable(shape.qubits, random),
                                              test::random_observable(shape.qubits, random),
                                              test::random_observable(shape.qubits, random)};
    const Outcome outcome = run_statevector(circuit, observables);
    const test::ReferenceState reference = test::reference_run(circuit);
    expect_same_records(outcome, reference.records(), 1e-13);
    for (std::size_t o = 0; o < observables.size(); ++o)
        EXPECT_NEAR(outcome.expectations[o], reference.expectation(observables[o]), 1e-12)
            << to_string(observables[o]);
}

TEST_P(RandomCircuits, NestedBranchesAgreeWithTheReference) {
    SCOPED_TRACE(testing::Message() << "seed " << GetParam());
    Random random(GetParam());
    const Circuit circuit = test::random_nested_circuit(3, 25, random).bind(std::vector<double>{0.4});
    const std::vector<Observable> observables{test::random_observable(3, random),
                                              test::random_observable(3, random)};
    const Outcome outcome = run_statevector(circuit, observables);
    const test::ReferenceState reference = test::reference_run(circuit);
    expect_same_records(outcome, reference.records(), 1e-13);
    for (std::size_t o = 0; o < observables.size(); ++o)
        EXPECT_NEAR(outcome.expectations[o], reference.expectation(observables[o]), 1e-12)
            << to_string(observables[o]);
}

TEST(Statevector, PreparesAmplitudesInTheOrderOfTheQubits) {
    Circuit circuit(4);
    circuit.prepare({3, 1}, {1, 2, 0, -2}).h(0).cx(3, 2);
    const Outcome outcome = run_statevector(circuit, std::vector<Observable>{});
    EXPECT_EQ(outcome.records.size(), 1u);
    const std::vector<Complex> state = statevector(circuit);
    const double half = std::sqrt(0.5);
    // Index 0b(q3 q2 q1 q0): bit 0 of the amplitude's index is qubit 3, which cx copies to qubit 2.
    EXPECT_NEAR(std::abs(state[0b0000] - half / 3), 0, 1e-15);
    EXPECT_NEAR(std::abs(state[0b1100] - half * 2 / 3), 0, 1e-15);
    EXPECT_NEAR(std::abs(state[0b1110] + half * 2 / 3), 0, 1e-15);
    EXPECT_NEAR(std::abs(state[0b0010]), 0, 1e-15);
}

TEST(Statevector, ReadsFinalMeasurementsOfManyQubitsWithoutBranching) {
    Circuit circuit(10, 10);
    for (Qubit q = 0; q < 10; ++q) circuit.ry(0.3 + 0.2 * q, q);
    for (Qubit q = 0; q < 10; ++q) circuit.measure(q, 9 - q);
    const Outcome outcome = run_statevector(circuit, std::vector<Observable>{});
    EXPECT_EQ(outcome.records.size(), 1024u);
    double expected = 1;
    for (Qubit q = 0; q < 10; ++q)
        expected *= std::pow(q == 3 ? std::sin(0.15 + 0.1 * q) : std::cos(0.15 + 0.1 * q), 2);
    EXPECT_NEAR(by_bits(outcome)[1u << 6], expected, 1e-15);
}

TEST(Statevector, IdleQubitsOfAWideDeviceCostNothing) {
    Circuit circuit(133, 2);
    circuit.barrier().delay(1e-6, 77).h(120).cx(120, 7).measure(120, 0).measure(7, 1);
    const std::vector<Observable> observables{Observable::z(77), parse_observable("X77"),
                                              parse_observable("Z7 Z120")};
    const Outcome outcome = run_statevector(circuit, observables);
    expect_same_records(outcome, {{0, 0.5}, {3, 0.5}}, 1e-15);
    EXPECT_EQ(outcome.expectations[0], 1);
    EXPECT_EQ(outcome.expectations[1], 0);
    EXPECT_NEAR(outcome.expectations[2], 1, 1e-15);
}

TEST(Statevector, ResetOfAnUnentangledQubitDoesNotBranch) {
    Circuit circuit(3);
    circuit.h(1).cx(1, 2);
    for (int repeat = 0; repeat < 60; ++repeat)
        circuit.h(0).gate(GateId::t, {0}).reset(0);  // 2^60 branches otherwise
    const Outcome outcome =
        run_statevector(circuit, std::vector<Observable>{parse_observable("Z1 Z2"), Observable::z(0)});
    EXPECT_NEAR(outcome.expectations[0], 1, 1e-12);
    EXPECT_NEAR(outcome.expectations[1], 1, 1e-12);
}

TEST(Statevector, RefusesWhatItCannotRun) {
    auto kind_of = [](const Circuit& circuit, const Observable& observable = {}) {
        try {
            run_statevector(circuit, std::vector{observable});
        } catch (const Error& error) {
            return std::pair(error.kind(), std::string(error.what()));
        }
        return std::pair(ErrorKind::internal, std::string("no error"));
    };
    Circuit unbound(1);
    unbound.ry(unbound.parameter("t"), 0);
    EXPECT_EQ(kind_of(unbound).first, ErrorKind::invalid_input);

    Circuit used(2);
    used.h(0).prepare({0, 1}, {1, 0, 0, 1});
    EXPECT_EQ(kind_of(used).first, ErrorKind::invalid_input);
    Circuit zero(1);
    zero.prepare({0}, {0, 0});
    EXPECT_EQ(kind_of(zero).first, ErrorKind::invalid_input);

    for (const std::uint32_t qubits : {45u, 60u, 70u}) {
        Circuit large(qubits);
        for (Qubit q = 0; q < qubits; ++q) large.h(q);
        const auto [kind, message] = kind_of(large);
        EXPECT_EQ(kind, ErrorKind::out_of_memory);
        EXPECT_NE(message.find(std::to_string(qubits) + " qubits"), std::string::npos) << message;
    }
    EXPECT_EQ(kind_of(Circuit(2), Observable::z(2)).first, ErrorKind::invalid_input);

    Circuit measuring(1, 1);
    measuring.measure(0, 0);
    EXPECT_THROW(statevector(measuring), Error);
}

TEST(Statevector, TinyAndHugeAmplitudesArePrepared) {
    for (const double size : {1e-320, 1e-200, 1e200, 1e308}) {
        SCOPED_TRACE(size);
        Circuit circuit(2);
        circuit.prepare({0, 1}, {size, 0, 0, -size});
        const auto amplitudes = statevector(circuit);
        EXPECT_NEAR(amplitudes[0].real(), std::sqrt(0.5), 1e-15);
        EXPECT_NEAR(amplitudes[3].real(), -std::sqrt(0.5), 1e-15);
    }
}

TEST(Statevector, StopsWhenInterrupted) {
    Circuit circuit(1);
    circuit.h(0);
    interrupt().set(2);
    ErrorKind kind = ErrorKind::internal;
    try {
        run_statevector(circuit, {});
    } catch (const Error& error) {
        kind = error.kind();
    }
    interrupt().clear();
    EXPECT_EQ(kind, ErrorKind::cancelled);
}

std::map<std::uint64_t, double> bits_of(const nlohmann::json& bits) {
    std::map<std::uint64_t, double> records;
    for (const auto& [key, probability] : bits.items())
        records[std::stoull(key, nullptr, 2)] = probability.get<double>();
    return records;
}

TEST(Statevector, AgreesWithTheSharedDynamicCircuits) {
    for (const std::string name : {"w6_pure_n12", "w6_pure_n16"}) {
#ifdef QDCNN_SANITIZED
        if (name == "w6_pure_n16") continue;  // minutes under the sanitizers
#endif
        const auto file = test::shared_file("bench/sim/" + name + ".json");
        if (!file) {
            std::cout << "no " << name << " beside the checkout; the reference simulator covers this\n";
            return;
        }
        const test::SimWorkload workload = test::read_sim_workload(*file);
        const nlohmann::json expected =
            read_json_file(*test::shared_file("bench/sim/expected/" + name + ".json"));
        std::vector<Observable> observables;
        for (Qubit q = 0; q < workload.circuit.num_qubits(); ++q) observables.push_back(Observable::z(q));
        const Outcome outcome = run_statevector(workload.circuit, observables);
        for (Qubit q = 0; q < workload.circuit.num_qubits(); ++q)
            EXPECT_NEAR(outcome.expectations[q], expected["z"][q].get<double>(), 1e-10)
                << name << " qubit " << q;
        expect_same_records(outcome, bits_of(expected["bits"]), 1e-10);
        if (!expected["probs_averaged"].is_array()) continue;
        // The last state's distribution, whatever the bits: measured into a register behind them.
        Circuit measured = workload.circuit;
        measured.measure_all();
        std::vector<double> distribution(std::size_t{1} << workload.circuit.num_qubits(), 0);
        for (const auto& [key, probability] : by_bits(run_statevector(measured, {})))
            distribution[key >> workload.circuit.num_clbits()] += probability;
        for (std::size_t index = 0; index < distribution.size(); ++index)
            EXPECT_NEAR(distribution[index], expected["probs_averaged"][index].get<double>(), 1e-10) << index;
    }
}

}  // namespace
}  // namespace qdcnn::sim
