#pragma once

#include <limits>
#include <string>
#include <vector>

namespace qdcnn::report {

/// One line of the plot: a value with the ends of its interval (NaN: none).
struct IntervalRow {
    std::string name;
    double value;
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    /// Text at the right end, for example the value in words.
    std::string note = {};
};

/// Values by name, below each other, on one axis from `low` to `high`.
struct IntervalPlot {
    std::string title;
    std::string axis;
    std::vector<IntervalRow> rows;
    double low = 0.0;
    double high = 1.0;
    bool is_percent = true;
    /// A bar from the left end to the value instead of a dot.
    bool has_bars = false;
};

/// A self-contained SVG element like to_svg(LineChart). What lies beyond an end of the axis is drawn at it.
/// Throws Error(invalid_input): no rows, a value that is not finite, low not below high.
std::string to_svg(const IntervalPlot& plot);

}  // namespace qdcnn::report
