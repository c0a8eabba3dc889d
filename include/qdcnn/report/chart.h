#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace qdcnn::report {

/// low and high are the ends of an error bar; NaN: none. A point with a y that is not finite interrupts the
/// line.
struct Point {
    double x;
    double y;
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
};

struct Series {
    std::string name;
    std::vector<Point> points;
    bool is_on_right_axis = false;
    /// A level to compare with (majority class): dashed, grey, without marks.
    bool is_reference = false;
};

struct Axis {
    std::string label;
    /// Nothing: from the data, rounded outwards to ticks.
    std::optional<double> low = {};
    std::optional<double> high = {};
    /// Ticks of 0.25 read "25 %".
    bool is_percent = false;
};

struct LineChart {
    std::string title;
    Axis x;
    Axis y;
    /// For series that are on it; has a scale of its own.
    std::optional<Axis> right = {};
    std::vector<Series> series;
};

/// A self-contained SVG 1.1 element with its own style for light and dark, usable as a file and inside HTML.
/// Every mark carries its numbers as a tooltip. Text is escaped. Throws Error(invalid_input): no finite
/// point, an x or an error bar's end that is infinite, an axis whose low is not below its high, a series on a
/// right axis that is not there.
std::string to_svg(const LineChart& chart);

}  // namespace qdcnn::report
