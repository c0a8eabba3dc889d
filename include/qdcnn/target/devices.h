#pragma once

#include <string>
#include <vector>

#include "qdcnn/target/target.h"

namespace qdcnn::target {

// The project's own form, "schema": "qdcnn.target/1". Radians, seconds, probabilities; null where a figure is
// unknown.
//
//   schema            "qdcnn.target/1"
//   name, vendor, source, date      text; the last three may be absent
//   num_qubits        whole number, at least 1
//   error_kind        "average_gate_infidelity" (the default) or "depolarizing_parameter"
//   dt                seconds, optional
//   virtual_z         z rotations are carried as a frame (default false)
//   mid_circuit_measurement, feed_forward, reset       what may happen in the middle of a circuit (default
//   false) native            [{"name", "virtual" (default false), "ranges": one for each angle}]; a range is
//   null (any
//                     angle), [low, high] (an end may be null) or {"allowed": [values]}. Without "ranges":
//                     any.
//   all_to_all        default false; then "edges" is absent
//   edges             [[control, target], ..]
//   qubits            columns of one value a qubit: t1, t2, readout_error, prob_meas1_prep0,
//   prob_meas0_prep1,
//                     readout_duration; and "faulty": [qubits that are out of order]
//   gates             {name: {"on": "qubits" | "edges" | [[qubits], ..], "error", "duration"}}; a column is a
//   list in
//                     the order of "on", or one value for all. Error 1: out of order.
//   defaults          {name: {"error", "duration"}}: what holds where "gates" says nothing; also "measure",
//   "reset"
//
// Keys other than these are refused. "name" of gates and defaults: a native gate's own name, "measure" or
// "reset".
//
// All readers refuse, naming the path in the file: unknown gates, errors outside 0 to 1, negative times,
// qubits outside the device. A T2 above twice T1 (calibrations contain them: T1 drifts between the two
// experiments) is taken down to 2 T1, for no relaxation channel has more.

/// A bundled device's name ("ibm_sherbrooke"), or the path of a file in any form that `read_target` knows.
/// Throws Error(not_found) with "did you mean".
Target load_target(const std::string& name_or_path);

/// Names of the bundled devices (qasm/devices/*.json, embedded at build), sorted.
std::vector<std::string> bundled_devices();

/// Reads a device file: the project's own JSON form ("schema": "qdcnn.target/1"), the form of the transpiler
/// benchmark ("format": 1), or IBM's properties.json / configuration.json. For IBM's either file of the two,
/// or the folder that holds both, is named. Throws Error(not_found | parse | invalid_input | unsupported).
///
/// The benchmark form says nothing of mid-circuit abilities: IBM, IQM and Quantinuum are taken to measure,
/// reset and feed forward, others not, unless its keys mid_circuit_measurement, feed_forward, reset say so.
Target read_target(const std::string& path);

/// A document in the project's own form. file_name is for messages.
Target target_from_json(const std::string& text, const std::string& file_name);

/// IBM's configuration and properties as their REST API gives them (dt and lengths in ns, T1 and T2 in us).
/// Native are the basis_gates; gates that the properties list beyond these are left out.
Target target_from_ibm(const std::string& configuration_json, const std::string& properties_json);

/// What IBM's REST API answers of a device: GET /backends/{name}/configuration and /properties.
struct IbmDocuments {
    std::string configuration;
    std::string properties;
};

/// The device in IBM's two documents, which target_from_ibm reads back to a target that allows the same
/// circuits and has the same figures, up to rounding by the units and with pairs of symmetric gates in both
/// directions. Figures are average gate infidelities there; depolarizing parameters are converted. Where the
/// target knows no date it is 1970.
IbmDocuments target_to_ibm(const Target& target);

/// The project's own form, which read_target reads back to an equal target.
std::string target_to_json(const Target& target);

}  // namespace qdcnn::target
