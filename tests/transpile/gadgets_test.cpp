#include "transpile/gadgets.h"

#include <gtest/gtest.h>

#include "qdcnn/circuit/unitary.h"
#include "qdcnn/target/devices.h"
#include "qdcnn/transpile/equivalence.h"
#include "qdcnn/transpile/pass_manager.h"
#include "qdcnn/transpile/passes.h"
#include "support/random_circuit.h"
#include "transpile/canonical.h"
#include "transpile/consolidate.h"
#include "transpile/two_qubit_matrices.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using test::matrix_of;

/// Through gadgets and back, every qubit brought home by swaps.
std::vector<Operation> through_gadgets(const Circuit& circuit) {
    std::vector<Qubit> place;
    std::vector<Operation> gates = *synthesise_gadgets(
        gadget_form(canonical(circuit.operations()), circuit.num_qubits()), 10'000, place);
    for (Qubit v = 0; v < place.size(); ++v)
        while (place[v] != v) {
            const Qubit to = place[v];
            gates.push_back(Gate{GateId::swap, {v, to}, {}});
            for (Qubit& own : place) own = own == v ? to : own == to ? v : own;
        }
    return gates;
}

TEST(Paulis, MultiplyAsTheirMatrices) {
    const Pauli x = Pauli::of_letter(0, 1), z = Pauli::of_letter(0, 2), y = Pauli::of_letter(0, 3);
    EXPECT_TRUE((x * z).turned(1).has_letters_of(y));
    EXPECT_FALSE((x * z).turned(1).is_negative()) << "i X Z = Y";
    EXPECT_TRUE((z * x).turned(1).is_negative());
    EXPECT_FALSE((y * y).is_negative());
    EXPECT_TRUE(anticommute(x, y));
    EXPECT_FALSE(anticommute(x * Pauli::of_letter(1, 1), z * Pauli::of_letter(1, 3)));
    EXPECT_EQ((x * Pauli::of_letter(5, 3)).weight(), 2);
}

TEST(Gadgets, CliffordsLeaveNoRotation) {
    Circuit circuit(3);
    circuit.h(0)
        .cx(0, 1)
        .gate(GateId::s, {1})
        .cz(1, 2)
        .gate(GateId::iswap, {0, 2})
        .gate(GateId::swap, {1, 0})
        .sx(2);
    EXPECT_TRUE(gadget_form(canonical(circuit.operations()), 3).gadgets.empty());
    const auto made = through_gadgets(circuit);
    EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), 3, {}), matrix_of(made, 3, {})), 1e-12);
}

TEST(Gadgets, CommutingRotationsAboutOneProductAdd) {
    Circuit circuit(3);
    const Angle t = circuit.parameter("t0");
    auto exponential = [&](const Angle& angle) {
        circuit.h(0).cx(0, 1).cx(1, 2).rz(angle, 2).cx(1, 2).cx(0, 1).h(0);
    };
    exponential(t);
    circuit.gate(GateId::rzz, {1, 2}, {0.4});
    exponential(t * 2.0 + Angle(0.5));
    const GadgetForm form = gadget_form(canonical(circuit.operations()), 3);
    ASSERT_EQ(form.gadgets.size(), 2u);
    EXPECT_EQ(form.gadgets[0].angle, t * 3.0 + Angle(0.5));
    EXPECT_EQ(form.gadgets[0].pauli.weight(), 3);
}

TEST(Gadgets, RandomCircuitsKeepTheirMatrix) {
    const std::vector<double> values{0.7, -1.9};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const auto qubits = 1 + static_cast<std::uint32_t>(random.below(5));
        const Circuit circuit =
            test::random_circuit({.qubits = qubits, .gates = 15, .parameters = 2}, random);
        const auto made = through_gadgets(circuit);
        EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), qubits, values),
                                       matrix_of(made, qubits, values)),
                  1e-9);
        if (HasFailure()) break;
    }
}

/// exp(-i angle/2 P) for the letters of P, as a ladder of CX.
void append_exponential(const std::string& letters, const Angle& angle, Circuit& circuit) {
    std::vector<Qubit> support;
    for (Qubit q = 0; q < letters.size(); ++q)
        if (letters[q] != 'I') support.push_back(q);
    auto turn = [&](double sign) {
        for (const Qubit q : support) {
            if (letters[q] == 'X') circuit.h(q);
            if (letters[q] == 'Y') circuit.rx(sign * 1.5707963267948966, q);
        }
    };
    turn(1);
    for (std::size_t k = 0; k + 1 < support.size(); ++k) circuit.cx(support[k], support[k + 1]);
    circuit.rz(angle, support.back());
    for (std::size_t k = support.size() - 1; k-- > 0;) circuit.cx(support[k], support[k + 1]);
    turn(-1);
}

TEST(Gadgets, AnExcitationTakesAFewGatesForItsEightExponentials) {
    Circuit circuit(4);
    const Angle t = circuit.parameter("t0");
    for (const std::string letters : {"XXXY", "XXYX", "XYXX", "YXXX", "YYYX", "YYXY", "YXYY", "XYYY"})
        append_exponential(letters, t, circuit);
    ASSERT_EQ(metrics(circuit).two_qubit_gates, 48u);
    const std::vector<double> values{0.3};
    for (const std::string name : {"quantinuum_h2", "ibm_torino"}) {
        SCOPED_TRACE(name);
        Options options;
        options.level = 3;
        const target::Target device = target::load_target(name);
        const Result result = transpile(circuit, device, options);
        EXPECT_TRUE(check_equivalence(circuit, result, values).equal);
        const std::size_t pairs = metrics(result.circuit).two_qubit_gates;
        EXPECT_LE(pairs, device.all_to_all ? 16u : 30u);
        PassManager without = preset_pass_manager(3, device, options);
        without.remove("resynthesise_gadgets");
        EXPECT_LT(pairs, metrics(without.run(circuit).circuit).two_qubit_gates);
    }
}

TEST(Gadgets, RunsBetweenOtherOperationsAreResynthesised) {
    Circuit circuit(4, 2);
    append_exponential("XYZX", 0.3, circuit);
    append_exponential("XYXX", 0.4, circuit);
    circuit.measure(0, 0).reset(1);
    circuit.if_else({{0}, 1}, [](Circuit& body) { body.ry(0.3, 2).cx(2, 3); });
    append_exponential("ZYZX", 0.3, circuit);
    append_exponential("ZYXX", 0.5, circuit);
    circuit.measure(3, 1);
    std::vector<Qubit> place;
    const target::Target device = target::load_target("ibm_torino");
    const auto made = with_gadgets_resynthesised(canonical(circuit.operations()), device, 4, place);
    ASSERT_TRUE(made);
    Options options;
    options.level = 3;
    const Equivalence same = check_equivalence(circuit, transpile(circuit, device, options), {});
    EXPECT_TRUE(same.equal) << same.distance;
}

}  // namespace
}  // namespace qdcnn::transpile
