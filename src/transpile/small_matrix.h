#pragma once

#include <array>
#include <cmath>

#include "qdcnn/circuit/gates.h"

namespace qdcnn::transpile {

using circuit::Complex;

/// Row by row. Bit 0 of a 4 x 4 matrix's index is the first qubit.
using Matrix2 = std::array<Complex, 4>;
using Matrix4 = std::array<Complex, 16>;

inline constexpr Matrix2 kIdentity2{1, 0, 0, 1};

/// std::complex multiplies with a check for infinities that costs more than the product.
inline Complex times(const Complex& a, const Complex& b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

inline Matrix2 product(const Matrix2& a, const Matrix2& b) {
    return {times(a[0], b[0]) + times(a[1], b[2]), times(a[0], b[1]) + times(a[1], b[3]),
            times(a[2], b[0]) + times(a[3], b[2]), times(a[2], b[1]) + times(a[3], b[3])};
}
inline Matrix2 adjoint(const Matrix2& m) {
    return {std::conj(m[0]), std::conj(m[2]), std::conj(m[1]), std::conj(m[3])};
}
inline Matrix2 rz_matrix(double angle) {
    return {std::polar(1.0, -angle / 2), 0, 0, std::polar(1.0, angle / 2)};
}
inline Matrix2 rx_matrix(double angle) {
    const Complex c = std::cos(angle / 2), s = Complex(0, -std::sin(angle / 2));
    return {c, s, s, c};
}
inline Matrix2 ry_matrix(double angle) {
    const double c = std::cos(angle / 2), s = std::sin(angle / 2);
    return {c, -s, s, c};
}

Matrix4 product(const Matrix4& a, const Matrix4& b);
Matrix4 adjoint(const Matrix4& m);
/// `first` on the first qubit, `second` on the second.
Matrix4 kron(const Matrix2& first, const Matrix2& second);
/// The same gate with its qubits' roles exchanged.
Matrix4 with_qubits_swapped(const Matrix4& m);

}  // namespace qdcnn::transpile
