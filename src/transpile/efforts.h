#pragma once

#include <cstddef>

#include "qdcnn/transpile/passes.h"

namespace qdcnn::transpile {

/// How long the passes of a level search.
struct Effort {
    LayoutEffort layout;
    int route_trials;
    /// Partial placements that a search of embeddings looks at.
    std::size_t budget;
};

/// Of the levels 0 to 3.
constexpr Effort kEfforts[] = {
    {{}, 1, 0}, {{8, 2, 0, 8}, 8, 10'000}, {{16, 4, 16, 16}, 30, 30'000}, {{20, 4, 40, 60}, 100, 30'000}};

/// Rounds after which a circuit that still changes is taken as it is.
constexpr int kFixedPoint = 20;

}  // namespace qdcnn::transpile
