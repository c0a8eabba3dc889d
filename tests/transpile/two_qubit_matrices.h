#pragma once

#include <algorithm>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "qdcnn/base/random.h"
#include "qdcnn/circuit/unitary.h"
#include "transpile/small_matrix.h"

// Two-qubit unitaries for tests, and circuits as matrices.

namespace qdcnn::test {

using transpile::Matrix2;
using transpile::Matrix4;

inline Matrix4 matrix4(const circuit::Matrix& m) {
    Matrix4 result;
    std::copy(m.values.begin(), m.values.end(), result.begin());
    return result;
}

inline Matrix4 gate_matrix(circuit::GateId id, const std::vector<double>& angles = {}) {
    return matrix4(circuit::gate_row(id).matrix(angles));
}

/// values: of the parameters t0, t1, ..
inline circuit::Matrix matrix_of(const std::vector<circuit::Operation>& operations, std::uint32_t qubits,
                                 std::span<const double> values = {}) {
    circuit::Circuit circuit(qubits);
    for (std::size_t k = 0; k < values.size(); ++k) circuit.parameter("t" + std::to_string(k));
    for (const circuit::Operation& operation : operations) circuit.add(operation);
    return circuit::unitary_of(circuit.bind(values));
}

inline circuit::Matrix wide(const Matrix4& m) { return {4, {m.begin(), m.end()}}; }

inline double difference(const Matrix4& a, const Matrix4& b) {
    double largest = 0;
    for (std::size_t k = 0; k < 16; ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
    return largest;
}

/// From the Haar measure: normal entries, made orthonormal column by column, twice against rounding.
inline Matrix4 random_unitary(Random& random) {
    Matrix4 m;
    for (auto& value : m) value = {random.normal(), random.normal()};
    for (std::size_t column = 0; column < 4; ++column) {
        for (int twice = 0; twice < 2; ++twice)
            for (std::size_t before = 0; before < column; ++before) {
                circuit::Complex overlap = 0;
                for (std::size_t row = 0; row < 4; ++row)
                    overlap += std::conj(m[4 * row + before]) * m[4 * row + column];
                for (std::size_t row = 0; row < 4; ++row)
                    m[4 * row + column] -= overlap * m[4 * row + before];
            }
        double norm = 0;
        for (std::size_t row = 0; row < 4; ++row) norm += std::norm(m[4 * row + column]);
        for (std::size_t row = 0; row < 4; ++row) m[4 * row + column] /= std::sqrt(norm);
    }
    return m;
}

inline Matrix2 random_local(Random& random) {
    auto angle = [&] { return random.uniform(-std::numbers::pi, std::numbers::pi); };
    return transpile::product(
        transpile::rz_matrix(angle()),
        transpile::product(transpile::ry_matrix(angle()), transpile::rz_matrix(angle())));
}

/// The unitary between random local gates.
inline Matrix4 dressed(const Matrix4& core, Random& random) {
    const Matrix4 before = transpile::kron(random_local(random), random_local(random));
    return transpile::product(transpile::kron(random_local(random), random_local(random)),
                              transpile::product(core, before));
}

}  // namespace qdcnn::test
