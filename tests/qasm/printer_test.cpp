#include "qdcnn/qasm/printer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "qdcnn/qasm/reader.h"
#include "support/random_circuit.h"
#include "support/reference_simulator.h"
#include "support/same_circuit.h"

namespace qdcnn::qasm {
namespace {

using namespace circuit;
using test::same_circuit;

std::string print(const Circuit& circuit, Dialect dialect, std::uint32_t device_qubits = 0) {
    return print_qasm(circuit, {.dialect = dialect, .device_qubits = device_qubits});
}

void expect_refusal(const Circuit& circuit, Dialect dialect, const std::string& message) {
    try {
        print(circuit, dialect);
        ADD_FAILURE() << "it was printed; expected: " << message;
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unsupported);
        EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find(dialect_row(dialect).name), std::string::npos)
            << error.what();
        EXPECT_FALSE(error.hint().empty());
    }
}

void expect_same_records(const std::map<std::uint64_t, double>& got,
                         const std::map<std::uint64_t, double>& expected, const std::string& text) {
    for (const auto* from : {&got, &expected})
        for (const auto& [record, probability] : *from) {
            const auto a = got.find(record), b = expected.find(record);
            ASSERT_NEAR(a == got.end() ? 0 : a->second, b == expected.end() ? 0 : b->second, 1e-12) << text;
        }
}

class EveryDialect : public testing::TestWithParam<std::size_t> {
  protected:
    Dialect dialect() const { return static_cast<Dialect>(GetParam()); }
    const DialectRow& row() const { return dialect_row(dialect()); }
    /// Some gates come back as the steps that the dialect has words for.
    bool writes_some_out() const {
        return std::any_of(gate_table().begin(), gate_table().end(),
                           [&](const GateRow& gate) { return row().is_written_out(gate.id); });
    }
};

TEST_P(EveryDialect, StandsAtItsOwnPlaceInTheTable) {
    EXPECT_EQ(row().dialect, dialect());
    EXPECT_EQ(dialect_of(std::string(row().name)), dialect());
}

TEST_P(EveryDialect, ReadingBackGivesTheSameUnitary) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Random random(seed);
        const Circuit circuit = test::random_circuit({.qubits = 4, .gates = 40}, random);
        const std::string text = print(circuit, dialect());
        const Circuit again = read_qasm(text, "again.qasm");
        ASSERT_EQ(again.num_qubits(), 4u);
        EXPECT_LT(distance_up_to_phase(unitary_of(again), unitary_of(circuit)), 1e-12) << text;
        if (!writes_some_out()) {
            EXPECT_TRUE(same_circuit(again, circuit)) << text;
        }
    }
}

TEST_P(EveryDialect, ReadingBackGivesTheSameParametersAndBranches) {
    if (row().parameter_type.empty()) {
        Circuit rotation(1);
        rotation.rx(rotation.parameter("theta"), 0);
        return expect_refusal(rotation, dialect(), "parameters (here theta)");
    }
    for (std::uint64_t seed = 100; seed < 160; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Random random(seed);
        const Circuit circuit =
            test::random_circuit({.qubits = 4, .gates = 40, .dynamic = true, .parameters = 3}, random);
        const std::string text = print(circuit, dialect());
        const Circuit again = read_qasm(text, "again.qasm");
        EXPECT_EQ(again.parameters(), circuit.parameters());
        if (!writes_some_out() && row().unset_bits == UnsetBits::as_they_are) {
            EXPECT_TRUE(same_circuit(again, circuit)) << text;
        }
        std::vector<double> values;
        for (std::size_t k = 0; k < circuit.parameters().size(); ++k) values.push_back(random.uniform(-3, 3));
        expect_same_records(test::reference_run(again.bind(values)).records(),
                            test::reference_run(circuit.bind(values)).records(), text);
    }
}

TEST_P(EveryDialect, NumbersReadBackBitByBit) {
    Random random(5);
    for (int i = 0; i < 300; ++i) {
        const double angle = std::ldexp(random.uniform(-1, 1), static_cast<int>(random.below(120)) - 60);
        Circuit circuit(1);
        circuit.rz(angle, 0);
        const Circuit again = read_qasm(print(circuit, dialect()), "again.qasm");
        EXPECT_EQ(std::get<Gate>(again.operations()[0].kind()).angles[0].constant(), angle);
    }
}

