#include "pauli_kernels.h"

#include <algorithm>
#include <cstring>

#include "clones.h"

namespace qdcnn::sim {
namespace {

/// Coefficients worked on together: 64 bytes. A cell is one choice of all letters but those the map acts on.
template <typename Real>
struct Vector {
    static constexpr std::size_t kLanes = 64 / sizeof(Real);
    typedef Real Lanes __attribute__((vector_size(64)));
};

/// Below this many coefficients (11 qubits) waiting threads cost more than they bring.
constexpr std::size_t kParallelFrom = std::size_t{1} << 22;

/// out = map in for kLanes columns at once; entry k of a column is stride[k] further.
template <std::size_t size, typename Real>
[[gnu::always_inline]] inline void multiply(const Real* map, Real* at, const std::size_t* stride) {
    using Lanes = typename Vector<Real>::Lanes;
    Lanes in[size];
#pragma GCC unroll 16
    for (std::size_t k = 0; k < size; ++k) std::memcpy(&in[k], at + stride[k], sizeof(Lanes));
    for (std::size_t row = 0; row < size; ++row) {
        const Real* factor = map + row * size;
        // Two sums, so that one addition need not wait for the other.
        Lanes even = factor[0] * in[0], odd = factor[1] * in[1];
#pragma GCC unroll 16
        for (std::size_t k = 2; k < size; k += 2) {
            even += factor[k] * in[k];
            odd += factor[k + 1] * in[k + 1];
        }
        even += odd;
        std::memcpy(at + stride[row], &even, sizeof(Lanes));
    }
}

/// Where the cells of a map on one or two qubits lie. Cells are numbered by their letters on the other
/// qubits.
struct Layout {
    unsigned low;
    /// Equal to low for a map on one qubit.
    unsigned high;

