#include "small_matrix.h"

namespace qdcnn::transpile {

Matrix4 product(const Matrix4& a, const Matrix4& b) {
    Matrix4 c{};
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t k = 0; k < 4; ++k)
            for (std::size_t column = 0; column < 4; ++column)
                c[4 * row + column] += times(a[4 * row + k], b[4 * k + column]);
    return c;
}

Matrix4 adjoint(const Matrix4& m) {
    Matrix4 result;
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            result[4 * row + column] = std::conj(m[4 * column + row]);
    return result;
}

Matrix4 kron(const Matrix2& first, const Matrix2& second) {
    Matrix4 result;
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            result[4 * row + column] =
                times(first[2 * (row & 1) + (column & 1)], second[2 * (row >> 1) + (column >> 1)]);
    return result;
}

Matrix4 with_qubits_swapped(const Matrix4& m) {
    constexpr std::array<std::size_t, 4> kOther{0, 2, 1, 3};
    Matrix4 result;
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            result[4 * row + column] = m[4 * kOther[row] + kOther[column]];
    return result;
}

}  // namespace qdcnn::transpile
