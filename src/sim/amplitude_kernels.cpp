#include "amplitude_kernels.h"

#include <bit>

#include "clones.h"

namespace qdcnn::sim {

using circuit::Complex;
using circuit::Matrix;
using circuit::Qubit;

namespace {

/// From this many amplitudes a sweep is worth several threads.
constexpr std::size_t kParallelFrom = std::size_t{1} << 20;

template <typename Real>
struct Types;
template <>
struct Types<double> {
    typedef double Vector __attribute__((vector_size(64), may_alias));
    typedef std::int64_t Index __attribute__((vector_size(64)));
};
template <>
struct Types<float> {
    typedef float Vector __attribute__((vector_size(64), may_alias));
    typedef std::int32_t Index __attribute__((vector_size(64)));
};

/// Groups [begin, end) of slices.
template <typename Real, unsigned high_count, unsigned low_count, bool is_real>
[[gnu::always_inline]] inline void sweep_groups(const Sweep<Real>& sweep, Slice<Real>* re, Slice<Real>* im,
                                                std::size_t begin, std::size_t end) {
    using Vector = typename Types<Real>::Vector;
    using Index = typename Types<Real>::Index;
    constexpr std::size_t kSlices = 1u << high_count, kExchanges = 1u << low_count;
    auto* r = reinterpret_cast<Vector*>(re);
    auto* m = reinterpret_cast<Vector*>(im);
    const auto* factor_re = reinterpret_cast<const Vector*>(sweep.re.data());
    const auto* factor_im = reinterpret_cast<const Vector*>(sweep.im.data());
    Index order[kExchanges];
    for (std::size_t p = 0; p < kExchanges; ++p)
        for (std::size_t lane = 0; lane < Slice<Real>::kLanes; ++lane) order[p][lane] = sweep.lanes[p][lane];
    std::size_t offset[kSlices];
    for (std::size_t j = 0; j < kSlices; ++j) {
        offset[j] = 0;
        for (unsigned b = 0; b < high_count; ++b) offset[j] |= (j >> b & 1) << sweep.high[b];
    }
    for (std::size_t group = begin; group < end; ++group) {
        std::size_t base = group;
        for (unsigned b = 0; b < high_count; ++b) {
            const std::size_t below = (std::size_t{1} << sweep.high[b]) - 1;
            base = (base & below) | (base & ~below) << 1;
        }
        Vector in_re[kSlices * kExchanges], in_im[kSlices * kExchanges];
#pragma GCC unroll 4
        for (std::size_t j = 0; j < kSlices; ++j) {
            const Vector one_re = r[base + offset[j]], one_im = m[base + offset[j]];
            in_re[j * kExchanges] = one_re;
            in_im[j * kExchanges] = one_im;
#pragma GCC unroll 4
            for (std::size_t p = 1; p < kExchanges; ++p) {
                in_re[j * kExchanges + p] = __builtin_shuffle(one_re, order[p]);
                in_im[j * kExchanges + p] = __builtin_shuffle(one_im, order[p]);
            }
        }
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kSlices; ++i) {
            const Vector* f = factor_re + i * kSlices * kExchanges;
            const Vector* g = factor_im + i * kSlices * kExchanges;
            Vector out_re = f[0] * in_re[0], out_im = f[0] * in_im[0];
            if (!is_real) {
                out_re -= g[0] * in_im[0];
                out_im += g[0] * in_re[0];
            }
#pragma GCC unroll 4
            for (std::size_t k = 1; k < kSlices * kExchanges; ++k) {
                out_re += f[k] * in_re[k];
                out_im += f[k] * in_im[k];
                if (!is_real) {
                    out_re -= g[k] * in_im[k];
                    out_im += g[k] * in_re[k];
                }
            }
            r[base + offset[i]] = out_re;
            m[base + offset[i]] = out_im;
        }
    }
}

template <typename Real, bool is_real>
[[gnu::always_inline]] inline void sweep_any(const Sweep<Real>& sweep, Slice<Real>* re, Slice<Real>* im,
                                             std::size_t begin, std::size_t end) {
    if (sweep.high_count == 2) return sweep_groups<Real, 2, 0, is_real>(sweep, re, im, begin, end);
    if (sweep.high_count == 1 && sweep.low_count == 1)
        return sweep_groups<Real, 1, 1, is_real>(sweep, re, im, begin, end);
    if (sweep.high_count == 1) return sweep_groups<Real, 1, 0, is_real>(sweep, re, im, begin, end);
    if (sweep.low_count == 1) return sweep_groups<Real, 0, 1, is_real>(sweep, re, im, begin, end);
    sweep_groups<Real, 0, 2, is_real>(sweep, re, im, begin, end);
}

QDCNN_CLONES void sweep_range(const Sweep<double>& sweep, Slice<double>* re, Slice<double>* im,
                              std::size_t begin, std::size_t end) {
    if (sweep.is_real)
        sweep_any<double, true>(sweep, re, im, begin, end);
    else
        sweep_any<double, false>(sweep, re, im, begin, end);
}

QDCNN_CLONES void sweep_range(const Sweep<float>& sweep, Slice<float>* re, Slice<float>* im,
                              std::size_t begin, std::size_t end) {
    if (sweep.is_real)
        sweep_any<float, true>(sweep, re, im, begin, end);
    else
        sweep_any<float, false>(sweep, re, im, begin, end);
}

template <typename Real>
[[gnu::always_inline]] inline double weigh(const Slice<Real>* re, const Slice<Real>* im, std::size_t size,
                                           std::uint64_t mask) {
    constexpr std::size_t kLanes = Slice<Real>::kLanes;
    double sums[kLanes] = {};
    for (std::size_t i = 0; i < size; ++i) {
        const double sign = __builtin_parityll(i & (mask >> Slice<Real>::kBits)) ? -1.0 : 1.0;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const double a = re[i].lane[lane], b = im[i].lane[lane];
            sums[lane] += sign * (a * a + b * b);
        }
    }
    double total = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        total += std::popcount(lane & mask) & 1 ? -sums[lane] : sums[lane];
    return total;
}

