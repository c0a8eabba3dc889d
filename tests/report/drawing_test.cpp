#include "qdcnn/report/drawing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>
#include <set>

#include "qdcnn/base/error.h"
#include "qdcnn/base/random.h"
#include "report/circuit_layout.h"
#include "report/text.h"
#include "report/xml_check.h"
#include "support/random_circuit.h"

namespace qdcnn::report {
namespace {

using circuit::Angle;
using circuit::Circuit;
using circuit::GateId;

constexpr double kPi = std::numbers::pi;

/// With a line end before, for readable raw strings.
std::string drawn(const Circuit& circuit, const DrawingOptions& options = {}) {
    return "\n" + draw_text(circuit, options);
}

TEST(DrawText, DrawsABellPair) {
    Circuit bell;
    bell.add_qubits("q", 2);
    bell.add_clbits("meas", 2);
    bell.h(0).cx(0, 1).measure(0, 0).measure(1, 1);
    EXPECT_EQ(drawn(bell), R"(
  q[0]: ─┤H├──●──┤M├──────
              │   ║
  q[1]: ──────⊕───╫───┤M├─
                  ║    ║
meas/2: ══════════╩0═══╩1═
)");
}

TEST(DrawText, DrawsEveryKindOfGate) {
    Circuit all(3);
    const Angle theta = all.parameter("theta");
    all.gate(GateId::swap, {0, 2}).gate(GateId::ccx, {0, 2, 1}).cz(1, 2).gate(GateId::cp, {2, 0}, {kPi / 2});
    all.gate(GateId::ecr, {1, 0}).gate(GateId::rzz, {1, 2}, {theta * 2 - Angle(kPi)}).gate(GateId::sxdg, {0});
    EXPECT_EQ(drawn(all), R"(
q[0]: ─╳──●─────┤P(π/2)├──┤1 ECR├────────┤√X†├──────
       │  │         │        │
q[1]: ─┼──⊕──●──────┼─────┤0 ECR├──┤RZZ(2*theta-π)├─
       │  │  │      │                      │
q[2]: ─╳──●──●──────●──────────────┤RZZ(2*theta-π)├─
)");
}

TEST(DrawText, FramesLoopsAndBoxesAssignments) {
    Circuit circuit;
    circuit.add_qubits("q", 1);
    circuit.add_clbits("c", 1);
    circuit.add_clbits("i", 2, true);
    circuit.while_loop({{0}, 0}, [](Circuit& body) {
        body.h(0).measure(0, 0).store({1, 2}, {1, 2},
                                      {{{circuit::WordOperator::input, 2, 0, 0, 0},
                                        {circuit::WordOperator::constant, 2, 0, 0, 1},
                                        {circuit::WordOperator::add, 2, 0, 1, 0}}});
    });
    const std::string text = drawn(circuit);
    EXPECT_NE(text.find("while c[0] = 0"), std::string::npos) << text;
    EXPECT_NE(text.find("┤i := i + 1├"), std::string::npos) << text;
    EXPECT_EQ(test::xml_problem(draw_svg(circuit, "loop")), "");
}

TEST(DrawText, FramesBranches) {
    Circuit dynamic(2, 2);
    dynamic.measure(0, 1);
    dynamic.if_else(
        {{1}, 1}, [](Circuit& body) { body.x(1); }, [](Circuit& body) { body.h(1); });
    EXPECT_EQ(drawn(dynamic), R"(
q[0]: ─┤M├──────────────────────────
        ║   if c[1] = 1   else
q[1]: ──╫───┊──┤X├─────┊──┊──┤H├──┊─
        ║   ║
 c/2: ══╩1══●═══════════════════════
)");
}

TEST(DrawText, LeavesOutIdleWiresUnlessAsked) {
    Circuit wide(4);
    wide.h(2);
    EXPECT_EQ(drawn(wide), "\nq[2]: ─┤H├─\n");
    EXPECT_EQ(drawn(wide, {.has_idle_wires = true}),
              "\nq[0]: ─────\nq[1]: ─────\nq[2]: ─┤H├─\nq[3]: ─────\n");
    EXPECT_EQ(drawn(wide, {.wire_names = {"$0", "$1", "$2", "$3"}}), "\n$2: ─┤H├─\n");
    EXPECT_THROW(draw_text(wide, {.wire_names = {"$0"}}), Error);
    EXPECT_EQ(drawn(Circuit(3)), "\n");
}

TEST(DrawText, WrapsAndCuts) {
    Circuit line(1);
    for (int k = 0; k < 10; ++k) line.h(0);
    EXPECT_EQ(drawn(line, {.width = 28}),
              "\nq[0]: ─┤H├──┤H├──┤H├──┤H├─\n\nq[0]: ─┤H├──┤H├──┤H├──┤H├─\n\nq[0]: ─┤H├──┤H├─\n");
    EXPECT_EQ(drawn(line, {.max_columns = 2}), "\nq[0]: ─┤H├──┤H├─\n... and 8 more operations\n");
}

TEST(Drawing, ShortensAngles) {
    const std::vector<std::string> names{"a", "b"};
    EXPECT_EQ(short_angle(Angle(kPi), names), "π");
    EXPECT_EQ(short_angle(Angle(-3 * kPi / 4), names), "-3π/4");
    EXPECT_EQ(short_angle(Angle(0.123456), names), "0.123");
    EXPECT_EQ(short_angle(Angle(0.0), names), "0");
    EXPECT_EQ(short_angle(Angle::of_parameter(0) - Angle::of_parameter(1, 0.5) + Angle(1), names),
              "a-0.5*b+1");
    EXPECT_EQ(short_angle(-Angle::of_parameter(1), names), "-b");
}

/// The circuits a drawing must cope with, and what makes a layout right: no two operations share a place, and
/// on every wire they stand in the circuit's order.
TEST(Layout, KeepsEveryOperationApartAndInOrder) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const Circuit circuit =
            test::random_circuit({.qubits = 5, .gates = 40, .dynamic = true, .parameters = 2}, random);
        const CircuitLayout layout = lay_out(circuit, {});
        std::size_t operations = 0, branches = 0, arms = 0;
        circuit::for_each_operation(circuit.operations(), [&](const circuit::Operation& operation) {
            if (const auto* branch = std::get_if<circuit::IfElse>(&operation.kind())) {
                ++branches;
                arms += branch->else_body.empty() ? 1 : 2;
            }
            ++operations;
        });
        EXPECT_EQ(layout.items.size(), operations - branches);
        EXPECT_EQ(layout.frames.size(), arms);

