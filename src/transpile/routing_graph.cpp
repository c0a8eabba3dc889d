#include "routing_graph.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

/// Nodes of a wire that may trade places at most: each waits for every one of the group before it.
constexpr std::size_t kMostCommuting = 32;

/// The distinct pairs that gates need.
void collect_pairs(const std::vector<Operation>& operations, std::vector<std::pair<Qubit, Qubit>>& pairs) {
    for_each_operation(operations, [&](const Operation& operation) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (!gate || gate->qubits.size() != 2) return;
        const Qubit a = gate->qubits[0], b = gate->qubits[1];
        const std::pair<Qubit, Qubit> pair(std::min(a, b), std::max(a, b));
        if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
    });
}

/// Qubits and, behind them, classical bits that keep an operation in its place, in order.
std::vector<std::uint32_t> wires_of(const Operation& operation, std::uint32_t num_qubits) {
    std::vector<std::uint32_t> wires;
    for (const Qubit qubit : qubits_of(operation)) wires.push_back(qubit);
    if (!std::holds_alternative<Gate>(operation.kind()))
        for_each_operation(std::span(&operation, 1), [&](const Operation& inner) {
            for (const Clbit bit : bits_written(inner)) wires.push_back(num_qubits + bit);
            for (const Clbit bit : bits_read(inner)) wires.push_back(num_qubits + bit);
        });
    std::sort(wires.begin(), wires.end());
    wires.erase(std::unique(wires.begin(), wires.end()), wires.end());
    return wires;
}

}  // namespace

std::vector<std::pair<Qubit, Qubit>> pairs_inside(const Operation& operation) {
    std::vector<std::pair<Qubit, Qubit>> pairs;
    for (const auto* body : bodies_of(operation)) collect_pairs(*body, pairs);
    return pairs;
}

void RoutingGraph::Order::add(const std::vector<std::uint32_t>& before) {
    before_.nodes.insert(before_.nodes.end(), before.begin(), before.end());
    before_.first.push_back(static_cast<std::uint32_t>(before_.nodes.size()));
}

void RoutingGraph::Order::finish() {
    const std::size_t count = before_.first.size() - 1;
    std::vector<std::uint32_t> next(count + 1, 0);
    for (const std::uint32_t earlier : before_.nodes) ++next[earlier + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    after_.first = next;
    after_.nodes.resize(before_.nodes.size());
    for (std::uint32_t i = 0; i < count; ++i)
        for (const std::uint32_t earlier : after(i, false)) after_.nodes[next[earlier]++] = i;
}

namespace {

/// Which nodes the next one on some wires waits for.
class Wires {
  public:
    explicit Wires(bool commutes) : commutes_(commutes) {}

    /// Something else than a node on one wire.
    void pass(std::uint32_t wire, bool is_diagonal) {
        if (!is_diagonal) at(wire).is_open = false;
    }

    /// Enters node i; gives those it waits for.
    const std::vector<std::uint32_t>& enter(std::uint32_t i, const std::vector<std::uint32_t>& wires,
                                            bool is_interaction) {
        earlier_.clear();
        for (const std::uint32_t w : wires) {
            Wire& wire = at(w);
            const bool joins = commutes_ && wire.is_open && is_interaction;
            if (!joins || wire.group.size() >= kMostCommuting) wire.before = std::exchange(wire.group, {});
            wire.group.push_back(i);
            wire.is_open = is_interaction;
            earlier_.insert(earlier_.end(), wire.before.begin(), wire.before.end());
        }
        std::sort(earlier_.begin(), earlier_.end());
        earlier_.erase(std::unique(earlier_.begin(), earlier_.end()), earlier_.end());
        return earlier_;
    }

  private:
    struct Wire {
        /// The last nodes, which commute here, and those before them.
        std::vector<std::uint32_t> group, before;
        /// Whether an interaction that comes now commutes with the group.
        bool is_open = false;
    };
    Wire& at(std::uint32_t wire) {
        if (wire >= wires_.size()) wires_.resize(wire + 1);
        return wires_[wire];
    }

    bool commutes_;
    std::vector<Wire> wires_;
    std::vector<std::uint32_t> earlier_;
};

}  // namespace

RoutingGraph::RoutingGraph(const std::vector<Operation>& operations, std::uint32_t num_virtual)
    : num_virtual_(num_virtual) {
    Wires strict(false), commuting(true);
    for (std::uint32_t at = 0; at < operations.size(); ++at) {
        const auto* gate = std::get_if<Gate>(&operations[at].kind());
        const auto wires = wires_of(operations[at], num_virtual);
        if (wires.empty()) continue;
        if (wires.size() == 1 && wires[0] < num_virtual) {
            commuting.pass(wires[0], gate && gate_row(gate->id).is_diagonal);
            continue;
        }
        Node node{.operation = at};
        if (gate && gate->qubits.size() == 2) {
            node.is_pair = true;
            node.is_interaction = gate->id == GateId::rzz;
            node.a = gate->qubits[0];
            node.b = gate->qubits[1];
        } else if (const auto pairs = pairs_inside(operations[at]); pairs.size() == 1) {
            node.is_pair = true;
            std::tie(node.a, node.b) = pairs[0];
        }
        strict_.add(strict.enter(size(), wires, node.is_interaction));
        commuting_.add(commuting.enter(size(), wires, node.is_interaction));
        nodes_.push_back(node);
        qubits_.emplace_back(wires.begin(), std::lower_bound(wires.begin(), wires.end(), num_virtual));
    }
    strict_.finish();
    commuting_.finish();
}

}  // namespace qdcnn::transpile
