#pragma once

#include <string>
#include <utility>
#include <vector>

#include "qdcnn/target/target.h"

namespace qdcnn::report {

/// A device as an SVG element: qubits coloured by their read-out errors, couplings by their best two-qubit
/// gate's, in five steps of equally many; what is out of order dashed, what has no figure grey. Couplings
/// give the places; all-to-all devices are a ring without lines.
///
/// layout: layout[v] is the physical qubit of virtual qubit v, which gets a ring and v beside it; may be
/// empty. Throws Error(invalid_input): a qubit outside the device.
std::string draw_device(const target::Target& device, const std::vector<target::Qubit>& layout = {});

/// Places in units of one coupling, so that distances are near those in the coupling map (stress
/// majorization, Gansner, Koren, North 2004, from a start that depends on the map alone).
std::vector<std::pair<double, double>> device_places(const target::Target& device);

}  // namespace qdcnn::report
