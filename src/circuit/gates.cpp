#include "qdcnn/circuit/gates.h"

#include <cmath>
#include <numbers>
#include <unordered_map>

namespace qdcnn::circuit {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kHalfRoot = std::numbers::sqrt2 / 2;
constexpr Complex kI{0.0, 1.0};

using Angles = std::span<const double>;

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

Matrix rx_matrix(double theta) {
    const double c = std::cos(theta / 2), s = std::sin(theta / 2);
    return matrix2(c, -kI * s, -kI * s, c);
}
Matrix ry_matrix(double theta) {
    const double c = std::cos(theta / 2), s = std::sin(theta / 2);
    return matrix2(c, -s, s, c);
}
Matrix rz_matrix(double theta) { return diagonal({phase(-theta / 2), phase(theta / 2)}); }

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

const Matrix kX = matrix2(0, 1, 1, 0);
const Matrix kY = matrix2(0, -kI, kI, 0);
const Matrix kZ = diagonal({1, -1});
const Matrix kH = matrix2(kHalfRoot, kHalfRoot, kHalfRoot, -kHalfRoot);
const Matrix kSx = matrix2(0.5 + 0.5 * kI, 0.5 - 0.5 * kI, 0.5 - 0.5 * kI, 0.5 + 0.5 * kI);
const Matrix kSwap{4, {1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1}};

/// cos(phi) X + sin(phi) Y, which is also IonQ's gpi.
Matrix equator(double phi) { return matrix2(0, phase(-phi), phase(phi), 0); }

/// The gate's own parameter k, times a factor.
Angle a(ParameterIndex k, double factor = 1.0) { return Angle::of_parameter(k, factor); }

using G = GateId;

/// `gate` on the same qubits in the same order.
DefinitionStep whole(G gate, int qubits, std::vector<Angle> angles) {
    DefinitionStep step{gate, {}, std::move(angles)};
    for (int q = 0; q < qubits; ++q) step.qubits.push_back(static_cast<std::uint8_t>(q));
    return step;
}

GateRow fixed(G id, std::string_view name, int qubits, Matrix (*matrix)(Angles), G inverse,
              std::vector<DefinitionStep> definition, double definition_phase = 0.0) {
    GateRow row{};
    row.id = id;
    row.name = name;
    row.qubits = qubits;
    row.matrix = matrix;
    row.inverse = {whole(inverse, qubits, {})};
    row.definition = std::move(definition);
    row.definition_phase = definition_phase;
    return row;
}

/// A gate of which negated angles make the inverse, as for every rotation about a fixed axis.
GateRow rotation_row(G id, std::string_view name, int qubits, int parameters, Matrix (*matrix)(Angles),
                     std::vector<DefinitionStep> definition, Angle definition_phase = 0.0) {
    GateRow row{};
    row.id = id;
    row.name = name;
    row.qubits = qubits;
    row.parameters = parameters;
    row.matrix = matrix;
    std::vector<Angle> negated;
    for (int k = 0; k < parameters; ++k) negated.push_back(a(static_cast<ParameterIndex>(k), -1.0));
    row.inverse = {whole(id, qubits, negated)};
    row.definition = std::move(definition);
    row.definition_phase = std::move(definition_phase);
    return row;
}

// Chained onto a row where the table names its properties.
GateRow operator|(GateRow row, void (*property)(GateRow&)) {
    property(row);
    return row;
}
void diag(GateRow& row) { row.is_diagonal = true; }
void sym(GateRow& row) { row.is_symmetric = true; }
void real(GateRow& row) { row.is_real = true; }
void std_(GateRow& row) { row.in_stdgates = true; }

GateRow with_aliases(GateRow row, std::vector<std::string_view> aliases) {
    row.aliases = std::move(aliases);
    return row;
}
GateRow with_inverse(GateRow row, G gate, std::vector<Angle> angles) {
    row.inverse = {whole(gate, row.qubits, std::move(angles))};
    return row;
}

GateRow with_inverse(GateRow row, std::vector<DefinitionStep> steps) {
    row.inverse = std::move(steps);
    return row;
}

std::vector<GateRow> make_table() {
    std::vector<GateRow> t;
    // One qubit, fixed.
    t.push_back(with_aliases(fixed(G::id, "id", 1, [](Angles) { return Matrix::identity(2); }, G::id,
                                   {{G::u, {0}, {0.0, 0.0, 0.0}}}), {"i"}) | diag | real | std_);
    t.push_back(fixed(G::x, "x", 1, [](Angles) { return kX; }, G::x, {{G::u, {0}, {kPi, 0.0, kPi}}}) | real | std_);
    t.push_back(fixed(G::y, "y", 1, [](Angles) { return kY; }, G::y, {{G::u, {0}, {kPi, kPi / 2, kPi / 2}}}) | std_);
    t.push_back(fixed(G::z, "z", 1, [](Angles) { return kZ; }, G::z, {{G::p, {0}, {kPi}}}) | diag | real | std_);
    t.push_back(fixed(G::h, "h", 1, [](Angles) { return kH; }, G::h, {{G::u, {0}, {kPi / 2, 0.0, kPi}}}) | real | std_);
    t.push_back(fixed(G::s, "s", 1, [](Angles) { return diagonal({1, kI}); }, G::sdg, {{G::p, {0}, {kPi / 2}}}) | diag | std_);
    t.push_back(with_aliases(fixed(G::sdg, "sdg", 1, [](Angles) { return diagonal({1, -kI}); }, G::s,
                                   {{G::p, {0}, {-kPi / 2}}}), {"si"}) | diag | std_);
    t.push_back(fixed(G::t, "t", 1, [](Angles) { return diagonal({1, phase(kPi / 4)}); }, G::tdg, {{G::p, {0}, {kPi / 4}}}) | diag | std_);
    t.push_back(with_aliases(fixed(G::tdg, "tdg", 1, [](Angles) { return diagonal({1, phase(-kPi / 4)}); }, G::t,
                                   {{G::p, {0}, {-kPi / 4}}}), {"ti"}) | diag | std_);
    t.push_back(with_aliases(fixed(G::sx, "sx", 1, [](Angles) { return kSx; }, G::sxdg, {{G::rx, {0}, {kPi / 2}}}, kPi / 4),
                             {"v"}) | std_);
    t.push_back(with_aliases(fixed(G::sxdg, "sxdg", 1, [](Angles) { return kSx.adjoint(); }, G::sx,
                                   {{G::rx, {0}, {-kPi / 2}}}, -kPi / 4), {"vi"}));
    // One qubit, with angles.
    t.push_back(with_aliases(rotation_row(G::p, "p", 1, 1, [](Angles v) { return diagonal({1, phase(v[0])}); },
                                          {{G::u, {0}, {0.0, 0.0, a(0)}}}), {"phase", "u1", "phaseshift"}) | diag | std_);
    t.push_back(rotation_row(G::rx, "rx", 1, 1, [](Angles v) { return rx_matrix(v[0]); },
                             {{G::u, {0}, {a(0), -kPi / 2, kPi / 2}}}) | std_);
    t.push_back(rotation_row(G::ry, "ry", 1, 1, [](Angles v) { return ry_matrix(v[0]); },
                             {{G::u, {0}, {a(0), 0.0, 0.0}}}) | real | std_);
    t.push_back(rotation_row(G::rz, "rz", 1, 1, [](Angles v) { return rz_matrix(v[0]); },
                             {{G::u, {0}, {0.0, 0.0, a(0)}}}, a(0, -0.5)) | diag | std_);
    t.push_back(with_aliases(
        with_inverse(rotation_row(G::r, "r", 1, 2, [](Angles v) { return rotation(equator(v[1]), v[0]); },
                                  {{G::u, {0}, {a(0), a(1) - kPi / 2, kPi / 2 - a(1)}}}),
                     G::r, {a(0, -1), a(1)}),
        {"prx", "u1q", "phased_x", "PhasedX"}));
    t.push_back(with_inverse(rotation_row(G::u2, "u2", 1, 2, [](Angles v) { return u_matrix(kPi / 2, v[0], v[1]); },
                                          {{G::u, {0}, {kPi / 2, a(0), a(1)}}}),
                             G::u2, {kPi - a(1), -kPi - a(0)}) | std_);
    t.push_back(with_aliases(
        with_inverse(rotation_row(G::u, "u", 1, 3, [](Angles v) { return u_matrix(v[0], v[1], v[2]); }, {}), G::u,
                     {a(0, -1), a(2, -1), a(1, -1)}),
        {"U", "u3"}));
    t.push_back(with_inverse(rotation_row(G::gpi, "gpi", 1, 1, [](Angles v) { return equator(v[0]); },
                                          {{G::u, {0}, {kPi, a(0), kPi - a(0)}}}),
                             G::gpi, {a(0)}));
    t.push_back(with_inverse(rotation_row(G::gpi2, "gpi2", 1, 1, [](Angles v) { return rotation(equator(v[0]), kPi / 2); },
                                          {{G::r, {0}, {kPi / 2, a(0)}}}),
                             G::gpi2, {a(0) + kPi}));
    // Two qubits, fixed.
    t.push_back(with_aliases(fixed(G::cx, "cx", 2, [](Angles) { return controlled(kX); }, G::cx, {}), {"CX", "cnot"}) | real | std_);
    t.push_back(fixed(G::cy, "cy", 2, [](Angles) { return controlled(kY); }, G::cy,
                      {{G::sdg, {1}, {}}, {G::cx, {0, 1}, {}}, {G::s, {1}, {}}}) | std_);
    t.push_back(fixed(G::cz, "cz", 2, [](Angles) { return controlled(kZ); }, G::cz,
                      {{G::h, {1}, {}}, {G::cx, {0, 1}, {}}, {G::h, {1}, {}}}) | diag | sym | real | std_);
    t.push_back(fixed(G::ch, "ch", 2, [](Angles) { return controlled(kH); }, G::ch,
                      {{G::ry, {1}, {-kPi / 4}}, {G::cz, {0, 1}, {}}, {G::ry, {1}, {kPi / 4}}}) | real | std_);
    t.push_back(fixed(G::cs, "cs", 2, [](Angles) { return controlled(diagonal({1, kI})); }, G::csdg,
                      {{G::cp, {0, 1}, {kPi / 2}}}) | diag | sym);
    t.push_back(fixed(G::csdg, "csdg", 2, [](Angles) { return controlled(diagonal({1, -kI})); }, G::cs,
                      {{G::cp, {0, 1}, {-kPi / 2}}}) | diag | sym);
    t.push_back(with_aliases(with_inverse(fixed(G::csx, "csx", 2, [](Angles) { return controlled(kSx); }, G::cu,
                                   {{G::h, {1}, {}}, {G::cp, {0, 1}, {kPi / 2}}, {G::h, {1}, {}}}),
                                  G::cu, {-kPi / 2, -kPi / 2, kPi / 2, -kPi / 4}), {"cv"}));
    t.push_back(fixed(G::swap, "swap", 2, [](Angles) { return kSwap; }, G::swap,
                      {{G::cx, {0, 1}, {}}, {G::cx, {1, 0}, {}}, {G::cx, {0, 1}, {}}}) | sym | real | std_);
    t.push_back(with_inverse(fixed(G::iswap, "iswap", 2,
                                   [](Angles) { return Matrix{4, {1, 0, 0, 0, 0, 0, kI, 0, 0, kI, 0, 0, 0, 0, 0, 1}}; }, G::iswap,
                                   {{G::s, {0}, {}}, {G::s, {1}, {}}, {G::h, {0}, {}}, {G::cx, {0, 1}, {}},
                                    {G::cx, {1, 0}, {}}, {G::h, {1}, {}}}),
                             {{G::iswap, {0, 1}, {}}, {G::z, {0}, {}}, {G::z, {1}, {}}}) | sym);
    t.push_back(fixed(G::ecr, "ecr", 2,
                      [](Angles) {
                          // (IX - XY) / sqrt 2, the letter of qubit 0 on the right.
                          const Complex r = kHalfRoot, i = kHalfRoot * kI;
                          return Matrix{4, {0, r, 0, i, r, 0, -i, 0, 0, i, 0, r, -i, 0, r, 0}};
                      },
                      G::ecr, {{G::rzx, {0, 1}, {kPi / 4}}, {G::x, {0}, {}}, {G::rzx, {0, 1}, {-kPi / 4}}}));
    t.push_back(with_inverse(fixed(G::dcx, "dcx", 2,
                                   [](Angles) { return Matrix{4, {1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0}}; }, G::dcx,
                                   {{G::cx, {0, 1}, {}}, {G::cx, {1, 0}, {}}}),
                             {{G::dcx, {1, 0}, {}}}) | real);
    // Two qubits, with angles.
    t.push_back(with_aliases(rotation_row(G::cp, "cp", 2, 1, [](Angles v) { return diagonal({1, 1, 1, phase(v[0])}); },
                                          {{G::p, {0}, {a(0, 0.5)}}, {G::cx, {0, 1}, {}}, {G::p, {1}, {a(0, -0.5)}},
                                           {G::cx, {0, 1}, {}}, {G::p, {1}, {a(0, 0.5)}}}),
                             {"cphase", "cu1", "cphaseshift"}) | diag | sym | std_);
    t.push_back(rotation_row(G::crx, "crx", 2, 1, [](Angles v) { return controlled(rx_matrix(v[0])); },
                             {{G::h, {1}, {}}, {G::crz, {0, 1}, {a(0)}}, {G::h, {1}, {}}}) | std_);
    t.push_back(rotation_row(G::cry, "cry", 2, 1, [](Angles v) { return controlled(ry_matrix(v[0])); },
                             {{G::ry, {1}, {a(0, 0.5)}}, {G::cx, {0, 1}, {}}, {G::ry, {1}, {a(0, -0.5)}},
                              {G::cx, {0, 1}, {}}}) | real | std_);
    t.push_back(rotation_row(G::crz, "crz", 2, 1, [](Angles v) { return controlled(rz_matrix(v[0])); },
                             {{G::rz, {1}, {a(0, 0.5)}}, {G::cx, {0, 1}, {}}, {G::rz, {1}, {a(0, -0.5)}},
                              {G::cx, {0, 1}, {}}}) | diag | std_);
    t.push_back(with_inverse(
        rotation_row(G::cu, "cu", 2, 4,
                     [](Angles v) {
                         Matrix target = u_matrix(v[0], v[1], v[2]);
                         for (auto& value : target.values) value *= phase(v[3]);
                         return controlled(target);
                     },
                     {{G::p, {0}, {a(3) + a(2, 0.5) + a(1, 0.5)}}, {G::p, {1}, {a(2, 0.5) - a(1, 0.5)}}, {G::cx, {0, 1}, {}},
                      {G::u, {1}, {a(0, -0.5), 0.0, a(1, -0.5) - a(2, 0.5)}}, {G::cx, {0, 1}, {}},
                      {G::u, {1}, {a(0, 0.5), a(1), 0.0}}}),
        G::cu, {a(0, -1), a(2, -1), a(1, -1), a(3, -1)}) | std_);
    t.push_back(with_aliases(rotation_row(G::rxx, "rxx", 2, 1, [](Angles v) { return rotation(product(kX, kX), v[0]); },
                                          {{G::h, {0}, {}}, {G::h, {1}, {}}, {G::rzz, {0, 1}, {a(0)}}, {G::h, {0}, {}}, {G::h, {1}, {}}}),
                             {"xx"}) | sym);
    t.push_back(with_aliases(rotation_row(G::ryy, "ryy", 2, 1, [](Angles v) { return rotation(product(kY, kY), v[0]); },
                                          {{G::rx, {0}, {kPi / 2}}, {G::rx, {1}, {kPi / 2}}, {G::rzz, {0, 1}, {a(0)}},
                                           {G::rx, {0}, {-kPi / 2}}, {G::rx, {1}, {-kPi / 2}}}),
                             {"yy"}) | sym);
    t.push_back(with_aliases(rotation_row(G::rzz, "rzz", 2, 1, [](Angles v) { return rotation(product(kZ, kZ), v[0]); },
                                          {{G::cx, {0, 1}, {}}, {G::rz, {1}, {a(0)}}, {G::cx, {0, 1}, {}}}),
                             {"zz", "ZZPhase"}) | diag | sym);
    t.push_back(rotation_row(G::rzx, "rzx", 2, 1, [](Angles v) { return rotation(product(kZ, kX), v[0]); },
                             {{G::h, {1}, {}}, {G::rzz, {0, 1}, {a(0)}}, {G::h, {1}, {}}}));
    // IonQ's partially entangling Molmer-Sorensen gate: phases phi0, phi1, then theta; theta = pi/2 entangles fully.
    t.push_back(with_inverse(
        rotation_row(G::ms, "ms", 2, 3,
                     [](Angles v) { return rotation(product(equator(v[0]), equator(v[1])), v[2]); },
                     {{G::rz, {0}, {a(0, -1)}}, {G::rz, {1}, {a(1, -1)}}, {G::rxx, {0, 1}, {a(2)}}, {G::rz, {0}, {a(0)}},
                      {G::rz, {1}, {a(1)}}}),
        G::ms, {a(0), a(1), a(2, -1)}));
    // Three qubits.
    t.push_back(with_aliases(fixed(G::ccx, "ccx", 3, [](Angles) { return controlled(controlled(kX)); }, G::ccx,
                                   {{G::h, {2}, {}}, {G::ccz, {0, 1, 2}, {}}, {G::h, {2}, {}}}), {"ccnot", "toffoli"}) | real | std_);
    t.push_back(fixed(G::ccz, "ccz", 3, [](Angles) { return controlled(controlled(kZ)); }, G::ccz,
                      {{G::cx, {1, 2}, {}}, {G::tdg, {2}, {}}, {G::cx, {0, 2}, {}}, {G::t, {2}, {}}, {G::cx, {1, 2}, {}},
                       {G::t, {1}, {}}, {G::tdg, {2}, {}}, {G::cx, {0, 2}, {}}, {G::cx, {0, 1}, {}}, {G::t, {2}, {}},
                       {G::t, {0}, {}}, {G::tdg, {1}, {}}, {G::cx, {0, 1}, {}}}) | diag | real);
    t.push_back(with_aliases(fixed(G::cswap, "cswap", 3, [](Angles) { return controlled(kSwap); }, G::cswap,
                                   {{G::cx, {2, 1}, {}}, {G::ccx, {0, 1, 2}, {}}, {G::cx, {2, 1}, {}}}), {"fredkin"}) | real | std_);
    return t;
}

const std::vector<GateRow>& table() {
    static const std::vector<GateRow> rows = make_table();
    return rows;
}

}  // namespace