QDCNN_CLONES double weigh_all(const Slice<double>* re, const Slice<double>* im, std::size_t size,
                              std::uint64_t mask) {
    return weigh(re, im, size, mask);
}

QDCNN_CLONES double weigh_all(const Slice<float>* re, const Slice<float>* im, std::size_t size,
                              std::uint64_t mask) {
    return weigh(re, im, size, mask);
}

}  // namespace

template <typename Real>
Sweep<Real>::Sweep(const Matrix& matrix, std::span<const Qubit> qubits) {
    constexpr unsigned kBits = Slice<Real>::kBits;
    constexpr std::size_t kLanes = Slice<Real>::kLanes;
    // Where the matrix's index bits go: to a slice of the group or to a lane.
    std::array<unsigned, 2> high_bit{}, low_bit{}, low{};
    std::array<unsigned, 2> order{0, 1};
    if (qubits.size() == 2 && qubits[0] > qubits[1]) order = {1, 0};
    for (std::size_t k = 0; k < qubits.size(); ++k) {
        const unsigned bit = order[k];
        if (qubits[bit] >= kBits) {
            high[high_count] = qubits[bit] - kBits;
            high_bit[high_count++] = bit;
        } else {
            low[low_count] = qubits[bit];
            low_bit[low_count++] = bit;
        }
    }
    const std::size_t slices = std::size_t{1} << high_count, exchanges = std::size_t{1} << low_count;
    for (std::size_t p = 0; p < exchanges; ++p)
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            std::size_t from = lane;
            for (unsigned b = 0; b < low_count; ++b) from ^= (p >> b & 1) << low[b];
            lanes[p][lane] = static_cast<std::int32_t>(from);
        }
    const auto index_of = [&](std::size_t slice, std::size_t lane) {
        std::size_t index = 0;
        for (unsigned b = 0; b < high_count; ++b) index |= (slice >> b & 1) << high_bit[b];
        for (unsigned b = 0; b < low_count; ++b) index |= (lane >> low[b] & 1) << low_bit[b];
        return index;
    };
    for (std::size_t i = 0; i < slices; ++i)
        for (std::size_t j = 0; j < slices; ++j)
            for (std::size_t p = 0; p < exchanges; ++p)
                for (std::size_t lane = 0; lane < kLanes; ++lane) {
                    const Complex factor =
                        matrix(index_of(i, lane), index_of(j, static_cast<std::size_t>(lanes[p][lane])));
                    const std::size_t at = (i * slices + j) * exchanges + p;
                    re[at].lane[lane] = static_cast<Real>(factor.real());
                    im[at].lane[lane] = static_cast<Real>(factor.imag());
                    is_real = is_real && factor.imag() == 0;
                }
}

template <typename Real>
void apply_sweep(const Sweep<Real>& sweep, Slice<Real>* re, Slice<Real>* im, std::size_t size) {
    const std::size_t groups = size >> sweep.high_count;
    if (size * Slice<Real>::kLanes < kParallelFrom) return sweep_range(sweep, re, im, 0, groups);
    constexpr std::size_t kBlock = std::size_t{1} << 12;
    const auto blocks = static_cast<std::ptrdiff_t>((groups + kBlock - 1) / kBlock);
#pragma omp parallel for schedule(static)
    for (std::ptrdiff_t block = 0; block < blocks; ++block) {
        const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
        sweep_range(sweep, re, im, begin, std::min(groups, begin + kBlock));
    }
}

template <typename Real>
double signed_weight(const Slice<Real>* re, const Slice<Real>* im, std::size_t size, std::uint64_t mask) {
    return weigh_all(re, im, size, mask);
}

template struct Sweep<float>;
template struct Sweep<double>;
template void apply_sweep(const Sweep<float>&, Slice<float>*, Slice<float>*, std::size_t);
template void apply_sweep(const Sweep<double>&, Slice<double>*, Slice<double>*, std::size_t);
template double signed_weight(const Slice<float>*, const Slice<float>*, std::size_t, std::uint64_t);
template double signed_weight(const Slice<double>*, const Slice<double>*, std::size_t, std::uint64_t);

}  // namespace qdcnn::sim
