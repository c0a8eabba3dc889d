#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/sim/density_matrix.h"
#include "qdcnn/sim/statevector.h"
#include "sim/records.h"
#include "support/random_circuit.h"
#include "support/reference_simulator.h"

// Loops on measured bits and classical assignments.
namespace qdcnn::sim {
namespace {

using namespace circuit;

/// The bits plus one, cut to their width.
Formula successor(unsigned width) {
    const auto w = static_cast<std::uint8_t>(width);
    return {{{WordOperator::input, w, 0, 0, 0},
             {WordOperator::constant, w, 0, 0, 1},
             {WordOperator::add, w, 0, 1, 0}}};
}

/// The first `width` inputs are below the number.
Formula below(unsigned width, std::uint64_t number) {
    const auto w = static_cast<std::uint8_t>(width);
    return {{{WordOperator::input, w, 0, 0, 0},
             {WordOperator::constant, w, 0, 0, number},
             {WordOperator::less, 1, 0, 1, 0}}};
}

/// Bits 0 and 1 are results, 2 and 3 count turns. Every loop counts, so that all end.
Circuit random_loops(Random& random) {
    test::RandomCircuitShape shape{.qubits = 2, .gates = 1, .largest_gate = 2};
    Circuit circuit(2, 2);
    circuit.add_clbits("turns", 2, true);
    std::function<std::vector<Operation>(std::size_t, int)> body = [&](std::size_t count, int depth) {
        std::vector<Operation> operations;
        for (std::size_t i = 0; i < count; ++i) {
            const double kind = random.uniform();
            const Clbit bit = static_cast<Clbit>(random.below(2));
            if (kind < 0.25) {
                operations.push_back(Measure{static_cast<Qubit>(random.below(2)), bit});
            } else if (kind < 0.35) {
                operations.push_back(
                    Store{{bit},
                          {bit},
                          {{{WordOperator::input, 1, 0, 0, 0}, {WordOperator::bit_not, 1, 0, 0, 0}}}});
            } else if (kind < 0.5 && depth == 0) {
                operations.push_back(Store{{2, 3}, {}, {{{WordOperator::constant, 2, 0, 0, 0}}}});
                While loop{{{2, 3}, 1, below(2, 1 + random.below(3))}, body(3, 1)};
                if (random.below(2) == 0) loop.condition = {{bit}, random.below(2)};
                // Half of the loops on a bit end with probability 1 only.
                if (loop.condition.formula.empty()) {
                    loop.body.push_back(Gate{GateId::ry, {0}, {random.uniform(1.0, 2.0)}});
                    loop.body.push_back(Measure{0, bit});
                } else {
                    loop.body.push_back(Store{{2, 3}, {2, 3}, successor(2)});
                }
                operations.push_back(std::move(loop));
            } else if (kind < 0.7 && depth < 2) {
                IfElse branch{{{0, 1, 2}, 1, below(3, random.below(8))}, body(2, depth + 1), {}};
                branch.else_body = body(1, depth + 1);
                operations.push_back(std::move(branch));
            } else {
                operations.push_back(test::random_circuit(shape, random).operations()[0]);
            }
        }
        return operations;
    };
    for (Operation& operation : body(8, 0)) circuit.add(std::move(operation));
    return circuit;
}

TEST(Loops, AgreeWithTheReference) {
    int loops = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const Circuit circuit = random_loops(random);
        for_each_operation(circuit.operations(), [&](const Operation& operation) {
            loops += std::holds_alternative<While>(operation.kind());
        });
        const std::vector<Observable> observables{Observable::z(0),
                                                  {{{1.0, {{0, Pauli::x}, {1, Pauli::y}}}}}};
        const auto expected = test::reference_run(circuit);
        std::map<std::uint64_t, double> results;
        for (const auto& [record, probability] : expected.records()) results[record & 3] += probability;
        for (const Outcome& outcome : {run_statevector(circuit, observables),
                                       run_density_matrix(circuit, observables, NoiseModel())}) {
            std::map<std::uint64_t, double> got;
            for (const auto& [record, probability] : outcome.records) {
                std::uint64_t key = 0;
                for (std::size_t i = 0; i < outcome.clbits.size(); ++i)
                    if (outcome.clbits[i] < 2) key |= (record >> i & 1) << outcome.clbits[i];
                got[key] += probability;
            }
            for (std::uint64_t key = 0; key < 4; ++key) EXPECT_NEAR(got[key], results[key], 1e-11) << key;
            for (std::size_t o = 0; o < observables.size(); ++o)
                EXPECT_NEAR(outcome.expectations[o], expected.expectation(observables[o]), 1e-11);
        }
    }
    EXPECT_GT(loops, 20);
}

TEST(Loops, RepeatUntilSuccessEndsAndThrowsRight) {
    Circuit circuit(1, 1);
    circuit.add_clbits("turns", 8, true);
    circuit.while_loop({{0}, 0}, [](Circuit& body) {
        body.ry(0.2, 0).measure(0, 0).store({1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}, successor(8));
    });
    const Outcome outcome = run_statevector(circuit, {});
    ASSERT_EQ(outcome.records.size(), 1u);
    EXPECT_EQ(outcome.records[0].first & 1, 1u);
    EXPECT_EQ(outcome.method, "density_matrix");
}

TEST(Loops, OneThatNeverEndsIsAnError) {
    Circuit circuit(1, 1);
    circuit.x(0).while_loop({{0}, 0}, [](Circuit& body) { body.gate(GateId::y, {0}); });
    try {
        run_density_matrix(circuit, {}, NoiseModel(), {.max_loop_turns = 100});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
        EXPECT_NE(std::string(error.what()).find("after 100 turns"), std::string::npos) << error.what();
    }
    EXPECT_THROW(run_statevector(circuit, {}), Error);
}

TEST(Loops, VariablesAreNoResults) {
    auto circuit = std::make_shared<Circuit>(1, 1);
    circuit->add_clbits("turns", 2, true);
    circuit->h(0).measure(0, 0).store(
        {1, 2}, {0}, {{{WordOperator::input, 1, 0, 0, 0}, {WordOperator::resize, 2, 0, 0, 0}}});
    for (const bool has_loop : {false, true}) {
        Circuit one = *circuit;
        if (has_loop) one.while_loop({{1}, 1}, [](Circuit& body) { body.h(0).measure(0, 1); });
        const auto probabilities = sim::probabilities(one, run_statevector(one, {}));
        ASSERT_EQ(probabilities.size(), 2u);
        EXPECT_NEAR(probabilities.at("0"), 0.5, 1e-12);
        EXPECT_NEAR(probabilities.at("1"), 0.5, 1e-12);
        const auto shots = empty_shots(one, 1, 10);
        ASSERT_EQ(shots.size(), 1u);
        EXPECT_EQ(shots[0].name, "c");
    }
}

TEST(Loops, CannotBeDeferred) {
    Circuit circuit(1, 1);
    circuit.while_loop({{0}, 0}, [](Circuit& body) { body.h(0).measure(0, 0); });
    EXPECT_FALSE(circuit.is_unitary());
    EXPECT_TRUE(circuit.is_dynamic());
    EXPECT_THROW(circuit.inverse(), Error);
    EXPECT_THROW(statevector(circuit), Error);
}

}  // namespace
}  // namespace qdcnn::sim
