#include "layout_search.h"

#include <algorithm>

#include "qdcnn/base/interrupt.h"

namespace qdcnn::transpile {
namespace {

/// Routes of about equal quality that are compared by their estimated success.
constexpr std::size_t kFinalists = 4;
/// Trials that start from the same best routes: as many cores have work.
constexpr std::size_t kRound = 8;

}  // namespace

LayoutSearch::LayoutSearch(const Router& router, const DeviceModel& device, std::uint32_t num_virtual,
                           Random random, int threads)
    : router_(router),
      device_(device),
      num_virtual_(num_virtual),
      random_(random),
      threads_(threads),
      searches_(threads > 1 ? kRound : 1, router.search()),
      found_(kRound) {}

Random LayoutSearch::stream(Stream stream) const {
    return random_.stream(static_cast<std::uint64_t>(stream));
}

/// Calls work(i, search, found) for i = 0 and, until it is over, those up to count; what is found in a round
/// enters the best after it.
template <typename Work>
void LayoutSearch::in_rounds(int count, const IsOver& is_over, Work work) {
    const auto all = static_cast<std::size_t>(count);
    for (std::size_t first = 0; first < all && (first == 0 || !is_over()); first += kRound) {
        interrupt().throw_if_interrupted();
        const std::size_t end = std::min(first + kRound, all);
#pragma omp parallel for schedule(dynamic) num_threads(threads_) if (threads_ > 1)
        for (std::size_t i = first; i < end; ++i) {
            if (i > 0 && is_over()) continue;
            work(i, searches_[threads_ > 1 ? i - first : 0], found_[i - first]);
        }
        keep_best();
    }
}

std::vector<Route> LayoutSearch::run(const LayoutEffort& effort, const IsOver& is_over) {
    auto starts = settled_starts(effort, is_over);
    const Random first = stream(Stream::first_routes);
    in_rounds(static_cast<int>(starts.size()), is_over, [&](std::size_t i, SwapSearch& search, auto& found) {
        Random random = first.stream(i);
        router_.settle(search, starts[i].layout, random);
        found = router_.find_route(search, starts[i].layout, random, limit());
    });
    if (best_.front().swaps == 0 || is_over()) return std::move(best_);
    const Random second = stream(Stream::disturbances);
    in_rounds(effort.disturbances, is_over, [&](std::size_t i, SwapSearch& search, auto& found) {
        Random random = second.stream(i);
        auto layout = best_[i % best_.size()].initial_layout;
        disturb(layout, random);
        router_.settle(search, layout, random);
        found = router_.find_route(search, layout, random, limit());
    });
    const Random third = stream(Stream::ends);
    in_rounds(effort.ends, is_over, [&](std::size_t i, SwapSearch& search, auto& found) {
        Random random = third.stream(i);
        const Route& route = best_[i % best_.size()];
        found = router_.find_end(search, route, random.below(route.steps.size()), random, limit());
    });
    return std::move(best_);
}

std::vector<LayoutSearch::Start> LayoutSearch::settled_starts(const LayoutEffort& effort,
                                                              const IsOver& is_over) {
    std::vector<Start> starts(static_cast<std::size_t>(effort.starts));
    const Random all = stream(Stream::starts);
    // An error must not leave the threads.
    for (std::size_t i = 0; i < starts.size(); ++i) {
        Random random = all.stream(i);
        starts[i].layout = random_patch(random);
        router_.require_ways(starts[i].layout);
    }
    in_rounds(effort.starts, is_over, [&](std::size_t i, SwapSearch& search, auto&) {
        Random random = all.stream(i).stream(0);
        starts[i].gates = router_.settle(search, starts[i].layout, random);
    });
    std::stable_sort(starts.begin(), starts.end(),
                     [](const Start& a, const Start& b) { return a.gates < b.gates; });
    starts.resize(std::min(starts.size(), static_cast<std::size_t>(effort.kept)));
    return starts;
}

/// A connected patch of the device, grown at random, with the circuit's qubits spread over it at random.
std::vector<Qubit> LayoutSearch::random_patch(Random& random) const {
    const auto& part = device_.parts().front();
    std::vector<Qubit> patch{part[random.below(part.size())]}, border;
    std::vector<bool> seen(device_.num_qubits(), false);
    seen[patch[0]] = true;
    auto widen = [&](Qubit from) {
        for (const Qubit next : device_.neighbours(from))
            if (!seen[next]) {
                seen[next] = true;
                border.push_back(next);
            }
    };
    widen(patch[0]);
    while (patch.size() < num_virtual_) {
        const std::size_t pick = random.below(border.size());
        patch.push_back(border[pick]);
        border[pick] = border.back();
        border.pop_back();
        widen(patch.back());
    }
    random.shuffle(patch);
    return patch;
}

/// Moves one or two qubits to a neighbouring place; who is there comes here.
void LayoutSearch::disturb(std::vector<Qubit>& layout, Random& random) const {
    for (std::uint64_t moves = 1 + random.below(2); moves > 0; --moves) {
        const Qubit v = static_cast<Qubit>(random.below(layout.size())), from = layout[v];
        const auto& neighbours = device_.neighbours(from);
        const Qubit to = neighbours[random.below(neighbours.size())];
        std::replace(layout.begin(), layout.end(), to, from);
        layout[v] = to;
    }
}

/// What a route must not exceed to be among the best.
double LayoutSearch::limit() const {
    return best_.size() < kFinalists ? SwapSearch::kNoLimit : best_.back().swap_gates;
}

void LayoutSearch::keep_best() {
    for (auto& found : found_) {
        auto route = std::exchange(found, std::nullopt);
        if (!route) continue;
        const bool is_known = std::any_of(best_.begin(), best_.end(), [&](const Route& known) {
            return known.swap_gates == route->swap_gates && known.swaps == route->swaps &&
                   known.initial_layout == route->initial_layout;
        });
        if (!is_known) best_.push_back(std::move(*route));
    }
    std::stable_sort(best_.begin(), best_.end(),
                     [](const Route& a, const Route& b) { return a.swap_gates < b.swap_gates; });
    if (best_.size() > kFinalists) best_.resize(kFinalists);
}

}  // namespace qdcnn::transpile
