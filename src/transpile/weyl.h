#pragma once

#include "small_matrix.h"

namespace qdcnn::transpile {

/// A two-qubit unitary as
///     e^(i phase) (after[0] x after[1]) exp(i (x XX + y YY + z ZZ)) (before[0] x before[1]),
/// index 0 being the first qubit, all four local matrices of determinant 1, and (x, y, z) in the Weyl chamber
///     pi/4 >= x >= y >= |z|,  z >= 0 where x = pi/4.
/// Two unitaries have the same coordinates exactly when local gates and a phase turn one into the other.
/// Source: Zhang, Vala, Sastry, Whaley, Phys. Rev. A 67, 042313 (2003).
struct Weyl {
    double x = 0, y = 0, z = 0;
    std::array<Matrix2, 2> before;
    std::array<Matrix2, 2> after;
    double phase = 0;

    Matrix4 matrix() const;
};

/// Of a unitary, whatever its degeneracies; Weyl::matrix gives it back within 1e-13 of each entry.
Weyl weyl_decomposition(const Matrix4& unitary);

/// The decomposition of SWAP times the unitary.
Weyl mirrored(const Weyl& weyl);

/// exp(i (x XX + y YY + z ZZ)).
Matrix4 canonical_matrix(double x, double y, double z);

}  // namespace qdcnn::transpile
