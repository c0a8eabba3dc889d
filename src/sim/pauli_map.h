#pragma once

#include <array>
#include <span>
#include <vector>

#include "qdcnn/circuit/gates.h"

/// Channels and gates as real matrices on Pauli coefficients (the Pauli transfer matrix): R[i][j] =
/// Tr(P_i E(P_j)) / d, 4 x 4 for one qubit, 16 x 16 for two, row by row. Bits 2k and 2k+1 of an index hold
/// the letter of qubit k: 0 = I, 1 = X, 2 = Y, 3 = Z. Maps of states that are Hermitian stay real,
/// composition is a product. Source: Greenbaum, arXiv:1509.02921, section 2.
namespace qdcnn::sim {

using circuit::Complex;
using circuit::Matrix;

/// A 4 x 4 or 16 x 16 real matrix, row by row.
using PauliMap = std::vector<double>;

/// 4 for one qubit, 16 for two.
constexpr std::size_t map_size(int qubits) { return std::size_t{1} << (2 * qubits); }

PauliMap identity_map(int qubits);
/// of rho -> U rho U^dagger; U is 2 x 2 or 4 x 4.
PauliMap map_of_unitary(const Matrix& unitary);
/// of rho -> sum K rho K^dagger.
PauliMap map_of_kraus(std::span<const Matrix> operators);
/// of vec(rho) -> S vec(rho) with stacked columns (Qiskit's SuperOp). hermiticity_error: the largest
/// imaginary part that was dropped.
PauliMap map_of_superoperator(const Matrix& superoperator, double& hermiticity_error);
Matrix superoperator_of(std::span<const double> map);

/// second * first: first acts first.
PauliMap product(std::span<const double> second, std::span<const double> first);
/// `low` on qubit 0, `high` on qubit 1.
PauliMap tensor_product(std::span<const double> low, std::span<const double> high);
/// A two-qubit map with its qubits exchanged.
PauliMap swapped(std::span<const double> map);

/// sum |i><j| (x) E(|i><j|), the input in the high part of the index; trace d. Positive exactly when the map
/// is completely positive.
Matrix choi_of(std::span<const double> map);
/// Eigenvalues of a Hermitian matrix, ascending, with eigenvectors as columns.
struct Spectrum {
    std::vector<double> values;
    Matrix vectors;
};
Spectrum spectrum_of(const Matrix& hermitian);

/// The measurement maps of one qubit. given[m] is the weight of the part that is |m>: project and weigh.
/// {1, 0} projects on |0>, {1, 1} only dephases.
std::array<double, 16> measurement_map(double given_zero, double given_one);
/// Whatever the state, |0> afterwards.
std::array<double, 16> reset_map();

}  // namespace qdcnn::sim
