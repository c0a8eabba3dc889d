#pragma once

#include <optional>
#include <vector>

#include "device_model.h"
#include "qdcnn/circuit/circuit.h"

namespace qdcnn::transpile {

/// What operations ask of a device: which pairs interact how often, and what each qubit does alone.
struct InteractionGraph {
    struct Edge {
        Qubit other;
        double gates;
    };
    std::vector<std::vector<Edge>> edges;
    std::vector<double> one_qubit_gates;
    std::vector<double> readouts;

    /// Of operations in canonical form, bodies of branches included. Counts entangling gates as the device
    /// makes them.
    static InteractionGraph of(const std::vector<circuit::Operation>& operations, std::uint32_t num_qubits,
                               const DeviceModel& device);
    /// -ln of the estimated success of this graph with qubit v on layout[v].
    double cost(const std::vector<Qubit>& layout, const DeviceModel& device) const;
};

/// A placement in which every interacting pair is coupled, of the least cost found: branch and bound over
/// partial placements, at most `budget` of them. Nothing when none was found. Qubits without any operation
/// come last, on the lowest free numbers.
std::optional<std::vector<Qubit>> find_embedding(const InteractionGraph& graph, const DeviceModel& device,
                                                 std::size_t budget);

}  // namespace qdcnn::transpile
