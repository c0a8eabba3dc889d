#pragma once

#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::circuit {

/// Divides real amplitudes by their norm, which may be as small or large as doubles are: they are scaled by
/// the largest first. Throws Error(invalid_input): one not finite, all zero.
void normalise(std::span<double> amplitudes);
std::vector<double> normalised(std::span<const double> amplitudes);

/// A circuit of x, ry and cx on n qubits that takes |0..0> to sum_k amplitudes[k] |k> / norm, signs included.
/// amplitudes: 2^n real numbers. Of two constructions the one with fewer cx is taken: merging basis states
/// pair by pair, about 4 cx an amplitude for a sparse vector (Gleinig and Hoefler, DAC 2021), or uniformly
/// controlled rotations, 2^n - 2 cx for any (Mottonen et al., 2005). Throws Error(invalid_input): not 2^n
/// entries, one not finite, all zero.
Circuit state_preparation(std::span<const double> amplitudes);

/// RY(angles[j]) on `target` for every value j of the controls (bit i of j is controls[i]): 2^c ry and 2^c
/// cx, in Gray code order. angles: 2^c entries.
void add_multiplexed_ry(Circuit& circuit, std::span<const Qubit> controls, Qubit target,
                        std::span<const double> angles);

/// The circuit with every Prepare replaced by its state_preparation, global phase included; inside branches,
/// where a phase shows in nothing, without. Throws Error(unsupported) when
/// amplitudes are unbound.
Circuit with_prepares_lowered(const Circuit& circuit);

}  // namespace qdcnn::circuit
