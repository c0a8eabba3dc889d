#include "embedding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "canonical.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr Qubit kUnplaced = static_cast<Qubit>(-1);

class Search {
  public:
    Search(const InteractionGraph& graph, const DeviceModel& device, std::size_t budget)
        : graph_(graph),
          device_(device),
          budget_(budget),
          place_(graph.edges.size(), kUnplaced),
          taken_(device.num_qubits()) {
        choose_order();
        bound_rest();
    }

    std::optional<std::vector<Qubit>> run() {
        if (place_.size() > device_.num_qubits()) return std::nullopt;
        descend(0, 0.0);
        if (!best_ && used_ >= budget_) find_any();
        return best_;
    }

  private:
    struct Choice {
        double cost;
        Qubit physical;
        bool operator<(const Choice& other) const {
            return cost != other.cost ? cost < other.cost : physical < other.physical;
        }
    };

    /// The search for the least cost has lost its way in one corner: any placement, from each start in turn,
    /// along the edge of what is left (Warnsdorff's rule), which finds the long paths.
    void find_any() {
        hugs_edge_ = true;
        const std::size_t share = budget_ / device_.num_qubits();
        for (Qubit start = 0; start < device_.num_qubits() && !best_; ++start) {
            start_ = start;
            used_ = budget_ - share;
            descend(0, 0.0);
        }
    }

    double free_neighbours(Qubit physical) const {
        double count = 0;
        for (const Qubit next : device_.neighbours(physical)) count += !taken_[next];
        return count;
    }

    /// Each vertex after the first of its part has a neighbour before it; of those the one with the most such
    /// neighbours comes first, which fails early.
    void choose_order() {
        const std::size_t n = graph_.edges.size();
        std::vector<bool> chosen(n, false);
        std::vector<std::size_t> links(n, 0);
        while (order_.size() < n) {
            std::size_t next = n;
            auto better = [&](std::size_t v) {
                if (next == n) return true;
                if (links[v] != links[next]) return links[v] > links[next];
                if (graph_.edges[v].size() != graph_.edges[next].size())
                    return graph_.edges[v].size() > graph_.edges[next].size();
                return graph_.readouts[v] > graph_.readouts[next];
            };
            for (std::size_t v = 0; v < n; ++v)
                if (!chosen[v] && better(v)) next = v;
            chosen[next] = true;
            order_.push_back(next);
            for (const auto& edge : graph_.edges[next]) ++links[edge.other];
        }
        std::vector<std::size_t> rank(n);
        for (std::size_t i = 0; i < n; ++i) rank[order_[i]] = i;
        earlier_.resize(n);
        for (std::size_t v = 0; v < n; ++v)
            for (const auto& edge : graph_.edges[v])
                if (rank[edge.other] < rank[v]) earlier_[v].push_back(edge);
    }

    /// The least that the vertices from each place of the order on can cost.
    void bound_rest() {
        double one = std::numeric_limits<double>::infinity(), read = one, pair = one;
        for (Qubit q = 0; q < device_.num_qubits(); ++q) {
            if (!device_.is_working(q)) continue;
            one = std::min(one, device_.one_qubit_cost(q));
            read = std::min(read, device_.readout_cost(q));
            for (const Qubit other : device_.neighbours(q))
                pair = std::min(pair, device_.pair_cost(q, other));
        }
        rest_.assign(order_.size() + 1, 0.0);
        for (std::size_t i = order_.size(); i-- > 0;) {
            const std::size_t v = order_[i];
            rest_[i] = rest_[i + 1] + graph_.one_qubit_gates[v] * one + graph_.readouts[v] * read;
            for (const auto& edge : earlier_[v]) rest_[i] += edge.gates * pair;
        }
    }

    bool is_idle(std::size_t v) const {
        return graph_.edges[v].empty() && graph_.one_qubit_gates[v] == 0 && graph_.readouts[v] == 0;
    }

    std::optional<double> cost_at(std::size_t v, Qubit physical) const {
        if (taken_[physical] || !device_.is_working(physical)) return std::nullopt;
        if (device_.neighbours(physical).size() < graph_.edges[v].size()) return std::nullopt;
        double cost = graph_.one_qubit_gates[v] * device_.one_qubit_cost(physical) +
                      graph_.readouts[v] * device_.readout_cost(physical);
        for (const auto& edge : earlier_[v]) {
            if (!device_.is_neighbour(physical, place_[edge.other])) return std::nullopt;
            cost += edge.gates * device_.pair_cost(physical, place_[edge.other]);
        }
        return cost;
    }

