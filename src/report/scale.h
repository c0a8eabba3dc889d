#pragma once

#include <string>
#include <vector>

namespace qdcnn::report {

/// A range of values laid over a range of pixels, with ticks.
struct Scale {
    double low = 0;
    double high = 1;
    /// Distance of two ticks: 1, 2 or 5 times a power of ten.
    double step = 1;
    double pixel_at_low = 0;
    double pixel_at_high = 1;

    double pixel(double value) const {
        return pixel_at_low + (value - low) / (high - low) * (pixel_at_high - pixel_at_low);
    }
    /// Multiples of `step` within the range.
    std::vector<double> ticks() const;
    /// A tick as text, with as many decimals as the step needs.
    std::string label(double tick, bool is_percent) const;
};

/// A step that makes about `count` ticks. low < high.
double nice_step(double low, double high, int count);

}  // namespace qdcnn::report
