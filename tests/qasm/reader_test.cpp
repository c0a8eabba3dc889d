#include "qdcnn/qasm/reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "qdcnn/base/files.h"
#include "qdcnn/circuit/unitary.h"
#include "support/reference_simulator.h"
#include "support/same_circuit.h"
#include "support/shared_files.h"

namespace qdcnn::qasm {
namespace {

using namespace circuit;
using test::same_circuit;

constexpr double kPi = std::numbers::pi;

Circuit read(const std::string& body) {
    return read_qasm("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n" + body, "test.qasm");
}

/// Largest difference of the two unitaries, global phase included.
double difference(const Circuit& a, const Circuit& b) {
    const Matrix left = unitary_of(a), right = unitary_of(b);
    double largest = 0;
    for (std::size_t i = 0; i < left.values.size(); ++i)
        largest = std::max(largest, std::abs(left.values[i] - right.values[i]));
    return largest;
}

TEST(Reader, RegistersGatesAndMeasurement) {
    const Circuit circuit =
        read("qubit[2] q; bit[2] c; bit d; h q[0]; cx q[0], q[1]; c = measure q; d = measure q[1];");
    Circuit expected;
    expected.add_qubits("q", 2);
    expected.add_clbits("c", 2);
    expected.add_clbits("d", 1);
    expected.h(0).cx(0, 1).measure(0, 0).measure(1, 1).measure(1, 2);
    EXPECT_TRUE(same_circuit(circuit, expected));
}

TEST(Reader, WithoutVersionLineAndWithMinorVersions) {
    for (const char* version : {"", "OPENQASM 3;", "OPENQASM 3.0;", "OPENQASM 3.1;"})
        EXPECT_EQ(read_qasm(std::string(version) + "qubit q; U(0, 0, 0.5) q;", "v").operations().size(), 1u)
            << version;
}

/// pow(1/5) five times is the gate, under a control too, so the phases are right; and each eigenvalue of the
/// power lies within a fifth of a turn's half: it is the principal one.
TEST(Reader, FractionalPowers) {
    const std::string gates =
        "gate turned(t) a { gphase(t); rz(2 * t) a; ry(t) a; }"
        "gate folded(t) a, b { h a; cx a, b; rx(t) b; cx a, b; h a; } qubit[4] q; ";
    for (const std::string call : {"h q[1];",
                                   "y q[1];",
                                   "sx q[1];",
                                   "id q[1];",
                                   "U(0.1, 2, -3) q[1];",
                                   "U(pi, 0, pi) q[1];",
                                   "turned(3) q[1];",
                                   "u3(2, 0.4, 3) q[1];",
                                   "r(1, 2) q[1];",
                                   "swap q[1], q[2];",
                                   "ch q[1], q[2];",
                                   "cy q[1], q[2];",
                                   "ccx q[1], q[2], q[3];",
                                   "ccz q[1], q[2], q[3];",
                                   "cswap q[1], q[2], q[3];",
                                   "ctrl @ turned(2) q[1], q[2];",
                                   "negctrl @ ctrl @ U(3, 2, 1) q[1], q[2], q[3];",
                                   "inv @ ctrl @ sx q[1], q[2];",
                                   "folded(2.5) q[1], q[2];",
                                   "ctrl @ folded(-2.5) q[1], q[2], q[3];",
                                   "crx(3) q[1], q[2];",
                                   "rzz(3) q[1], q[2];",
                                   "ctrl @ gphase(3) q[1];"}) {
        SCOPED_TRACE(call);
        std::string controlled = "ctrl @ " + call, fifth = "ctrl @ pow(0.2) @ " + call;
        for (std::string* text : {&controlled, &fifth}) text->replace(text->find(" q[") + 1, 0, "q[0], ");
        const Circuit whole = read(gates + controlled);
        std::string five;
        for (int i = 0; i < 5; ++i) five += fifth;
        EXPECT_LT(difference(read(gates + five), whole), 1e-12);
        // |tr| of a unitary of which all eigenvalues are within pi/5 of 1.
        const Matrix power = unitary_of(read(gates + "pow(0.2) @ " + call));
        for (std::size_t i = 0; i < power.size; ++i)
            EXPECT_GT(power(i, i).real(), std::cos(kPi / 5) - 1e-12) << i;
    }
}

TEST(Reader, InputsWithValuesAreNumbers) {
    const std::string text =
        "input float theta; input angle phi; input int[4] n; input bool flag; input bit[2] m; input uint[8] "
        "k;"
        "qubit[3] q; rx(theta * theta) q[0]; rz(phi) q[1];"
        "if (flag && n < 0) { x q[m]; } pow(k) @ ry(0.1) q[2];"
        "for int i in [n:0] { z q[0]; }";
    const InputValue values[] = {{"theta", 0.5}, {"n", -2}, {"flag", 1}, {"m", 2}, {"k", 2}};
    const Circuit circuit = read_qasm("include \"stdgates.inc\";" + text, "inputs", {.inputs = values});
    Circuit expected;
    expected.add_qubits("q", 3);
    expected.rx(0.25, 0).rz(expected.parameter("phi"), 1).x(2).ry(0.1, 2).ry(0.1, 2).z(0).z(0).z(0);
    EXPECT_TRUE(same_circuit(circuit, expected));
}

TEST(Reader, ValuesOfInputsAreChecked) {
    const auto message = [](std::string_view name, double value) -> std::string {
        const InputValue values[] = {{name, value}};
        const auto found = check_qasm("input int[4] count; input bool flag;", "inputs", {.inputs = values});
        return found.empty() ? "" : found[0].message + found[0].hint;
    };
    EXPECT_EQ(message("count", 7), "");
    EXPECT_EQ(message("count", -8), "");
    EXPECT_EQ(message("count", 8), "8 does not fit int[4]");
    EXPECT_EQ(message("count", 0.5), "input count is given 0.5; expected a whole number");
    EXPECT_EQ(message("flag", 1), "");
    EXPECT_EQ(message("flag", 2), "2 does not fit bool");
    EXPECT_EQ(message("cuont", 2), "there is no input \"cuont\" to give a valueDid you mean \"count\"?");
}

TEST(Reader, OutputsAreRegistersOfResults) {
    const Circuit circuit = read(
        "output uint[2] sum; output bool odd; output bit[2] c; qubit[2] q; x q; c = measure q;"
        "sum = uint[2](c[0]) + uint[2](c[1]); odd = c[0] != c[1]; if (c[1]) { sum += 1; }");
    const auto registers = circuit.result_registers();
    ASSERT_EQ(registers.size(), 3u);
    EXPECT_EQ(registers[0].name, "sum");
    EXPECT_EQ(registers[0].size, 2u);
    EXPECT_EQ(registers[1].name, "odd");
    const auto records = test::reference_run(circuit).records();
    ASSERT_EQ(records.size(), 1u);
    // c = 11, odd = 0, sum = 3, the first register lowest.
    EXPECT_EQ(records.begin()->first, 0b11'0'11u);
}

TEST(Reader, BothFormsOfMeasurement) {
    const Circuit a =
        read("qubit[3] q; bit[3] c; measure q -> c; measure q[1] -> c[0]; bit[2] e = measure q[0:1];");
    Circuit b;
    b.add_qubits("q", 3);
    b.add_clbits("c", 3);
    b.measure(0, 0).measure(1, 1).measure(2, 2).measure(1, 0);
    b.add_clbits("e", 2);
    b.measure(0, 3).measure(1, 4);
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, SlicesSetsNegativeIndicesAndAliases) {
    const Circuit a = read(R"(
        qubit[6] q;
        x q[1:3]; y q[0:2:4]; z q[{5, 0}]; h q[-1]; s q[4:-1:3];
        let a = q[3:5]; t a[1]; let b = q[0] ++ a; sdg b[3]; let one = q[2]; tdg one; x q[1:4][0];)");
    Circuit b;
    b.add_qubits("q", 6);
    b.x(1).x(2).x(3);
    b.gate(GateId::y, {0}).gate(GateId::y, {2}).gate(GateId::y, {4});
    b.z(5).z(0).h(5);
    b.gate(GateId::s, {4})
        .gate(GateId::s, {3})
        .gate(GateId::t, {4})
        .gate(GateId::sdg, {5})
        .gate(GateId::tdg, {2})
        .x(1);
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, Broadcast) {
    const Circuit a = read("qubit[2] q; qubit[2] r; cx q, r; cx q[0], r; ccx q[0], q[1], r;");
    Circuit b;
    b.add_qubits("q", 2);
    b.add_qubits("r", 2);
    b.cx(0, 2).cx(1, 3).cx(0, 2).cx(0, 3).gate(GateId::ccx, {0, 1, 2}).gate(GateId::ccx, {0, 1, 3});
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, Arithmetic) {
    struct Case {
        std::string text;
        double value;
    };
    const Case cases[] = {{"pi/2", kPi / 2},
                          {"-pi", -kPi},
                          {"2*pi/3", 2 * kPi / 3},
                          {"tau", 2 * kPi},
                          {"euler", std::numbers::e},
                          {"π/4", kPi / 4},
                          {"1 + 2 * 3", 7},
                          {"(1 + 2) * 3", 9},
                          {"2 ** 3 ** 2", 512},
                          {"-2 ** 2", -4},
                          {"7 / 2", 3},
                          {"7.0 / 2", 3.5},
                          {"7 % 4", 3},
                          {"1 << 4", 16},
                          {"0x1F", 31},
                          {"0b101", 5},
                          {"1_000.5", 1000.5},
                          {".5e1", 5},
                          {"5.", 5},
                          {"sin(pi/6)", std::sin(kPi / 6)},
                          {"arccos(0.0)", std::acos(0.0)},
                          {"sqrt(2)", std::sqrt(2.0)},
                          {"float(7) / 2", 3.5},
                          {"int(3.7)", 3},
                          {"uint[4](15)", 15},
                          {"int[8](-128)", -128},
                          {"int[1](-1)", -1},
                          {"uint[64](7)", 7},
                          {"mod(7, 3)", 1},
                          {"10 - 4 - 3", 3},
                          {"-(-1)", 1},
                          {"popcount(7)", 3},
                          {"1e-320", 1e-320}};
    for (const Case& one : cases) {
        const Circuit circuit = read("qubit q; rz(" + one.text + ") q;");
        EXPECT_DOUBLE_EQ(std::get<Gate>(circuit.operations()[0].kind()).angles[0].constant(), one.value)
            << one.text;
    }
}

TEST(Reader, ConstantsAndInputs) {
    const Circuit circuit = read(R"(
        const int n = 2; const float f = pi / n;
        input float[64] theta; input angle phi;
        qubit[n] q;
        rx(2 * theta - phi / 4 + f) q[0]; ry(-(theta + theta)) q[1]; rz(theta * 0) q[1];)");
    EXPECT_EQ(circuit.parameters(), (std::vector<std::string>{"theta", "phi"}));
    const auto angle = [&](std::size_t i) {
        return std::get<Gate>(circuit.operations()[i].kind()).angles[0];
    };
    EXPECT_EQ(angle(0), Angle::of_parameter(0, 2) + Angle::of_parameter(1, -0.25) + Angle(kPi / 2));
    EXPECT_EQ(angle(1), Angle::of_parameter(0, -2));
    EXPECT_EQ(angle(2), Angle(0.0));
}

TEST(Reader, PhysicalQubits) {
    const Circuit circuit = read("bit[1] c; sx $3; cz $3, $1; c[0] = measure $1; barrier;");
    EXPECT_EQ(circuit.num_qubits(), 4u);
    EXPECT_EQ(circuit.qubit_registers()[0].name, "q");
    EXPECT_EQ(std::get<Gate>(circuit.operations()[1].kind()).qubits, (QubitList{3, 1}));
    EXPECT_EQ(std::get<Barrier>(circuit.operations()[3].kind()).qubits, (std::vector<Qubit>{0, 1, 2, 3}));
}

TEST(Reader, GateDefinitionsAreInlined) {
    const Circuit a = read(R"(
        gate inner(t) x { rz(t / 2) x; h x; }
        gate outer(a, b) p, q { inner(a + b) q; cx p, q; barrier p, q; inner(2 * a) p; }
        input float theta;
        qubit[2] q;
        outer(theta, 1) q[1], q[0];)");
    Circuit b;
    b.add_qubits("q", 2);
    const Angle theta = b.parameter("theta");
    b.rz(theta * 0.5 + 0.5, 0).h(0).cx(1, 0).barrier({1, 0}).rz(theta, 1).h(1);
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, DefinitionOfAGateOfTheTableIsThatGate) {
    const Circuit a = read(R"(
        gate rzz(t) a, b { cx a, b; rz(t) b; cx a, b; }
        gate iswap a, b { x a; }
        qubit[2] q;
        rzz(0.3) q[0], q[1]; iswap q[0], q[1];)");
    EXPECT_EQ(std::get<Gate>(a.operations()[0].kind()).id, GateId::rzz);
    EXPECT_EQ(std::get<Gate>(a.operations()[1].kind()).id, GateId::x) << "a name alone makes no gate";
}

TEST(Reader, ModifiersMeanWhatTheySay) {
    struct Case {
        std::string text;
        std::function<void(Circuit&)> expected;
    };
    const Case cases[] = {
        {"ctrl @ x q[0], q[1];", [](Circuit& c) { c.cx(0, 1); }},
        {"ctrl(2) @ x q[0], q[1], q[2];",
         [](Circuit& c) {
             c.gate(GateId::ccx, {0, 1, 2});
         }},
        {"negctrl @ x q[0], q[1];", [](Circuit& c) { c.x(0).cx(0, 1).x(0); }},
        {"negctrl @ ctrl @ z q[2], q[0], q[1];",
         [](Circuit& c) {
             c.x(2).gate(GateId::ccz, {0, 1, 2}).x(2);
         }},
        {"inv @ s q[0];", [](Circuit& c) { c.gate(GateId::sdg, {0}); }},
        {"inv @ ctrl @ rx(0.3) q[0], q[1];",
         [](Circuit& c) {
             c.gate(GateId::crx, {0, 1}, {-0.3});
         }},
        {"pow(3) @ t q[0];", [](Circuit& c) { c.gate(GateId::p, {0}, {3 * kPi / 4}); }},
        {"pow(-2) @ s q[0];", [](Circuit& c) { c.z(0); }},
        {"pow(0.5) @ x q[0];", [](Circuit& c) { c.sx(0); }},
        {"pow(1/2.0) @ rz(0.8) q[0];", [](Circuit& c) { c.rz(0.4, 0); }},
        {"pow(0) @ h q[0];", [](Circuit&) {}},
        {"ctrl @ gphase(0.7) q[1];", [](Circuit& c) { c.gate(GateId::p, {1}, {0.7}); }},
        {"ctrl @ pow(2) @ sx q[0], q[1];", [](Circuit& c) { c.cx(0, 1); }},
        {"ctrl @ swap q[2], q[0], q[1];",
         [](Circuit& c) {
             c.gate(GateId::cswap, {2, 0, 1});
         }},
        // The specification's U carries the phase e^(i theta/2), which a control makes visible.
        {"ctrl @ U(0.3, 0.2, 0.1) q[0], q[1];",
         [](Circuit& c) {
             c.gate(GateId::cu, {0, 1}, {0.3, 0.2, 0.1, 0.15});
         }},
        {"ctrl @ rxx(0.4) q[0], q[1], q[2];",
         [](Circuit& c) {
             c.h(1).h(2).cx(1, 2).gate(GateId::crz, {0, 2}, {0.4}).cx(1, 2).h(1).h(2);
         }},
        {"gphase(0.25); x q[0];",
         [](Circuit& c) {
             c.x(0);
             c.set_global_phase(0.25);
         }},
    };
    for (const Case& one : cases) {
        Circuit expected(3);
        one.expected(expected);
        EXPECT_LT(difference(read("qubit[3] q; " + one.text), expected), 1e-14) << one.text;
    }
}

TEST(Reader, ControlOfABodyKeepsItsPhase) {
    // Up to global phase `rzz` is the table's gate, but under a control the phase counts.
    const Circuit a = read(R"(
        gate rzz(t) a, b { cx a, b; p(t) b; cx a, b; }
        gate flip a { U(pi, 0, pi) a; gphase(-pi / 2); }
        qubit[3] q;
        ctrl @ rzz(0.6) q[0], q[1], q[2]; ctrl @ flip q[0], q[1];)");
    Circuit b(3);
    b.cx(1, 2).gate(GateId::cp, {0, 2}, {0.6}).cx(1, 2).cx(0, 1);
    EXPECT_LT(difference(a, b), 1e-14);
}

TEST(Reader, FractionalPowersAreThoseOfTheBody) {
    // Up to global phase `z` is the table's gate; its root is diag(e^(-i pi/4), e^(i pi/4)), not s.
    const Circuit a = read("gate z a { rz(pi) a; } qubit[1] q; pow(0.5) @ z q[0]; pow(2) @ z q[0];");
    Circuit b(1);
    b.rz(kPi / 2, 0).z(0).z(0);
    EXPECT_LT(difference(a, b), 1e-14);
}

TEST(Reader, EveryGateUnderControlAgreesWithItsMatrix) {
    for (const GateRow& row : gate_table()) {
        std::string angles;
        std::vector<double> values;
        for (int k = 0; k < row.parameters; ++k) {
            values.push_back(0.3 + 0.4 * k);
            angles += fmt::format("{}{}", k == 0 ? "(" : ", ", values.back());
        }
        if (!angles.empty()) angles += ")";
        std::string qubits = "q[0]";
        for (int q = 0; q < row.qubits; ++q) qubits += fmt::format(", q[{}]", q + 1);
        // u2 has a phase of its own in stdgates.inc.
        if (row.id == GateId::u2) continue;
        const Matrix got = unitary_of(
            read(fmt::format("qubit[{}] q; ctrl @ {}{} {};", row.qubits + 1, row.name, angles, qubits)));
        const Matrix gate = row.matrix(values);
        double largest = 0;
        for (std::size_t i = 0; i < got.size; ++i)
            for (std::size_t j = 0; j < got.size; ++j) {
                Complex expected = i == j && i % 2 == 0 ? 1 : 0;
                if (i % 2 == 1 && j % 2 == 1) expected = gate(i / 2, j / 2);
                largest = std::max(largest, std::abs(got(i, j) - expected));
            }
        EXPECT_LT(largest, 1e-13) << row.name;
    }
}

TEST(Reader, Conditions) {
    const std::string head = "qubit[2] q; bit[3] c; bit d; ";
    const auto branch = [&](const std::string& condition) {
        const Circuit circuit = read(head + "if (" + condition + ") x q[0]; else y q[0];");
        EXPECT_EQ(circuit.operations().size(), 1u);
        return circuit;
    };
    const auto expect_runs_then = [&](const std::string& condition, auto holds) {
        // The outcome of every record, through the reference simulator: set the bits by measuring flipped
        // qubits.
        for (unsigned record = 0; record < 16; ++record) {
            std::string text = "qubit[5] q; bit[3] c; bit d; ";
            for (int i = 0; i < 4; ++i)
                if (record >> i & 1) text += fmt::format("x q[{}];", i);
            text += "c[0] = measure q[0]; c[1] = measure q[1]; c[2] = measure q[2]; d = measure q[3]; bit r;";
            text += "if (" + condition + ") { x q[4]; } r = measure q[4];";
            const auto records = test::reference_run(read(text)).records();
            ASSERT_EQ(records.size(), 1u);
            EXPECT_EQ(records.begin()->first >> 4, holds(record & 7, record >> 3) ? 1u : 0u)
                << condition << " on " << record;
        }
    };
    branch("c[0]");
    expect_runs_then("c[0]", [](unsigned c, unsigned) { return (c & 1) == 1; });
    expect_runs_then("!c[0]", [](unsigned c, unsigned) { return (c & 1) == 0; });
    expect_runs_then("~c[1]", [](unsigned c, unsigned) { return (c & 2) == 0; });
    expect_runs_then("c[1] == 0", [](unsigned c, unsigned) { return (c & 2) == 0; });
    expect_runs_then("c[1] == true", [](unsigned c, unsigned) { return (c & 2) != 0; });
    expect_runs_then("c == 5", [](unsigned c, unsigned) { return c == 5; });
    expect_runs_then("5 == c", [](unsigned c, unsigned) { return c == 5; });
    expect_runs_then("c != 5", [](unsigned c, unsigned) { return c != 5; });
    expect_runs_then("c == \"110\"", [](unsigned c, unsigned) { return c == 6; });
    expect_runs_then("c == 9", [](unsigned, unsigned) { return false; });
    expect_runs_then("c", [](unsigned c, unsigned) { return c != 0; });
    expect_runs_then("int(c) == 2", [](unsigned c, unsigned) { return c == 2; });
    expect_runs_then("c[0:1] == 2", [](unsigned c, unsigned) { return (c & 3) == 2; });
    expect_runs_then("c[0] && !d", [](unsigned c, unsigned d) { return (c & 1) == 1 && d == 0; });
    expect_runs_then("c[0] && !c[0]", [](unsigned, unsigned) { return false; });
    expect_runs_then("c[0] || d", [](unsigned c, unsigned d) { return (c & 1) == 1 || d == 1; });
    expect_runs_then("!(c == 3) && d", [](unsigned c, unsigned d) { return c != 3 && d == 1; });
    expect_runs_then("c == 3 || (c[2] && d)",
                     [](unsigned c, unsigned d) { return c == 3 || (c >= 4 && d == 1); });
    expect_runs_then("c[0] ^ d", [](unsigned c, unsigned d) { return (c & 1) != d; });
    expect_runs_then("c[0] == d", [](unsigned c, unsigned d) { return (c & 1) == d; });
    expect_runs_then("c[0] != c[2]", [](unsigned c, unsigned) { return (c & 1) != c >> 2; });
    expect_runs_then("true && d", [](unsigned, unsigned d) { return d == 1; });
    expect_runs_then("1 + 1 == 3 || false", [](unsigned, unsigned) { return false; });
}

TEST(Reader, ElseIfChains) {
    const Circuit a =
        read("qubit q; bit[2] c; if (c == 1) x q; else if (c == 2) { y q; } else { z q; h q; }");
    Circuit b;
    b.add_qubits("q", 1);
    b.add_clbits("c", 2);
    b.if_else(
        {{0, 1}, 1}, [](Circuit& body) { body.x(0); },
        [](Circuit& body) {
            body.if_else(
                {{0, 1}, 2}, [](Circuit& inner) { inner.gate(GateId::y, {0}); },
                [](Circuit& inner) { inner.z(0).h(0); });
        });
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, LoopsAreUnrolled) {
    const Circuit a = read(R"(
        qubit[4] q;
        for int i in [0:2] { cx q[i], q[i + 1]; }
        for uint i in {3, 1} x q[i];
        for int i in [3:-2:0] for int j in [0:i - 2] { rz(pi / 2 ** j) q[i]; }
        for int i in [1:0] { h q; })");
    Circuit b;
    b.add_qubits("q", 4);
    b.cx(0, 1).cx(1, 2).cx(2, 3).x(3).x(1).rz(kPi, 3).rz(kPi / 2, 3);
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, BarrierDelayReset) {
    const Circuit a = read(R"(
        qubit[2] q; qubit r;
        barrier; barrier q; barrier r, q[0]; reset q; delay[100ns] q[0]; delay[1.5 us] q; delay[16dt] r; delay[2 * 3ms] r;)");
    Circuit b;
    b.add_qubits("q", 2);
    b.add_qubits("r", 1);
    b.barrier().barrier({0, 1}).barrier({2, 0}).reset(0).reset(1).delay(1e-7, 0).delay(1.5e-6, 0).delay(
        1.5e-6, 1);
    b.delay(16, 2, TimeUnit::dt).delay(6e-3, 2);
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, RemarksAndCommentsChangeNothing) {
    const Circuit a = read(
        "#pragma braket result state_vector\n@annotation x [1]\nqubit q; /* a\n b */ pragma more\n x q; // "
        "end");
    // The lines are kept beside the gate.
    EXPECT_EQ(metrics(a).one_qubit_gates, 1u);
    EXPECT_EQ(a.operations().size(), 3u);
}

TEST(Reader, Version2) {
    const Circuit a = read_qasm(R"(OPENQASM 2.0;
        include "qelib1.inc";
        qreg q[3]; creg c[2]; creg input[1];
        gate majority a,b,c { cx c,b; cx c,a; ccx a,b,c; }
        u3(pi/2,0,pi) q[0]; u2(0,pi) q[1]; u1(1/2) q[2]; cu1(2^3) q[0],q[1];
        U(0.1,0.2,0.3) q[0]; CX q[0],q[1];
        majority q[0],q[1],q[2];
        barrier q;
        measure q[0] -> c[0];
        if(c==2) x q[2];
        if(input==1) measure q[1] -> c[1];
        reset q[0];)",
                                "v2.qasm");
    Circuit b;
    b.add_qubits("q", 3);
    b.add_clbits("c", 2);
    b.add_clbits("input", 1);
    b.gate(GateId::u, {0}, {kPi / 2, 0.0, kPi}).gate(GateId::u2, {1}, {0.0, kPi}).gate(GateId::p, {2}, {0.5});
    b.gate(GateId::cp, {0, 1}, {8.0}).gate(GateId::u, {0}, {0.1, 0.2, 0.3}).cx(0, 1).cx(2, 1).cx(2, 0);
    b.gate(GateId::ccx, {0, 1, 2}).barrier().measure(0, 0);
    b.if_else({{0, 1}, 2}, [](Circuit& body) { body.x(2); }).if_else({{2}, 1}, [](Circuit& body) {
        body.measure(1, 1);
    });
    b.reset(0);
    EXPECT_TRUE(same_circuit(a, b));
}

TEST(Reader, GatesOfQelib1BeyondTheTable) {
    struct Case {
        std::string call;
        std::string expected;
    };
    const Case cases[] = {
        {"cu3(0.3,0.4,0.5) q[0],q[1];", "cu(0.3, 0.4, 0.5, 0) q[0], q[1];"},
        {"c3x q[0],q[1],q[2],q[3];", "ctrl @ ccx q[0], q[1], q[2], q[3];"},
        {"c3sqrtx q[0],q[1],q[2],q[3];", "ctrl(3) @ sx q[0], q[1], q[2], q[3];"},
        {"c4x q[0],q[1],q[2],q[3],q[4];", "ctrl(4) @ x q[0], q[1], q[2], q[3], q[4];"},
    };
    for (const Case& one : cases) {
        const Circuit a = read_qasm("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[5]; " + one.call, "a");
        EXPECT_LT(difference(a, read("qubit[5] q; " + one.expected)), 1e-13) << one.call;
    }
    // Up to relative phases: the same where the phases cannot be seen, on basis states.
    for (const auto& [name, qubits] : {std::pair("rccx", 3), std::pair("rc3x", 4)}) {
        std::string operands = "q[0]";
        for (int q = 1; q < qubits; ++q) operands += fmt::format(", q[{}]", q);
        const Matrix a = unitary_of(read_qasm(
            fmt::format("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[{}]; {} {};", qubits, name, operands),
            "a"));
        const Matrix b =
            unitary_of(read(fmt::format("qubit[{}] q; ctrl({}) @ x {};", qubits, qubits - 1, operands)));
        for (std::size_t i = 0; i < a.values.size(); ++i)
            EXPECT_NEAR(std::abs(a.values[i]), std::abs(b.values[i]), 1e-13) << name;
    }
}

TEST(Reader, GatesOfBraketBeyondTheTable) {
    const auto matrix_of = [](const std::string& call) {
        return unitary_of(
            read_qasm("OPENQASM 3.0;\nqubit[2] q;\n#pragma braket result state_vector\n" + call, "braket"));
    };
    const Complex turned = std::polar(1.0, 0.7), i(0, 1);
    // Index: bit 0 is q[0], Braket's first letter.
    const auto expect = [&](const std::string& name, const Matrix& expected) {
        EXPECT_LT(distance_up_to_phase(matrix_of(name + "(0.7) q[0], q[1];"), expected), 1e-14) << name;
    };
    expect("pswap", {4, {1, 0, 0, 0, 0, 0, turned, 0, 0, turned, 0, 0, 0, 0, 0, 1}});
    const double c = std::cos(0.35), s = std::sin(0.35);
    expect("xy", {4, {1, 0, 0, 0, 0, c, i * s, 0, 0, i * s, c, 0, 0, 0, 0, 1}});
    for (std::size_t state = 0; state < 3; ++state) {
        Matrix expected = Matrix::identity(4);
        expected(state, state) = turned;
        expect(std::array{"cphaseshift00", "cphaseshift10", "cphaseshift01"}[state], expected);
    }
    // One of the text's own comes first.
    EXPECT_LT(distance_up_to_phase(matrix_of("gate pswap(a) b, c { swap b, c; }\npswap(0.7) q[0], q[1];"),
                                   matrix_of("swap q[0], q[1];")),
              1e-14);
}

TEST(Reader, NamesOfOtherToolchains) {
    const Circuit a = read_qasm(
        "OPENQASM 3.0; qubit[2] q; i q[0]; cnot q[0], q[1]; v q[0]; si q[1]; phaseshift(0.1) q[0]; "
        "zz(0.2) q[0], q[1]; prx(0.1, 0.2) q[0]; ecr q[0], q[1];",
        "braket.qasm");
    const GateId expected[] = {GateId::id, GateId::cx,  GateId::sx, GateId::sdg,
                               GateId::p,  GateId::rzz, GateId::r,  GateId::ecr};
    for (std::size_t i = 0; i < a.operations().size(); ++i)
        EXPECT_EQ(std::get<Gate>(a.operations()[i].kind()).id, expected[i]) << i;
}

class Includes : public testing::Test {
  protected:
    Includes()
        : folder_(std::filesystem::temp_directory_path() / fmt::format("qdcnn_includes_{}", ::getpid())) {
        std::filesystem::create_directories(folder_ / "inner");
    }
    ~Includes() override { std::filesystem::remove_all(folder_); }
    std::string write(const std::string& name, const std::string& text) {
        write_file_atomic((folder_ / name).string(), text);
        return (folder_ / name).string();
    }
    std::filesystem::path folder_;
};

TEST_F(Includes, AreReadFromTheFolderOfTheFile) {
    write("inner/deep.inc", "gate deep a { x a; }\n");
    write("gates.inc", "include \"inner/deep.inc\";\ngate twice a { deep a; deep a; }\n");
    const std::string main =
        write("main.qasm", "OPENQASM 3.0;\ninclude \"gates.inc\";\nqubit q;\ntwice q;\n");
    EXPECT_EQ(read_qasm_file(main).operations().size(), 2u);
    ReadOptions closed;
    closed.read_includes = false;
    EXPECT_THROW(read_qasm_file(main, closed), Error);
}

TEST_F(Includes, CyclesAndMissingFilesAreErrorsAtTheirPlace) {
    write("a.inc", "include \"b.inc\";\n");
    write("b.inc", "\n  include \"inner/../a.inc\";\n");
    try {
        read_qasm_file(write("main.qasm", "include \"a.inc\";\n"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
        EXPECT_NE(std::string(error.what()).find("includes itself"), std::string::npos) << error.what();
        EXPECT_TRUE(error.position()->file.ends_with("b.inc"));
        EXPECT_EQ(error.position()->line, 2);
        EXPECT_EQ(error.position()->column, 3);
    }
    try {
        read_qasm_file(write("other.qasm", "include \"nothing.inc\";\n"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
    }
    // A folder, or a device that never ends, is no file.
    EXPECT_THROW(read_qasm_file(write("third.qasm", "include \"/dev/zero\";\n")), Error);
}

TEST(Reader, BenchmarkCircuitsOfOthers) {
    for (const char* folder : {"bench/transpile/circuits", "bench/sim"}) {
        const auto path = test::shared_file(folder);
        if (!path) {
            std::printf("%s is not there; nothing read\n", folder);
            continue;
        }
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(*path)) {
            if (entry.path().extension() != ".qasm") continue;
            EXPECT_NO_THROW({
                const Circuit circuit = read_qasm_file(entry.path().string());
                EXPECT_GT(circuit.operations().size(), 0u) << entry.path();
            }) << entry.path();
            ++files;
        }
        EXPECT_GT(files, 15u) << folder;
    }
}

}  // namespace
}  // namespace qdcnn::qasm
