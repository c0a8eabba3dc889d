#include "sim/kernels.h"
#include "sim/clones.h"

namespace qdcnn::sim {
namespace {

typedef double Vector __attribute__((vector_size(64), may_alias));

inline Vector* vectors(Lanes* lanes) { return reinterpret_cast<Vector*>(lanes); }
inline const Vector* vectors(const Lanes* lanes) { return reinterpret_cast<const Vector*>(lanes); }
inline const Vector& vector(const Lanes& lanes) { return *vectors(&lanes); }
inline Vector& vector(Lanes& lanes) { return *vectors(&lanes); }

/// The indices below `size` (a power of two) whose bits in `fixed` are those of `value`, as ascending runs
/// [first(), first() + length()).
class Runs {
  public:
    Runs(std::size_t size, std::uint64_t fixed, std::uint64_t value)
        : value_(value),
          length_(fixed ? fixed & (~fixed + 1) : size),
          free_((size - 1) & ~fixed & ~(length_ - 1)) {}
    bool more() const { return more_; }
    std::size_t first() const { return base_ | value_; }
    std::size_t length() const { return length_; }
    /// The next number whose bits lie in free_.
    void next() {
        base_ = (base_ - free_) & free_;
        more_ = base_ != 0;
    }

  private:
    std::uint64_t value_, length_, free_;
    std::uint64_t base_ = 0;
    bool more_ = true;
};

template <int bit>
inline __attribute__((always_inline)) void exchange_lanes(const Vector& in, Vector& out) {
#if defined(__clang__)
    for (int lane = 0; lane < 8; ++lane) out[lane] = in[lane ^ (1 << bit)];
#else
    typedef long long Index __attribute__((vector_size(64)));
    constexpr int m = 1 << bit;
    out = __builtin_shuffle(in, Index{0 ^ m, 1 ^ m, 2 ^ m, 3 ^ m, 4 ^ m, 5 ^ m, 6 ^ m, 7 ^ m});
#endif
}

template <int bit>
inline __attribute__((always_inline)) void apply_lanes(Vector* state, Runs runs, const Vector& own,
                                                       const Vector& other) {
    for (; runs.more(); runs.next()) {
        Vector* run = state + runs.first();
        for (std::size_t i = 0; i < runs.length(); ++i) {
            Vector exchanged;
            exchange_lanes<bit>(run[i], exchanged);
            run[i] = own * run[i] + other * exchanged;
        }
    }
}

template <int bit>
inline __attribute__((always_inline)) void lanes_gradient(const Vector* psi, const Vector* lambda, Runs runs,
                                                          Vector& sum) {
    for (; runs.more(); runs.next())
        for (std::size_t i = runs.first(); i < runs.first() + runs.length(); ++i) {
            Vector exchanged;
            exchange_lanes<bit>(psi[i], exchanged);
            sum += lambda[i] * exchanged;
        }
}

}  // namespace

QDCNN_CLONES
void apply_pairs(Lanes* state, std::span<const Pair> pairs, const LaneMatrix& matrix) {
    Vector* s = vectors(state);
    const Vector a00 = vector(matrix.a00), a01 = vector(matrix.a01), a10 = vector(matrix.a10),
                 a11 = vector(matrix.a11);
    for (const Pair pair : pairs) {
        const Vector zero = s[pair.zero], one = s[pair.one];
        s[pair.zero] = a00 * zero + a01 * one;
        s[pair.one] = a10 * zero + a11 * one;
    }
}

QDCNN_CLONES
void undo_pairs(Lanes* psi, Lanes* lambda, std::span<const Pair> pairs, const LaneMatrix& matrix,
                Lanes& gradient) {
    Vector *p = vectors(psi), *l = vectors(lambda);
    const Vector a00 = vector(matrix.a00), a01 = vector(matrix.a10), a10 = vector(matrix.a01),
                 a11 = vector(matrix.a11);
    Vector sum = vector(gradient);
    for (const Pair pair : pairs) {
        const Vector psi0 = p[pair.zero], psi1 = p[pair.one], lambda0 = l[pair.zero], lambda1 = l[pair.one];
        sum += lambda1 * psi0 - lambda0 * psi1;
        p[pair.zero] = a00 * psi0 + a01 * psi1;
        p[pair.one] = a10 * psi0 + a11 * psi1;
        l[pair.zero] = a00 * lambda0 + a01 * lambda1;
        l[pair.one] = a10 * lambda0 + a11 * lambda1;
    }
    vector(gradient) = sum;
}

QDCNN_CLONES
void apply_phase(Lanes* re, Lanes* im, std::span<const std::uint32_t> indices, const Lanes& cosine,
                 const Lanes& sine) {
    Vector *r = vectors(re), *i = vectors(im);
    const Vector c = vector(cosine), s = vector(sine);
    for (const std::uint32_t index : indices) {
        const Vector real = r[index], imaginary = i[index];
        r[index] = c * real - s * imaginary;
        i[index] = c * imaginary + s * real;
    }
}

QDCNN_CLONES
void phase_gradient(const Lanes* psi_re, const Lanes* psi_im, const Lanes* lambda_re, const Lanes* lambda_im,
                    std::span<const std::uint32_t> indices, Lanes& gradient) {
    const Vector *pr = vectors(psi_re), *pi = vectors(psi_im), *lr = vectors(lambda_re),
                 *li = vectors(lambda_im);
    Vector sum = vector(gradient);
    for (const std::uint32_t index : indices) sum += 2.0 * (li[index] * pr[index] - lr[index] * pi[index]);
    vector(gradient) = sum;
}

QDCNN_CLONES
void apply_sign(Lanes* state, std::span<const std::uint32_t> indices) {
    Vector* s = vectors(state);
    for (const std::uint32_t index : indices) s[index] = -s[index];
}

QDCNN_CLONES
void diagonal_values(const Lanes* state, std::size_t size, std::span<const double> diagonals,
                     std::span<Lanes> sums) {
    const Vector* s = vectors(state);
    for (std::size_t o = 0; o < sums.size(); ++o) {
        const double* diagonal = diagonals.data() + o * size;
        Vector even = {}, odd = {};
        for (std::size_t i = 0; i + 1 < size; i += 2) {
            even += diagonal[i] * (s[i] * s[i]);
            odd += diagonal[i + 1] * (s[i + 1] * s[i + 1]);
        }
        if (size & 1) even += diagonal[size - 1] * (s[size - 1] * s[size - 1]);
        vector(sums[o]) += even + odd;
    }
}

QDCNN_CLONES
void weighted_diagonals(const Lanes* psi, Lanes* lambda, std::size_t size, std::span<const double> diagonals,
                        std::span<const Lanes> weights) {
    const Vector* p = vectors(psi);
    Vector* l = vectors(lambda);
    for (std::size_t i = 0; i < size; ++i) {
        Vector weight = {};
        for (std::size_t o = 0; o < weights.size(); ++o)
            weight += diagonals[o * size + i] * vector(weights[o]);
        l[i] = weight * p[i];
    }
}

QDCNN_CLONES
void apply_high(Lanes* state, std::size_t size, unsigned high, std::uint64_t controls,
                const LaneMatrix& matrix) {
    Vector* s = vectors(state);
    const Vector a00 = vector(matrix.a00), a01 = vector(matrix.a01), a10 = vector(matrix.a10),
                 a11 = vector(matrix.a11);
    const std::uint64_t bit = std::uint64_t{1} << high;
    for (Runs runs(size, controls | bit, controls); runs.more(); runs.next()) {
        Vector *zeros = s + runs.first(), *ones = zeros + bit;
        for (std::size_t i = 0; i < runs.length(); ++i) {
            const Vector zero = zeros[i], one = ones[i];
            zeros[i] = a00 * zero + a01 * one;
            ones[i] = a10 * zero + a11 * one;
        }
    }
}

QDCNN_CLONES
void apply_low(Lanes* state, std::size_t size, unsigned low, std::uint64_t controls, const Lanes& own,
               const Lanes& other) {
    const Runs runs(size, controls, controls);
    if (low == 0) apply_lanes<0>(vectors(state), runs, vector(own), vector(other));
    if (low == 1) apply_lanes<1>(vectors(state), runs, vector(own), vector(other));
    if (low == 2) apply_lanes<2>(vectors(state), runs, vector(own), vector(other));
}

QDCNN_CLONES
Lanes high_gradient(const Lanes* psi, const Lanes* lambda, std::size_t size, unsigned high,
                    std::uint64_t controls) {
    const Vector *p = vectors(psi), *l = vectors(lambda);
    const std::uint64_t bit = std::uint64_t{1} << high;
    Vector sum = {};
    for (Runs runs(size, controls | bit, controls); runs.more(); runs.next())
        for (std::size_t i = runs.first(); i < runs.first() + runs.length(); ++i)
            sum += l[i + bit] * p[i] - l[i] * p[i + bit];
    Lanes result;
    vector(result) = sum;
    return result;
}

QDCNN_CLONES
Lanes low_gradient(const Lanes* psi, const Lanes* lambda, std::size_t size, unsigned low,
                   std::uint64_t controls) {
    const Runs runs(size, controls, controls);
    Vector sum = {};
    if (low == 0) lanes_gradient<0>(vectors(psi), vectors(lambda), runs, sum);
    if (low == 1) lanes_gradient<1>(vectors(psi), vectors(lambda), runs, sum);
    if (low == 2) lanes_gradient<2>(vectors(psi), vectors(lambda), runs, sum);
    Lanes result;
    vector(result) = sum;
    return result;
}

QDCNN_CLONES
void exchange_high(Lanes* state, std::size_t size, unsigned high, std::uint64_t controls) {
    Vector* s = vectors(state);
    const std::uint64_t bit = std::uint64_t{1} << high;
    for (Runs runs(size, controls | bit, controls); runs.more(); runs.next())
        for (std::size_t i = runs.first(); i < runs.first() + runs.length(); ++i) {
            const Vector zero = s[i];
            s[i] = s[i + bit];
            s[i + bit] = zero;
        }
}

QDCNN_CLONES
void rotate_phase(Lanes* re, Lanes* im, std::size_t size, std::uint64_t controls, const Lanes& cosine,
                  const Lanes& sine) {
    Vector *r = vectors(re), *m = vectors(im);
    const Vector c = vector(cosine), s = vector(sine);
    for (Runs runs(size, controls, controls); runs.more(); runs.next())
        for (std::size_t i = runs.first(); i < runs.first() + runs.length(); ++i) {
            const Vector real = r[i], imaginary = m[i];
            r[i] = c * real - s * imaginary;
            m[i] = c * imaginary + s * real;
        }
}

QDCNN_CLONES
void scale_where(Lanes* state, std::size_t size, std::uint64_t fixed, std::uint64_t value,
                 const Lanes& factor) {
    Vector* s = vectors(state);
    const Vector f = vector(factor);
    for (Runs runs(size, fixed, value); runs.more(); runs.next())
        for (std::size_t i = runs.first(); i < runs.first() + runs.length(); ++i) s[i] *= f;
}

QDCNN_CLONES
Lanes inner_product(const Lanes* left, const Lanes* right, std::size_t size, std::uint64_t fixed,
                    std::uint64_t value) {
    const Vector *l = vectors(left), *r = vectors(right);
    Vector sum = {};
    for (Runs runs(size, fixed, value); runs.more(); runs.next())
        for (std::size_t i = runs.first(); i < runs.first() + runs.length(); ++i) sum += l[i] * r[i];
    Lanes result;
    vector(result) = sum;
    return result;
}

QDCNN_CLONES
Lanes signed_norm(const Lanes* state, std::size_t size, std::uint64_t mask) {
    const Vector* s = vectors(state);
    Vector sum = {};
    for (std::size_t i = 0; i < size; ++i) {
        const double sign = __builtin_parityll(i & mask) ? -1.0 : 1.0;
        sum += sign * (s[i] * s[i]);
    }
    Lanes result;
    vector(result) = sum;
    return result;
}

}  // namespace qdcnn::sim
