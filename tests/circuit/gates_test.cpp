#include "qdcnn/circuit/gates.h"

#include <gtest/gtest.h>

#include <cmath>

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"

namespace qdcnn::circuit {
namespace {

std::vector<double> random_angles(const GateRow& row, Random& random) {
    std::vector<double> angles;
    for (int k = 0; k < row.parameters; ++k) angles.push_back(random.uniform(-7.0, 7.0));
    return angles;
}

double distance(const Matrix& a, const Matrix& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        largest = std::max(largest, std::abs(a.values[i] - b.values[i]));
    return largest;
}

/// The matrix of the steps on the gate's own qubits.
Matrix matrix_of(const GateRow& row, const std::vector<DefinitionStep>& steps,
                 std::span<const double> values) {
    Circuit circuit(static_cast<std::uint32_t>(row.qubits));
    const std::vector<Qubit> qubits{0, 1, 2};
    const std::vector<Angle> angles(values.begin(), values.end());
    for (const DefinitionStep& step : steps) circuit.add(instantiate(step, qubits, angles));
    return unitary_of(circuit);
}

class EveryGate : public testing::TestWithParam<std::size_t> {
  protected:
    const GateRow& row() const { return gate_table()[GetParam()]; }
};

TEST_P(EveryGate, StandsAtItsOwnPlace) {
    EXPECT_EQ(static_cast<std::size_t>(row().id), GetParam());
    EXPECT_EQ(find_gate(row().name), &row());
    for (const auto alias : row().aliases) EXPECT_EQ(find_gate(alias), &row()) << alias;
}

TEST_P(EveryGate, IsUnitaryOfTheRightSize) {
    Random random(GetParam());
    for (int repeat = 0; repeat < 5; ++repeat) {
        const Matrix m = row().matrix(random_angles(row(), random));
        ASSERT_EQ(m.size, std::size_t{1} << row().qubits);
        EXPECT_LT(distance(m * m.adjoint(), Matrix::identity(m.size)), 1e-14);
    }
}

TEST_P(EveryGate, AgreesWithItsInverse) {
    Random random(GetParam());
    const auto angles = random_angles(row(), random);
    const Matrix inverse = matrix_of(row(), row().inverse, angles);
    EXPECT_LT(distance(inverse * row().matrix(angles), Matrix::identity(inverse.size)), 1e-14);
}

TEST_P(EveryGate, AgreesWithItsDefinition) {
    if (row().definition.empty()) {
        EXPECT_TRUE(row().id == GateId::u || row().id == GateId::cx) << "only the basis needs no definition";
        return;
    }
    Random random(GetParam());
    const auto angles = random_angles(row(), random);
    Matrix defined = matrix_of(row(), row().definition, angles);
    for (auto& value : defined.values) value *= std::polar(1.0, row().definition_phase.evaluate(angles));
    EXPECT_LT(distance(row().matrix(angles), defined), 1e-13);
}

TEST_P(EveryGate, HasTheStatedProperties) {
    Random random(GetParam());
    const Matrix m = row().matrix(random_angles(row(), random));
    double off_diagonal = 0, imaginary = 0;
    for (std::size_t i = 0; i < m.size; ++i)
        for (std::size_t j = 0; j < m.size; ++j) {
            if (i != j) off_diagonal = std::max(off_diagonal, std::abs(m(i, j)));
            imaginary = std::max(imaginary, std::abs(m(i, j).imag()));
        }
    EXPECT_EQ(row().is_diagonal, off_diagonal < 1e-12);
    EXPECT_EQ(row().is_real, imaginary < 1e-12);
    if (row().qubits != 2) return;
    Matrix swapped = Matrix::zero(4);
    auto trade = [](std::size_t index) { return (index & 1) << 1 | index >> 1; };
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j) swapped(i, j) = m(trade(i), trade(j));
    EXPECT_EQ(row().is_symmetric, distance(m, swapped) < 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryGate, testing::Range(std::size_t{0}, gate_table().size()),
                         [](const auto& row) { return std::string(gate_table()[row.param].name); });

TEST(GateTable, ControlIsTheLeastSignificantBit) {
    const Matrix cx = gate_row(GateId::cx).matrix({});
    EXPECT_EQ(cx(3, 1), Complex(1)) << "|01> (control set) goes to |11>";
    EXPECT_EQ(cx(2, 2), Complex(1)) << "|10> (target set) stays";
}

TEST(GateTable, UnknownNameIsNull) { EXPECT_EQ(find_gate("frobnicate"), nullptr); }

}  // namespace
}  // namespace qdcnn::circuit
