#include <Eigen/Eigenvalues>

#include "pauli_map.h"

namespace qdcnn::sim {

Spectrum spectrum_of(const Matrix& hermitian) {
    const auto size = static_cast<Eigen::Index>(hermitian.size);
    Eigen::MatrixXcd matrix(size, size);
    for (Eigen::Index row = 0; row < size; ++row)
        for (Eigen::Index column = 0; column < size; ++column)
            matrix(row, column) = hermitian(static_cast<std::size_t>(row), static_cast<std::size_t>(column));
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(matrix);
    Spectrum spectrum{std::vector<double>(hermitian.size), Matrix::zero(hermitian.size)};
    for (Eigen::Index column = 0; column < size; ++column) {
        spectrum.values[static_cast<std::size_t>(column)] = solver.eigenvalues()(column);
        for (Eigen::Index row = 0; row < size; ++row)
            spectrum.vectors(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) =
                solver.eigenvectors()(row, column);
    }
    return spectrum;
}

}  // namespace qdcnn::sim
