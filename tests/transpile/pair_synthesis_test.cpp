#include "transpile/pair_synthesis.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numbers>

#include "qdcnn/base/error.h"
#include "qdcnn/target/devices.h"
#include "transpile/translate.h"
#include "transpile/two_qubit_matrices.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;
using target::AngleRange;
using target::NativeGate;
using target::Target;

constexpr double kPi = std::numbers::pi;

/// Two coupled qubits with these two-qubit gates.
Target pair_of(std::vector<NativeGate> natives) {
    Target device;
    device.name = "pair";
    device.num_qubits = 2;
    device.native_gates = std::move(natives);
    device.edges = {{0, 1}};
    return device;
}

NativeGate fixed(GateId id) { return {id, std::string(gate_row(id).name), {}, false}; }
NativeGate turning(GateId id, double low, double high, std::vector<double> allowed = {}) {
    std::vector<AngleRange> ranges(static_cast<std::size_t>(gate_row(id).parameters));
    ranges.back() = {low, high, std::move(allowed)};
    return {id, std::string(gate_row(id).name), ranges, false};
}

/// Synthesises, checks matrix, gates and angles. Gives the number of two-qubit gates.
int uses(const Matrix4& unitary, const Target& device) {
    PairCatalogue catalogue(device);
    int count = 0;
    for (const bool is_turned : {false, true}) {
        const Qubit a = is_turned ? 1 : 0, b = is_turned ? 0 : 1;
        const Matrix4 own = is_turned ? with_qubits_swapped(unitary) : unitary;
        const Weyl weyl = weyl_decomposition(own);
        const PairPlan plan = plan_pair(weyl, catalogue.of(a, b));
        std::vector<Operation> out;
        synthesise_pair(weyl, plan, catalogue.of(a, b), a, b, out);
        EXPECT_LT(distance_up_to_phase(test::matrix_of(out, 2), test::wide(unitary)), 1e-10);
        count = 0;
        for (const Operation& operation : out) {
            const auto& gate = std::get<Gate>(operation.kind());
            if (gate.qubits.size() == 1) continue;
            ++count;
            const NativeGate* native = device.find_native(gate.id);
            if (!native) {
                ADD_FAILURE() << gate_row(gate.id).name << " is not native";
                continue;
            }
            EXPECT_TRUE(device.is_available(*native, gate.qubits[0], gate.qubits[1]));
            for (std::size_t k = 0; k < gate.angles.size(); ++k)
                EXPECT_TRUE(is_in_range(native->ranges[k], gate.angles[k])) << gate.angles[k].constant();
        }
        EXPECT_EQ(count, plan.uses);
    }
    return count;
}

Matrix4 core(double x, double y, double z) { return canonical_matrix(x, y, z); }

/// What each class of the chamber costs: identity, CX, one rotation, iSWAP, two rotations, SWAP, CX SWAP-like
/// (pi/4, pi/4, z), any.
void expect_uses(const Target& device, const std::array<int, 8>& expected) {
    const double q = kPi / 4;
    const std::array<Matrix4, 8> classes{core(0, 0, 0),   core(q, 0, 0),       core(0.3, 0, 0),
                                         core(q, q, 0),   core(0.4, 0.2, 0),   core(q, q, q),
                                         core(q, q, 0.2), core(0.5, 0.3, -0.1)};
    Random random(1);
    for (std::size_t k = 0; k < classes.size(); ++k) {
        SCOPED_TRACE(fmt::format("class {}", k));
        EXPECT_EQ(uses(classes[k], device), expected[k]);
        for (int repeat = 0; repeat < 5; ++repeat)
            EXPECT_EQ(uses(test::dressed(classes[k], random), device), expected[k]);
    }
}

