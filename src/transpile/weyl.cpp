#include "weyl.h"

#include <algorithm>
#include <numbers>
#include <tuple>
#include <utility>

namespace qdcnn::transpile {
namespace {

constexpr double kPi = std::numbers::pi;
/// Coordinates this near to pi/4 are taken as that.
constexpr double kOnEdge = 1e-12;

using Real4 = std::array<double, 16>;

/// Columns: the Bell states with phases that make SU(2) x SU(2) real.
const Matrix4& magic_basis() {
    static const Matrix4 basis = [] {
        const double r = std::numbers::sqrt2 / 2;
        const Complex i(0, r);
        return Matrix4{r, 0, 0, i, 0, i, r, 0, 0, i, -r, 0, r, 0, 0, -i};
    }();
    return basis;
}

const Matrix2& pauli(std::size_t axis) {
    static const std::array<Matrix2, 3> kPaulis{
        Matrix2{0, 1, 1, 0}, Matrix2{0, Complex(0, -1), Complex(0, 1), 0}, Matrix2{1, 0, 0, -1}};
    return kPaulis[axis];
}

/// A plane rotation of columns p and q by the angle with cosine c and sine s.
void rotate_columns(Real4& m, std::size_t p, std::size_t q, double c, double s) {
    for (std::size_t row = 0; row < 4; ++row) {
        const double left = m[4 * row + p], right = m[4 * row + q];
        m[4 * row + p] = c * left + s * right;
        m[4 * row + q] = c * right - s * left;
    }
}
void rotate_rows(Real4& m, std::size_t p, std::size_t q, double c, double s) {
    for (std::size_t column = 0; column < 4; ++column) {
        const double upper = m[4 * p + column], lower = m[4 * q + column];
        m[4 * p + column] = c * upper + s * lower;
        m[4 * q + column] = c * lower - s * upper;
    }
}

/// The orthogonal matrix of determinant 1 that makes two commuting symmetric matrices diagonal: Jacobi
/// rotations, each the best for both at once, so that equal eigenvalues of either do no harm (Cardoso,
/// Souloumiac, SIAM J. Matrix Anal. Appl. 17, 161 (1996)).
Real4 joint_eigenvectors(Real4 a, Real4 b) {
    Real4 vectors{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    constexpr int kMostSweeps = 60;
    for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
        bool is_diagonal = true;
        for (std::size_t p = 0; p < 3; ++p)
            for (std::size_t q = p + 1; q < 4; ++q) {
                double on = 0, off = 0;
                for (const Real4* m : {&a, &b}) {
                    const double difference = (*m)[5 * p] - (*m)[5 * q], twice = 2 * (*m)[4 * p + q];
                    on += difference * difference - twice * twice;
                    off += 2 * difference * twice;
                }
                const double largest = std::max(std::abs(a[4 * p + q]), std::abs(b[4 * p + q]));
                if (largest < 1e-17) continue;
                const double angle = 0.25 * std::atan2(off, on);
                if (std::abs(angle) < 1e-17) continue;
                is_diagonal = is_diagonal && largest < 1e-15;
                const double c = std::cos(angle), s = std::sin(angle);
                for (Real4* m : {&a, &b}) {
                    rotate_columns(*m, p, q, c, s);
                    rotate_rows(*m, p, q, c, s);
                }
                rotate_columns(vectors, p, q, c, s);
            }
        if (is_diagonal) break;
    }
    return vectors;
}

/// first x second of a product matrix, both of determinant 1.
std::pair<Matrix2, Matrix2> factors(const Matrix4& m) {
    auto block = [&](std::size_t row, std::size_t column) {
        const std::size_t at = 8 * row + 2 * column;
        return Matrix2{m[at], m[at + 1], m[at + 4], m[at + 5]};
    };
    auto determinant = [](const Matrix2& n) { return times(n[0], n[3]) - times(n[1], n[2]); };
    Matrix2 first = block(0, 0);
    if (std::abs(determinant(block(0, 1))) > std::abs(determinant(first))) first = block(0, 1);
    const Complex scale = 1.0 / std::sqrt(determinant(first));
    for (Complex& value : first) value *= scale;
    Matrix2 second;
    for (std::size_t row = 0; row < 2; ++row)
        for (std::size_t column = 0; column < 2; ++column) {
            const Matrix2 rest = product(adjoint(first), block(row, column));
            second[2 * row + column] = (rest[0] + rest[3]) * 0.5;
        }
    const Complex root = 1.0 / std::sqrt(determinant(second));
    for (Complex& value : second) value *= root;
    return {first, second};
}

/// Moves the coordinates into the chamber. Local gates are carried along up to a phase.
class Chamber {
  public:
    Chamber(Weyl& weyl) : weyl_(weyl), at_{weyl.x, weyl.y, weyl.z} {}

