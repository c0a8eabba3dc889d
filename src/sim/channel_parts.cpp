#include "channel_parts.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "pauli_map.h"

namespace qdcnn::sim {
namespace {

/// Eigenvalues below are rounding.
constexpr double kNothing = 1e-14;
/// How much of the identity may lie outside the span of the Kraus operators.
constexpr double kOutside = 1e-10;

bool is_diagonal(std::span<const double> map, std::size_t size) {
    for (std::size_t row = 0; row < size; ++row)
        for (std::size_t column = 0; column < size; ++column)
            if (row != column && std::abs(map[row * size + column]) > kNothing) return false;
    return true;
}

/// Whether the products anticommute, given by their letters in IXYZ.
bool anticommute(std::size_t a, std::size_t b) {
    bool odd = false;
    for (; a && b; a >>= 2, b >>= 2) odd ^= (a & 3) && (b & 3) && (a & 3) != (b & 3);
    return odd;
}

Matrix pauli_product(std::size_t letters, std::size_t d) {
    const Complex i{0, 1};
    Matrix result = Matrix::zero(d);
    for (std::size_t column = 0; column < d; ++column) {
        std::size_t row = column;
        Complex phase = 1;
        for (unsigned qubit = 0; std::size_t{1} << qubit < d; ++qubit) {
            const std::size_t letter = letters >> 2 * qubit & 3, value = column >> qubit & 1;
            if (letter == 1 || letter == 2) row ^= std::size_t{1} << qubit;
            if (letter == 2) phase *= value ? -i : i;
            if (letter == 3 && value) phase = -phase;
        }
        result(row, column) = phase;
    }
    return result;
}

/// A channel that a Pauli product strikes: probabilities by the Walsh-Hadamard sum over the diagonal.
ChannelParts pauli_parts(std::span<const double> map, std::size_t size) {
    ChannelParts parts;
    for (std::size_t letters = 0; letters < size; ++letters) {
        double probability = 0;
        for (std::size_t other = 0; other < size; ++other)
            probability +=
                anticommute(letters, other) ? -map[other * size + other] : map[other * size + other];
        probability /= static_cast<double>(size);
        if (letters == 0) {
            parts.identity = std::min(probability, 1.0);
        } else if (probability > kNothing) {
            Matrix matrix = pauli_product(letters, size == 4 ? 2 : 4);
            for (Complex& value : matrix.values) value *= std::sqrt(probability);
            parts.rest.push_back(std::move(matrix));
            parts.weights.push_back(probability);
        }
    }
    if (parts.rest.empty()) parts.identity = 1;
    return parts;
}

}  // namespace

ChannelParts parts_of(std::span<const double> map) {
    const std::size_t size = map.size() == 16 ? 4 : 16, d = size == 4 ? 2 : 4;
    if (is_diagonal(map, size)) return pauli_parts(map, size);
    Matrix choi = choi_of(map);
    const Spectrum spectrum = spectrum_of(choi);
    double inverse = 0, outside = 0;
    for (std::size_t k = 0; k < size; ++k) {
        Complex overlap = 0;
        for (std::size_t i = 0; i < d; ++i) overlap += spectrum.vectors(i * d + i, k);
        if (spectrum.values[k] > kNothing)
            inverse += std::norm(overlap) / spectrum.values[k];
        else
            outside += std::norm(overlap);
    }
    ChannelParts parts;
    if (outside < kOutside && inverse > 0) parts.identity = std::min(1.0, 1 / inverse);
    for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) choi(i * d + i, j * d + j) -= parts.identity;
    const Spectrum rest = spectrum_of(choi);
    for (std::size_t k = size; k-- > 0;) {
        if (rest.values[k] < kNothing) continue;
        Matrix matrix = Matrix::zero(d);
        for (std::size_t input = 0; input < d; ++input)
            for (std::size_t output = 0; output < d; ++output)
                matrix(output, input) = std::sqrt(rest.values[k]) * rest.vectors(input * d + output, k);
        parts.rest.push_back(std::move(matrix));
    }
    if (parts.rest.empty()) parts.identity = 1;
    return parts;
}

}  // namespace qdcnn::sim