TEST_P(EveryDialect, BodiesHoldNoControlAndNoPhase) {
    Circuit circuit(3);
    for (const GateRow& gate : gate_table()) {
        std::vector<Qubit> qubits{0, 1, 2};
        qubits.resize(static_cast<std::size_t>(gate.qubits));
        circuit.gate(gate.id, QubitList(qubits),
                     std::vector<Angle>(static_cast<std::size_t>(gate.parameters), 0.5));
    }
    const std::string text = print(circuit, dialect());
    for (std::size_t start = text.find("gate "); start != std::string::npos;
         start = text.find("gate ", start + 1)) {
        const std::string body = text.substr(start, text.find('}', start) - start);
        EXPECT_EQ(body.find('@'), std::string::npos) << body;
        EXPECT_EQ(body.find("gphase"), std::string::npos) << body;
    }
    EXPECT_TRUE(check_qasm(text, "all.qasm").empty()) << text;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryDialect, testing::Range(std::size_t{0}, dialects().size()),
                         [](const auto& row) {
                             std::string name(dialects()[row.param].name);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(Printer, BellPairInEveryDialect) {
    Circuit bell;
    bell.add_qubits("q", 2);
    bell.add_clbits("meas", 2);
    bell.h(0).cx(0, 1).measure(0, 0).measure(1, 1);
    const std::string head = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nbit[2] meas;\n";
    const std::string body = "h q[0];\ncx q[0], q[1];\nmeas[0] = measure q[0];\nmeas[1] = measure q[1];\n";
    EXPECT_EQ(print(bell, Dialect::full), head + "qubit[2] q;\n" + body);
    EXPECT_EQ(print(bell, Dialect::qiskit), head + "qubit[2] q;\n" + body);
    EXPECT_EQ(print(bell, Dialect::ibm, 127), head + "qubit[127] q;\n" + body);
    EXPECT_EQ(print(bell, Dialect::qiskit_isa),
              head + "h $0;\ncx $0, $1;\nmeas[0] = measure $0;\nmeas[1] = measure $1;\n");
    EXPECT_EQ(print(bell, Dialect::qasm2),
              "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ncreg meas[2];\nqreg q[2];\nh q[0];\ncx q[0], q[1];\n"
              "measure q[0] -> meas[0];\nmeasure q[1] -> meas[1];\n");
    EXPECT_EQ(print(bell, Dialect::qiskit_rust), head + "qubit[2] q;\n" + body);
    EXPECT_EQ(print(bell, Dialect::braket),
              "OPENQASM 3.0;\nbit[2] meas;\nqubit[2] q;\nh q[0];\ncnot q[0], q[1];\nmeas[0] = measure q[0];\n"
              "meas[1] = measure q[1];\n");
    EXPECT_EQ(print_qasm(bell, {.dialect = Dialect::braket, .is_verbatim = true}),
              "OPENQASM 3.0;\nbit[2] meas;\n#pragma braket verbatim\nbox {\n    h $0;\n    cnot $0, $1;\n}\n"
              "meas[0] = measure $0;\nmeas[1] = measure $1;\n");
    EXPECT_EQ(print(bell, Dialect::portable),
              "OPENQASM 3.0;\ngate h q0 {\n    U(1.5707963267948966, 0.0, 3.141592653589793) q0;\n}\n"
              "bit[2] meas;\nqubit[2] q;\nh q[0];\nh q[1];\n"
              "ctrl @ U(0.0, 0.0, 3.141592653589793) q[0], q[1];\nh q[1];\n"
              "meas[0] = measure q[0];\nmeas[1] = measure q[1];\n");
}

TEST(Printer, RegistersBecomeOneWhereOnlyOneIsTaken) {
    Circuit circuit;
    circuit.add_qubits("q", 2);
    circuit.add_clbits("a", 2);
    circuit.add_clbits("c", 1);
    circuit.measure(0, 1).measure(1, 2).if_else({{0, 1}, 2}, [](Circuit& body) { body.x(0); });
    EXPECT_EQ(print(circuit, Dialect::braket),
              "OPENQASM 3.0;\n// Register \"a\" is c[0:1] here.\n// Register \"c\" is c[2] here.\n"
              "bit[3] c = \"000\";\nqubit[2] q;\nc[1] = measure q[0];\nc[2] = measure q[1];\n"
              "if (c[0] == false && c[1] == true) {\n    x q[0];\n}\n");
    EXPECT_NE(
        print(circuit, Dialect::portable).find("if (c[0] == false) {\n    if (c[1]) {\n        x q[0];\n"),
        std::string::npos);
}

TEST(Printer, WhatADialectCannotSayNamesThoseThatCan) {
    Circuit circuit(1, 1);
    circuit.reset(0);
    try {
        print(circuit, Dialect::qiskit_rust);
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("dialect qiskit-rust cannot say a reset"),
                  std::string::npos);
        EXPECT_EQ(
            error.hint(),
            "Use one of the dialects that can: full, qiskit, qiskit-isa, ibm, braket, qasm2, portable; or "
            "qdcnn emit --defer-measurements.");
    }
    Circuit branch(1, 1);
    branch.if_else({{0}, 1}, [](Circuit& body) { body.x(0); });
    expect_refusal(branch, Dialect::qiskit_rust, "a branch on measured bits");
    Circuit loop(1, 1);
    loop.while_loop({{0}, 1}, [](Circuit& body) { body.measure(0, 0); });
    expect_refusal(loop, Dialect::qiskit_rust, "a loop on measured bits");
    Circuit waiting(1);
    waiting.delay(1e-7, 0);
    for (const Dialect dialect : {Dialect::qiskit_rust, Dialect::braket, Dialect::portable})
        expect_refusal(waiting, dialect, "a delay");
    Circuit native(2);
    native.gate(GateId::rzx, {0, 1}, {0.5});
    try {
        print_qasm(native, {.dialect = Dialect::braket, .is_verbatim = true});
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("gate rzx in a verbatim box"), std::string::npos);
    }
    EXPECT_THROW(print_qasm(native, {.dialect = Dialect::qiskit, .is_verbatim = true}), Error);
}

