#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "qdcnn/circuit/angle.h"

namespace qdcnn::circuit {

using Complex = std::complex<double>;

/// A square complex matrix, row by row.
struct Matrix {
    std::size_t size = 0;
    std::vector<Complex> values;

    static Matrix zero(std::size_t size) { return {size, std::vector<Complex>(size * size)}; }
    static Matrix identity(std::size_t size);
    Complex& operator()(std::size_t row, std::size_t column) { return values[row * size + column]; }
    const Complex& operator()(std::size_t row, std::size_t column) const {
        return values[row * size + column];
    }
    Matrix operator*(const Matrix& right) const;
    /// Conjugate transpose.
    Matrix adjoint() const;
};

/// max |a - e^(i phase) b| over all entries, for the phase that makes the largest entry of b agree with a.
double distance_up_to_phase(const Matrix& a, const Matrix& b);

/// Rows of the gate table. The names are OpenQASM's and Qiskit's; `gate_row(id).aliases` has the vendors'.
/// A line a group: fixed, with angles, fixed pairs, pairs with angles, three qubits.
// clang-format off
enum class GateId : std::uint8_t {
    id, x, y, z, h, s, sdg, t, tdg, sx, sxdg,
    p, rx, ry, rz, r, u2, u, gpi, gpi2,
    cx, cy, cz, ch, cs, csdg, csx, swap, iswap, ecr, dcx,
    cp, crx, cry, crz, cu, rxx, ryy, rzz, rzx, ms,
    ccx, ccz, cswap
};
// clang-format on

/// One step of a definition: `gate` on the gate's own qubits `qubits[i]`, with angles that are affine in the
/// gate's own parameters (parameter k of the Angle is parameter k of the gate).
struct DefinitionStep {
    GateId gate;
    std::vector<std::uint8_t> qubits;
    std::vector<Angle> angles;
};

/// What the printer, the reader, the simulators, the transpiler and the tests know of a gate.
struct GateRow {
    GateId id;
    std::string_view name;
    /// Other names of the same gate, for readers and native sets.
    std::vector<std::string_view> aliases = {};
    int qubits = 1;
    int parameters = 0;
    /// Little-endian: bit i of a row or column index belongs to the gate's qubit i (Qiskit's convention, so
    /// control-first gates have the control in bit 0). Angles in radians.
    Matrix (*matrix)(std::span<const double> angles) = nullptr;
    /// The inverse as gates of this table: one step, but for iswap.
    std::vector<DefinitionStep> inverse = {};
    /// Equal up to `definition_phase` (matrix = e^(i phase) * definition); empty for u and cx, the basis.
    std::vector<DefinitionStep> definition = {};
    /// Global phase, affine in the gate's parameters.
    Angle definition_phase = 0.0;
    bool is_diagonal = false;
    /// Unchanged when its qubits trade places (two-qubit gates).
    bool is_symmetric = false;
    /// All entries real for every angle.
    bool is_real = false;
    /// Declared by OpenQASM 3's stdgates.inc.
    bool in_stdgates = false;
};

const GateRow& gate_row(GateId id);
/// All rows, in the order of GateId.
std::span<const GateRow> gate_table();
/// By name or alias; null when there is none.
const GateRow* find_gate(std::string_view name);

}  // namespace qdcnn::circuit
