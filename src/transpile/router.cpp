#include "router.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "qdcnn/base/error.h"
#include "qdcnn/circuit/rewrite.h"

namespace qdcnn::transpile {
namespace {

using namespace circuit;

constexpr std::uint32_t kNobody = static_cast<std::uint32_t>(-1);
/// Gates looked at behind the waiting ones, and what they count beside those (LightSABRE's figures).
constexpr std::size_t kLookahead = 20;
constexpr double kLookaheadWeight = 0.5;
/// What a swap used again at once costs, and what one costs that joins no gate.
constexpr double kDecay = 0.001;
constexpr double kUnjoinedPenalty = 0.3;

/// The distinct pairs that gates inside the bodies need.
void collect_pairs(const std::vector<Operation>& operations, std::vector<std::pair<Qubit, Qubit>>& pairs) {
    for_each_operation(operations, [&](const Operation& operation) {
        const auto* gate = std::get_if<Gate>(&operation.kind());
        if (!gate || gate->qubits.size() != 2) return;
        const Qubit a = gate->qubits[0], b = gate->qubits[1];
        const std::pair<Qubit, Qubit> pair(std::min(a, b), std::max(a, b));
        if (std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
    });
}

std::vector<std::pair<Qubit, Qubit>> pairs_inside(const Operation& operation) {
    std::vector<std::pair<Qubit, Qubit>> pairs;
    for (const auto* body : bodies_of(operation)) collect_pairs(*body, pairs);
    return pairs;
}

/// Qubits and, behind them, classical bits that keep an operation in its place.
std::vector<std::uint32_t> wires_of(const Operation& operation, std::uint32_t num_qubits) {
    std::vector<std::uint32_t> wires;
    for (const Qubit qubit : qubits_of(operation)) wires.push_back(qubit);
    for_each_operation(std::span(&operation, 1), [&](const Operation& inner) {
        for (const Clbit bit : bits_written(inner)) wires.push_back(num_qubits + bit);
        for (const Clbit bit : bits_read(inner)) wires.push_back(num_qubits + bit);
    });
    std::sort(wires.begin(), wires.end());
    wires.erase(std::unique(wires.begin(), wires.end()), wires.end());
    return wires;
}

}  // namespace

Router::Router(const std::vector<Operation>& operations, std::uint32_t num_virtual, const DeviceModel& device)
    : operations_(operations), num_virtual_(num_virtual), device_(device), nodes_(operations.size()) {
    std::vector<std::uint32_t> last;
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
        Node& node = nodes_[i];
        if (const auto* gate = std::get_if<Gate>(&operations[i].kind()); gate && gate->qubits.size() == 2) {
            node.is_pair = true;
            node.is_interaction = gate->id == GateId::rzz;
            node.a = gate->qubits[0];
            node.b = gate->qubits[1];
        } else if (const auto pairs = pairs_inside(operations[i]); pairs.size() == 1) {
            node.is_pair = true;
            std::tie(node.a, node.b) = pairs[0];
        }
        for (const std::uint32_t wire : wires_of(operations[i], num_virtual)) {
            if (wire >= last.size()) last.resize(wire + 1, kNobody);
            const std::uint32_t before = last[wire];
            last[wire] = i;
            if (before == kNobody || (!node.before.empty() && node.before.back() == before)) continue;
            if (std::find(node.before.begin(), node.before.end(), before) != node.before.end()) continue;
            node.before.push_back(before);
            nodes_[before].after.push_back(i);
        }
    }
}

/// One pass over the circuit, forwards or backwards.
class Router::Walk {
  public:
    Walk(const Router& router, bool forwards, std::vector<Qubit>& layout, Random& random)
        : router_(router),
          device_(router.device_),
          forwards_(forwards),
          layout_(layout),
          random_(random),
          occupant_(device_.num_qubits(), kNobody),
          missing_(router.nodes_.size()),
          waiting_partner_(router.num_virtual_, kNobody),
          ahead_(router.num_virtual_),
          decay_(device_.num_qubits(), 0.0),
          last_event_(device_.num_qubits(), kNobody) {
        for (std::uint32_t v = 0; v < layout.size(); ++v) occupant_[layout[v]] = v;
        for (std::uint32_t i = 0; i < missing_.size(); ++i) {
            missing_[i] = static_cast<std::uint32_t>(before(i).size());
            if (missing_[i] == 0) ready_.push_back(i);
        }
    }

    void run() {
        advance();
        while (!waiting_.empty()) {
            if (stuck_ > stuck_limit())
                bring_together();
            else
                swap_best();
            advance();
        }
    }

    const std::vector<Step>& steps() const { return steps_; }
    std::size_t swaps() const { return swaps_; }
    double swap_gates() const { return swap_gates_; }

  private:
    struct Swap {
        Qubit a, b;
        bool operator==(const Swap&) const = default;
    };