    void enter() {
        for (std::size_t axis = 0; axis < 3; ++axis) shift(axis, std::round(at_[axis] / (kPi / 2)));
        if (std::abs(at_[0]) < std::abs(at_[1])) exchange(0, 1);
        if (std::abs(at_[1]) < std::abs(at_[2])) exchange(1, 2);
        if (std::abs(at_[0]) < std::abs(at_[1])) exchange(0, 1);
        if (at_[0] < 0) negate(0, at_[1] < 0 ? 1 : 2);
        if (at_[1] < 0) negate(1, 2);
        if (at_[2] < 0 && at_[0] > kPi / 4 - kOnEdge) {
            negate(0, 2);
            shift(0, -1);
        }
        weyl_.x = at_[0];
        weyl_.y = at_[1];
        weyl_.z = at_[2];
    }

  private:
    void multiply(Matrix2& m, const Matrix2& right) { m = product(m, right); }

    /// exp(i pi/2 XX) = i XX.
    void shift(std::size_t axis, double quarters) {
        at_[axis] -= quarters * (kPi / 2);
        if (std::fmod(quarters, 2.0) == 0.0) return;
        for (Matrix2& m : weyl_.after) multiply(m, pauli(axis));
    }
    /// (X + Y)/sqrt 2 takes X to Y, Y to X and Z to -Z, on both qubits alike.
    void exchange(std::size_t one, std::size_t other) {
        Matrix2 turn;
        for (std::size_t k = 0; k < 4; ++k)
            turn[k] = (pauli(one)[k] + pauli(other)[k]) * (std::numbers::sqrt2 / 2);
        std::swap(at_[one], at_[other]);
        for (std::size_t qubit = 0; qubit < 2; ++qubit) {
            multiply(weyl_.after[qubit], turn);
            weyl_.before[qubit] = product(turn, weyl_.before[qubit]);
        }
    }
    /// The Pauli of the third axis on one qubit turns the signs of two.
    void negate(std::size_t one, std::size_t other) {
        const Matrix2& third = pauli(3 - one - other);
        at_[one] = -at_[one];
        at_[other] = -at_[other];
        multiply(weyl_.after[0], third);
        weyl_.before[0] = product(third, weyl_.before[0]);
    }