TEST(PairSynthesis, EachShapeIsMinimal) {
    constexpr std::array<int, 8> kQuarters{0, 1, 2, 2, 2, 3, 3, 3};
    for (const GateId id : {GateId::cx, GateId::cz, GateId::ecr}) {
        SCOPED_TRACE(gate_row(id).name);
        expect_uses(pair_of({fixed(id)}), kQuarters);
    }
    constexpr std::array<int, 8> kRotations{0, 1, 1, 2, 2, 3, 3, 3};
    for (const GateId id : {GateId::rzz, GateId::rxx, GateId::ms})
        for (const double low : {-1000.0, 0.0, -kPi / 2}) {
            SCOPED_TRACE(fmt::format("{} from {}", gate_row(id).name, low));
            expect_uses(pair_of({turning(id, low, low < -10 ? 1000.0 : kPi / 2)}), kRotations);
        }
    expect_uses(pair_of({fixed(GateId::iswap)}), {0, 2, 2, 1, 2, 3, 3, 3});
    expect_uses(pair_of({fixed(GateId::iswap), fixed(GateId::cz)}), {0, 1, 2, 1, 2, 2, 2, 3});
    expect_uses(pair_of({fixed(GateId::cz), turning(GateId::rzz, 0, kPi / 2)}), kRotations);
    expect_uses(pair_of({fixed(GateId::swap), fixed(GateId::cz)}), {0, 1, 2, 2, 2, 1, 3, 3});
    // Only quarters: as cz.
    expect_uses(pair_of({turning(GateId::rzz, 0, 0, {kPi / 2})}), kQuarters);
}

TEST(PairSynthesis, ANarrowRangeTakesPieces) {
    const Target device = pair_of({turning(GateId::rzz, 0, kPi / 8)});
    EXPECT_EQ(uses(core(kPi / 4, 0, 0), device), 4);
    EXPECT_EQ(uses(core(0.1, 0, 0), device), 1);
    EXPECT_EQ(uses(core(-0.3, 0, 0), device), 2);
}

TEST(PairSynthesis, TheEdgesErrorsDecide) {
    Target device = pair_of({fixed(GateId::cz), turning(GateId::rzz, 0, kPi / 2)});
    device.gates[{"cz", {0, 1}}] = {.error = 0.001};
    device.gates[{"rzz", {0, 1}}] = {.error = 0.01};
    EXPECT_EQ(uses(core(0.3, 0, 0), device), 2) << "two good gates before a bad one";
    device.gates[{"cz", {0, 1}}] = {.error = 0.006};
    EXPECT_EQ(uses(core(0.3, 0, 0), device), 1);
    // A quarter by cz, the other turns by rzz.
    std::vector<Operation> out;
    PairCatalogue catalogue(device);
    const Weyl weyl = weyl_decomposition(core(kPi / 4, 0.2, 0.1));
    synthesise_pair(weyl, plan_pair(weyl, catalogue.of(0, 1)), catalogue.of(0, 1), 0, 1, out);
    std::size_t cz = 0, rzz = 0;
    for (const Operation& operation : out) {
        cz += std::get<Gate>(operation.kind()).id == GateId::cz;
        rzz += std::get<Gate>(operation.kind()).id == GateId::rzz;
    }
    EXPECT_EQ(cz, 3u) << "three at 0.006 cost less than 0.006 and two at 0.01";
    EXPECT_EQ(rzz, 0u);
    device.gates[{"cz", {0, 1}}] = {.error = 0.0095};
    EXPECT_EQ(uses(core(kPi / 4, 0.2, 0.1), device), 3);
}

TEST(PairSynthesis, EveryDeviceMakesRandomUnitaries) {
    Random random(2);
    for (const std::string& name : target::bundled_devices()) {
        SCOPED_TRACE(name);
        Target device = target::load_target(name);
        if (!device.all_to_all) device.edges = {{0, 1}};
        device.num_qubits = 2;
        device.qubits.clear();
        device.gates.clear();
        for (int repeat = 0; repeat < 200; ++repeat) EXPECT_EQ(uses(test::random_unitary(random), device), 3);
    }
}

TEST(PairSynthesis, NothingThatEntanglesIsRefused) {
    Target device = pair_of({fixed(GateId::cz)});
    device.native_gates[0] = {GateId::crx, "crx", {{}}, false};
    PairCatalogue catalogue(device);
    EXPECT_THROW(catalogue.of(0, 1), Error);
}

}  // namespace
}  // namespace qdcnn::transpile