    const std::vector<std::uint32_t>& before(std::uint32_t i) const {
        return forwards_ ? router_.nodes_[i].before : router_.nodes_[i].after;
    }
    const std::vector<std::uint32_t>& after(std::uint32_t i) const {
        return forwards_ ? router_.nodes_[i].after : router_.nodes_[i].before;
    }
    const Node& node(std::uint32_t i) const { return router_.nodes_[i]; }
    bool can_run(const Node& pair) const { return device_.is_neighbour(layout_[pair.a], layout_[pair.b]); }

    std::size_t stuck_limit() const { return 20 + 2 * waiting_.size(); }

    /// Runs all that can run.
    void advance() {
        bool changed = false;
        for (std::size_t i = 0; i < waiting_.size();) {
            if (can_run(node(waiting_[i]))) {
                ready_.push_back(waiting_[i]);
                waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
                changed = true;
            } else {
                ++i;
            }
        }
        while (!ready_.empty()) {
            const std::uint32_t i = ready_.back();
            ready_.pop_back();
            if (node(i).is_pair && !can_run(node(i))) {
                waiting_.push_back(i);
                changed = true;
                continue;
            }
            execute(i);
        }
        if (changed || ahead_is_old_) look_ahead();
    }

    void execute(std::uint32_t i) {
        steps_.push_back({false, i, 0});
        const Node& done = node(i);
        if (done.is_pair) {
            last_event_[layout_[done.a]] = last_event_[layout_[done.b]] = done.is_interaction ? i : kNobody;
            stuck_ = 0;
            std::fill(decay_.begin(), decay_.end(), 0.0);
            ahead_is_old_ = true;
        } else if (const auto* gate = std::get_if<Gate>(&router_.operations_[i].kind()); !gate) {
            for (const Qubit v : qubits_of(router_.operations_[i])) last_event_[layout_[v]] = kNobody;
        }
        for (const std::uint32_t next : after(i))
            if (--missing_[next] == 0) ready_.push_back(next);
    }

    /// The pairs that follow the waiting ones, breadth first.
    void look_ahead() {
        ahead_is_old_ = false;
        for (const std::uint32_t v : touched_) {
            waiting_partner_[v] = kNobody;
            ahead_[v].clear();
        }
        touched_.clear();
        for (const std::uint32_t i : waiting_) {
            waiting_partner_[node(i).a] = node(i).b;
            waiting_partner_[node(i).b] = node(i).a;
            touched_.insert(touched_.end(), {node(i).a, node(i).b});
        }
        ahead_count_ = 0;
        queue_ = waiting_;
        if (seen_.size() != missing_.size()) seen_.assign(missing_.size(), 0);
        ++sweep_;
        for (std::size_t at = 0; at < queue_.size() && ahead_count_ < kLookahead; ++at)
            for (const std::uint32_t next : after(queue_[at])) {
                if (seen_[next] == sweep_) continue;
                seen_[next] = sweep_;
                queue_.push_back(next);
                if (!node(next).is_pair) continue;
                ahead_[node(next).a].push_back(node(next).b);
                ahead_[node(next).b].push_back(node(next).a);
                touched_.insert(touched_.end(), {node(next).a, node(next).b});
                if (++ahead_count_ == kLookahead) break;
            }
    }

    double distance(Qubit a, Qubit b) const { return device_.distance(a, b); }

    /// Change of the summed distances when the occupants of a and b trade places.
    double change(const Swap& swap) const {
        double near = 0, far = 0;
        for (const auto& [from, to] : {std::pair(swap.a, swap.b), std::pair(swap.b, swap.a)}) {
            const std::uint32_t v = occupant_[from];
            if (v == kNobody) continue;
            auto add = [&, from = from, to = to](std::uint32_t partner, double& sum) {
                const Qubit other = layout_[partner];
                if (other == to) return;  // they trade places: as far as before
                sum += distance(to, other) - distance(from, other);
            };
            if (waiting_partner_[v] != kNobody) add(waiting_partner_[v], near);
            for (const std::uint32_t partner : ahead_[v]) add(partner, far);
        }
        double score = near / static_cast<double>(waiting_.size());
        if (ahead_count_ > 0) score += kLookaheadWeight * far / static_cast<double>(ahead_count_);
        return score + std::max(decay_[swap.a], decay_[swap.b]) +
               (joins(swap) ? 0.0 : kUnjoinedPenalty / scale());
    }
    double scale() const { return static_cast<double>(waiting_.size()); }

    bool joins(const Swap& swap) const {
        return forwards_ && last_event_[swap.a] != kNobody && last_event_[swap.a] == last_event_[swap.b];
    }

    void swap_best() {
        candidates_.clear();
        for (const std::uint32_t i : waiting_)
            for (const std::uint32_t v : {node(i).a, node(i).b})
                for (const Qubit next : device_.neighbours(layout_[v])) {
                    const auto [low, high] = std::minmax(layout_[v], next);
                    candidates_.push_back({low, high});
                }
        double best = std::numeric_limits<double>::infinity();
        std::size_t ties = 0;
        Swap chosen{0, 0};
        for (const Swap& swap : candidates_) {
            const double score = change(swap);
            if (score < best - 1e-9) {
                best = score;
                chosen = swap;
                ties = 1;
            } else if (score < best + 1e-9 && !(swap == chosen) && random_.below(++ties) == 0) {
                chosen = swap;
            }
        }
        apply(chosen);
        ++stuck_;
    }

