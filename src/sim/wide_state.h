#pragma once

#include <cstdint>
#include <span>

#include "qdcnn/circuit/observable.h"
#include "sim/lanes.h"
#include "sim/program.h"

namespace qdcnn::sim {

/// A Pauli string as masks: the product takes |x> to i^y_count (-1)^(bits of x in z_mask) |x ^ x_mask>.
struct PauliMasks {
    std::uint64_t x_mask = 0;
    std::uint64_t z_mask = 0;
    int y_count = 0;

    explicit PauliMasks(const circuit::PauliString& paulis);
};

/// One state of n qubits, not necessarily normalised; real amplitudes have no imaginary part in memory.
/// Arguments named controls, fixed and value are masks of qubits.
class WideState {
  public:
    /// |0..0>. Throws Error(out_of_memory).
    WideState(std::uint32_t num_qubits, bool is_real);

    static std::uint64_t bytes(std::uint32_t num_qubits, bool is_real);

    std::uint32_t num_qubits() const { return num_qubits_; }
    bool is_real() const { return im_.empty(); }
    /// Amplitudes in order of their index; im() is null when is_real().
    double* re() { return re_.front().lane; }
    double* im() { return im_.empty() ? nullptr : im_.front().lane; }
    const double* re() const { return re_.front().lane; }
    const double* im() const { return im_.empty() ? nullptr : im_.front().lane; }
    std::size_t amplitudes() const { return std::size_t{1} << num_qubits_; }

    void set_zero_state();
    void clear();

    /// The primitive with the number its angle has; the inverse with `inverse`.
    void apply(const Primitive& primitive, double angle, bool inverse = false);
    /// amplitudes: 2^qubits.size(), norm 1. The qubits must be in |0>.
    void prepare(std::span<const circuit::Qubit> qubits, std::span<const double> amplitudes);

    double norm() const { return weight(0, 0); }
    /// Squared norm of the part where the qubits in `fixed` are as in `value`.
    double weight(std::uint64_t fixed, std::uint64_t value) const;
    /// Keeps the part where `qubit` is `value`.
    void project(circuit::Qubit qubit, bool value);
    void scale(double factor);

    /// <state| P |state>.
    double expectation(const PauliMasks& masks) const;
    /// into += factor * P |this>. In real states strings with an odd number of Y add nothing: their value is
    /// 0.
    void add_pauli(const PauliMasks& masks, double factor, WideState& into) const;
    /// d/d angle of <state| O |state> after `primitive` made this state, lambda = O |this>.
    double gradient(const Primitive& primitive, const WideState& lambda) const;

  private:
    void rotate(circuit::Qubit target, std::uint64_t controls, double cosine, double sine, bool reflects);

    std::uint32_t num_qubits_;
    LaneVector re_;
    LaneVector im_;
};

}  // namespace qdcnn::sim
