#pragma once

#include <string>

#include "qdcnn/sim/noise_model.h"

namespace qdcnn::sim {

/// A noise model as Qiskit Aer writes it: json.dump(noise_model.to_dict(serializable=True)), complex numbers
/// as [re, im]. `errors` is a list of
///   type "qerror": operations, instructions (a list of sequences of {name, qubits, params}), probabilities
///   (one for each
///     sequence) and gate_qubits (without it: all qubits). Instructions: id, reset, pauli, kraus, unitary,
///     superop and the gates of the table, on one or two qubits. As in Aer the error follows its operation,
///     but for "measure", where it comes before.
///   type "roerror": probabilities [[P(0|0), P(1|0)], [P(0|1), P(1|1)]] for single qubits.
///
/// Names that the gate table takes for one gate (u3 and u, u1 and p) are one here; Aer tells them apart.
///
/// Throws Error with the place in the document, for example errors[3].instructions[0][1].name: not_found (no
/// such file), parse (no JSON), invalid_input (a key missing, a wrong type, not CPTP, probabilities that do
/// not sum to 1), unsupported (an instruction, key or type that is not known, errors on three qubits or more,
/// correlated read-out).
NoiseModel read_aer_noise(const std::string& path);
/// file_name: for messages.
NoiseModel aer_noise_from_json(const std::string& json, const std::string& file_name);

}  // namespace qdcnn::sim
