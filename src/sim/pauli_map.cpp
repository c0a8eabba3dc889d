#include "pauli_map.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace qdcnn::sim {
namespace {

/// A Pauli product as it acts on basis states: P |c> = phase[c] |c ^ flip>.
struct PauliAction {
    std::size_t flip = 0;
    std::array<Complex, 4> phase{};
};

/// All products on one or two qubits, by index.
std::vector<PauliAction> make_actions(int qubits) {
    constexpr Complex kI{0, 1};
    constexpr std::array<std::array<Complex, 2>, 4> kPhases{{{1, 1}, {1, 1}, {kI, -kI}, {1, -1}}};
    std::vector<PauliAction> actions(map_size(qubits));
    for (std::size_t index = 0; index < actions.size(); ++index) {
        PauliAction& action = actions[index];
        action.phase.fill(1);
        for (int qubit = 0; qubit < qubits; ++qubit) {
            const std::size_t letter = index >> (2 * qubit) & 3;
            if (letter == 1 || letter == 2) action.flip |= std::size_t{1} << qubit;
            for (std::size_t c = 0; c < action.phase.size(); ++c)
                action.phase[c] *= kPhases[letter][c >> qubit & 1];
        }
    }
    return actions;
}

const std::vector<PauliAction>& pauli_actions(int qubits) {
    static const std::vector<PauliAction> one = make_actions(1), two = make_actions(2);
    return qubits == 1 ? one : two;
}

int qubits_of_dimension(std::size_t dimension) {
    assert(dimension == 2 || dimension == 4);
    return dimension == 2 ? 1 : 2;
}

int qubits_of_map(std::span<const double> map) {
    assert(map.size() == 16 || map.size() == 256);
    return map.size() == 16 ? 1 : 2;
}

std::size_t size_of(std::span<const double> map) { return map_size(qubits_of_map(map)); }

/// std::complex checks every product for NaN; these are finite.
Complex times(Complex a, Complex b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// The same for one qubit, which most maps are made of. K P K^dagger for each P is [[p, q], [q*, s]], with
/// the coefficients (p + s) / 2, Re q, -Im q, (p - s) / 2.
void add_one_qubit_sandwich(const Matrix& k, PauliMap& map) {
    const Complex a = k(0, 0), b = k(0, 1), c = k(1, 0), d = k(1, 1);
    const auto add = [&map](std::size_t column, double p, double s, Complex q) {
        map[column] += (p + s) / 2;
        map[4 + column] += q.real();
        map[8 + column] -= q.imag();
        map[12 + column] += (p - s) / 2;
    };
    // K |0><1| K^dagger = [[ab, ad], [.., cd]] and its adjoint's upper right entry.
    const Complex ab = times(a, std::conj(b)), ad = times(a, std::conj(d)), cd = times(c, std::conj(d)),
                  bc = times(b, std::conj(c));
    const Complex ac = times(a, std::conj(c)), bd = times(b, std::conj(d));
    add(0, std::norm(a) + std::norm(b), std::norm(c) + std::norm(d), ac + bd);
    add(1, 2 * ab.real(), 2 * cd.real(), ad + bc);
    // -i |0><1| + i |1><0|
    add(2, 2 * ab.imag(), 2 * cd.imag(), Complex(ad.imag() - bc.imag(), bc.real() - ad.real()));
    add(3, std::norm(a) - std::norm(b), std::norm(c) - std::norm(d), ac - bd);
}

/// Adds the map of rho -> K rho K^dagger.
void add_sandwich(const Matrix& k, PauliMap& map) {
    const std::size_t d = k.size;
    if (d == 2) return add_one_qubit_sandwich(k, map);
    const auto& actions = pauli_actions(qubits_of_dimension(d));
    const std::size_t size = actions.size();
    std::array<Complex, 16> right{}, image{};
    for (std::size_t j = 0; j < size; ++j) {
        const PauliAction& in = actions[j];
        for (std::size_t r = 0; r < d; ++r)
            for (std::size_t c = 0; c < d; ++c) right[r * d + c] = times(k(r, c ^ in.flip), in.phase[c]);
        for (std::size_t r = 0; r < d; ++r)
            for (std::size_t c = 0; c < d; ++c) {
                Complex sum = 0;
                for (std::size_t m = 0; m < d; ++m) sum += times(right[r * d + m], std::conj(k(c, m)));
                image[r * d + c] = sum;
            }
        for (std::size_t i = 0; i < size; ++i) {
            const PauliAction& out = actions[i];
            double trace = 0;
            for (std::size_t c = 0; c < d; ++c) {
                const Complex phase = out.phase[c], value = image[c * d + (c ^ out.flip)];
                trace += phase.real() * value.real() - phase.imag() * value.imag();
            }
            map[i * size + j] += trace / static_cast<double>(d);
        }
    }
}

/// The size known, rows stay in registers.
template <std::size_t size>
PauliMap product_of(std::span<const double> second, std::span<const double> first) {
    PauliMap result(size * size);
    for (std::size_t i = 0; i < size; ++i) {
        double row[size] = {};
        for (std::size_t k = 0; k < size; ++k) {
            const double factor = second[i * size + k];
            if (factor == 0) continue;
            for (std::size_t j = 0; j < size; ++j) row[j] += factor * first[k * size + j];
        }
        std::copy(row, row + size, result.begin() + static_cast<std::ptrdiff_t>(i * size));
    }
    return result;
}

}  // namespace

PauliMap identity_map(int qubits) {
    const std::size_t size = map_size(qubits);
    PauliMap map(size * size, 0.0);
    for (std::size_t i = 0; i < size; ++i) map[i * size + i] = 1;
    return map;
}

PauliMap map_of_unitary(const Matrix& unitary) { return map_of_kraus({&unitary, 1}); }

PauliMap map_of_kraus(std::span<const Matrix> operators) {
    const std::size_t size = map_size(qubits_of_dimension(operators.front().size));
    PauliMap map(size * size, 0.0);
    for (const Matrix& k : operators) add_sandwich(k, map);
    return map;
}

PauliMap map_of_superoperator(const Matrix& superoperator, double& hermiticity_error) {
    const std::size_t d = superoperator.size == 4 ? 2 : 4;
    const auto& actions = pauli_actions(qubits_of_dimension(d));
    const std::size_t size = actions.size();
    PauliMap map(size * size, 0.0);
    hermiticity_error = 0;
    std::vector<Complex> image(d * d);
    for (std::size_t j = 0; j < size; ++j) {
        // Column c of P_j has its one entry in row c ^ flip; entry (r, c) stands at c * d + r.
        for (std::size_t row = 0; row < d * d; ++row) {
            image[row] = 0;
            for (std::size_t c = 0; c < d; ++c)
                image[row] += superoperator(row, c * d + (c ^ actions[j].flip)) * actions[j].phase[c];
        }
        for (std::size_t i = 0; i < size; ++i) {
            Complex trace = 0;
            for (std::size_t c = 0; c < d; ++c)
                trace += actions[i].phase[c] * image[(c ^ actions[i].flip) * d + c];
            trace /= static_cast<double>(d);
            map[i * size + j] = trace.real();
            hermiticity_error = std::max(hermiticity_error, std::abs(trace.imag()));
        }
    }
    return map;
}

Matrix superoperator_of(std::span<const double> map) {
    const int qubits = qubits_of_map(map);
    const auto& actions = pauli_actions(qubits);
    const std::size_t size = actions.size(), d = std::size_t{1} << qubits;
    Matrix result = Matrix::zero(size);
    // sum_ij R[i][j] vec(P_i) vec(P_j)^dagger / d
    for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j)
            for (std::size_t a = 0; a < d; ++a)
                for (std::size_t b = 0; b < d; ++b)
                    result(a * d + (a ^ actions[i].flip), b * d + (b ^ actions[j].flip)) +=
                        map[i * size + j] / static_cast<double>(d) * actions[i].phase[a] *
                        std::conj(actions[j].phase[b]);
    return result;
}

