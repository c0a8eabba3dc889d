#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "device_model.h"
#include "qdcnn/base/random.h"
#include "routing_graph.h"

namespace qdcnn::transpile {

/// Swap insertion after SABRE (Li, Ding, Xie, ASPLOS 2019) in LightSABRE's relative scoring (arXiv
/// 2409.08368): among the swaps next to a waiting pair the one that brings the waiting and the following
/// pairs nearest, with a bonus for a swap that joins the gate before it on its pair. Neither weights nor an
/// order of commuting gates suit every circuit, so each walk draws its own: many walks find better ways than
/// as many with the best fixed ones. Keeps its tables from one walk to the next.
class SwapSearch {
  public:
    /// A node that runs, or a swap of two places.
    struct Step {
        bool is_swap;
        std::uint32_t a;
        std::uint32_t b;
    };
    static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

    /// Both are kept by reference.
    SwapSearch(const RoutingGraph& graph, const DeviceModel& device);

    /// One pass over the circuit, forwards or backwards; moves the layout (virtual to physical) to where it
    /// ends. Gives up, and returns false, as soon as the swaps add more than `limit` entangling gates.
    bool walk(bool forwards, std::vector<Qubit>& layout, Random& random, double limit = kNoLimit);
    /// The same forwards, after steps that are known, from a walk in commuting order or not.
    bool walk_on(std::span<const Step> known, bool is_commuting, std::vector<Qubit>& layout, Random& random,
                 double limit);

    /// Of the last walk.
    const std::vector<Step>& steps() const { return steps_; }
    std::size_t swaps() const { return swaps_; }
    /// Entangling gates that the swaps add.
    double gates() const { return gates_; }
    bool is_commuting() const { return order_ == &graph_.commuting(); }

  private:
    /// LightSABRE's fixed ones are 20 pairs ahead that count 0.5.
    struct Weights {
        static constexpr std::uint32_t kMostAhead = 16;
        static Weights drawn(Random& random);
        /// Pairs looked at behind the front, and what their mean distance counts beside the front's.
        std::uint32_t pairs_ahead;
        double ahead;
        /// What a swap costs that joins no gate.
        double unjoined;
    };
    struct Swap {
        Qubit a, b;
        bool operator==(const Swap&) const = default;
    };

    void start(bool forwards, const std::vector<Qubit>& layout);
    bool finish(std::vector<Qubit>& layout, Random& random, double limit);
    /// Whether the first of two nodes comes later on this walk.
    auto is_later() const {
        return [forwards = forwards_](std::uint32_t i, std::uint32_t j) { return forwards ? i > j : i < j; };
    }
    void make_ready(std::uint32_t i);
    void advance();
    void execute(std::uint32_t i);
    void look_ahead();
    void add_ahead(const RoutingGraph::Node& pair);
    void swap_best(Random& random);
    int change(Qubit v, Qubit to, const Qubit* partners, std::uint32_t count) const;
    double score(const Swap& swap) const;
    bool joins(const Swap& swap) const;
    void apply(const Swap& swap);
    void trade(const Swap& swap);
    void bring_together();
    bool can_run(const RoutingGraph::Node& pair) const {
        return device_.is_neighbour(place_[pair.a], place_[pair.b]);
    }

    const RoutingGraph& graph_;
    const DeviceModel& device_;
    const RoutingGraph::Order* order_;
    bool forwards_ = true;
    Weights weights_{};
    std::vector<Qubit> place_;
    std::vector<std::uint32_t> occupant_;
    /// Of each node: how many before it have not run; kNobody once it has run itself.
    std::vector<std::uint32_t> missing_;
    /// Nodes that wait for no other, a heap with the first on top; of these, pairs that are not neighbours;
    /// of these, the first of each qubit.
    std::vector<std::uint32_t> ready_, waiting_, front_;
    bool changed_ = false;
    /// Of each virtual qubit: its partner in a pair of the front, and in those looked at behind.
    std::vector<std::uint32_t> front_partner_;
    std::vector<Qubit> ahead_;
    std::vector<std::uint32_t> num_ahead_;
    std::vector<Qubit> touched_;
    std::uint32_t ahead_count_ = 0;
    std::vector<std::uint32_t> queue_, seen_;
    std::uint32_t sweep_ = 0;
    std::vector<double> decay_;
    /// Of each place: the interaction that was last there, when nothing came after it.
    std::vector<std::uint32_t> last_interaction_;
    /// Swaps since a pair ran last.
    std::vector<Swap> idle_swaps_;
    double gates_at_last_pair_ = 0;
    std::vector<Step> steps_;
    std::size_t swaps_ = 0;
    double gates_ = 0;
};

}  // namespace qdcnn::transpile
