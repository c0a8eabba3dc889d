#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/circuit/observable.h"

namespace qdcnn::sim {

/// What the state-vector engines execute. Every gate of the table is a few of these, up to global phase. R(t)
/// is
/// [[cos t/2, -sin t/2], [sin t/2, cos t/2]] and Z is diag(1, -1).
enum class PrimitiveKind : std::uint8_t {
    /// R(angle), after Z when `reflects`, on `target`. Real, orthogonal.
    rotation,
    /// X on `target`: a permutation.
    flip,
    /// -1 where all `controls` are 1.
    sign,
    /// e^(i angle) where all `controls` are 1.
    phase,
};

struct Primitive {
    PrimitiveKind kind;
    /// Of rotations and flips.
    circuit::Qubit target = 0;
    /// Mask of the qubits that must be 1.
    std::uint64_t controls = 0;
    circuit::Angle angle;
    bool reflects = false;

    bool has_target() const { return kind == PrimitiveKind::rotation || kind == PrimitiveKind::flip; }
    std::uint64_t target_mask() const { return has_target() ? std::uint64_t{1} << target : 0; }
};

/// A list of primitives that grows at its end. Neighbouring rotations of one qubit and phases of the same
/// qubits are fused as they come.
class PrimitiveList {
  public:
    /// Every primitive added from here on acts only where all of these qubits are 1.
    void set_condition(std::uint64_t controls) { condition_ = controls; }
    /// A gate whose qubit i is qubits[i].
    void add_gate(circuit::GateId id, std::span<const circuit::Qubit> qubits,
                  std::span<const circuit::Angle> angles);
    void add_flip(circuit::Qubit target, std::uint64_t controls);
    /// e^(i angle) on everything, or where the condition holds.
    void add_global_phase(const circuit::Angle& angle);
    /// What comes next is not fused with what is there.
    void close() { closed_ = items_.size(); }

    const std::vector<Primitive>& items() const { return items_; }
    std::vector<Primitive> take() { return std::move(items_); }
    const circuit::Angle& global_phase() const { return global_phase_; }

  private:
    void add_rotation(circuit::Qubit target, std::uint64_t controls, circuit::Angle angle, bool reflects);
    void add_phase(std::uint64_t controls, const circuit::Angle& angle);
    void add_sign(std::uint64_t controls);

    std::vector<Primitive> items_;
    std::size_t closed_ = 0;
    std::uint64_t condition_ = 0;
    circuit::Angle global_phase_;
};

/// Amplitudes that a Prepare gives to fresh qubits of a program.
struct Preparation {
    std::vector<circuit::Qubit> qubits;
    std::vector<circuit::Angle> amplitudes;
};

/// A whole circuit as one unitary on preparations and |0..0>, and observables of its last state. Measurement,
/// reset and branches are deferred: a measured bit is a qubit of its own, or the measured qubit where nothing
/// touches that again, a reset qubit is another one, and what hangs on a bit is controlled by its qubit.
struct Program {
    /// At most 63.
    std::uint32_t num_qubits = 0;
    std::vector<Preparation> preparations;
    std::vector<Primitive> primitives;
    /// On the program's qubits.
    std::vector<circuit::Observable> observables;
    /// No amplitude is ever complex: there are no phases.
    bool is_real = true;
};

/// Only what the observables can see is kept. Throws Error(unsupported): more than 63 qubits in use, a
/// Prepare inside a branch or on qubits that have been used and not reset; Error(invalid_input): an
/// observable on a qubit the circuit has not.
Program make_program(const circuit::Circuit& circuit, std::span<const circuit::Observable> observables);

}  // namespace qdcnn::sim
