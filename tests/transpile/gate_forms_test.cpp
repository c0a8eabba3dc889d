#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numbers>

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "qdcnn/target/devices.h"
#include "transpile/canonical.h"
#include "transpile/translate.h"
#include "transpile/two_qubit_matrices.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using test::matrix_of;

constexpr double kPi = std::numbers::pi;

/// A gate whose angles are numbers or affine in t0, t1.
Gate random_gate(const GateRow& row, bool symbolic, Random& random) {
    Gate gate{row.id, {}, {}};
    for (int q = 0; q < row.qubits; ++q) gate.qubits.push_back(static_cast<Qubit>(row.qubits - 1 - q));
    for (int k = 0; k < row.parameters; ++k) {
        Angle angle(random.uniform(-7.0, 7.0));
        if (symbolic)
            angle =
                angle + Angle::of_parameter(static_cast<ParameterIndex>(k % 2), random.uniform(-2.0, 2.0));
        gate.angles.push_back(angle);
    }
    return gate;
}

TEST(CanonicalForm, EveryGateKeepsItsMatrix) {
    Random random(1);
    const std::vector<double> values{0.7, -1.9};
    for (const GateRow& row : gate_table())
        for (const bool symbolic : {false, true}) {
            SCOPED_TRACE(fmt::format("{} {}", row.name, symbolic ? "symbolic" : "bound"));
            const Gate gate = random_gate(row, symbolic, random);
            std::vector<Operation> form;
            append_canonical(gate, form);
            const auto qubits = static_cast<std::uint32_t>(row.qubits);
            EXPECT_LT(
                distance_up_to_phase(matrix_of({gate}, qubits, values), matrix_of(form, qubits, values)),
                1e-12);
            for (const Operation& operation : form) {
                const auto& step = std::get<Gate>(operation.kind());
                EXPECT_TRUE(step.qubits.size() == 1 || step.id == GateId::rzz || step.id == GateId::swap ||
                            step.id == GateId::iswap);
            }
        }
}

TEST(CanonicalForm, ControlledRotationsAreOneInteraction) {
    Random random(2);
    for (const GateId id : {GateId::cx, GateId::cy, GateId::ch, GateId::csx, GateId::crx, GateId::cry,
                            GateId::cp, GateId::cu, GateId::ecr, GateId::ms, GateId::ryy}) {
        std::vector<Operation> form;
        append_canonical(random_gate(gate_row(id), false, random), form);
        std::size_t pairs = 0;
        for (const Operation& operation : form) pairs += std::get<Gate>(operation.kind()).qubits.size() == 2;
        EXPECT_EQ(pairs, 1u) << gate_row(id).name;
    }
}

TEST(OneQubitRuns, KeepTheMatrixAndSymbols) {
    Random random(3);
    const std::vector<double> values{0.7, -1.9};
    for (int repeat = 0; repeat < 200; ++repeat) {
        SCOPED_TRACE(repeat);
        OneQubitRun run;
        std::vector<Operation> gates;
        for (std::uint64_t count = random.below(6); count-- > 0;) {
            const GateRow* row = nullptr;
            do row = &gate_table()[random.below(gate_table().size())];
            while (row->qubits != 1);
            const Gate gate = random_gate(*row, random.below(2) == 0, random);
            run.append(gate);
            gates.push_back(gate);
        }
        std::vector<Operation> out;
        run.emit(0, out);
        EXPECT_LT(distance_up_to_phase(matrix_of(gates, 1, values), matrix_of(out, 1, values)), 1e-9);
    }
}

TEST(OneQubitRuns, RotationsAboutOneAxisAdd) {
    Circuit circuit(1);
    const Angle t = circuit.parameter("t");
    for (const GateId id : {GateId::rx, GateId::ry, GateId::rz}) {
        OneQubitRun run;
        run.append(Gate{id, {0}, {t}});
        run.append(Gate{id, {0}, {t * 2.0 + Angle(0.5)}});
        std::vector<Operation> once, twice;
        run.emit(0, twice);
        OneQubitRun single;
        single.append(Gate{id, {0}, {t * 3.0 + Angle(0.5)}});
        single.emit(0, once);
        EXPECT_EQ(once.size(), twice.size()) << gate_row(id).name;
        run.append(Gate{id, {0}, {t * -3.0 - Angle(0.5)}});
        EXPECT_TRUE(run.is_identity()) << gate_row(id).name;
    }
}

