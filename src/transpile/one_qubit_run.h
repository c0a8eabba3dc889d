#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "small_matrix.h"

namespace qdcnn::transpile {

using circuit::Angle;
using circuit::Gate;
using circuit::GateId;
using circuit::Operation;
using circuit::Qubit;

/// Angles nearer to a special value than this are taken as that value; far above rounding, far below any
/// effect.
constexpr double kAngleTolerance = 1e-10;

/// The angle moved by whole turns so that its constant part lies in (-pi, pi].
Angle wrapped(const Angle& angle);

/// Bound and a whole number of turns.
bool is_no_rotation(const Angle& angle);

/// Of a one-qubit gate; nothing when an angle is symbolic.
std::optional<Matrix2> bound_matrix(const Gate& gate);

/// What consecutive one-qubit gates make together, up to a global phase: M_k Rz(s_k) .. M_1 Rz(s_1) M_0 with
/// 2 x 2 matrices M and symbolic angles s without constant part. Bound gates are multiplied out, symbolic z
/// rotations that only diagonal matrices or bit flips separate are added, so rotations about one axis merge
/// whatever their axis is.
class OneQubitRun {
  public:
    /// The gate acts after what is there. Its qubit is not looked at.
    void append(const Gate& gate);
    void append_z(const Angle& angle);
    void append_matrix(const Matrix2& matrix) { multiply(matrix); }

    /// The matrix, up to a phase; nothing when an angle is symbolic.
    std::optional<Matrix2> as_matrix() const;
    bool is_identity() const;
    /// The angle of the z rotation this is; nothing when it is none.
    std::optional<Angle> as_z() const;
    /// This is Rz(angle) X; nothing when it is not.
    std::optional<Angle> as_flip() const;

    /// What the run does to Z: leaves it (a z rotation), turns its sign (Rz(angle) X), or else.
    enum class Kind { z, flip, other };
    Kind kind() const;

    /// z[0], x[0], z[1], x[1], .., z[n]: the run as Rz and Rx rotations in order of time. Every x is bound,
    /// in (0, pi].
    struct Steps {
        std::vector<Angle> z;
        std::vector<Angle> x;
    };
    Steps steps() const;

    /// The run as gates on the qubit: one u, or rz and rx where angles are symbolic. Nothing for the
    /// identity.
    void emit(Qubit qubit, std::vector<Operation>& out) const;

  private:
    void multiply(const Matrix2& matrix);
    Matrix2& last() { return rest_.empty() ? first_ : rest_.back().second; }

    Matrix2 first_ = kIdentity2;
    std::vector<std::pair<Angle, Matrix2>> rest_;
};

}  // namespace qdcnn::transpile
