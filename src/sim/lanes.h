#pragma once

#include <cstddef>
#include <vector>

namespace qdcnn::sim {

/// Doubles that one step of a kernel works on: eight rows of a batch, or the amplitudes that differ in the
/// lowest three index bits of one state.
inline constexpr std::size_t kLanes = 8;
inline constexpr unsigned kLaneBits = 3;

/// Storage of one step, on a cache line of its own.
struct alignas(64) Lanes {
    double lane[kLanes] = {};

    static Lanes all(double value) {
        Lanes lanes;
        for (double& one : lanes.lane) one = value;
        return lanes;
    }
    double sum() const {
        double total = 0;
        for (const double one : lane) total += one;
        return total;
    }
};

using LaneVector = std::vector<Lanes>;

}  // namespace qdcnn::sim
