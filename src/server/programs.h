#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "devices.h"
#include "qdcnn/base/json.h"
#include "qdcnn/server/server.h"

namespace qdcnn::server {

/// What a run left behind.
struct ProgramOutcome {
    /// The text of GET /jobs/{id}/results.
    std::string result;
    /// Rows times shots.
    std::uint64_t executions = 0;
    /// Of each PUB's circuit.
    std::vector<std::uint32_t> qubits;
    std::vector<std::size_t> depths;
};

/// Checks what can be told from a submit without reading a circuit: the program, the keys of params and of
/// its options, the numbers in them. Throws Refused.
void check_params(const std::string& program, const nlohmann::json& params, const Limits& limits);

/// Runs the sampler or the estimator on the device's simulator. Options of error mitigation and suppression
/// change nothing. seed: for params that bring none. Throws Error with the place in params; what it says is
/// the reason of the failed job.
ProgramOutcome run_program(const std::string& program, const nlohmann::json& params, const Device& device,
                           const Limits& limits, std::uint64_t seed);

}  // namespace qdcnn::server
