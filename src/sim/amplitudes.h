#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "amplitude_kernels.h"
#include "qdcnn/circuit/circuit.h"
#include "wide_state.h"

namespace qdcnn::sim {

/// The 2^n complex amplitudes of a state in single or double precision, for matrices on one and two qubits.
template <typename Real>
class Amplitudes {
  public:
    /// |0..0>. Does not ask whether the memory is there.
    explicit Amplitudes(std::uint32_t num_qubits);
    static double bytes(std::uint32_t num_qubits);

    std::uint32_t num_qubits() const { return num_qubits_; }
    std::size_t size() const { return std::size_t{1} << num_qubits_; }
    circuit::Complex operator[](std::size_t index) const;

    /// Bit i of the matrix's index is qubits[i]; need not be unitary.
    void apply(const circuit::Matrix& matrix, std::span<const circuit::Qubit> qubits);
    void scale(double factor);
    double norm() const;
    /// The density matrix of one or two of the qubits, its trace the norm; index as in `apply`.
    circuit::Matrix reduced(std::span<const circuit::Qubit> qubits) const;
    /// <state| P |state>.
    double expectation(const PauliMasks& masks) const;
    /// Puts sum_k amplitudes[k] |k> (norm 1) on qubits that are in |0>.
    void prepare(std::span<const circuit::Qubit> qubits, std::span<const double> amplitudes);
    /// Adds factor * |amplitude|^2 to the listed qubits' distribution, bit i of an index being qubits[i].
    void add_distribution(std::span<const circuit::Qubit> qubits, double factor,
                          std::span<double> distribution) const;
    /// The index at which the running sum of |amplitude|^2 passes share * norm.
    std::size_t sample(double share) const;

  private:
    Real& re(std::size_t i) { return re_.front().lane[i]; }
    Real re(std::size_t i) const { return re_.front().lane[i]; }
    Real& im(std::size_t i) { return im_.front().lane[i]; }
    Real im(std::size_t i) const { return im_.front().lane[i]; }

    std::uint32_t num_qubits_;
    Slices<Real> re_, im_;
};

}  // namespace qdcnn::sim
