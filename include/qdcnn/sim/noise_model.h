#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qdcnn/circuit/circuit.h"
#include "qdcnn/sim/channels.h"
#include "qdcnn/target/target.h"

namespace qdcnn::sim {

/// The error of one operation: channels in order, each on some of the operation's qubits.
class GateError {
  public:
    /// No error yet, on an operation of that many qubits.
    explicit GateError(int qubits);
    /// One channel on all its qubits.
    GateError(const Channel& channel);  // NOLINT: a channel is an error

    struct Step {
        Channel channel;
        /// Positions in the operation's own list of qubits; the channel's qubit 0 first.
        std::vector<std::uint8_t> on;
    };

    /// Error(invalid_input): positions that are not the channel's number, out of range or equal.
    GateError& add(const Channel& channel, std::vector<std::uint8_t> on);
    /// All steps of `later` after these.
    GateError& append(const GateError& later);

    int qubits() const { return qubits_; }
    std::span<const Step> steps() const { return steps_; }
    bool is_ideal() const { return steps_.empty(); }
    /// All steps as one map (see Channel::map). For one or two qubits.
    const std::vector<double>& map() const { return map_; }
    /// The same error with the operation's two qubits exchanged.
    GateError swapped() const;
    /// Every channel scaled.
    GateError scaled(double factor) const;

  private:
    int qubits_;
    std::vector<Step> steps_;
    std::vector<double> map_;
};

/// Flips of a recorded bit.
struct ReadoutError {
    double p1_given_0 = 0;
    double p0_given_1 = 0;
    bool is_ideal() const { return p1_given_0 == 0 && p0_given_1 == 0; }
};

/// What time alone does to a qubit; seconds.
struct Relaxation {
    double t1;
    double t2;
    double excited = 0;
};

/// Which error follows which operation. Operations are known by name, as in Qiskit Aer: gates by the name in
/// the gate table or an alias, and "reset", "measure", "delay". Looked up are, for the gate's name and then
/// its aliases: the error on these very qubits in this order, then the one for all qubits. What has neither
/// is ideal.
class NoiseModel {
  public:
    /// On all qubits, or on these in this order. A second error of the same place follows the first.
    /// Throws Error(invalid_input) when the number of qubits is not the operation's, or a qubit is named
    /// twice; Error(unsupported) when no operation has that name.
    NoiseModel& add_error(const std::string& operation, const GateError& error);
    NoiseModel& add_error(const std::string& operation, const std::vector<circuit::Qubit>& qubits,
                          const GateError& error);
    /// For a qubit, or for all that have none of their own. Throws Error(invalid_input): not probabilities.
    NoiseModel& set_readout(circuit::Qubit qubit, ReadoutError error);
    NoiseModel& set_readout(ReadoutError error);
    /// During delays. dt: seconds of the unit that delays may be counted in. Throws Error(invalid_input) as
    /// thermal_relaxation does.
    NoiseModel& set_relaxation(circuit::Qubit qubit, Relaxation relaxation);
    NoiseModel& set_dt(double dt);

    /// Null where there is none.
    const GateError* error_of(circuit::GateId gate, std::span<const circuit::Qubit> qubits) const;
    const GateError* error_of(std::string_view operation, std::span<const circuit::Qubit> qubits) const;
    ReadoutError readout(circuit::Qubit qubit) const;
    const Relaxation* relaxation(circuit::Qubit qubit) const;
    /// Whether a delay does anything to the qubit.
    bool acts_on_delay(circuit::Qubit qubit) const;
    /// NaN when not known.
    double dt() const { return dt_; }
    bool is_ideal() const;

    /// The model made `factor` times as strong; 0 is noiseless, 1 the model itself. Channels: Channel::scaled
    /// (probabilities are multiplied; relaxation acts for `factor` times the time, as if T1 and T2 were
    /// divided; what would be no channel stays at the strongest that is one). Read-out flips are multiplied
    /// and stop at 1/2, or stay where they are when above. T1 and T2 of delays are divided.
    NoiseModel scaled(double factor) const;

    /// The model with ideal measurements: no read-out errors and none of "measure".
    NoiseModel without_measurement_errors() const;

  private:
    struct Entry {
        std::optional<GateError> everywhere;
        std::map<std::vector<circuit::Qubit>, GateError> local;
    };

    std::map<std::string, Entry, std::less<>> entries_;
    std::map<circuit::Qubit, ReadoutError> readout_;
    ReadoutError default_readout_;
    std::map<circuit::Qubit, Relaxation> relaxation_;
    double dt_ = std::numeric_limits<double>::quiet_NaN();
};

/// The noise a device's figures tell of, as Qiskit Aer's NoiseModel.from_backend builds it, then scaled.
///
/// After each native gate that is not virtual: a depolarizing channel, then thermal relaxation of each of its
/// qubits for the gate's duration (T2 cut to 2 T1; without T2, 2 T1; ground state in equilibrium). The
/// depolarizing lambda makes the two together have the target's average gate infidelity `error`: lambda =
/// (error - e_r) / (1 - e_r - 1/d) with e_r the infidelity of the relaxation, 0 where that alone is larger.
/// Where error_kind is depolarizing_parameter, lambda is the figure itself. What the target does not know
/// (NaN) is left out. "reset" likewise, where the target has figures for it. Delays relax. Read-out:
/// Target::readout_flips. Not modelled: relaxation while other qubits are worked on (write delays for that),
/// during measurement and while a condition is decided, crosstalk, leakage, native gates on three qubits.
NoiseModel noise_model_from_target(const target::Target& target, double scale = 1.0);

}  // namespace qdcnn::sim
