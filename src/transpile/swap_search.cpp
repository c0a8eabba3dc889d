#include "swap_search.h"

#include <algorithm>
#include <utility>

namespace qdcnn::transpile {
namespace {

constexpr std::uint32_t kNobody = static_cast<std::uint32_t>(-1);
/// What a swap used again at once costs.
constexpr double kDecay = 0.001;
constexpr double kTie = 1e-9;

}  // namespace

SwapSearch::Weights SwapSearch::Weights::drawn(Random& random) {
    return {.pairs_ahead = static_cast<std::uint32_t>(4 + random.below(kMostAhead - 3)),
            .ahead = random.uniform(0.15, 1.0),
            .unjoined = random.uniform(0.1, 1.0)};
}

SwapSearch::SwapSearch(const RoutingGraph& graph, const DeviceModel& device)
    : graph_(graph),
      device_(device),
      order_(&graph.strict()),
      occupant_(device.num_qubits(), kNobody),
      missing_(graph.size()),
      front_partner_(graph.num_virtual(), kNobody),
      ahead_(std::size_t{graph.num_virtual()} * Weights::kMostAhead),
      num_ahead_(graph.num_virtual(), 0),
      seen_(graph.size(), 0),
      decay_(device.num_qubits(), 0.0),
      last_interaction_(device.num_qubits(), kNobody) {}

bool SwapSearch::walk(bool forwards, std::vector<Qubit>& layout, Random& random, double limit) {
    order_ = random.below(2) == 0 ? &graph_.strict() : &graph_.commuting();
    start(forwards, layout);
    return finish(layout, random, limit);
}

bool SwapSearch::walk_on(std::span<const Step> known, bool is_commuting, std::vector<Qubit>& layout,
                         Random& random, double limit) {
    // Steps in the strict order are steps in the commuting order, too.
    order_ = is_commuting || random.below(2) != 0 ? &graph_.commuting() : &graph_.strict();
    start(true, layout);
    for (const Step& step : known) {
        if (step.is_swap)
            apply({step.a, step.b});
        else
            execute(step.a);
    }
    std::erase_if(ready_, [&](std::uint32_t i) { return missing_[i] == kNobody; });
    std::make_heap(ready_.begin(), ready_.end(), is_later());
    return finish(layout, random, limit);
}

bool SwapSearch::finish(std::vector<Qubit>& layout, Random& random, double limit) {
    weights_ = Weights::drawn(random);
    advance();
    while (!waiting_.empty() && gates_ <= limit) {
        if (idle_swaps_.size() > 20 + 2 * waiting_.size())
            bring_together();
        else
            swap_best(random);
        advance();
    }
    if (gates_ > limit) return false;
    layout = place_;
    return true;
}

void SwapSearch::start(bool forwards, const std::vector<Qubit>& layout) {
    forwards_ = forwards;
    place_ = layout;
    std::fill(occupant_.begin(), occupant_.end(), kNobody);
    for (std::uint32_t v = 0; v < layout.size(); ++v) occupant_[layout[v]] = v;
    std::fill(decay_.begin(), decay_.end(), 0.0);
    std::fill(last_interaction_.begin(), last_interaction_.end(), kNobody);
    steps_.clear();
    waiting_.clear();
    ready_.clear();
    idle_swaps_.clear();
    swaps_ = 0;
    gates_ = gates_at_last_pair_ = 0;
    changed_ = true;
    for (std::uint32_t i = 0; i < missing_.size(); ++i) {
        missing_[i] = order_->num_before(i, forwards);
        if (missing_[i] == 0) make_ready(i);
    }
}

void SwapSearch::make_ready(std::uint32_t i) {
    ready_.push_back(i);
    std::push_heap(ready_.begin(), ready_.end(), is_later());
}

/// Runs all that can run, in the circuit's order as far as it goes: another order of what commutes may be
/// deeper.
void SwapSearch::advance() {
    std::size_t kept = 0;
    for (const std::uint32_t i : waiting_) {
        if (can_run(graph_.node(i)))
            make_ready(i);
        else
            waiting_[kept++] = i;
    }
    changed_ = changed_ || kept != waiting_.size();
    waiting_.resize(kept);
    while (!ready_.empty()) {
        std::pop_heap(ready_.begin(), ready_.end(), is_later());
        const std::uint32_t i = ready_.back();
        ready_.pop_back();
        if (graph_.node(i).is_pair && !can_run(graph_.node(i)))
            waiting_.push_back(i);
        else
            execute(i);
        changed_ = true;
    }
    if (std::exchange(changed_, false)) look_ahead();
}

void SwapSearch::execute(std::uint32_t i) {
    steps_.push_back({false, i, 0});
    missing_[i] = kNobody;
    const RoutingGraph::Node& done = graph_.node(i);
    if (done.is_pair) {
        last_interaction_[place_[done.a]] = last_interaction_[place_[done.b]] =
            done.is_interaction ? i : kNobody;
        for (const Swap& swap : idle_swaps_) decay_[swap.a] = decay_[swap.b] = 0.0;
        idle_swaps_.clear();
        gates_at_last_pair_ = gates_;
    } else {
        for (const Qubit v : graph_.qubits(i)) last_interaction_[place_[v]] = kNobody;
    }
    for (const std::uint32_t next : order_->after(i, forwards_))
        if (--missing_[next] == 0) make_ready(next);
}

void SwapSearch::add_ahead(const RoutingGraph::Node& pair) {
    for (const auto& [v, partner] : {std::pair(pair.a, pair.b), std::pair(pair.b, pair.a)}) {
        ahead_[std::size_t{v} * Weights::kMostAhead + num_ahead_[v]++] = partner;
        touched_.push_back(v);
    }
    ++ahead_count_;
}

/// The front, and what comes behind it: the other waiting pairs and, breadth first, those that follow.
void SwapSearch::look_ahead() {
    for (const Qubit v : touched_) {
        front_partner_[v] = kNobody;
        num_ahead_[v] = 0;
    }
    touched_.clear();
    front_.clear();
    ahead_count_ = 0;
    std::sort(waiting_.begin(), waiting_.end(),
              [later = is_later()](std::uint32_t i, std::uint32_t j) { return later(j, i); });
    for (const std::uint32_t i : waiting_) {
        const RoutingGraph::Node& pair = graph_.node(i);
        if (front_partner_[pair.a] == kNobody && front_partner_[pair.b] == kNobody) {
            front_.push_back(i);
            front_partner_[pair.a] = pair.b;
            front_partner_[pair.b] = pair.a;
            touched_.insert(touched_.end(), {pair.a, pair.b});
        } else if (ahead_count_ < weights_.pairs_ahead) {
            add_ahead(pair);
        }
    }
    queue_ = waiting_;
    ++sweep_;
    for (std::size_t at = 0; at < queue_.size() && ahead_count_ < weights_.pairs_ahead; ++at)
        for (const std::uint32_t next : order_->after(queue_[at], forwards_)) {
            if (std::exchange(seen_[next], sweep_) == sweep_) continue;
            queue_.push_back(next);
            if (graph_.node(next).is_pair) add_ahead(graph_.node(next));
            if (ahead_count_ == weights_.pairs_ahead) break;
        }
}

/// Change of the summed distances from v to its partners when it goes from one place to its neighbour `to`.
inline int SwapSearch::change(Qubit v, Qubit to, const Qubit* partners, std::uint32_t count) const {
    const std::uint16_t *here = device_.distances(place_[v]), *there = device_.distances(to);
    int sum = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Qubit other = place_[partners[i]];
        // A partner at the other end trades places too: as far as before.
        sum += there[other] - here[other] + (other == to);
    }
    return sum;
}

