#pragma once

#include <cstdint>
#include <span>

#include "sim/lanes.h"

// The inner loops. All work on arrays of Lanes; an index counts Lanes, not doubles. Real and imaginary parts
// are arrays of their own, so a real matrix acts on each alike and real circuits have the first only.
namespace qdcnn::sim {

struct Pair {
    std::uint32_t zero;
    std::uint32_t one;
};

/// A real 2 x 2 matrix in every lane. Here always orthogonal, so its transpose undoes it.
struct LaneMatrix {
    Lanes a00, a01, a10, a11;

    LaneMatrix transposed() const { return {a00, a10, a01, a11}; }
};

// Over a table of pairs or indices: batches of small states.

void apply_pairs(Lanes* state, std::span<const Pair> pairs, const LaneMatrix& matrix);
/// Adds sum over pairs of lambda_1 psi_0 - lambda_0 psi_1 to `gradient`, then undoes `matrix` on both states.
void undo_pairs(Lanes* psi, Lanes* lambda, std::span<const Pair> pairs, const LaneMatrix& matrix,
                Lanes& gradient);
/// Multiplies by cosine + i sine.
void apply_phase(Lanes* re, Lanes* im, std::span<const std::uint32_t> indices, const Lanes& cosine,
                 const Lanes& sine);
/// Adds the sum of -2 Im(conj(lambda) psi), the derivative by the phase's angle, to `gradient`.
void phase_gradient(const Lanes* psi_re, const Lanes* psi_im, const Lanes* lambda_re, const Lanes* lambda_im,
                    std::span<const std::uint32_t> indices, Lanes& gradient);
void apply_sign(Lanes* state, std::span<const std::uint32_t> indices);

/// sums[o] += sum over i of diagonals[o * size + i] state[i]^2, for every row of `diagonals`.
void diagonal_values(const Lanes* state, std::size_t size, std::span<const double> diagonals,
                     std::span<Lanes> sums);
/// lambda[i] = sum over o of weights[o] diagonals[o * size + i] * psi[i].
void weighted_diagonals(const Lanes* psi, Lanes* lambda, std::size_t size, std::span<const double> diagonals,
                        std::span<const Lanes> weights);

// One large state: the lanes are its lowest three qubits. `high` counts index bits of the array of Lanes; the
// array has `size` of them, a power of two. `controls` is a mask of its index bits that must be 1.

/// On pairs that differ in index bit `high`.
void apply_high(Lanes* state, std::size_t size, unsigned high, std::uint64_t controls,
                const LaneMatrix& matrix);
/// state[i] = own * state[i] + other * (state[i] with lanes l and l ^ (1 << low) exchanged).
void apply_low(Lanes* state, std::size_t size, unsigned low, std::uint64_t controls, const Lanes& own,
               const Lanes& other);
/// Lane sums of lambda_1 psi_0 - lambda_0 psi_1 over pairs that differ in bit `high`.
Lanes high_gradient(const Lanes* psi, const Lanes* lambda, std::size_t size, unsigned high,
                    std::uint64_t controls);
/// Lane sums of lambda * (psi with lanes l and l ^ (1 << low) exchanged).
Lanes low_gradient(const Lanes* psi, const Lanes* lambda, std::size_t size, unsigned low,
                   std::uint64_t controls);
void exchange_high(Lanes* state, std::size_t size, unsigned high, std::uint64_t controls);
/// Multiplies by cosine + i sine where all `controls` are 1.
void rotate_phase(Lanes* re, Lanes* im, std::size_t size, std::uint64_t controls, const Lanes& cosine,
                  const Lanes& sine);
/// Multiplies by `factor` where the index bits in `fixed` are those of `value`.
void scale_where(Lanes* state, std::size_t size, std::uint64_t fixed, std::uint64_t value,
                 const Lanes& factor);
/// Lane sums of left * right where the index bits in `fixed` are those of `value`.
Lanes inner_product(const Lanes* left, const Lanes* right, std::size_t size, std::uint64_t fixed,
                    std::uint64_t value);
/// Lane sums of state^2, negative where the index has an odd number of the bits of `mask`.
Lanes signed_norm(const Lanes* state, std::size_t size, std::uint64_t mask);

}  // namespace qdcnn::sim