TEST(Interactions, InversePairsCancel) {
    Circuit circuit(3);
    const Angle t = circuit.parameter("t");
    circuit.h(0)
        .cx(0, 1)
        .x(0)
        .cx(0, 1)
        .gate(GateId::rzz, {1, 2}, {t})
        .x(1)
        .gate(GateId::rzz, {1, 2}, {t})
        .cx(1, 0)
        .cx(1, 0);
    const auto merged = with_interactions_merged(canonical(circuit.operations()), 3);
    for (const Operation& operation : merged) EXPECT_EQ(std::get<Gate>(operation.kind()).qubits.size(), 1u);
    const std::vector<double> values{0.3};
    EXPECT_LT(distance_up_to_phase(matrix_of(circuit.operations(), 3, values), matrix_of(merged, 3, values)),
              1e-12);
}

class FormsOn : public testing::TestWithParam<std::string> {
  protected:
    target::Target target_ = target::load_target(GetParam());
    /// The first pair of coupled qubits, and the device cut down to them.
    void SetUp() override {
        if (target_.all_to_all) {
            target_.num_qubits = 2;
        } else {
            std::pair<Qubit, Qubit> edge{};
            for (const auto& own : target_.edges)
                if (target_.is_neighbour(own.first, own.second)) edge = own;
            target_.edges = {{0, 1}};
            target_.num_qubits = 2;
        }
        target_.qubits.clear();
        target_.gates.clear();
    }
};

TEST_P(FormsOn, PairsKeepTheirMatrix) {
    Random random(4);
    const std::vector<double> values{0.7, -1.9};
    for (const GateRow& row : gate_table())
        for (const bool symbolic : {false, true})
            for (const bool with_swap : {false, true}) {
                if (row.qubits != 2) continue;
                SCOPED_TRACE(fmt::format("{} {} {}", row.name, symbolic ? "symbolic" : "bound",
                                         with_swap ? "swap" : ""));
                std::vector<Operation> gates{random_gate(row, symbolic, random)};
                if (with_swap) {
                    gates.push_back(Gate{GateId::h, {0}, {}});
                    gates.push_back(Gate{GateId::swap, {1, 0}, {}});
                }
                auto out = with_swaps_joined(canonical(gates), 2);
                out = with_native_pairs(out, target_);
                EXPECT_LT(distance_up_to_phase(matrix_of(gates, 2, values), matrix_of(out, 2, values)),
                          1e-11);
                out = with_native_one_qubit_gates(out, target_);
                EXPECT_LT(distance_up_to_phase(matrix_of(gates, 2, values), matrix_of(out, 2, values)), 1e-9)
                    << "lowered";
                for (const Operation& operation : out) {
                    const auto& gate = std::get<Gate>(operation.kind());
                    const auto* native = target_.find_native(gate.id);
                    ASSERT_NE(native, nullptr) << gate_row(gate.id).name;
                    for (std::size_t k = 0; k < gate.angles.size(); ++k)
                        EXPECT_TRUE(is_in_range(native->ranges[k], gate.angles[k]))
                            << native->name << " " << gate.angles[k].constant();
                }
            }
}

TEST_P(FormsOn, QuarterAnglesTakeOneNativeGate) {
    for (const double sign : {1.0, -1.0}) {
        std::vector<Operation> form;
        append_canonical(Gate{GateId::rzz, {0, 1}, {Angle(sign * kPi / 2)}}, form);
        std::size_t pairs = 0;
        for (const Operation& operation : with_native_pairs(form, target_))
            pairs += std::get<Gate>(operation.kind()).qubits.size() == 2;
        EXPECT_EQ(pairs, GetParam() == "rigetti_ankaa" ? 2u : 1u);
    }
}

TEST_P(FormsOn, OneQubitGatesKeepTheirMatrix) {
    Random random(5);
    const std::vector<double> values{0.7, -1.9};
    for (const GateRow& row : gate_table())
        for (const bool symbolic : {false, true}) {
            if (row.qubits != 1) continue;
            SCOPED_TRACE(fmt::format("{} {}", row.name, symbolic ? "symbolic" : "bound"));
            const std::vector<Operation> gates{random_gate(row, symbolic, random)};
            const auto out = with_native_one_qubit_gates(gates, target_);
            EXPECT_LT(distance_up_to_phase(matrix_of(gates, 2, values), matrix_of(out, 2, values)), 1e-9);
        }
}

INSTANTIATE_TEST_SUITE_P(Bundled, FormsOn, testing::ValuesIn(target::bundled_devices()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace qdcnn::transpile
