#pragma once

#include <cstddef>
#include <span>

/// The sweeps over a state of real Pauli coefficients. r has 4^n entries; bits 2q and 2q+1 of an index are
/// the letter of qubit q. Parallel over blocks for large states; results do not depend on the number of
/// threads.
namespace qdcnn::sim {

/// r -> map r on qubit q; map is 4 x 4. For double and float.
template <typename Real>
void sweep_one(std::span<Real> r, const double* map, unsigned q);

/// r -> map r on qubits low < high; map is 16 x 16 with the letter of `low` in the low bits of its index.
template <typename Real>
void sweep_two(std::span<Real> r, const double* map, unsigned low, unsigned high);

/// result[i][j] += sum over the letters of all other qubits of left[i] * right[j], i and j being the letters
/// of `low` and `high` as in sweep_two: 16 x 16, row by row. low == high: 4 x 4.
void add_correlation(std::span<const double> left, std::span<const double> right, unsigned low, unsigned high,
                     double* result);

}  // namespace qdcnn::sim
