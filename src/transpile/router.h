#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "device_model.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/circuit.h"

namespace qdcnn::transpile {

/// Operations on physical qubits with the swaps that bring interacting pairs together.
struct Routed {
    std::vector<circuit::Operation> operations;
    /// Place of each virtual qubit before and after.
    std::vector<Qubit> initial_layout;
    std::vector<Qubit> final_layout;
    /// Swaps put in, those inside branches and their way back too.
    std::size_t swaps = 0;
    /// Those outside of branches, in order.
    std::vector<std::pair<Qubit, Qubit>> swapped;
    /// Entangling gates that the swaps add.
    double swap_gates = 0;
};

/// Swap insertion after SABRE (Li, Ding, Xie, ASPLOS 2019) in LightSABRE's relative scoring (arXiv
/// 2409.08368): among the swaps next to a waiting gate the one that brings the waiting and the following
/// gates nearest, with a bonus for a swap that joins the gate before it on its pair. A branch whose bodies
/// need one pair is routed like a gate on that pair; bodies that need more are routed inside and swap back
/// before they end.
class Router {
  public:
    /// operations: canonical form on virtual qubits; kept by reference.
    Router(const std::vector<circuit::Operation>& operations, std::uint32_t num_virtual,
           const DeviceModel& device);

    /// Routes from a layout (virtual to physical, all distinct). Throws Error(invalid_input) when it puts
    /// qubits that interact, in branches too, on parts of the device that no couplings join; so does
    /// settled_layout.
    Routed route(const std::vector<Qubit>& layout, Random& random) const;

    /// Routes forth and back `rounds` times from a layout; the layout that is left suits the circuit's start.
    std::vector<Qubit> settled_layout(std::vector<Qubit> layout, int rounds, Random& random) const;

  private:
    struct Node {
        bool is_pair = false;
        /// Whether a swap may join it: an rzz.
        bool is_interaction = false;
        Qubit a = 0, b = 0;
        std::vector<std::uint32_t> after;
        std::vector<std::uint32_t> before;
    };
    /// A node's number, or a swap.
    struct Step {
        bool is_swap;
        std::uint32_t a;
        std::uint32_t b;
    };
    class Walk;

    void require_ways(const std::vector<Qubit>& layout) const;
    void emit(const std::vector<Step>& steps, const std::vector<Qubit>& layout, Random& random,
              Routed& routed) const;

    const std::vector<circuit::Operation>& operations_;
    std::uint32_t num_virtual_;
    const DeviceModel& device_;
    std::vector<Node> nodes_;
};

}  // namespace qdcnn::transpile