    bool is_pair() const { return high != low; }
    std::size_t index_of_cell(std::size_t cell) const {
        const std::size_t below = (std::size_t{1} << 2 * low) - 1;
        std::size_t index = (cell & below) | (cell & ~below) << 2;
        if (high == low) return index;
        const std::size_t under = (std::size_t{1} << 2 * high) - 1;
        return (index & under) | (index & ~under) << 2;
    }
};

template <std::size_t size, typename Real>
[[gnu::always_inline]] inline void sweep_cells(Real* r, const Real* map, Layout layout, std::size_t begin,
                                               std::size_t end) {
    constexpr std::size_t kLanes = Vector<Real>::kLanes;
    std::size_t stride[size];
    for (std::size_t k = 0; k < size; ++k)
        stride[k] = (k & 3) << 2 * layout.low | (size == 16 ? (k >> 2) << 2 * layout.high : 0);
    const std::size_t run = std::size_t{1} << 2 * layout.low;
    if (run >= kLanes) {
        for (std::size_t cell = begin; cell < end; cell += kLanes)
            multiply<size>(map, r + layout.index_of_cell(cell), stride);
        return;
    }
    // The lowest qubits: neighbouring cells are not side by side in memory, so they are gathered first.
    std::size_t packed[size];
    for (std::size_t k = 0; k < size; ++k) packed[k] = k * kLanes;
    for (std::size_t cell = begin; cell < end; cell += kLanes) {
        const std::size_t lanes = std::min(kLanes, end - cell);
        alignas(64) Real buffer[size * kLanes] = {};
        std::size_t index[kLanes];
        for (std::size_t lane = 0; lane < lanes; ++lane) index[lane] = layout.index_of_cell(cell + lane);
        for (std::size_t k = 0; k < size; ++k)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                buffer[k * kLanes + lane] = r[index[lane] + stride[k]];
        multiply<size>(map, buffer, packed);
        for (std::size_t k = 0; k < size; ++k)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                r[index[lane] + stride[k]] = buffer[k * kLanes + lane];
    }
}

QDCNN_CLONES void sweep_range(double* r, const double* map, Layout layout, std::size_t begin,
                              std::size_t end) {
    if (layout.is_pair())
        sweep_cells<16>(r, map, layout, begin, end);
    else
        sweep_cells<4>(r, map, layout, begin, end);
}

QDCNN_CLONES void sweep_range(float* r, const float* map, Layout layout, std::size_t begin, std::size_t end) {
    if (layout.is_pair())
        sweep_cells<16>(r, map, layout, begin, end);
    else
        sweep_cells<4>(r, map, layout, begin, end);
}

/// Cells whose products are taken together: both sides fit in a core's nearest caches.
constexpr std::size_t kCellsAtOnce = 64;

/// Row k of `packed`: entry k of cells [begin, begin + kCellsAtOnce), 0 beyond the last.
template <std::size_t size>
[[gnu::always_inline]] inline void pack(const double* from, Layout layout, const std::size_t* stride,
                                        std::size_t begin, std::size_t cells, double* packed) {
    std::size_t index[kCellsAtOnce];
    const std::size_t count = std::min(kCellsAtOnce, cells - begin);
    for (std::size_t c = 0; c < count; ++c) index[c] = layout.index_of_cell(begin + c);
    for (std::size_t k = 0; k < size; ++k) {
        double* row = packed + k * kCellsAtOnce;
        const double* at = from + stride[k];
        if (std::size_t{1} << 2 * layout.low >= kCellsAtOnce) {
            std::memcpy(row, at + index[0], kCellsAtOnce * sizeof(double));
            continue;
        }
        for (std::size_t c = 0; c < count; ++c) row[c] = at[index[c]];
        for (std::size_t c = count; c < kCellsAtOnce; ++c) row[c] = 0;
    }
}

/// Sixteen sums at a time stay in registers.
template <std::size_t size>
[[gnu::always_inline]] inline void correlate_cells(const double* left, const double* right, Layout layout,
                                                   std::size_t cells, double* result) {
    using Lanes = typename Vector<double>::Lanes;
    constexpr std::size_t kLanes = Vector<double>::kLanes, kTile = 4;
    std::size_t stride[size];
    for (std::size_t k = 0; k < size; ++k)
        stride[k] = (k & 3) << 2 * layout.low | (size == 16 ? (k >> 2) << 2 * layout.high : 0);
    alignas(64) double a[size * kCellsAtOnce], b[size * kCellsAtOnce];
    Lanes sums[size * size] = {};
    for (std::size_t begin = 0; begin < cells; begin += kCellsAtOnce) {
        pack<size>(left, layout, stride, begin, cells, a);
        pack<size>(right, layout, stride, begin, cells, b);
        for (std::size_t i = 0; i < size; i += kTile)
            for (std::size_t j = 0; j < size; j += kTile) {
                Lanes tile[kTile * kTile];
#pragma GCC unroll 16
                for (std::size_t t = 0; t < kTile * kTile; ++t)
                    tile[t] = sums[(i + t / kTile) * size + j + t % kTile];
                for (std::size_t c = 0; c < kCellsAtOnce; c += kLanes) {
                    Lanes x[kTile], y[kTile];
#pragma GCC unroll 4
                    for (std::size_t t = 0; t < kTile; ++t) {
                        std::memcpy(&x[t], a + (i + t) * kCellsAtOnce + c, sizeof(Lanes));
                        std::memcpy(&y[t], b + (j + t) * kCellsAtOnce + c, sizeof(Lanes));
                    }
#pragma GCC unroll 16
                    for (std::size_t t = 0; t < kTile * kTile; ++t) tile[t] += x[t / kTile] * y[t % kTile];
                }
#pragma GCC unroll 16
                for (std::size_t t = 0; t < kTile * kTile; ++t)
                    sums[(i + t / kTile) * size + j + t % kTile] = tile[t];
            }
    }
    for (std::size_t k = 0; k < size * size; ++k)
        for (std::size_t lane = 0; lane < kLanes; ++lane) result[k] += sums[k][lane];
}

QDCNN_CLONES void correlate(const double* left, const double* right, Layout layout, std::size_t cells,
                            double* result) {
    if (layout.is_pair())
        correlate_cells<16>(left, right, layout, cells, result);
    else
        correlate_cells<4>(left, right, layout, cells, result);
}

/// The map's numbers as the sweep takes them: themselves, or rounded.
template <std::size_t count>
const double* in_precision(const double* map, double (&)[count]) {
    return map;
}
template <std::size_t count>
const float* in_precision(const double* map, float (&rounded)[count]) {
    for (std::size_t i = 0; i < count; ++i) rounded[i] = static_cast<float>(map[i]);
    return rounded;
}

/// Splits the cells between threads in blocks of whole lanes.
template <typename Sweep>
void in_parallel(std::size_t cells, std::size_t coefficients, const Sweep& sweep) {
    if (coefficients < kParallelFrom) {
        sweep(std::size_t{0}, cells);
        return;
    }
    constexpr std::size_t kBlock = std::size_t{1} << 12;
    const auto blocks = static_cast<std::ptrdiff_t>((cells + kBlock - 1) / kBlock);
#pragma omp parallel for schedule(static)
    for (std::ptrdiff_t block = 0; block < blocks; ++block) {
        const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
        sweep(begin, std::min(cells, begin + kBlock));
    }
}

}  // namespace

template <typename Real>
void sweep_one(std::span<Real> r, const double* map, unsigned q) {
    Real rounded[16];
    const Real* numbers = in_precision(map, rounded);
    in_parallel(r.size() / 4, r.size(), [&](std::size_t begin, std::size_t end) {
        sweep_range(r.data(), numbers, Layout{q, q}, begin, end);
    });
}

template <typename Real>
void sweep_two(std::span<Real> r, const double* map, unsigned low, unsigned high) {
    Real rounded[256];
    const Real* numbers = in_precision(map, rounded);
    in_parallel(r.size() / 16, r.size(), [&](std::size_t begin, std::size_t end) {
        sweep_range(r.data(), numbers, Layout{low, high}, begin, end);
    });
}

void add_correlation(std::span<const double> left, std::span<const double> right, unsigned low, unsigned high,
                     double* result) {
    correlate(left.data(), right.data(), Layout{low, high}, left.size() / (low == high ? 4 : 16), result);
}

template void sweep_one(std::span<double>, const double*, unsigned);
template void sweep_one(std::span<float>, const double*, unsigned);
template void sweep_two(std::span<double>, const double*, unsigned, unsigned);
template void sweep_two(std::span<float>, const double*, unsigned, unsigned);

}  // namespace qdcnn::sim