    void apply(const Swap& swap) {
        steps_.push_back({true, swap.a, swap.b});
        ++swaps_;
        swap_gates_ += joins(swap) ? device_.gates_of_joined_swap() : device_.gates_of_swap();
        std::swap(occupant_[swap.a], occupant_[swap.b]);
        for (const Qubit q : {swap.a, swap.b})
            if (occupant_[q] != kNobody) layout_[occupant_[q]] = q;
        last_event_[swap.a] = last_event_[swap.b] = kNobody;
        decay_[swap.a] += kDecay;
        decay_[swap.b] += kDecay;
    }

    /// Against standstill: the nearest waiting pair is walked together on a shortest way.
    void bring_together() {
        const Node* nearest = nullptr;
        for (const std::uint32_t i : waiting_)
            if (!nearest || distance(layout_[node(i).a], layout_[node(i).b]) <
                                distance(layout_[nearest->a], layout_[nearest->b]))
                nearest = &node(i);
        while (!can_run(*nearest)) {
            const Qubit from = layout_[nearest->a], to = layout_[nearest->b];
            for (const Qubit next : device_.neighbours(from))
                if (device_.distance(next, to) < device_.distance(from, to)) {
                    apply({std::min(from, next), std::max(from, next)});
                    break;
                }
        }
        stuck_ = 0;
    }

    const Router& router_;
    const DeviceModel& device_;
    bool forwards_;
    std::vector<Qubit>& layout_;
    Random& random_;
    std::vector<std::uint32_t> occupant_;
    std::vector<std::uint32_t> missing_;
    std::vector<std::uint32_t> ready_;
    std::vector<std::uint32_t> waiting_;
    std::vector<std::uint32_t> waiting_partner_;
    std::vector<std::vector<std::uint32_t>> ahead_;
    std::vector<std::uint32_t> touched_, queue_, seen_;
    std::size_t ahead_count_ = 0;
    std::uint32_t sweep_ = 0;
    bool ahead_is_old_ = true;
    std::vector<double> decay_;
    std::vector<std::uint32_t> last_event_;
    std::vector<Swap> candidates_;
    std::vector<Step> steps_;
    std::size_t swaps_ = 0;
    double swap_gates_ = 0;
    std::size_t stuck_ = 0;
};

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

Routed Router::route(const std::vector<Qubit>& layout, Random& random) const {
    require_ways(layout);
    Routed routed;
    routed.initial_layout = routed.final_layout = layout;
    Walk walk(*this, true, routed.final_layout, random);
    walk.run();
    routed.swaps = walk.swaps();
    routed.swap_gates = walk.swap_gates();
    emit(walk.steps(), layout, random, routed);
    return routed;
}

std::vector<Qubit> Router::settled_layout(std::vector<Qubit> layout, int rounds, Random& random) const {
    require_ways(layout);
    for (int round = 0; round < rounds; ++round)
        for (const bool forwards : {true, false}) Walk(*this, forwards, layout, random).run();
    return layout;
}

void Router::emit(const std::vector<Step>& steps, const std::vector<Qubit>& layout, Random& random,
                  Routed& routed) const {
    std::vector<Qubit> place = layout;
    std::vector<std::uint32_t> occupant(device_.num_qubits(), kNobody);
    for (std::uint32_t v = 0; v < place.size(); ++v) occupant[place[v]] = v;
    Rewriting on_places;
    on_places.qubit = [&](Qubit virtual_qubit) { return place[virtual_qubit]; };
    for (const Step& step : steps) {
        if (step.is_swap) {
            routed.operations.push_back(Gate{GateId::swap, {step.a, step.b}, {}});
            routed.swapped.emplace_back(step.a, step.b);
            std::swap(occupant[step.a], occupant[step.b]);
            for (const Qubit q : {step.a, step.b})
                if (occupant[q] != kNobody) place[occupant[q]] = q;
            continue;
        }
        const Operation& operation = operations_[step.a];
        if (condition_of(operation) == nullptr || nodes_[step.a].is_pair || pairs_inside(operation).empty()) {
            routed.operations.push_back(rewritten(operation, on_places));
            continue;
        }
        Operation inside = operation;
        for (auto* inner : bodies_of(inside)) {
            Routed body = Router(*inner, num_virtual_, device_).route(place, random);
            // The bodies must leave every qubit where they found it: the swaps once more, backwards.
            for (auto swap = body.swapped.rbegin(); swap != body.swapped.rend(); ++swap)
                body.operations.push_back(Gate{GateId::swap, {swap->first, swap->second}, {}});
            *inner = std::move(body.operations);
            routed.swaps += body.swaps + body.swapped.size();
            routed.swap_gates +=
                body.swap_gates + static_cast<double>(body.swapped.size()) * device_.gates_of_swap();
        }
        routed.operations.push_back(std::move(inside));
    }
}

}  // namespace qdcnn::transpile