        std::set<std::pair<std::size_t, std::size_t>> taken;
        std::vector<std::size_t> last(layout.qubit_wires.size() + layout.clbit_wires.size());
        for (const Item& item : layout.items) {
            ASSERT_LT(item.column, layout.columns);
            ASSERT_TRUE(std::is_sorted(item.marks.begin(), item.marks.end(),
                                       [](const Mark& a, const Mark& b) { return a.wire < b.wire; }));
            const std::size_t bottom =
                item.clbit_wire ? layout.qubit_wires.size() + *item.clbit_wire : item.marks.back().wire;
            for (std::size_t row = item.marks.front().wire; row <= bottom; ++row) {
                EXPECT_TRUE(taken.insert({item.column, row}).second)
                    << "column " << item.column << ", row " << row;
                EXPECT_GE(item.column + 1, last[row]) << "before an earlier operation";
                last[row] = item.column + 1;
            }
        }
        for (const Frame& frame : layout.frames) {
            EXPECT_LT(frame.first_column, frame.last_column);
            for (std::size_t row = frame.top; row <= frame.bottom; ++row) {
                EXPECT_FALSE(taken.count({frame.first_column, row}));
                EXPECT_FALSE(taken.count({frame.last_column, row}));
            }
        }
    }
}

TEST(Drawing, DrawsRandomCircuitsInBothForms) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const Circuit circuit =
            test::random_circuit({.qubits = 4, .gates = 60, .dynamic = true, .parameters = 1}, random);
        for (const std::size_t columns : {0, 7, 20}) {
            EXPECT_EQ(test::xml_problem(draw_svg(circuit, "a < b", {.max_columns = columns})), "");
            const std::string text = draw_text(circuit, {.width = 80, .max_columns = columns});
            for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
                EXPECT_LE(width_of(text.substr(at, text.find('\n', at) - at)), 90u);
        }
    }
}

TEST(DrawSvg, EscapesNames) {
    Circuit circuit(1);
    circuit.ry(circuit.parameter("w_0"), 0);
    const std::string svg = draw_svg(circuit, "R & D", {.wire_names = {"<q>"}});
    EXPECT_EQ(test::xml_problem(svg), "");
    EXPECT_NE(svg.find("&lt;q&gt;"), std::string::npos);
    EXPECT_NE(svg.find(">w_0<"), std::string::npos);
}

}  // namespace
}  // namespace qdcnn::report