PauliMap product(std::span<const double> second, std::span<const double> first) {
    assert(first.size() == second.size());
    return size_of(second) == 4 ? product_of<4>(second, first) : product_of<16>(second, first);
}

PauliMap tensor_product(std::span<const double> low, std::span<const double> high) {
    assert(low.size() == 16 && high.size() == 16);
    PauliMap result(256);
    for (std::size_t i = 0; i < 16; ++i)
        for (std::size_t j = 0; j < 16; ++j)
            result[i * 16 + j] = low[(i & 3) * 4 + (j & 3)] * high[(i >> 2) * 4 + (j >> 2)];
    return result;
}

PauliMap swapped(std::span<const double> map) {
    assert(map.size() == 256);
    const auto exchange = [](std::size_t index) { return (index & 3) << 2 | index >> 2; };
    PauliMap result(256);
    for (std::size_t i = 0; i < 16; ++i)
        for (std::size_t j = 0; j < 16; ++j) result[i * 16 + j] = map[exchange(i) * 16 + exchange(j)];
    return result;
}

Matrix choi_of(std::span<const double> map) {
    const Matrix superoperator = superoperator_of(map);
    const std::size_t d = superoperator.size == 4 ? 2 : 4;
    Matrix choi = Matrix::zero(superoperator.size);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j)
            for (std::size_t r = 0; r < d; ++r)
                for (std::size_t c = 0; c < d; ++c)
                    choi(i * d + r, j * d + c) = superoperator(c * d + r, j * d + i);
    return choi;
}

std::array<double, 16> measurement_map(double given_zero, double given_one) {
    const double mean = (given_zero + given_one) / 2, half = (given_zero - given_one) / 2;
    return {mean, 0, 0, half, 0, 0, 0, 0, 0, 0, 0, 0, half, 0, 0, mean};
}

std::array<double, 16> reset_map() { return {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}; }

}  // namespace qdcnn::sim
