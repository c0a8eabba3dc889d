#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/circuit/gates.h"

namespace qdcnn::sim {

using circuit::Complex;
using circuit::Matrix;

/// Rows of the channel table.
enum class ChannelId : std::uint8_t {
    depolarizing,
    depolarizing2,
    bit_flip,
    phase_flip,
    bit_phase_flip,
    pauli,
    pauli2,
    amplitude_damping,
    generalized_amplitude_damping,
    phase_damping,
    thermal_relaxation,
    reset,
    coherent
};

/// What a noise scale does to a parameter (see Channel::scaled).
enum class Scaling : std::uint8_t {
    /// A probability, a duration or an angle that makes the error: multiplied.
    multiplied,
    /// Says what kind of error it is, not how much: kept.
    kept
};

struct ChannelParameter {
    std::string_view name;
    /// Inclusive.
    double low;
    double high;
    Scaling scaling;
    /// Where the channel is strongest; scaling does not go past it.
    double strongest;
};

/// What the simulator, the noise readers, the help and the tests know of a channel.
struct ChannelRow {
    ChannelId id;
    std::string_view name;
    int qubits;
    std::vector<ChannelParameter> parameters;
    /// A condition on several parameters: in words, and whether it holds. Null where there is none.
    std::string_view condition;
    bool (*holds)(std::span<const double> parameters);
    /// Kraus operators for parameters in range; 2 x 2, or 4 x 4 with qubit 0 in the low bit.
    std::vector<Matrix> (*kraus)(std::span<const double> parameters);
    /// The channel in a formula, and where it is from.
    std::string_view formula;
    std::string_view source;
};

const ChannelRow& channel_row(ChannelId id);
/// All rows, in the order of ChannelId.
std::span<const ChannelRow> channel_table();
/// Null when there is none of that name.
const ChannelRow* find_channel(std::string_view name);

/// How far a channel may be from completely positive and trace preserving: Qiskit's tolerance.
constexpr double kChannelTolerance = 1e-8;

/// A completely positive, trace preserving map on one or two qubits. Every way to make one checks that, and
/// throws Error(invalid_input) with the deviation. Held as a real matrix on Pauli coefficients (`map`).
class Channel {
  public:
    static Channel identity(int qubits);
    /// A row of the table. Throws Error(invalid_input) naming a parameter out of range, its value and the
    /// range.
    static Channel of(ChannelId id, std::vector<double> parameters);
    /// rho -> sum K rho K^dagger, all 2 x 2 or all 4 x 4 with qubit 0 in the low bit.
    static Channel from_kraus(std::span<const Matrix> operators);
    static Channel from_unitary(const Matrix& unitary);
    /// 4 x 4 or 16 x 16, on columns of rho stacked one below the other, as Qiskit's SuperOp.
    static Channel from_superoperator(const Matrix& superoperator);
    /// One of the channels by chance. Probabilities sum to 1 within kChannelTolerance; equal numbers of
    /// qubits.
    static Channel mixture(std::span<const double> probabilities, std::span<const Channel> channels);
    /// Two one-qubit channels side by side, `first` on qubit 0.
    static Channel tensor(const Channel& first, const Channel& second);

    int qubits() const { return qubits_; }
    /// This one first, then `next`; Qiskit's compose.
    Channel compose(const Channel& next) const;
    /// A two-qubit channel with its qubits exchanged.
    Channel swapped() const;

    /// R[i][j] = Tr(P_i E(P_j)) / 2^qubits, row by row; bits 2k and 2k+1 of an index are qubit k's letter in
    /// IXYZ.
    const std::vector<double>& map() const { return map_; }
    /// On stacked columns.
    Matrix superoperator() const;
    /// As few Kraus operators as there can be.
    std::vector<Matrix> kraus() const;
    /// 1 - F_avg = (d^2 - Tr R) / (d (d + 1)); Nielsen, Phys. Lett. A 303, 249 (2002).
    double average_infidelity() const;
    bool is_identity() const;
    /// The row it was made from and its parameters, when it is that and nothing more.
    const ChannelRow* row() const { return row_; }
    const std::vector<double>& parameters() const { return parameters_; }

    /// The channel made `factor` (0 or more) times as strong; 0 is the identity. A row's parameters are
    /// multiplied as the table says and stop at `strongest`; a row's condition that would break limits the
    /// factor for all of them. Any other channel E becomes 1 + factor (E - 1), so its error probabilities are
    /// multiplied, with the factor limited to the largest that leaves it completely positive. Throws
    /// Error(invalid_input): a negative factor.
    Channel scaled(double factor) const;

  private:
    Channel(int qubits, std::vector<double> map) : qubits_(qubits), map_(std::move(map)) {}
    Channel scaled_row(double factor) const;
    Channel scaled_map(double factor) const;

    int qubits_;
    std::vector<double> map_;
    const ChannelRow* row_ = nullptr;
    std::vector<double> parameters_;
};

/// Shorthand for the rows used most.
Channel depolarizing(double lambda, int qubits = 1);
/// Seconds; excited: the population of |1> in equilibrium.
Channel thermal_relaxation(double t1, double t2, double time, double excited = 0.0);

}  // namespace qdcnn::sim
