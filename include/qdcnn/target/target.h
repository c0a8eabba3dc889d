#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::target {

using circuit::GateId;
using circuit::Qubit;

/// What an error figure of a target means (design: "Figures that mean different things"). d = 2^qubits of the
/// gate.
enum class ErrorKindOfTarget : std::uint8_t {
    /// 1 - F_avg; a purely depolarizing gate has lambda = error * d / (d - 1).
    average_gate_infidelity,
    /// Aer's lambda itself: rho -> (1 - lambda) rho + lambda 1/d.
    depolarizing_parameter
};

/// The values an angle of a native gate may take.
struct AngleRange {
    /// Inclusive; infinite ends mean any.
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    /// Not empty: only these values (Rigetti's rx).
    std::vector<double> allowed;
};

struct NativeGate {
    GateId gate;
    /// The vendor's name for it: prx, u1q, zz, ... (one of the gate row's name and aliases).
    std::string name;
    /// One for each parameter of the gate.
    std::vector<AngleRange> ranges;
    /// Done in software: no pulse, no error, no time.
    bool is_virtual = false;
};

/// NaN where the source says nothing.
struct GateProperties {
    double error = std::numeric_limits<double>::quiet_NaN();
    double duration = std::numeric_limits<double>::quiet_NaN();
};

/// Seconds and probabilities; NaN where the source says nothing.
struct QubitProperties {
    double t1 = std::numeric_limits<double>::quiet_NaN();
    double t2 = std::numeric_limits<double>::quiet_NaN();
    double readout_error = std::numeric_limits<double>::quiet_NaN();
    /// P(reads 1 | prepared 0) and P(reads 0 | prepared 1).
    double prob_meas1_prep0 = std::numeric_limits<double>::quiet_NaN();
    double prob_meas0_prep1 = std::numeric_limits<double>::quiet_NaN();
    double readout_duration = std::numeric_limits<double>::quiet_NaN();
    bool is_operational = true;
};

/// A device as the transpiler and the noise model see it: Qiskit's Target.
struct Target {
    std::string name;
    std::string vendor;
    /// Where the figures are from, and the day of the calibration (ISO 8601; may be empty).
    std::string source;
    std::string date;
    std::uint32_t num_qubits = 0;
    ErrorKindOfTarget error_kind = ErrorKindOfTarget::average_gate_infidelity;
    /// Seconds of one `dt`; NaN when the device has none.
    double dt = std::numeric_limits<double>::quiet_NaN();

    std::vector<NativeGate> native_gates;
    /// A z rotation costs nothing and is carried as a frame by the native gates (IonQ, IQM, AQT), although no
    /// rz is among them.
    bool has_virtual_z = false;

    /// Every pair may interact, in both directions; `edges` is empty then.
    bool all_to_all = false;
    /// Pairs (control, target) in the direction of the native gate; for symmetric gates each pair stands once
    /// or in both directions. Sorted.
    std::vector<std::pair<Qubit, Qubit>> edges;

    /// Empty, or one a qubit.
    std::vector<QubitProperties> qubits;
    /// Figures of one gate on one qubit or pair, and what holds where that is missing (by gate name: the
    /// native name, or "measure", "reset").
    std::map<std::pair<std::string, std::vector<Qubit>>, GateProperties> gates;
    std::map<std::string, GateProperties> defaults;

    /// What the device can do in the middle of a circuit.
    bool has_mid_circuit_measurement = false;
    bool has_feed_forward = false;
    bool has_reset = false;
    /// All three.
    bool is_dynamic() const { return has_mid_circuit_measurement && has_feed_forward && has_reset; }

    /// The native gate of that id, null when there is none.
    const NativeGate* find_native(GateId gate) const;
    /// Figures of a gate on qubits, defaults applied; NaN members when unknown. A symmetric gate is found in
    /// either order.
    GateProperties properties_of(const std::string& native_name, const std::vector<Qubit>& on) const;
    /// Whether the native two-qubit gate acts on (a, b) in this direction (either, when symmetric) and is not
    /// out of order (error 1).
    bool is_available(const NativeGate& native, Qubit a, Qubit b) const;
    /// Whether some native two-qubit gate is available on (a, b).
    bool is_coupled(Qubit a, Qubit b) const;
    /// is_coupled in either direction; a router's view.
    bool is_neighbour(Qubit a, Qubit b) const { return is_coupled(a, b) || is_coupled(b, a); }
    /// Undirected neighbours of every qubit, without faulty ones. Throws Error(unsupported) for all_to_all.
    std::vector<std::vector<Qubit>> neighbours() const;
    /// P(1|0), P(0|1) of the read-out; both the symmetric readout_error where only that is known; 0 where
    /// nothing is.
    std::pair<double, double> readout_flips(Qubit qubit) const;
};

}  // namespace qdcnn::target