Matrix Matrix::identity(std::size_t size) {
    Matrix m = zero(size);
    for (std::size_t i = 0; i < size; ++i) m(i, i) = 1;
    return m;
}

Matrix Matrix::operator*(const Matrix& right) const {
    Matrix m = zero(size);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t k = 0; k < size; ++k) {
            const Complex factor = (*this)(i, k);
            if (factor == 0.0) continue;
            for (std::size_t j = 0; j < size; ++j) m(i, j) += factor * right(k, j);
        }
    return m;
}

Matrix Matrix::adjoint() const {
    Matrix m = zero(size);
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) m(j, i) = std::conj((*this)(i, j));
    return m;
}

double distance_up_to_phase(const Matrix& a, const Matrix& b) {
    std::size_t largest = 0;
    for (std::size_t i = 0; i < b.values.size(); ++i)
        if (std::abs(b.values[i]) > std::abs(b.values[largest])) largest = i;
    const Complex ratio = a.values[largest] / b.values[largest];
    const Complex aligned = std::abs(ratio) > 0 ? ratio / std::abs(ratio) : Complex(1);
    double distance = 0;
    for (std::size_t i = 0; i < b.values.size(); ++i)
        distance = std::max(distance, std::abs(a.values[i] - aligned * b.values[i]));
    return distance;
}

const GateRow& gate_row(GateId id) { return table()[static_cast<std::size_t>(id)]; }

std::span<const GateRow> gate_table() { return table(); }

const GateRow* find_gate(std::string_view name) {
    static const auto by_name = [] {
        std::unordered_map<std::string_view, const GateRow*> map;
        for (const GateRow& row : table()) {
            map.emplace(row.name, &row);
            for (const auto alias : row.aliases) map.emplace(alias, &row);
        }
        return map;
    }();
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

}  // namespace qdcnn::circuit
