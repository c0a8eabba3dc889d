#include "gate_rows.h"

#include <cmath>
#include <numbers>

namespace qdcnn::circuit {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kHalfRoot = std::numbers::sqrt2 / 2;
constexpr Complex kI{0.0, 1.0};

using Angles = std::span<const double>;
using G = GateId;

Matrix matrix2(Complex a, Complex b, Complex c, Complex d) { return {2, {a, b, c, d}}; }

Matrix diagonal(std::vector<Complex> entries) {
    Matrix m = Matrix::zero(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) m(i, i) = entries[i];
    return m;
}

Complex phase(double angle) { return std::polar(1.0, angle); }

/// U(theta, phi, lambda) as Qiskit defines it: the upper left entry is real.
Matrix u_matrix(double theta, double phi, double lambda) {
    const double c = std::cos(theta / 2), s = std::sin(theta / 2);
    return matrix2(c, -phase(lambda) * s, phase(phi) * s, phase(phi + lambda) * c);
}

/// Control is the gate's qubit 0, so odd indices are those where it acts.
Matrix controlled(const Matrix& target) {
    Matrix m = Matrix::zero(2 * target.size);
    for (std::size_t i = 0; i < target.size; ++i) {
        m(2 * i, 2 * i) = 1;
        for (std::size_t j = 0; j < target.size; ++j) m(2 * i + 1, 2 * j + 1) = target(i, j);
    }
    return m;
}

/// The tensor product with `first` on qubit 0.
Matrix product(const Matrix& first, const Matrix& second) {
    Matrix m = Matrix::zero(first.size * second.size);
    for (std::size_t i = 0; i < m.size; ++i)
        for (std::size_t j = 0; j < m.size; ++j)
            m(i, j) = first(i % first.size, j % first.size) * second(i / first.size, j / first.size);
    return m;
}

/// exp(-i theta/2 P) for a P with P^2 = 1.
Matrix rotation(const Matrix& generator, double theta) {
    Matrix m = generator;
    for (auto& value : m.values) value *= -kI * std::sin(theta / 2);
    for (std::size_t i = 0; i < m.size; ++i) m(i, i) += std::cos(theta / 2);
    return m;
}

Matrix x_matrix() { return matrix2(0, 1, 1, 0); }
Matrix y_matrix() { return matrix2(0, -kI, kI, 0); }
Matrix z_matrix() { return diagonal({1, -1}); }
Matrix h_matrix() { return matrix2(kHalfRoot, kHalfRoot, kHalfRoot, -kHalfRoot); }
Matrix sx_matrix() { return matrix2(0.5 + 0.5 * kI, 0.5 - 0.5 * kI, 0.5 - 0.5 * kI, 0.5 + 0.5 * kI); }
Matrix swap_matrix() { return {4, {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}}; }

/// cos(phi) X + sin(phi) Y, which is also IonQ's gpi.
Matrix equator(double phi) { return matrix2(0, phase(-phi), phase(phi), 0); }

Matrix cu_matrix(double theta, double phi, double lambda, double gamma) {
    Matrix target = u_matrix(theta, phi, lambda);
    for (auto& value : target.values) value *= phase(gamma);
    return controlled(target);
}

/// (IX - XY) / sqrt 2, the letter of qubit 0 on the right.
Matrix ecr_matrix() {
    const Complex r = kHalfRoot, i = kHalfRoot * kI;
    return {4, {0, r, 0, i, r, 0, -i, 0, 0, i, 0, r, -i, 0, r, 0}};
}

/// The gate's own parameter k, times a factor.
Angle a(ParameterIndex k, double factor = 1.0) { return Angle::of_parameter(k, factor); }

}  // namespace

