#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::sim {

/// A register's worth of real numbers: the amplitudes that differ in the lowest index bits.
template <typename Real>
struct alignas(64) Slice {
    static constexpr std::size_t kLanes = 64 / sizeof(Real);
    static constexpr unsigned kBits = kLanes == 8 ? 3 : 4;
    Real lane[kLanes] = {};
};

template <typename Real>
using Slices = std::vector<Slice<Real>>;

/// A complex matrix on one or two qubits, laid out for a sweep: new slice i = sum over j and p of
/// factor[(i * slices + j) * exchanges + p] times slice j with its lanes exchanged as p says. A qubit above
/// the lanes makes a group of two slices, one inside them an exchange of lanes.
template <typename Real>
struct Sweep {
    /// Index bits of an array of slices, ascending; `high_count` of them.
    std::array<unsigned, 2> high{};
    unsigned high_count = 0;
    unsigned low_count = 0;
    std::array<std::array<std::int32_t, Slice<Real>::kLanes>, 4> lanes{};
    std::array<Slice<Real>, 16> re{}, im{};
    bool is_real = true;

    /// Bit i of the matrix's index is qubits[i].
    Sweep(const circuit::Matrix& matrix, std::span<const circuit::Qubit> qubits);
};

/// Applies it to arrays of `size` slices, a power of two.
template <typename Real>
void apply_sweep(const Sweep<Real>& sweep, Slice<Real>* re, Slice<Real>* im, std::size_t size);

/// Sum of |amplitude|^2, negative where the index has an odd number of the bits of `mask`. Partial sums are
/// double.
template <typename Real>
double signed_weight(const Slice<Real>* re, const Slice<Real>* im, std::size_t size, std::uint64_t mask);

}  // namespace qdcnn::sim