/// What a swap brings: change of the mean distances, and what it costs itself. Nothing good when it moves the
/// front's pairs apart.
double SwapSearch::score(const Swap& swap) const {
    const std::uint32_t v = occupant_[swap.a], w = occupant_[swap.b];
    int near = 0, far = 0;
    if (v != kNobody && front_partner_[v] != kNobody) near += change(v, swap.b, &front_partner_[v], 1);
    if (w != kNobody && front_partner_[w] != kNobody) near += change(w, swap.a, &front_partner_[w], 1);
    if (near > 0) return kNoLimit;
    if (v != kNobody) far += change(v, swap.b, &ahead_[std::size_t{v} * Weights::kMostAhead], num_ahead_[v]);
    if (w != kNobody) far += change(w, swap.a, &ahead_[std::size_t{w} * Weights::kMostAhead], num_ahead_[w]);
    const auto front = static_cast<double>(front_.size());
    double sum = near / front + std::max(decay_[swap.a], decay_[swap.b]);
    if (ahead_count_ > 0) sum += weights_.ahead * far / ahead_count_;
    return joins(swap) ? sum : sum + weights_.unjoined / front;
}

bool SwapSearch::joins(const Swap& swap) const {
    return last_interaction_[swap.a] != kNobody && last_interaction_[swap.a] == last_interaction_[swap.b];
}