TEST(Printer, WritesInPieces) {
    Circuit circuit(2);
    for (int i = 0; i < 50'000; ++i) circuit.cx(0, 1);
    std::string text;
    std::size_t longest = 0, pieces = 0;
    print_qasm(circuit, {}, [&](std::string_view piece) {
        text += piece;
        longest = std::max(longest, piece.size());
        ++pieces;
    });
    EXPECT_EQ(text, print_qasm(circuit));
    EXPECT_GT(pieces, 5u);
    EXPECT_LT(longest, 70'000u);
}

TEST(Printer, DefinesGatesBeforeTheirUse) {
    Circuit circuit(2);
    const Angle theta = circuit.parameter("theta");
    circuit.gate(GateId::ecr, {0, 1}).gate(GateId::u, {0}, {theta * 2, theta - 1.0, -theta});
    EXPECT_EQ(print(circuit, Dialect::qiskit),
              "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float[64] theta;\n"
              "gate rzz(p0) q0, q1 {\n    cx q0, q1;\n    rz(p0) q1;\n    cx q0, q1;\n}\n"
              "gate rzx(p0) q0, q1 {\n    h q1;\n    rzz(p0) q0, q1;\n    h q1;\n}\n"
              "gate ecr q0, q1 {\n    rzx(0.7853981633974483) q0, q1;\n    x q0;\n    "
              "rzx(-0.7853981633974483) q0, q1;\n}\n"
              "qubit[2] q;\necr q[0], q[1];\nU(2.0*theta, theta - 1.0, -theta) q[0];\n");
}

TEST(Printer, Conditions) {
    Circuit circuit;
    circuit.add_qubits("q", 1);
    circuit.add_clbits("c", 2);
    circuit.add_clbits("d", 1);
    const auto flip = [](Circuit& body) { body.x(0); };
    const auto turn = [](Circuit& body) { body.h(0); };
    circuit.if_else({{0, 1}, 2}, flip)
        .if_else({{1, 0}, 2}, flip, turn)
        .if_else({{2}, 0}, flip)
        .if_else({{0, 2}, 1}, flip, turn);
    const std::string start =
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nbit[2] c;\nbit[1] d;\nqubit[1] q;\n"
        "if (c == 2) {\n    x q[0];\n}\n"
        "if (c == 1) {\n    x q[0];\n} else {\n    h q[0];\n}\n"
        "if (!d[0]) {\n    x q[0];\n}\n";
    EXPECT_EQ(print(circuit, Dialect::full),
              start + "if (c[0] && !d[0]) {\n    x q[0];\n} else {\n    h q[0];\n}\n");
    EXPECT_EQ(print(circuit, Dialect::qiskit),
              start +
                  "if (c[0]) {\n    if (!d[0]) {\n        x q[0];\n    } else {\n        h q[0];\n    }\n} "
                  "else {\n    h q[0];\n}\n");
    EXPECT_TRUE(same_circuit(read_qasm(print(circuit, Dialect::full), "again"), circuit));
    expect_refusal(circuit, Dialect::qasm2, "else");
}

TEST(Printer, ConditionsMeanTheSameInEveryDialect) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Random random(seed);
        Circuit circuit;
        circuit.add_qubits("q", 3);
        circuit.add_clbits("a", 2);
        circuit.add_clbits("b", 2);
        for (int step = 0; step < 6; ++step) {
            for (Qubit q = 0; q < 3; ++q) circuit.ry(random.uniform(0, 3), q);
            circuit.measure(static_cast<Qubit>(random.below(3)), static_cast<Clbit>(random.below(4)));
            std::vector<Clbit> bits{0, 1, 2, 3};
            random.shuffle(bits);
            bits.resize(1 + random.below(4));
            const auto flip = [&](Circuit& body) { body.x(static_cast<Qubit>(random.below(3))); };
            circuit.if_else({bits, random.below(std::uint64_t{1} << bits.size())}, flip, flip);
        }
        for (Qubit q = 0; q < 3; ++q) circuit.measure(q, q);
        const auto expected = test::reference_run(circuit).records();
        for (const DialectRow& row : dialects()) {
            if (!row.has_else || !row.has_branches) continue;
            const std::string text = print(circuit, row.dialect);
            expect_same_records(test::reference_run(read_qasm(text, "again")).records(), expected, text);
        }
    }
}

