#pragma once

#include <string>
#include <vector>

#include "qdcnn/target/target.h"

namespace qdcnn::target {

/// A bundled device's name ("ibm_sherbrooke"), or the path of a file in any form that `read_target` knows.
/// Throws Error(not_found) with "did you mean".
Target load_target(const std::string& name_or_path);

/// Names of the bundled devices (qasm/devices/*.json, embedded at build), sorted.
std::vector<std::string> bundled_devices();

/// Reads a device file: the project's own JSON form ("schema": "qdcnn.target/1"), the form of the transpiler
/// benchmark ("format": 1), or IBM's properties.json / configuration.json. For IBM's either file of the two, or the
/// folder that holds both, is named. Throws Error(not_found | parse | invalid_input).
Target read_target(const std::string& path);

/// IBM's configuration and properties as their REST API gives them.
Target target_from_ibm(const std::string& configuration_json, const std::string& properties_json);

/// The project's own form, which read_target reads back to an equal target.
std::string target_to_json(const Target& target);

}  // namespace qdcnn::target
