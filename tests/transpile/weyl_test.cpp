#include "transpile/weyl.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numbers>

#include "qdcnn/base/random.h"
#include "transpile/two_qubit_matrices.h"

namespace qdcnn::transpile {
namespace {

using circuit::GateId;

constexpr double kPi = std::numbers::pi;

using test::difference;
using test::gate_matrix;
using test::random_local;
using test::random_unitary;

void expect_decomposed(const Matrix4& unitary) {
    const Weyl weyl = weyl_decomposition(unitary);
    EXPECT_LT(difference(weyl.matrix(), unitary), 1e-12);
    constexpr double kRounding = 1e-12;
    EXPECT_LE(weyl.x, kPi / 4 + kRounding);
    EXPECT_LE(weyl.y, weyl.x + kRounding);
    EXPECT_LE(std::abs(weyl.z), weyl.y + kRounding);
    const bool is_on_edge = weyl.x > kPi / 4 - kRounding;
    EXPECT_TRUE(!is_on_edge || weyl.z >= -kRounding) << weyl.z;
    for (const auto* side : {&weyl.before, &weyl.after})
        for (const Matrix2& m : *side)
            EXPECT_LT(std::abs(m[0] * m[3] - m[1] * m[2] - 1.0), kRounding) << "determinant";
}

void expect_coordinates(const Matrix4& unitary, double x, double y, double z, double tolerance = 1e-12) {
    const Weyl weyl = weyl_decomposition(unitary);
    EXPECT_NEAR(weyl.x, x, tolerance);
    EXPECT_NEAR(weyl.y, y, tolerance);
    EXPECT_NEAR(weyl.z, z, tolerance);
}

TEST(Weyl, TenThousandRandomUnitaries) {
    Random random(1);
    for (int repeat = 0; repeat < 10'000; ++repeat) {
        SCOPED_TRACE(repeat);
        expect_decomposed(random_unitary(random));
        if (HasFailure()) break;
    }
}

TEST(Weyl, KnownGatesHaveTheirCoordinates) {
    const double q = kPi / 4;
    expect_coordinates(kron(kIdentity2, kIdentity2), 0, 0, 0);
    for (const GateId id : {GateId::cx, GateId::cz, GateId::cy, GateId::ch, GateId::ecr})
        expect_coordinates(gate_matrix(id), q, 0, 0);
    for (const GateId id : {GateId::iswap, GateId::dcx}) expect_coordinates(gate_matrix(id), q, q, 0);
    expect_coordinates(gate_matrix(GateId::swap), q, q, q);
    for (const GateId id : {GateId::rxx, GateId::ryy, GateId::rzz, GateId::rzx})
        for (const double angle : {0.3, -0.3, kPi - 0.3, kPi + 0.3, 2 * kPi + 0.3})
            expect_coordinates(gate_matrix(id, {angle}), 0.15, 0, 0);
    for (const GateId id : {GateId::cp, GateId::crx, GateId::cry, GateId::crz})
        expect_coordinates(gate_matrix(id, {0.6}), 0.15, 0, 0);
}

TEST(Weyl, EveryCliffordAndPauliProduct) {
    // The two-qubit Cliffords up to Paulis and phase: four classes between the 24 x 24 local ones.
    std::vector<Matrix2> locals;
    for (int x = 0; x < 4; ++x)
        for (int y = 0; y < 4; ++y)
            for (int z = 0; z < 4; ++z)
                locals.push_back(
                    product(rz_matrix(z * kPi / 2), product(ry_matrix(y * kPi / 2), rx_matrix(x * kPi / 2))));
    const std::vector<Matrix4> classes{kron(kIdentity2, kIdentity2), gate_matrix(GateId::cx),
                                       gate_matrix(GateId::iswap), gate_matrix(GateId::swap)};
    Random random(2);
    for (std::size_t kind = 0; kind < classes.size(); ++kind)
        for (const Matrix2& a : locals)
            for (const Matrix2& b : locals) {
                const Matrix4 after = kron(locals[random.below(64)], locals[random.below(64)]);
                const Matrix4 unitary = product(after, product(classes[kind], kron(a, b)));
                SCOPED_TRACE(kind);
                expect_decomposed(unitary);
                expect_coordinates(unitary, kind > 0 ? kPi / 4 : 0, kind > 1 ? kPi / 4 : 0,
                                   kind > 2 ? kPi / 4 : 0);
                if (HasFailure()) return;
            }
}

TEST(Weyl, EveryPointOfTheChamberAndItsNeighbours) {
    Random random(3);
    const std::vector<double> special{0, kPi / 8, kPi / 4, 0.1, -kPi / 8, -kPi / 4, kPi / 2};
    for (const double off : {0.0, 1e-16, 1e-13, 1e-11, 1e-9, 1e-8, 1e-7, 1e-5, 1e-3})
        for (const double x : special)
            for (const double y : special)
                for (const double z : special) {
                    SCOPED_TRACE(fmt::format("{} {} {} off {}", x, y, z, off));
                    auto near = [&](double value) { return value + off * random.uniform(-1.0, 1.0); };
                    const Matrix4 core = canonical_matrix(near(x), near(y), near(z));
                    const Matrix4 before = kron(random_local(random), random_local(random));
                    const Matrix4 after = kron(random_local(random), random_local(random));
                    expect_decomposed(core);
                    expect_decomposed(product(after, product(core, before)));
                    if (HasFailure()) return;
                }
}

TEST(Weyl, LocalGatesDoNotMoveTheCoordinates) {
    Random random(4);
    for (int repeat = 0; repeat < 300; ++repeat) {
        const Weyl plain = weyl_decomposition(random_unitary(random));
        const Matrix4 core = plain.matrix();
        expect_coordinates(product(kron(random_local(random), random_local(random)),
                                   product(core, kron(random_local(random), random_local(random)))),
                           plain.x, plain.y, plain.z, 1e-11);
        expect_coordinates(with_qubits_swapped(core), plain.x, plain.y, plain.z, 1e-11);
    }
}

TEST(Weyl, TheMirrorIsSwapTimesTheUnitary) {
    Random random(5);
    for (int repeat = 0; repeat < 300; ++repeat) {
        const Matrix4 unitary = random_unitary(random);
        const Weyl mirror = mirrored(weyl_decomposition(unitary));
        EXPECT_LT(difference(mirror.matrix(), product(gate_matrix(GateId::swap), unitary)), 1e-12);
        expect_decomposed(mirror.matrix());
    }
    const Weyl cx = mirrored(weyl_decomposition(gate_matrix(GateId::iswap)));
    EXPECT_NEAR(cx.y, 0, 1e-12);
}

}  // namespace
}  // namespace qdcnn::transpile