    void descend(std::size_t depth, double cost) {
        if (depth == order_.size()) {
            best_cost_ = cost;
            best_ = place_;
            return;
        }
        const std::size_t v = order_[depth];
        std::vector<Choice> choices;
        auto consider = [&](Qubit physical) {
            if (depth == 0 && start_ && physical != *start_) return;
            if (const auto own = cost_at(v, physical)) choices.push_back({*own, physical});
        };
        if (earlier_[v].empty())
            for (Qubit q = 0; q < device_.num_qubits(); ++q) consider(q);
        else
            for (const Qubit q : device_.neighbours(place_[earlier_[v].front().other])) consider(q);
        if (hugs_edge_)
            std::stable_sort(choices.begin(), choices.end(), [&](const Choice& a, const Choice& b) {
                return free_neighbours(a.physical) < free_neighbours(b.physical);
            });
        else
            std::sort(choices.begin(), choices.end());
        if (is_idle(v) && choices.size() > 1) choices.erase(choices.begin() + 1, choices.end());
        for (const Choice& choice : choices) {
            if (cost + choice.cost + rest_[depth + 1] >= best_cost_ - 1e-12) return;
            if (used_++ >= budget_ || (hugs_edge_ && best_)) return;
            place_[v] = choice.physical;
            taken_[choice.physical] = true;
            descend(depth + 1, cost + choice.cost);
            taken_[choice.physical] = false;
            place_[v] = kUnplaced;
        }
    }

    const InteractionGraph& graph_;
    const DeviceModel& device_;
    std::size_t budget_;
    std::size_t used_ = 0;
    bool hugs_edge_ = false;
    std::optional<Qubit> start_;
    std::vector<std::size_t> order_;
    std::vector<std::vector<InteractionGraph::Edge>> earlier_;
    std::vector<double> rest_;
    std::vector<Qubit> place_;
    std::vector<bool> taken_;
    std::optional<std::vector<Qubit>> best_;
    double best_cost_ = std::numeric_limits<double>::infinity();
};

}  // namespace

InteractionGraph InteractionGraph::of(const std::vector<Operation>& operations, std::uint32_t num_qubits,
                                      const DeviceModel& device) {
    InteractionGraph graph;
    graph.edges.resize(num_qubits);
    graph.one_qubit_gates.assign(num_qubits, 0.0);
    graph.readouts.assign(num_qubits, 0.0);
    auto add = [&](Qubit a, Qubit b, double gates) {
        for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
            auto& list = graph.edges[from];
            const auto found =
                std::find_if(list.begin(), list.end(), [&](const Edge& edge) { return edge.other == to; });
            if (found == list.end())
                list.push_back({to, gates});
            else
                found->gates += gates;
        }
    };
    for_each_operation(operations, [&](const Operation& operation) {
        if (const auto* measure = std::get_if<Measure>(&operation.kind()))
            graph.readouts[measure->qubit] += 1;
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (!gate) return;
        if (gate->qubits.size() == 1) {
            if (!gate_row(gate->id).is_diagonal) graph.one_qubit_gates[gate->qubits[0]] += 1;
        } else if (gate->id == GateId::rzz) {
            add(gate->qubits[0], gate->qubits[1], device.gates_of_interaction(is_quarter(gate->angles[0])));
        } else {
            add(gate->qubits[0], gate->qubits[1], gate->id == GateId::swap ? device.gates_of_swap() : 2);
        }
    });
    // A circuit without measurements is an estimator's: its observables read the qubits at the end.
    if (std::all_of(graph.readouts.begin(), graph.readouts.end(), [](double count) { return count == 0; }))
        for (Qubit qubit = 0; qubit < num_qubits; ++qubit)
            if (!graph.edges[qubit].empty() || graph.one_qubit_gates[qubit] > 0) graph.readouts[qubit] = 1;
    return graph;
}

double InteractionGraph::cost(const std::vector<Qubit>& layout, const DeviceModel& device) const {
    double sum = 0;
    for (std::size_t v = 0; v < edges.size(); ++v) {
        sum += one_qubit_gates[v] * device.one_qubit_cost(layout[v]) +
               readouts[v] * device.readout_cost(layout[v]);
        for (const Edge& edge : edges[v])
            if (edge.other > v) sum += edge.gates * device.pair_cost(layout[v], layout[edge.other]);
    }
    return sum;
}

std::optional<std::vector<Qubit>> find_embedding(const InteractionGraph& graph, const DeviceModel& device,
                                                 std::size_t budget) {
    return Search(graph, device, budget).run();
}

}  // namespace qdcnn::transpile