// In the order of GateId; a row reads from left to right.
// clang-format off
std::vector<GateRow> gate_rows() {
    return {
    // One qubit, fixed.
    {.id = G::id, .name = "id", .aliases = {"i"}, .qubits = 1,
     .matrix = [](Angles) { return Matrix::identity(2); },
     .definition = {{G::u, {0}, {0.0, 0.0, 0.0}}}, .is_diagonal = true, .is_real = true, .in_stdgates = true},
    {.id = G::x, .name = "x", .qubits = 1, .matrix = [](Angles) { return x_matrix(); },
     .definition = {{G::u, {0}, {kPi, 0.0, kPi}}}, .is_real = true, .in_stdgates = true},
    {.id = G::y, .name = "y", .qubits = 1, .matrix = [](Angles) { return y_matrix(); },
     .definition = {{G::u, {0}, {kPi, kPi / 2, kPi / 2}}}, .in_stdgates = true},
    {.id = G::z, .name = "z", .qubits = 1, .matrix = [](Angles) { return z_matrix(); },
     .definition = {{G::p, {0}, {kPi}}}, .is_diagonal = true, .is_real = true, .in_stdgates = true},
    {.id = G::h, .name = "h", .qubits = 1, .matrix = [](Angles) { return h_matrix(); },
     .definition = {{G::u, {0}, {kPi / 2, 0.0, kPi}}}, .is_real = true, .in_stdgates = true},
    {.id = G::s, .name = "s", .qubits = 1, .matrix = [](Angles) { return diagonal({1, kI}); },
     .inverse = {{G::sdg, {0}, {}}}, .definition = {{G::p, {0}, {kPi / 2}}},
     .is_diagonal = true, .in_stdgates = true},
    {.id = G::sdg, .name = "sdg", .aliases = {"si"}, .qubits = 1,
     .matrix = [](Angles) { return diagonal({1, -kI}); },
     .inverse = {{G::s, {0}, {}}}, .definition = {{G::p, {0}, {-kPi / 2}}},
     .is_diagonal = true, .in_stdgates = true},
    {.id = G::t, .name = "t", .qubits = 1, .matrix = [](Angles) { return diagonal({1, phase(kPi / 4)}); },
     .inverse = {{G::tdg, {0}, {}}}, .definition = {{G::p, {0}, {kPi / 4}}},
     .is_diagonal = true, .in_stdgates = true},
    {.id = G::tdg, .name = "tdg", .aliases = {"ti"}, .qubits = 1,
     .matrix = [](Angles) { return diagonal({1, phase(-kPi / 4)}); },
     .inverse = {{G::t, {0}, {}}}, .definition = {{G::p, {0}, {-kPi / 4}}},
     .is_diagonal = true, .in_stdgates = true},
    {.id = G::sx, .name = "sx", .aliases = {"v"}, .qubits = 1, .matrix = [](Angles) { return sx_matrix(); },
     .inverse = {{G::sxdg, {0}, {}}},
     .definition = {{G::rx, {0}, {kPi / 2}}}, .definition_phase = kPi / 4, .in_stdgates = true},
    {.id = G::sxdg, .name = "sxdg", .aliases = {"vi"}, .qubits = 1,
     .matrix = [](Angles) { return sx_matrix().adjoint(); },
     .inverse = {{G::sx, {0}, {}}},
     .definition = {{G::rx, {0}, {-kPi / 2}}}, .definition_phase = -kPi / 4},

    // One qubit, with angles.
    {.id = G::p, .name = "p", .aliases = {"phase", "u1", "phaseshift"}, .qubits = 1, .parameters = 1,
     .matrix = [](Angles v) { return diagonal({1, phase(v[0])}); },
     .definition = {{G::u, {0}, {0.0, 0.0, a(0)}}}, .is_diagonal = true, .in_stdgates = true},
    {.id = G::rx, .name = "rx", .qubits = 1, .parameters = 1,
     .matrix = [](Angles v) { return rotation(x_matrix(), v[0]); },
     .definition = {{G::u, {0}, {a(0), -kPi / 2, kPi / 2}}}, .in_stdgates = true},
    {.id = G::ry, .name = "ry", .qubits = 1, .parameters = 1,
     .matrix = [](Angles v) { return u_matrix(v[0], 0, 0); },
     .definition = {{G::u, {0}, {a(0), 0.0, 0.0}}}, .is_real = true, .in_stdgates = true},
    {.id = G::rz, .name = "rz", .qubits = 1, .parameters = 1,
     .matrix = [](Angles v) { return rotation(z_matrix(), v[0]); },
     .definition = {{G::u, {0}, {0.0, 0.0, a(0)}}}, .definition_phase = a(0, -0.5),
     .is_diagonal = true, .in_stdgates = true},
    {.id = G::r, .name = "r", .aliases = {"prx", "u1q", "phased_x", "PhasedX"}, .qubits = 1, .parameters = 2,
     .matrix = [](Angles v) { return rotation(equator(v[1]), v[0]); },
     .inverse = {{G::r, {0}, {a(0, -1), a(1)}}},
     .definition = {{G::u, {0}, {a(0), a(1) - kPi / 2, kPi / 2 - a(1)}}}},
    {.id = G::u2, .name = "u2", .qubits = 1, .parameters = 2,
     .matrix = [](Angles v) { return u_matrix(kPi / 2, v[0], v[1]); },
     .inverse = {{G::u2, {0}, {kPi - a(1), -kPi - a(0)}}},
     .definition = {{G::u, {0}, {kPi / 2, a(0), a(1)}}}, .in_stdgates = true},
    {.id = G::u, .name = "u", .aliases = {"U", "u3"}, .qubits = 1, .parameters = 3,
     .matrix = [](Angles v) { return u_matrix(v[0], v[1], v[2]); },
     .inverse = {{G::u, {0}, {a(0, -1), a(2, -1), a(1, -1)}}}},
    {.id = G::gpi, .name = "gpi", .qubits = 1, .parameters = 1,
     .matrix = [](Angles v) { return equator(v[0]); }, .inverse = {{G::gpi, {0}, {a(0)}}},
     .definition = {{G::u, {0}, {kPi, a(0), kPi - a(0)}}}},
    {.id = G::gpi2, .name = "gpi2", .qubits = 1, .parameters = 1,
     .matrix = [](Angles v) { return rotation(equator(v[0]), kPi / 2); },
     .inverse = {{G::gpi2, {0}, {a(0) + kPi}}}, .definition = {{G::r, {0}, {kPi / 2, a(0)}}}},

    // Two qubits, fixed.
    {.id = G::cx, .name = "cx", .aliases = {"CX", "cnot"}, .qubits = 2,
     .matrix = [](Angles) { return controlled(x_matrix()); }, .is_real = true, .in_stdgates = true},
    {.id = G::cy, .name = "cy", .qubits = 2, .matrix = [](Angles) { return controlled(y_matrix()); },
     .definition = {{G::sdg, {1}, {}}, {G::cx, {0, 1}, {}}, {G::s, {1}, {}}}, .in_stdgates = true},
    {.id = G::cz, .name = "cz", .qubits = 2, .matrix = [](Angles) { return controlled(z_matrix()); },
     .definition = {{G::h, {1}, {}}, {G::cx, {0, 1}, {}}, {G::h, {1}, {}}},
     .is_diagonal = true, .is_symmetric = true, .is_real = true, .in_stdgates = true},
    {.id = G::ch, .name = "ch", .qubits = 2, .matrix = [](Angles) { return controlled(h_matrix()); },
     .definition = {{G::ry, {1}, {-kPi / 4}}, {G::cz, {0, 1}, {}}, {G::ry, {1}, {kPi / 4}}},
     .is_real = true, .in_stdgates = true},
    {.id = G::cs, .name = "cs", .qubits = 2, .matrix = [](Angles) { return diagonal({1, 1, 1, kI}); },
     .inverse = {{G::csdg, {0, 1}, {}}}, .definition = {{G::cp, {0, 1}, {kPi / 2}}},
     .is_diagonal = true, .is_symmetric = true},
    {.id = G::csdg, .name = "csdg", .qubits = 2, .matrix = [](Angles) { return diagonal({1, 1, 1, -kI}); },
     .inverse = {{G::cs, {0, 1}, {}}}, .definition = {{G::cp, {0, 1}, {-kPi / 2}}},
     .is_diagonal = true, .is_symmetric = true},
    {.id = G::csx, .name = "csx", .aliases = {"cv"}, .qubits = 2,
     .matrix = [](Angles) { return controlled(sx_matrix()); },
     .inverse = {{G::cu, {0, 1}, {-kPi / 2, -kPi / 2, kPi / 2, -kPi / 4}}},
     .definition = {{G::h, {1}, {}}, {G::cp, {0, 1}, {kPi / 2}}, {G::h, {1}, {}}}},
    {.id = G::swap, .name = "swap", .qubits = 2, .matrix = [](Angles) { return swap_matrix(); },
     .definition = {{G::cx, {0, 1}, {}}, {G::cx, {1, 0}, {}}, {G::cx, {0, 1}, {}}},
     .is_symmetric = true, .is_real = true, .in_stdgates = true},
    {.id = G::iswap, .name = "iswap", .qubits = 2,
     .matrix = [](Angles) { return Matrix{4, {1, 0, 0, 0, 0, 0, kI, 0, 0, kI, 0, 0, 0, 0, 0, 1}}; },
     .inverse = {{G::iswap, {0, 1}, {}}, {G::z, {0}, {}}, {G::z, {1}, {}}},
     .definition = {{G::s, {0}, {}}, {G::s, {1}, {}}, {G::h, {0}, {}}, {G::cx, {0, 1}, {}},
                    {G::cx, {1, 0}, {}}, {G::h, {1}, {}}},
     .is_symmetric = true},
    {.id = G::ecr, .name = "ecr", .qubits = 2, .matrix = [](Angles) { return ecr_matrix(); },
     .definition = {{G::rzx, {0, 1}, {kPi / 4}}, {G::x, {0}, {}}, {G::rzx, {0, 1}, {-kPi / 4}}}},
    {.id = G::dcx, .name = "dcx", .qubits = 2,
     .matrix = [](Angles) { return Matrix{4, {1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0}}; },
     .inverse = {{G::dcx, {1, 0}, {}}},
     .definition = {{G::cx, {0, 1}, {}}, {G::cx, {1, 0}, {}}}, .is_real = true},

    // Two qubits, with angles.
    {.id = G::cp, .name = "cp", .aliases = {"cphase", "cu1", "cphaseshift"}, .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return diagonal({1, 1, 1, phase(v[0])}); },
     .definition = {{G::p, {0}, {a(0, 0.5)}}, {G::cx, {0, 1}, {}}, {G::p, {1}, {a(0, -0.5)}},
                    {G::cx, {0, 1}, {}}, {G::p, {1}, {a(0, 0.5)}}},
     .is_diagonal = true, .is_symmetric = true, .in_stdgates = true},
    {.id = G::crx, .name = "crx", .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return controlled(rotation(x_matrix(), v[0])); },
     .definition = {{G::h, {1}, {}}, {G::crz, {0, 1}, {a(0)}}, {G::h, {1}, {}}}, .in_stdgates = true},
    {.id = G::cry, .name = "cry", .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return controlled(u_matrix(v[0], 0, 0)); },
     .definition = {{G::ry, {1}, {a(0, 0.5)}}, {G::cx, {0, 1}, {}}, {G::ry, {1}, {a(0, -0.5)}},
                    {G::cx, {0, 1}, {}}},
     .is_real = true, .in_stdgates = true},
    {.id = G::crz, .name = "crz", .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return controlled(rotation(z_matrix(), v[0])); },
     .definition = {{G::rz, {1}, {a(0, 0.5)}}, {G::cx, {0, 1}, {}}, {G::rz, {1}, {a(0, -0.5)}},
                    {G::cx, {0, 1}, {}}},
     .is_diagonal = true, .in_stdgates = true},
    {.id = G::cu, .name = "cu", .qubits = 2, .parameters = 4,
     .matrix = [](Angles v) { return cu_matrix(v[0], v[1], v[2], v[3]); },
     .inverse = {{G::cu, {0, 1}, {a(0, -1), a(2, -1), a(1, -1), a(3, -1)}}},
     .definition = {{G::p, {0}, {a(3) + a(2, 0.5) + a(1, 0.5)}}, {G::p, {1}, {a(2, 0.5) - a(1, 0.5)}},
                    {G::cx, {0, 1}, {}}, {G::u, {1}, {a(0, -0.5), 0.0, a(1, -0.5) - a(2, 0.5)}},
                    {G::cx, {0, 1}, {}}, {G::u, {1}, {a(0, 0.5), a(1), 0.0}}},
     .in_stdgates = true},
    {.id = G::rxx, .name = "rxx", .aliases = {"xx"}, .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return rotation(product(x_matrix(), x_matrix()), v[0]); },
     .definition = {{G::h, {0}, {}}, {G::h, {1}, {}}, {G::rzz, {0, 1}, {a(0)}}, {G::h, {0}, {}},
                    {G::h, {1}, {}}},
     .is_symmetric = true},
    {.id = G::ryy, .name = "ryy", .aliases = {"yy"}, .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return rotation(product(y_matrix(), y_matrix()), v[0]); },
     .definition = {{G::rx, {0}, {kPi / 2}}, {G::rx, {1}, {kPi / 2}}, {G::rzz, {0, 1}, {a(0)}},
                    {G::rx, {0}, {-kPi / 2}}, {G::rx, {1}, {-kPi / 2}}},
     .is_symmetric = true},
    {.id = G::rzz, .name = "rzz", .aliases = {"zz", "ZZPhase"}, .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return rotation(product(z_matrix(), z_matrix()), v[0]); },
     .definition = {{G::cx, {0, 1}, {}}, {G::rz, {1}, {a(0)}}, {G::cx, {0, 1}, {}}},
     .is_diagonal = true, .is_symmetric = true},
    {.id = G::rzx, .name = "rzx", .qubits = 2, .parameters = 1,
     .matrix = [](Angles v) { return rotation(product(z_matrix(), x_matrix()), v[0]); },
     .definition = {{G::h, {1}, {}}, {G::rzz, {0, 1}, {a(0)}}, {G::h, {1}, {}}}},
    // IonQ's partially entangling Molmer-Sorensen gate: phases phi0, phi1, then theta; pi/2 entangles fully.
    {.id = G::ms, .name = "ms", .qubits = 2, .parameters = 3,
     .matrix = [](Angles v) { return rotation(product(equator(v[0]), equator(v[1])), v[2]); },
     .inverse = {{G::ms, {0, 1}, {a(0), a(1), a(2, -1)}}},
     .definition = {{G::rz, {0}, {a(0, -1)}}, {G::rz, {1}, {a(1, -1)}}, {G::rxx, {0, 1}, {a(2)}},
                    {G::rz, {0}, {a(0)}}, {G::rz, {1}, {a(1)}}}},

    // Three qubits.
    {.id = G::ccx, .name = "ccx", .aliases = {"ccnot", "toffoli"}, .qubits = 3,
     .matrix = [](Angles) { return controlled(controlled(x_matrix())); },
     .definition = {{G::h, {2}, {}}, {G::ccz, {0, 1, 2}, {}}, {G::h, {2}, {}}},
     .is_real = true, .in_stdgates = true},
    {.id = G::ccz, .name = "ccz", .qubits = 3,
     .matrix = [](Angles) { return controlled(controlled(z_matrix())); },
     .definition = {{G::cx, {1, 2}, {}}, {G::tdg, {2}, {}}, {G::cx, {0, 2}, {}}, {G::t, {2}, {}},
                    {G::cx, {1, 2}, {}}, {G::t, {1}, {}}, {G::tdg, {2}, {}}, {G::cx, {0, 2}, {}},
                    {G::cx, {0, 1}, {}}, {G::t, {2}, {}}, {G::t, {0}, {}}, {G::tdg, {1}, {}},
                    {G::cx, {0, 1}, {}}},
     .is_diagonal = true, .is_real = true},
    {.id = G::cswap, .name = "cswap", .aliases = {"fredkin"}, .qubits = 3,
     .matrix = [](Angles) { return controlled(swap_matrix()); },
     .definition = {{G::cx, {2, 1}, {}}, {G::ccx, {0, 1, 2}, {}}, {G::cx, {2, 1}, {}}},
     .is_real = true, .in_stdgates = true},
    };
}
// clang-format on

}  // namespace qdcnn::circuit
