#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "device_model.h"
#include "qdcnn/base/random.h"
#include "qdcnn/circuit/circuit.h"
#include "swap_search.h"

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

/// A way through the circuit: where to swap, from a layout on.
struct Route {
    std::vector<Qubit> initial_layout;
    std::vector<SwapSearch::Step> steps;
    std::size_t swaps = 0;
    /// Entangling gates that the swaps outside of branches add.
    double swap_gates = 0;
    /// Whether interactions that commute may have traded places.
    bool is_commuting = false;
};

/// Puts swaps into a circuit. A branch whose bodies need one pair is routed like a gate on that pair; bodies
/// that need more are routed inside and swap back before they end.
class Router {
  public:
    /// operations: canonical form on virtual qubits; kept by reference, as is the device.
    Router(const std::vector<circuit::Operation>& operations, std::uint32_t num_virtual,
           const DeviceModel& device);
    Router(const Router&) = delete;

    /// The tables that the routing functions work with; the router must outlive them. One for each thread.
    SwapSearch search() const { return {graph_, device_}; }

    /// Throws Error(invalid_input) when the layout (virtual to physical, all distinct) puts qubits that
    /// interact, in branches too, on parts of the device that no couplings join. The rest of the class needs
    /// layouts that pass.
    void require_ways(const std::vector<Qubit>& layout) const;

    /// Routes forth and back; the layout that is left suits the circuit's start. Gives the entangling gates
    /// that the swaps on the way back add.
    double settle(SwapSearch& search, std::vector<Qubit>& layout, Random& random) const;

    /// Nothing when the swaps would add more than `limit` entangling gates.
    std::optional<Route> find_route(SwapSearch& search, const std::vector<Qubit>& layout, Random& random,
                                    double limit = SwapSearch::kNoLimit) const;

    /// The route with another end: its first `kept` steps stay.
    std::optional<Route> find_end(SwapSearch& search, const Route& route, std::size_t kept, Random& random,
                                  double limit) const;

    Routed routed(const Route& route, Random& random) const;

  private:
    const std::vector<circuit::Operation>& operations_;
    const DeviceModel& device_;
    RoutingGraph graph_;
};

}  // namespace qdcnn::transpile