    Weyl& weyl_;
    std::array<double, 3> at_;
};

Complex determinant(Matrix4 m) {
    Complex result = 1;
    for (std::size_t k = 0; k < 4; ++k) {
        std::size_t pivot = k;
        for (std::size_t row = k + 1; row < 4; ++row)
            if (std::abs(m[4 * row + k]) > std::abs(m[4 * pivot + k])) pivot = row;
        if (pivot != k) {
            for (std::size_t column = 0; column < 4; ++column)
                std::swap(m[4 * k + column], m[4 * pivot + column]);
            result = -result;
        }
        result *= m[5 * k];
        for (std::size_t row = k + 1; row < 4; ++row) {
            const Complex factor = m[4 * row + k] / m[5 * k];
            for (std::size_t column = k; column < 4; ++column)
                m[4 * row + column] -= times(factor, m[4 * k + column]);
        }
    }
    return result;
}

void make_special(Matrix2& m) {
    const Complex root = 1.0 / std::sqrt(times(m[0], m[3]) - times(m[1], m[2]));
    for (Complex& value : m) value *= root;
}

/// Into the chamber, and the phase so that it is `unitary` again.
void settle(Weyl& weyl, const Matrix4& unitary) {
    Chamber(weyl).enter();
    for (auto* side : {&weyl.before, &weyl.after})
        for (Matrix2& m : *side) make_special(m);
    weyl.phase = 0;
    const Matrix4 made = weyl.matrix();
    Complex overlap = 0;
    for (std::size_t k = 0; k < 16; ++k) overlap += times(std::conj(made[k]), unitary[k]);
    weyl.phase = std::arg(overlap);
}

}  // namespace

Matrix4 canonical_matrix(double x, double y, double z) {
    // exp(i (x XX + y YY)) acts within |00>, |11> as x - y and within |01>, |10> as x + y.
    const Complex even = std::polar(1.0, z), odd = std::polar(1.0, -z), i(0, 1);
    Matrix4 m{};
    m[0] = m[15] = even * std::cos(x - y);
    m[3] = m[12] = even * i * std::sin(x - y);
    m[5] = m[10] = odd * std::cos(x + y);
    m[6] = m[9] = odd * i * std::sin(x + y);
    return m;
}

Matrix4 Weyl::matrix() const {
    Matrix4 m =
        product(kron(after[0], after[1]), product(canonical_matrix(x, y, z), kron(before[0], before[1])));
    const Complex turn = std::polar(1.0, phase);
    for (Complex& value : m) value = times(value, turn);
    return m;
}

Weyl weyl_decomposition(const Matrix4& unitary) {
    // In the magic basis local gates are real orthogonal and exp(i (x XX + ..)) is diagonal: u = left d
    // right, so u^T u = right^T d^2 right.
    Matrix4 u = product(adjoint(magic_basis()), product(unitary, magic_basis()));
    const Complex scale = std::polar(1.0, -std::arg(determinant(u)) / 4);
    for (Complex& value : u) value = times(value, scale);
    Real4 real, imaginary;
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column) {
            Complex sum = 0;
            for (std::size_t k = 0; k < 4; ++k) sum += times(u[4 * k + row], u[4 * k + column]);
            real[4 * row + column] = sum.real();
            imaginary[4 * row + column] = sum.imag();
        }
    const Real4 vectors = joint_eigenvectors(real, imaginary);
    Matrix4 columns, right;
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t column = 0; column < 4; ++column)
            columns[4 * row + column] = right[4 * column + row] = vectors[4 * row + column];
    // Each column of u * vectors is a real vector times e^(i half).
    Matrix4 left = product(u, columns);
    std::array<double, 4> half{};
    for (std::size_t column = 0; column < 4; ++column) {
        Complex square = 0;
        for (std::size_t row = 0; row < 4; ++row)
            square += times(left[4 * row + column], left[4 * row + column]);
        half[column] = std::arg(square) / 2;
    }
    if (std::cos(half[0] + half[1] + half[2] + half[3]) < 0) half[0] += kPi;
    for (std::size_t column = 0; column < 4; ++column)
        for (std::size_t row = 0; row < 4; ++row)
            left[4 * row + column] = times(left[4 * row + column], std::polar(1.0, -half[column])).real();

    Weyl weyl;
    std::tie(weyl.after[0], weyl.after[1]) =
        factors(product(magic_basis(), product(left, adjoint(magic_basis()))));
    std::tie(weyl.before[0], weyl.before[1]) =
        factors(product(magic_basis(), product(right, adjoint(magic_basis()))));
    weyl.x = (half[0] + half[1] - half[2] - half[3]) / 4;
    weyl.y = (-half[0] + half[1] - half[2] + half[3]) / 4;
    weyl.z = (half[0] - half[1] - half[2] + half[3]) / 4;
    settle(weyl, unitary);
    return weyl;
}

Weyl mirrored(const Weyl& weyl) {
    // SWAP = e^(-i pi/4) exp(i pi/4 (XX + YY + ZZ)), and it exchanges what local gates act on.
    Weyl result = weyl;
    std::swap(result.after[0], result.after[1]);
    for (double* coordinate : {&result.x, &result.y, &result.z}) *coordinate += kPi / 4;
    result.phase -= kPi / 4;
    settle(result, result.matrix());
    return result;
}

}  // namespace qdcnn::transpile
