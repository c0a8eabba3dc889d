#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "qdcnn/circuit/circuit.h"

namespace qdcnn::transpile {

using circuit::Qubit;

/// What routing sees of a circuit: its operations but for those on one qubit alone, and which have to run
/// before which. Pairs have to be brought together; the others run as soon as what is before them has run.
class RoutingGraph {
  public:
    struct Node {
        /// Number of the operation in the circuit.
        std::uint32_t operation;
        bool is_pair = false;
        /// Whether a swap may join it: an rzz.
        bool is_interaction = false;
        Qubit a = 0, b = 0;
    };

    /// Which nodes wait for which: node i for num_before(i) others.
    class Order {
      public:
        /// The same nodes with their order reversed when not `forwards`.
        std::span<const std::uint32_t> after(std::uint32_t i, bool forwards) const {
            const Links& links = forwards ? after_ : before_;
            return {links.nodes.data() + links.first[i], links.nodes.data() + links.first[i + 1]};
        }
        std::uint32_t num_before(std::uint32_t i, bool forwards) const {
            const Links& links = forwards ? before_ : after_;
            return links.first[i + 1] - links.first[i];
        }

      private:
        friend class RoutingGraph;
        struct Links {
            /// Those of node i: nodes[first[i]] up to nodes[first[i + 1]].
            std::vector<std::uint32_t> first{0}, nodes;
        };
        /// Takes the next node, with those it waits for; finish() when all are in.
        void add(const std::vector<std::uint32_t>& before);
        void finish();

        Links before_, after_;
    };

    RoutingGraph(const std::vector<circuit::Operation>& operations, std::uint32_t num_virtual);

    std::uint32_t num_virtual() const { return num_virtual_; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
    const Node& node(std::uint32_t i) const { return nodes_[i]; }
    const std::vector<Qubit>& qubits(std::uint32_t i) const { return qubits_[i]; }

    /// As the circuit's wires (qubits and classical bits) have it.
    const Order& strict() const { return strict_; }
    /// Interactions that only diagonal gates separate on a wire do not wait for each other there.
    const Order& commuting() const { return commuting_; }

  private:
    std::uint32_t num_virtual_;
    std::vector<Node> nodes_;
    std::vector<std::vector<Qubit>> qubits_;
    Order strict_, commuting_;
};

/// The distinct pairs of qubits that gates inside an operation's bodies need.
std::vector<std::pair<Qubit, Qubit>> pairs_inside(const circuit::Operation& operation);

}  // namespace qdcnn::transpile
