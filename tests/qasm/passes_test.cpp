#include "qdcnn/qasm/passes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "support/random_circuit.h"
#include "support/reference_simulator.h"

namespace qdcnn::qasm {
namespace {

using namespace circuit;

using Records = std::map<std::uint64_t, double>;

/// Of a circuit whose measurements are all at its end, by its state.
Records records_of_static(const Circuit& circuit) {
    std::vector<Complex> state(std::size_t{1} << circuit.num_qubits());
    state[0] = 1;
    std::vector<Measure> measurements;
    for (const Operation& operation : circuit.operations()) {
        if (const auto* gate = std::get_if<Gate>(&operation.kind())) {
            EXPECT_TRUE(measurements.empty()) << "a gate after a measurement";
            apply_gate(*gate, state);
        } else if (const auto* measure = std::get_if<Measure>(&operation.kind())) {
            measurements.push_back(*measure);
        } else {
            ADD_FAILURE() << "neither gate nor measurement";
        }
    }
    Records records;
    for (std::size_t index = 0; index < state.size(); ++index) {
        std::uint64_t record = 0;
        for (const Measure& measure : measurements)
            record |= std::uint64_t{index >> measure.qubit & 1} << measure.clbit;
        records[record] += std::norm(state[index]);
    }
    return records;
}

void expect_same(const Records& got, const Records& expected) {
    for (const auto* from : {&got, &expected})
        for (const auto& [record, probability] : *from) {
            const auto a = got.find(record), b = expected.find(record);
            ASSERT_NEAR(a == got.end() ? 0 : a->second, b == expected.end() ? 0 : b->second, 1e-12) << record;
        }
}

TEST(Deferral, KeepsTheDistributionOfRandomDynamicCircuits) {
    int tried = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Random random(seed);
        const Circuit circuit = test::random_circuit(
            {.qubits = 1 + static_cast<std::uint32_t>(random.below(3)), .gates = 12, .dynamic = true},
            random);
        Circuit still;
        try {
            still = with_measurements_deferred(circuit, 14);
        } catch (const Error&) {
            continue;  // More measurements than this test has memory for.
        }
        ++tried;
        EXPECT_FALSE(still.is_dynamic());
        expect_same(records_of_static(still), test::reference_run(circuit).records());
    }
    EXPECT_GT(tried, 300);
}

TEST(Deferral, NestedBranchesThatMeasureAndReset) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Random random(seed);
        Circuit circuit(3, 3);
        for (Qubit q = 0; q < 3; ++q) circuit.ry(random.uniform(0, 3), q);
        circuit.measure(0, 0).measure(1, 1);
        const auto turn = [&](Circuit& body) {
            body.gate(GateId::u, {static_cast<Qubit>(random.below(3))},
                      {random.uniform(0, 3), random.uniform(0, 3), random.uniform(0, 3)});
        };
        circuit.if_else(
            {{0, 1}, random.below(4)},
            [&](Circuit& body) {
                turn(body);
                body.measure(2, static_cast<Clbit>(random.below(3)));
                body.if_else({{2}, random.below(2)}, turn, [&](Circuit& inner) { inner.reset(1); });
                turn(body);
            },
            [&](Circuit& body) {
                body.reset(0);
                turn(body);
                body.measure(0, 0);
            });
        for (Qubit q = 0; q < 2; ++q) circuit.measure(q, q + 1);
        expect_same(records_of_static(with_measurements_deferred(circuit, 18)),
                    test::reference_run(circuit).records());
    }
}

TEST(Deferral, BranchesOnTheBitThatTheyMeasureAndOnBitsOfOuterBranches) {
    Circuit circuit(2, 2);
    circuit.ry(1.1, 0).ry(0.6, 1).measure(0, 0).measure(1, 1);
    circuit.if_else({{0}, 1}, [](Circuit& body) {
        body.h(0).measure(0, 0);
        body.if_else(
            {{1, 0}, 3}, [](Circuit& inner) { inner.x(1).measure(1, 0); },
            [](Circuit& inner) { inner.h(1).measure(1, 1); });
    });
    circuit.if_else({{1}, 1}, [](Circuit& body) {
        body.if_else({{0, 1}, 3}, [](Circuit& inner) { inner.h(0); });
        body.if_else(
            {{1}, 0}, [](Circuit& inner) { inner.x(0); }, [](Circuit& inner) { inner.h(0); });
    });
    circuit.measure(0, 1);
    expect_same(records_of_static(with_measurements_deferred(circuit, 18)),
                test::reference_run(circuit).records());
}

TEST(Deferral, TakesNoFurtherQubitsWhereNoneAreNeeded) {
    Circuit circuit(2, 2);
    circuit.h(0).measure(0, 0).if_else({{0}, 1}, [](Circuit& body) { body.x(1); }).measure(1, 1);
    const Circuit still = with_measurements_deferred(circuit);
    EXPECT_EQ(still.num_qubits(), 2u);
    ASSERT_EQ(still.operations().size(), 4u);
    EXPECT_EQ(std::get<Gate>(still.operations()[1].kind()).id, GateId::cx);
}

TEST(Deferral, RefusesWhatHasNoStaticForm) {
    Circuit loop(1, 1);
    loop.while_loop({{0}, 0}, [](Circuit& body) { body.h(0).measure(0, 0); });
    EXPECT_THROW(with_measurements_deferred(loop), Error);
    Circuit store(1, 1);
    store.store({0}, {}, {{{WordOperator::constant, 1, 0, 0, 1}}});
    EXPECT_THROW(with_measurements_deferred(store), Error);
    Circuit wide(1, 1);
    wide.h(0).measure(0, 0).h(0);
    EXPECT_THROW(with_measurements_deferred(wide, 1), Error);
}

TEST(Unrolling, IsTheLoopWhereItEndsInTime) {
    // Each turn measures the next of three qubits that are 1, 1, 0.
    Circuit circuit(3, 1);
    circuit.x(0).x(1).measure(0, 0).while_loop({{0}, 1}, [](Circuit& body) {
        body.gate(GateId::swap, {0, 1}).gate(GateId::swap, {1, 2}).measure(0, 0);
    });
    const auto expected = test::reference_run(circuit).records();
    const Circuit twice = with_loops_unrolled(circuit, 2);
    expect_same(test::reference_run(twice).records(), expected);
    expect_same(records_of_static(with_measurements_deferred(twice)), expected);
    EXPECT_NE(test::reference_run(with_loops_unrolled(circuit, 1)).records(), expected);
    EXPECT_THROW(with_loops_unrolled(circuit, 0), Error);
    EXPECT_THROW(with_loops_unrolled(circuit, 1000), Error);
}

TEST(Unrolling, StopsBeforeItTakesAllMemory) {
    Circuit circuit(1, 1);
    circuit.while_loop({{0}, 1}, [](Circuit& a) {
        a.while_loop({{0}, 1}, [](Circuit& b) {
            b.while_loop({{0}, 1}, [](Circuit& c) { c.while_loop({{0}, 1}, [](Circuit& d) { d.x(0); }); });
        });
    });
    EXPECT_THROW(with_loops_unrolled(circuit, 200), Error);
}

}  // namespace
}  // namespace qdcnn::qasm
