#include "qdcnn/circuit/circuit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/observable.h"
#include "qdcnn/circuit/unitary.h"
#include "support/random_circuit.h"

namespace qdcnn::circuit {
namespace {

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(Angle, ArithmeticIsAffine) {
    const Angle a = Angle::of_parameter(0), b = Angle::of_parameter(3);
    const Angle sum = 2.0 * a - b * 0.5 + 1.25;
    const std::vector<double> values{10, 0, 0, 4};
    EXPECT_DOUBLE_EQ(sum.evaluate(values), 20 - 2 + 1.25);
    EXPECT_TRUE((sum - sum).is_bound());
    EXPECT_EQ((a + b) - b, a);
    const std::vector<std::string> names{"x", "", "", "y"};
    EXPECT_EQ(sum.to_string(names), "2*x - 0.5*y + 1.25");
    EXPECT_EQ((-a).to_string(names), "-x");
    EXPECT_EQ(Angle(0.1).to_string(names), "0.1");
}

TEST(Circuit, BuildingChecksItsArguments) {
    Circuit c(2, 1);
    EXPECT_EQ(message_of([&] { c.h(2); }), "qubit 2 is out of range: the circuit has 2");
    EXPECT_EQ(message_of([&] { c.cx(1, 1); }), "cx names qubit 1 twice");
    EXPECT_EQ(message_of([&] { c.gate(GateId::rx, {0}); }), "gate rx takes 1 angle(s), not 0");
    EXPECT_EQ(message_of([&] { c.gate(GateId::cx, {0}); }), "gate cx acts on 2 qubit(s), not 1");
    EXPECT_EQ(message_of([&] { c.measure(0, 1); }), "classical bit 1 is out of range: the circuit has 1");
    EXPECT_EQ(message_of([&] { c.rx(std::nan(""), 0); }), "rx: an angle is not a finite number");
    EXPECT_EQ(message_of([&] { c.rx(Angle::of_parameter(0), 0); }),
              "rx: parameter 0 is out of range: the circuit has 0");
    EXPECT_EQ(message_of([&] { c.add_clbits("q", 1); }), "there is already a register \"q\"");
    EXPECT_EQ(message_of([&] { c.prepare({0}, {1.0}); }), "1 amplitudes do not fit 1 qubits");
    EXPECT_EQ(message_of([&] {
                  c.if_else({{5}, 1}, [](Circuit& body) { body.x(0); });
              }),
              "classical bit 5 is out of range: the circuit has 1");
    EXPECT_EQ(message_of([&] { c.prepare({}, {1.0}); }), "a preparation acts on no qubit");
    EXPECT_EQ(message_of([&] { c.add_qubits("many", 4294967294u); }),
              "2 and 4294967294 qubits are more than a circuit can number");
    EXPECT_EQ(message_of([&] { c.add_clbits("many", 4294967295u); }),
              "1 and 4294967295 classical bits are more than a circuit can number");
    EXPECT_EQ(c.num_qubits(), 2u);
    EXPECT_EQ(message_of([] { QubitList({0, 1, 2}).push_back(3); }), "a gate takes at most 3 qubits");
    EXPECT_TRUE(c.operations().empty()) << "what is refused leaves nothing behind";
}

TEST(Circuit, AFreeNameIsNeitherThatOfQubitsNorOfBits) {
    Circuit circuit;
    circuit.add_qubits("m", 1);
    circuit.add_clbits("m_", 1);
    EXPECT_EQ(circuit.free_register_name("m"), "m__");
    EXPECT_EQ(circuit.free_register_name("n"), "n");
}

TEST(Circuit, BindingEqualsBuildingWithNumbers) {
    Random random(1);
    for (int repeat = 0; repeat < 20; ++repeat) {
        const Circuit symbolic = test::random_circuit({.qubits = 3, .gates = 20, .parameters = 3}, random);
        const std::vector<double> values{0.3, -1.2, 2.0};
        const Circuit bound = symbolic.bind(values);
        EXPECT_TRUE(bound.parameters().empty());
        ASSERT_EQ(bound.operations().size(), symbolic.operations().size());
        for (std::size_t i = 0; i < bound.operations().size(); ++i) {
            const auto& before = std::get<Gate>(symbolic.operations()[i].kind());
            const auto& after = std::get<Gate>(bound.operations()[i].kind());
            for (std::size_t k = 0; k < before.angles.size(); ++k)
                EXPECT_EQ(after.angles[k], Angle(before.angles[k].evaluate(values)));
        }
    }
    Circuit one(1);
    one.rx(one.parameter("t"), 0);
    EXPECT_EQ(message_of([&] { one.bind({}); }), "the circuit has 1 parameters, 0 values were given");
}

TEST(Circuit, BindingInTwoStepsEqualsBindingAtOnce) {
    Random random(3);
    const Circuit symbolic = test::random_circuit({.qubits = 3, .gates = 30, .parameters = 3}, random);
    const std::vector<double> values{0.3, -1.2, 2.0};
    const Circuit half = symbolic.bind_first(std::span(values).first(2));
    ASSERT_EQ(half.parameters(), (std::vector<std::string>{"t2"}));
    const Circuit whole = half.bind(std::span(values).last(1));
    EXPECT_LT(distance_up_to_phase(unitary_of(whole), unitary_of(symbolic.bind(values))), 1e-12);
    const std::vector<double> many(4, 0.0);
    EXPECT_EQ(message_of([&] { symbolic.bind_first(many); }),
              "the circuit has 3 parameters, 4 values were given");
}

TEST(Circuit, InverseUndoesIt) {
    Random random(2);
    for (int repeat = 0; repeat < 20; ++repeat) {
        Circuit circuit = test::random_circuit({.qubits = 3, .gates = 25}, random);
        const std::vector<Qubit> all{0, 1, 2};
        circuit.append(circuit.inverse(), all);
        EXPECT_LT(distance_up_to_phase(unitary_of(circuit), Matrix::identity(8)), 1e-12);
    }
    Circuit measured(1, 1);
    measured.measure(0, 0);
    EXPECT_THROW(measured.inverse(), Error);
}

TEST(Circuit, AppendMapsQubitsBitsAndParameters) {
    Circuit inner(2, 1);
    inner.cx(0, 1).rx(inner.parameter("b"), 1).measure(1, 0);
    inner.if_else({{0}, 1}, [](Circuit& body) { body.x(0); });
    Circuit outer(3, 2);
    outer.ry(outer.parameter("a"), 0);
    const std::vector<Qubit> qubits{2, 0};
    const std::vector<Clbit> bits{1};
    outer.append(inner, qubits, bits);
    EXPECT_EQ(outer.parameters(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(std::get<Gate>(outer.operations()[1].kind()).qubits, (QubitList{2, 0}));
    EXPECT_EQ(std::get<Gate>(outer.operations()[2].kind()).angles[0], Angle::of_parameter(1));
    EXPECT_EQ(std::get<Measure>(outer.operations()[3].kind()).clbit, 1u);
    const auto& branch = std::get<IfElse>(outer.operations()[4].kind());
    EXPECT_EQ(branch.condition.bits[0], 1u);
    EXPECT_EQ(std::get<Gate>(branch.then_body[0].kind()).qubits[0], 2u);
}

TEST(Circuit, MayBeAppendedToItself) {
    Circuit c(2);
    c.h(0).cx(0, 1).rx(c.parameter("a"), 1);
    c.set_global_phase(0.5);
    const std::vector<Qubit> exchanged{1, 0};
    c.append(c, exchanged);
    ASSERT_EQ(c.operations().size(), 6u);
    EXPECT_EQ(std::get<Gate>(c.operations()[4].kind()).qubits, QubitList({1, 0}));
    EXPECT_EQ(c.parameters().size(), 1u);
    EXPECT_EQ(c.global_phase(), Angle(1.0));
}

TEST(Unitary, UnboundPhasesAndWideCircuitsAreRefused) {
    const auto kind_of = [](const Circuit& circuit) {
        try {
            unitary_of(circuit);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    };
    Circuit symbolic(1);
    symbolic.set_global_phase(symbolic.parameter("a"));
    EXPECT_EQ(kind_of(symbolic), ErrorKind::invalid_input);
    EXPECT_EQ(kind_of(Circuit(25)), ErrorKind::out_of_memory);
    EXPECT_EQ(kind_of(Circuit(64)), ErrorKind::out_of_memory);
}

TEST(Circuit, KnowsWhetherItIsDynamic) {
    Circuit bell(2);
    bell.h(0).cx(0, 1);
    EXPECT_TRUE(bell.is_unitary());
    bell.measure_all();
    EXPECT_FALSE(bell.is_unitary());
    EXPECT_FALSE(bell.is_dynamic()) << "measurement at the end only";
    Circuit again = bell;
    again.h(0);
    EXPECT_TRUE(again.is_dynamic());
    Circuit reset(1);
    reset.reset(0);
    EXPECT_TRUE(reset.is_dynamic());
}

TEST(Metrics, CountAsTheContractSays) {
    Circuit c(3, 1);
    c.h(0).cx(0, 1).barrier().rz(0.1, 2).measure(0, 0);
    c.if_else(
        {{0}, 1}, [](Circuit& body) { body.x(1).cz(1, 2); }, [](Circuit& body) { body.z(2); });
    c.delay(1e-7, 2);
    const CircuitMetrics m = metrics(c);
    EXPECT_EQ(m.two_qubit_gates, 2u);
    EXPECT_EQ(m.one_qubit_gates, 4u);
    // h, cx, measure, x, cz, delay.
    EXPECT_EQ(m.depth, 6u);
    EXPECT_EQ(m.two_qubit_depth, 2u);
}

TEST(Observable, ReadsAndWrites) {
    const Observable o = parse_observable(" Z2 Z0 + 0.5 X1 - 2*Y3 - 1.5");
    ASSERT_EQ(o.terms.size(), 4u);
    EXPECT_EQ(o.terms[0].paulis, (PauliString{{0, Pauli::z}, {2, Pauli::z}}));
    EXPECT_EQ(o.terms[2].coefficient, -2.0);
    EXPECT_TRUE(o.terms[3].paulis.empty());
    EXPECT_EQ(to_string(o), "Z0 Z2 + 0.5 X1 - 2 Y3 - 1.5");
    EXPECT_EQ(to_string(parse_observable(to_string(o))), to_string(o));
    EXPECT_EQ(to_string(map_qubits(o, {5, 4, 3, 2})), "Z3 Z5 + 0.5 X4 - 2 Y2 - 1.5");
}

TEST(Observable, BadTextNamesTheColumn) {
    for (const auto& [text, column] : std::vector<std::pair<std::string, int>>{{"", 1},
                                                                               {"Z", 2},
                                                                               {"Z0 Z0", 6},
                                                                               {"Q1", 1},
                                                                               {"Z0 +", 5},
                                                                               {"Z0 ) X1", 4},
                                                                               {"Z0 * + X1", 6},
                                                                               {"Z0 *", 5},
                                                                               {"Z0 * * X1", 6}}) {
        try {
            parse_observable(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::parse);
            EXPECT_EQ(error.position()->column, column) << text;
        }
    }
}

}  // namespace
}  // namespace qdcnn::circuit
