#include "amplitudes.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace qdcnn::sim {

using circuit::Complex;
using circuit::Matrix;
using circuit::Qubit;

namespace {

std::size_t bit(Qubit qubit) { return std::size_t{1} << qubit; }

/// Moves bit i of `packed` to bit qubits[i].
std::size_t spread(std::size_t packed, std::span<const Qubit> qubits) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < qubits.size(); ++i) index |= (packed >> i & 1) << qubits[i];
    return index;
}

std::size_t mask_of(std::span<const Qubit> qubits) {
    std::size_t mask = 0;
    for (const Qubit qubit : qubits) mask |= bit(qubit);
    return mask;
}

/// Calls visit(index) for all indices below `size` with zeros in `mask`.
template <typename Visit>
void for_each_outside(std::size_t size, std::size_t mask, const Visit& visit) {
    const std::size_t free = (size - 1) & ~mask;
    std::size_t index = 0;
    do {
        visit(index);
        index = (index - free) & free;
    } while (index != 0);
}

}  // namespace

template <typename Real>
Amplitudes<Real>::Amplitudes(std::uint32_t num_qubits)
    : num_qubits_(num_qubits),
      re_(std::max<std::size_t>(1, (std::size_t{1} << num_qubits) / Slice<Real>::kLanes)),
      im_(re_.size()) {
    re(0) = 1;
}

template <typename Real>
double Amplitudes<Real>::bytes(std::uint32_t num_qubits) {
    return std::ldexp(2 * sizeof(Real), static_cast<int>(std::max(num_qubits, Slice<Real>::kBits)));
}

template <typename Real>
Complex Amplitudes<Real>::operator[](std::size_t index) const {
    return {static_cast<double>(re(index)), static_cast<double>(im(index))};
}

template <typename Real>
void Amplitudes<Real>::apply(const Matrix& matrix, std::span<const Qubit> qubits) {
    // Lanes beyond a small state stay 0: no qubit of the matrix reaches them.
    apply_sweep(Sweep<Real>(matrix, qubits), re_.data(), im_.data(), re_.size());
}

template <typename Real>
void Amplitudes<Real>::scale(double factor) {
    for (Slices<Real>* part : {&re_, &im_})
        for (Slice<Real>& slice : *part)
            for (Real& value : slice.lane) value *= static_cast<Real>(factor);
}

template <typename Real>
double Amplitudes<Real>::norm() const {
    return signed_weight(re_.data(), im_.data(), re_.size(), 0);
}

template <typename Real>
Matrix Amplitudes<Real>::reduced(std::span<const Qubit> qubits) const {
    const std::size_t d = std::size_t{1} << qubits.size();
    std::array<std::size_t, 4> offset{};
    for (std::size_t k = 0; k < d; ++k) offset[k] = spread(k, qubits);
    Matrix result = Matrix::zero(d);
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
            double real = 0, imaginary = 0;
            for_each_outside(size(), mask_of(qubits), [&](std::size_t index) {
                const double ar = re(index | offset[a]), ai = im(index | offset[a]);
                const double br = re(index | offset[b]), bi = im(index | offset[b]);
                real += ar * br + ai * bi;
                imaginary += ai * br - ar * bi;
            });
            result(a, b) = {real, imaginary};
            result(b, a) = {real, -imaginary};
        }
    return result;
}

template <typename Real>
double Amplitudes<Real>::expectation(const PauliMasks& masks) const {
    if (masks.x_mask == 0) return signed_weight(re_.data(), im_.data(), re_.size(), masks.z_mask);
    Complex sum = 0;
    for (std::size_t index = 0; index < size(); ++index) {
        const Complex product = std::conj((*this)[index ^ masks.x_mask]) * (*this)[index];
        sum += std::popcount(index & masks.z_mask) & 1 ? -product : product;
    }
    constexpr Complex kPowers[] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    return (kPowers[masks.y_count % 4] * sum).real();
}

template <typename Real>
void Amplitudes<Real>::prepare(std::span<const Qubit> qubits, std::span<const double> amplitudes) {
    for_each_outside(size(), mask_of(qubits), [&](std::size_t index) {
        const Real real = re(index), imaginary = im(index);
        for (std::size_t k = 0; k < amplitudes.size(); ++k) {
            const std::size_t at = index | spread(k, qubits);
            re(at) = real * static_cast<Real>(amplitudes[k]);
            im(at) = imaginary * static_cast<Real>(amplitudes[k]);
        }
    });
}

template <typename Real>
void Amplitudes<Real>::add_distribution(std::span<const Qubit> qubits, double factor,
                                        std::span<double> distribution) const {
    for (std::size_t index = 0; index < size(); ++index) {
        std::size_t packed = 0;
        for (std::size_t i = 0; i < qubits.size(); ++i) packed |= (index >> qubits[i] & 1) << i;
        distribution[packed] += factor * std::norm((*this)[index]);
    }
}

template <typename Real>
std::size_t Amplitudes<Real>::sample(double share) const {
    double left = share * norm();
    std::size_t last = 0;
    for (std::size_t index = 0; index < size(); ++index) {
        const double weight = std::norm((*this)[index]);
        if (weight == 0) continue;
        last = index;
        left -= weight;
        if (left < 0) break;
    }
    return last;
}

template class Amplitudes<float>;
template class Amplitudes<double>;

}  // namespace qdcnn::sim