TEST(Printer, LoopsAndAssignments) {
    Circuit circuit;
    circuit.add_qubits("q", 1);
    circuit.add_clbits("c", 2);
    circuit.add_clbits("n", 4, true);
    circuit.add_clbits("done", 1, true);
    Formula successor{{{WordOperator::input, 4, 0, 0, 0},
                       {WordOperator::constant, 4, 0, 0, 1},
                       {WordOperator::add, 4, 0, 1, 0}}};
    Formula waits{{{WordOperator::input, 4, 0, 0, 0},
                   {WordOperator::constant, 4, 0, 0, 3},
                   {WordOperator::less, 1, 0, 1, 0},
                   {WordOperator::input, 1, 0, 0, 4},
                   {WordOperator::bit_not, 1, 3, 0, 0},
                   {WordOperator::bit_and, 1, 2, 4, 0}}};
    circuit.store({6}, {}, {{{WordOperator::constant, 1, 0, 0, 0}}});
    circuit.while_loop({{2, 3, 4, 5, 6}, 1, waits}, [&](Circuit& body) {
        body.h(0).measure(0, 6).store({2, 3, 4, 5}, {2, 3, 4, 5}, successor);
    });
    EXPECT_EQ(print(circuit, Dialect::full),
              "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nuint[4] n;\nbool done;\nbit[2] c;\nqubit[1] q;\n"
              "done = false;\nwhile ((n < 3) && !done) {\n    h q[0];\n    done = measure q[0];\n    n = n + "
              "1;\n}\n");
    expect_refusal(circuit, Dialect::qiskit, "an assignment to classical bits");
    Circuit plain(1, 1);
    plain.while_loop({{0}, 0}, [](Circuit& body) { body.h(0).measure(0, 0); });
    EXPECT_NE(print(plain, Dialect::qiskit).find("while (!c[0]) {\n    h q[0];\n    c[0] = measure q[0];\n}"),
              std::string::npos);
    expect_refusal(plain, Dialect::qasm2, "a loop on measured bits");
}

