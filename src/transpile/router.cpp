#include "router.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// Writes a circuit along a route: each node behind the operations that come before it on its qubits.
class RouteWriter {
  public:
    RouteWriter(const std::vector<Operation>& operations, const RoutingGraph& graph,
                const DeviceModel& device, const Route& route, Random& random)
        : operations_(operations),
          graph_(graph),
          device_(device),
          random_(random),
          place_(route.initial_layout),
          occupant_(device.num_qubits(), kNobody),
          alone_(graph.num_virtual()),
          next_alone_(graph.num_virtual(), 0) {
        routed_.initial_layout = route.initial_layout;
        routed_.swap_gates = route.swap_gates;
        routed_.swaps = route.swaps;
        on_places_.qubit = [this](Qubit virtual_qubit) { return place_[virtual_qubit]; };
        for (std::uint32_t v = 0; v < place_.size(); ++v) occupant_[place_[v]] = v;
        std::uint32_t node = 0;
        for (std::uint32_t i = 0; i < operations.size(); ++i) {
            if (node < graph.size() && graph.node(node).operation == i)
                ++node;
            else if (const auto qubits = qubits_of(operations[i]); !qubits.empty())
                alone_[qubits[0]].push_back(i);
            else
                without_qubits_.push_back(i);
        }
    }

    Routed write(const Route& route) {
        routed_.operations.reserve(operations_.size() + route.swaps);
        for (const std::uint32_t i : without_qubits_) add(i);
        for (const auto& step : route.steps) {
            if (step.is_swap) {
                swap(step.a, step.b);
                continue;
            }
            const std::uint32_t operation = graph_.node(step.a).operation;
            for (const Qubit qubit : graph_.qubits(step.a)) add_alone(qubit, operation);
            if (graph_.node(step.a).is_pair || pairs_inside(operations_[operation]).empty())
                add(operation);
            else
                add_with_bodies_routed(operations_[operation]);
        }
        for (Qubit v = 0; v < place_.size(); ++v) add_alone(v, kNobody);
        routed_.final_layout = std::move(place_);
        return std::move(routed_);
    }

  private:
    static constexpr std::uint32_t kNobody = static_cast<std::uint32_t>(-1);

    void add(std::uint32_t operation) {
        routed_.operations.push_back(rewritten(operations_[operation], on_places_));
    }

    /// The operations on the qubit alone that come before one.
    void add_alone(Qubit qubit, std::uint32_t before) {
        const auto& alone = alone_[qubit];
        for (auto& next = next_alone_[qubit]; next < alone.size() && alone[next] < before; ++next)
            add(alone[next]);
    }

    void swap(Qubit a, Qubit b) {
        routed_.operations.push_back(Gate{GateId::swap, {a, b}, {}});
        routed_.swapped.emplace_back(a, b);
        std::swap(occupant_[a], occupant_[b]);
        for (const Qubit q : {a, b})
            if (occupant_[q] != kNobody) place_[occupant_[q]] = q;
    }

    /// The bodies must leave every qubit where they found it: the swaps once more, backwards.
    void add_with_bodies_routed(Operation operation) {
        for (auto* body : bodies_of(operation)) {
            const Router router(*body, graph_.num_virtual(), device_);
            SwapSearch search = router.search();
            Routed inside = router.routed(*router.find_route(search, place_, random_), random_);
            for (auto swap = inside.swapped.rbegin(); swap != inside.swapped.rend(); ++swap)
                inside.operations.push_back(Gate{GateId::swap, {swap->first, swap->second}, {}});
            *body = std::move(inside.operations);
            const std::size_t back = inside.swapped.size();
            routed_.swaps += inside.swaps + back;
            routed_.swap_gates += inside.swap_gates + static_cast<double>(back) * device_.gates_of_swap();
        }
        routed_.operations.push_back(std::move(operation));
    }

    const std::vector<Operation>& operations_;
    const RoutingGraph& graph_;
    const DeviceModel& device_;
    Random& random_;
    std::vector<Qubit> place_;
    std::vector<std::uint32_t> occupant_;
    /// Operations that are no nodes: of each qubit, and how many of these are written; and of none.
    std::vector<std::vector<std::uint32_t>> alone_;
    std::vector<std::size_t> next_alone_;
    std::vector<std::uint32_t> without_qubits_;
    Rewriting on_places_;
    Routed routed_;
};

}  // namespace

Router::Router(const std::vector<Operation>& operations, std::uint32_t num_virtual, const DeviceModel& device)
    : operations_(operations), device_(device), graph_(operations, num_virtual) {}

void Router::require_ways(const std::vector<Qubit>& layout) const {
    for_each_operation(operations_, [&](const Operation& operation) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (!gate || gate->qubits.size() != 2) return;
        const Qubit a = gate->qubits[0], b = gate->qubits[1];
        if (device_.distance(layout[a], layout[b]) == DeviceModel::kFar)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("qubits {} and {} interact, and no couplings join {} and {}", a, b,
                                    layout[a], layout[b]),
                        "Place qubits that interact on one connected part of the device.");
    });
}

double Router::settle(SwapSearch& search, std::vector<Qubit>& layout, Random& random) const {
    search.walk(true, layout, random);
    search.walk(false, layout, random);
    return search.gates();
}

namespace {

Route last_route(const SwapSearch& search, const std::vector<Qubit>& layout) {
    return {layout, search.steps(), search.swaps(), search.gates(), search.is_commuting()};
}

}  // namespace

std::optional<Route> Router::find_route(SwapSearch& search, const std::vector<Qubit>& layout, Random& random,
                                        double limit) const {
    auto end = layout;
    if (!search.walk(true, end, random, limit)) return std::nullopt;
    return last_route(search, layout);
}

std::optional<Route> Router::find_end(SwapSearch& search, const Route& route, std::size_t kept,
                                      Random& random, double limit) const {
    auto end = route.initial_layout;
    const auto known = std::span(route.steps).first(kept);
    if (!search.walk_on(known, route.is_commuting, end, random, limit)) return std::nullopt;
    return last_route(search, route.initial_layout);
}

Routed Router::routed(const Route& route, Random& random) const {
    return RouteWriter(operations_, graph_, device_, route, random).write(route);
}

}  // namespace qdcnn::transpile
