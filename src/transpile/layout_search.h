#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "qdcnn/transpile/passes.h"
#include "router.h"

namespace qdcnn::transpile {

/// Looks for layouts from which a circuit takes few swaps: SABRE's settling from random places, then iterated
/// local search around the best.
class LayoutSearch {
  public:
    using IsOver = std::function<bool()>;

    /// The router and the device are kept by reference. The result does not depend on `threads`.
    LayoutSearch(const Router& router, const DeviceModel& device, std::uint32_t num_virtual, Random random,
                 int threads);

    /// The best routes, at most four, all different, that of the fewest gates first. Stops early, but not
    /// before the first route, when is_over says so. Throws Error(cancelled) when interrupted, and what
    /// Router::require_ways throws.
    std::vector<Route> run(const LayoutEffort& effort, const IsOver& is_over);

  private:
    struct Start {
        std::vector<Qubit> layout;
        /// What the swaps add on the way back of settling.
        double gates = SwapSearch::kNoLimit;
    };

    enum class Stream : std::uint64_t { starts, first_routes, disturbances, ends };

    Random stream(Stream stream) const;
    template <typename Work>
    void in_rounds(int count, const IsOver& is_over, Work work);
    std::vector<Start> settled_starts(const LayoutEffort& effort, const IsOver& is_over);
    std::vector<Qubit> random_patch(Random& random) const;
    void disturb(std::vector<Qubit>& layout, Random& random) const;
    double limit() const;
    void keep_best();

    const Router& router_;
    const DeviceModel& device_;
    std::uint32_t num_virtual_;
    Random random_;
    int threads_;
    std::vector<SwapSearch> searches_;
    /// What the trials of a round found.
    std::vector<std::optional<Route>> found_;
    std::vector<Route> best_;
};

}  // namespace qdcnn::transpile