TEST(Printer, Version2Branches) {
    Circuit circuit;
    circuit.add_qubits("q", 2);
    circuit.add_clbits("c", 2);
    Circuit good = circuit;
    good.if_else({{0, 1}, 3}, [](Circuit& body) { body.x(0).gate(GateId::swap, {0, 1}); });
    EXPECT_EQ(print(good, Dialect::qasm2),
              "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ncreg c[2];\nqreg q[2];\nif (c == 3) x q[0];\n"
              "if (c == 3) cx q[0], q[1];\nif (c == 3) cx q[1], q[0];\nif (c == 3) cx q[0], q[1];\n");
    Circuit single = circuit;
    single.if_else({{0}, 1}, [](Circuit& body) { body.x(0); });
    expect_refusal(single, Dialect::qasm2, "a condition on bits that are no whole register");
    Circuit nested = circuit;
    nested.if_else({{0, 1}, 1}, [](Circuit& body) {
        body.if_else({{0, 1}, 1}, [](Circuit& inner) { inner.x(0); });
    });
    expect_refusal(nested, Dialect::qasm2, "a branch within a branch");
    Circuit changing = circuit;
    changing.if_else({{0, 1}, 1}, [](Circuit& body) { body.measure(0, 0).x(1); });
    expect_refusal(changing, Dialect::qasm2, "measures into its own condition");
    Circuit waiting = circuit;
    waiting.delay(1e-7, 0);
    expect_refusal(waiting, Dialect::qasm2, "a delay");
}

TEST(Printer, PreparationIsRefusedByName) {
    Circuit circuit(1);
    circuit.prepare({0}, {0.6, 0.8});
    for (const DialectRow& row : dialects()) expect_refusal(circuit, row.dialect, "an amplitude preparation");
}

TEST(Printer, DelaysReadBackExactly) {
    Random random(3);
    for (int i = 0; i < 300; ++i) {
        Circuit circuit(1);
        circuit.delay(std::ldexp(random.uniform(), -static_cast<int>(random.below(40))), 0);
        circuit.delay(static_cast<double>(random.below(1'000'000)), 0, TimeUnit::dt);
        circuit.delay(static_cast<double>(random.below(1000)) * 1e-9, 0);
        EXPECT_TRUE(same_circuit(read_qasm(print(circuit, Dialect::full), "again"), circuit))
            << print(circuit, Dialect::full);
    }
    Circuit circuit(1);
    circuit.delay(1e-7, 0).delay(2.5e-6, 0).delay(160, 0, TimeUnit::dt).delay(0, 0);
    const std::string text = print(circuit, Dialect::full);
    EXPECT_NE(text.find("delay[100ns] q[0];\ndelay[2.5us] q[0];\ndelay[160dt] q[0];\ndelay[0ns] q[0];"),
              std::string::npos)
        << text;
}

TEST(Printer, TakenNamesGetUnderscores) {
    Circuit circuit;
    circuit.add_qubits("while", 1);
    circuit.add_qubits("x y", 1);
    circuit.add_clbits("p", 2);
    circuit.add_clbits("p_", 1);
    circuit.rx(circuit.parameter("phi[0]"), 0).rx(circuit.parameter("pi"), 1).measure(0, 1).measure(1, 2);
    const std::string text = print(circuit, Dialect::qiskit);
    for (const char* line :
         {"input float[64] phi_0_;", "input float[64] pi_;", "qubit[1] while_;", "qubit[1] x_y;",
          "bit[2] p_;", "bit[1] p__;", "// Register \"p\" is called p_ here.", "p__[0] = measure x_y[0];"})
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    EXPECT_TRUE(check_qasm(text, "again").empty()) << text;
}

TEST(Printer, GlobalPhase) {
    Circuit circuit(1);
    const Angle theta = circuit.parameter("theta");
    circuit.x(0);
    circuit.set_global_phase(theta * 0.5 + 0.25);
    EXPECT_NE(print(circuit, Dialect::full).find("gphase(0.5*theta + 0.25);\n"), std::string::npos);
    EXPECT_EQ(print(circuit, Dialect::ibm).find("gphase"), std::string::npos);
    EXPECT_TRUE(same_circuit(read_qasm(print(circuit, Dialect::full), "again"), circuit));
}

TEST(Printer, BarriersNameWholeRegisters) {
    Circuit circuit;
    circuit.add_qubits("a", 2);
    circuit.add_qubits("b", 2);
    circuit.barrier().barrier({2, 3, 0}).barrier({1, 0});
    const std::string text = print(circuit, Dialect::full);
    EXPECT_NE(text.find("barrier a, b;\nbarrier b, a[0];\nbarrier a[1], a[0];\n"), std::string::npos) << text;
}

TEST(Printer, WiderThanTheDevice) {
    try {
        print(Circuit(6), Dialect::ibm, 5);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("6 qubits, the device 5"), std::string::npos);
    }
}

TEST(Printer, UnknownDialect) {
    try {
        dialect_of("qiskti");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        EXPECT_EQ(error.hint(), "Did you mean \"qiskit\"?");
    }
}

}  // namespace
}  // namespace qdcnn::qasm