void SwapSearch::swap_best(Random& random) {
    double best = kNoLimit;
    std::size_t ties = 0;
    Swap chosen{0, 0};
    for (const std::uint32_t i : front_)
        for (const Qubit v : {graph_.node(i).a, graph_.node(i).b})
            for (const Qubit next : device_.neighbours(place_[v])) {
                const auto [low, high] = std::minmax(place_[v], next);
                const Swap swap{low, high};
                const double cost = score(swap);
                if (cost < best - kTie) {
                    best = cost;
                    chosen = swap;
                    ties = 1;
                } else if (cost < best + kTie && !(swap == chosen) && random.below(++ties) == 0) {
                    chosen = swap;
                }
            }
    apply(chosen);
    decay_[chosen.a] += kDecay;
    decay_[chosen.b] += kDecay;
    idle_swaps_.push_back(chosen);
}

void SwapSearch::trade(const Swap& swap) {
    std::swap(occupant_[swap.a], occupant_[swap.b]);
    for (const Qubit q : {swap.a, swap.b})
        if (occupant_[q] != kNobody) place_[occupant_[q]] = q;
    last_interaction_[swap.a] = last_interaction_[swap.b] = kNobody;
}

void SwapSearch::apply(const Swap& swap) {
    gates_ += joins(swap) ? device_.gates_of_joined_swap() : device_.gates_of_swap();
    steps_.push_back({true, swap.a, swap.b});
    ++swaps_;
    trade(swap);
}

/// Against standstill: the swaps since the last pair are taken back and the nearest waiting pair is walked
/// together on a shortest way.
void SwapSearch::bring_together() {
    for (; !idle_swaps_.empty(); idle_swaps_.pop_back()) {
        const Swap& swap = idle_swaps_.back();
        trade(swap);
        decay_[swap.a] = decay_[swap.b] = 0.0;
        steps_.pop_back();
        --swaps_;
    }
    gates_ = gates_at_last_pair_;
    const auto length = [&](std::uint32_t i) {
        return device_.distance(place_[graph_.node(i).a], place_[graph_.node(i).b]);
    };
    const std::uint32_t nearest = *std::min_element(waiting_.begin(), waiting_.end(),
                                                    [&](auto i, auto j) { return length(i) < length(j); });
    while (!can_run(graph_.node(nearest))) {
        const Qubit from = place_[graph_.node(nearest).a], to = place_[graph_.node(nearest).b];
        for (const Qubit next : device_.neighbours(from))
            if (device_.distance(next, to) < device_.distance(from, to)) {
                apply({std::min(from, next), std::max(from, next)});
                break;
            }
    }
}

}  // namespace qdcnn::transpile
