#include "qdcnn/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"
#include "report/scale.h"
#include "report/svg.h"
#include "report/text.h"

namespace qdcnn::report {
namespace {

constexpr double kWidth = 640;
constexpr double kPlotHeight = 260;
constexpr double kLeft = 64;
constexpr double kBottom = 50;
// Beyond this many points marks run into each other.
constexpr std::size_t kMostMarks = 40;

void check(const LineChart& chart) {
    bool has_point = false;
    for (const Series& series : chart.series) {
        if (series.is_on_right_axis && !chart.right)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("series '{}' is on the right axis, and the chart has none", series.name));
        for (const Point& point : series.points) {
            if (!std::isfinite(point.x) || std::isinf(point.low) || std::isinf(point.high))
                throw Error(
                    ErrorKind::invalid_input,
                    fmt::format("series '{}' has a point that is not finite: x = {}, error bar {} to {}",
                                series.name, point.x, point.low, point.high));
            has_point = has_point || std::isfinite(point.y);
        }
    }
    if (!has_point)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("chart '{}' has no finite point to draw", chart.title));
}

/// The least and largest value of an axis, over all its series.
struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void take(double value) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

Scale make_scale(const Axis& axis, Range data, int ticks, double pixel_at_low, double pixel_at_high) {
    if (data.low > data.high) data = {0, 1};
    if (data.low == data.high) {
        // A flat line stands in the middle of a range around it.
        const double margin = data.low == 0 ? 1 : 0.1 * std::abs(data.low);
        data = {data.low - margin, data.high + margin};
    }
    const double low = axis.low.value_or(data.low), high = axis.high.value_or(data.high);
    if (!(low < high) || !std::isfinite(low) || !std::isfinite(high))
        throw Error(
            ErrorKind::invalid_input,
            fmt::format("axis '{}' runs from {} to {}, expected low below high", axis.label, low, high));
    Scale scale{low, high, nice_step(low, high, ticks), pixel_at_low, pixel_at_high};
    if (!axis.low) scale.low = std::floor(low / scale.step + 1e-9) * scale.step;
    if (!axis.high) scale.high = std::ceil(high / scale.step - 1e-9) * scale.step;
    // There is no accuracy of 120 %.
    if (axis.is_percent && !axis.high && high <= 1) scale.high = std::min(scale.high, 1.0);
    return scale;
}

class ChartDrawing {
  public:
    explicit ChartDrawing(const LineChart& chart)
        : chart_(chart),
          rows_(legend_rows()),
          top_(44 + 18 * static_cast<double>(rows_.size())),
          right_(chart.right ? kWidth - 64 : kWidth - 24),
          svg_(kWidth, top_ + kPlotHeight + kBottom, chart.title) {
        Range x, y, right;
        for (const Series& series : chart.series)
            for (const Point& point : series.points) {
                Range& range = series.is_on_right_axis ? right : y;
                x.take(point.x);
                range.take(point.y);
                range.take(point.low);
                range.take(point.high);
            }
        x_ = make_scale(with_data_ends(chart.x, x), x, 8, kLeft, right_);
        y_ = make_scale(chart.y, y, 5, top_ + kPlotHeight, top_);
        if (chart.right) right_scale_ = make_scale(*chart.right, right, 5, top_ + kPlotHeight, top_);
    }

    std::string draw() {
        svg_.text(kLeft, 24, chart_.title, "qd-title");
        draw_legend();
        draw_axes();
        // References below, so that they cross nothing out.
        for (const bool references : {true, false})
            for (std::size_t k = 0; k < chart_.series.size(); ++k)
                if (chart_.series[k].is_reference == references) draw_series(k);
        return svg_.finish();
    }

  private:
    struct LegendEntry {
        std::size_t series;
        double x;
    };

    /// The data's own ends: a curve over epochs 1 to 30 fills the width.
    static Axis with_data_ends(Axis axis, const Range& data) {
        if (data.low < data.high) {
            if (!axis.low) axis.low = data.low;
            if (!axis.high) axis.high = data.high;
        }
        return axis;
    }

    std::string legend_text(const Series& series) const {
        return series.is_on_right_axis ? series.name + " (right)" : series.name;
    }

    std::vector<std::vector<LegendEntry>> legend_rows() const {
        std::vector<std::vector<LegendEntry>> rows;
        double x = kWidth;
        for (std::size_t k = 0; k < chart_.series.size(); ++k) {
            const double width = 28 + text_width(legend_text(chart_.series[k])) + 18;
            if (rows.empty() || x + width > kWidth) {
                rows.emplace_back();
                x = kLeft;
            }
            rows.back().push_back({k, x});
            x += width;
        }
        return rows;
    }

    /// References take no colour of their own.
    int colour(std::size_t series) const {
        int colour = 0;
        for (std::size_t k = 0; k < series; ++k)
            if (!chart_.series[k].is_reference) ++colour;
        return colour % kSeriesColours;
    }

    void draw_legend() {
        double y = 44;
        for (const auto& row : rows_) {
            for (const LegendEntry& entry : row) {
                const Series& series = chart_.series[entry.series];
                if (series.is_reference) {
                    svg_.line(entry.x, y - 4, entry.x + 22, y - 4, "qd-ref");
                } else {
                    svg_.line(entry.x, y - 4, entry.x + 22, y - 4,
                              fmt::format("qd-line qd-s{}", colour(entry.series)));
                    if (has_marks(series))
                        svg_.rect(entry.x + 8, y - 7, 6, 6, fmt::format("qd-f{}", colour(entry.series)), 3);
                }
                svg_.text(entry.x + 28, y, legend_text(series), "");
            }
            y += 18;
        }
    }

    void draw_axes() {
        const double bottom = top_ + kPlotHeight;
        for (const double tick : y_.ticks()) {
            svg_.line(kLeft, y_.pixel(tick), right_, y_.pixel(tick), "qd-grid");
            svg_.text(kLeft - 8, y_.pixel(tick) + 4, y_.label(tick, chart_.y.is_percent), "qd-dim",
                      Anchor::end);
        }
        for (const double tick : x_.ticks()) {
            svg_.line(x_.pixel(tick), bottom, x_.pixel(tick), bottom + 5, "qd-axis");
            svg_.text(x_.pixel(tick), bottom + 19, x_.label(tick, chart_.x.is_percent), "qd-dim",
                      Anchor::middle);
        }
        svg_.line(kLeft, bottom, right_, bottom, "qd-axis");
        svg_.text((kLeft + right_) / 2, bottom + 40, chart_.x.label, "", Anchor::middle);
        draw_side_label(18, chart_.y.label, -90);
        if (!chart_.right) return;
        for (const double tick : right_scale_.ticks())
            svg_.text(right_ + 8, right_scale_.pixel(tick) + 4,
                      right_scale_.label(tick, chart_.right->is_percent), "qd-dim");
        draw_side_label(kWidth - 14, chart_.right->label, 90);
    }

    void draw_side_label(double x, const std::string& label, int degrees) {
        const double y = top_ + kPlotHeight / 2;
        svg_.text(x, y, label, "", Anchor::middle,
                  fmt::format("transform=\"rotate({} {} {})\"", degrees, coordinate(x), coordinate(y)));
    }

    static bool has_marks(const Series& series) {
        return !series.is_reference && series.points.size() <= kMostMarks;
    }

    void draw_series(std::size_t index) {
        const Series& series = chart_.series[index];
        const Scale& scale = series.is_on_right_axis ? right_scale_ : y_;
        std::string path;
        bool pen_down = false;
        for (const Point& point : series.points) {
            if (!std::isfinite(point.y)) {
                pen_down = false;
                continue;
            }
            path += fmt::format("{}{} {}", pen_down ? "L" : "M", coordinate(x_.pixel(point.x)),
                                coordinate(scale.pixel(point.y)));
            pen_down = true;
        }
        const int colour_of_series = colour(index);
        for (const Point& point : series.points)
            if (std::isfinite(point.y) && std::isfinite(point.low) && std::isfinite(point.high))
                draw_error_bar(point, scale, colour_of_series);
        if (!path.empty())
            svg_.path(path, series.is_reference ? "qd-ref" : fmt::format("qd-line qd-s{}", colour_of_series));
        if (!has_marks(series)) return;
        for (const Point& point : series.points)
            if (std::isfinite(point.y))
                svg_.circle(x_.pixel(point.x), scale.pixel(point.y), 3.5,
                            fmt::format("qd-f{}", colour_of_series), tooltip(series, point));
    }

    void draw_error_bar(const Point& point, const Scale& scale, int colour_of_series) {
        const double x = x_.pixel(point.x);
        const std::string classes = fmt::format("qd-bar qd-s{}", colour_of_series);
        svg_.line(x, scale.pixel(point.low), x, scale.pixel(point.high), classes);
        for (const double end : {point.low, point.high})
            svg_.line(x - 4, scale.pixel(end), x + 4, scale.pixel(end), classes);
    }

    static std::string tooltip(const Series& series, const Point& point) {
        std::string text = fmt::format("{}: {:.4g} at {:.4g}", series.name, point.y, point.x);
        if (std::isfinite(point.low) && std::isfinite(point.high))
            text += fmt::format(" ({:.4g} to {:.4g})", point.low, point.high);
        return text;
    }

    const LineChart& chart_;
    std::vector<std::vector<LegendEntry>> rows_;
    double top_;
    double right_;
    Svg svg_;
    Scale x_, y_, right_scale_;
};

}  // namespace

std::string to_svg(const LineChart& chart) {
    check(chart);
    return ChartDrawing(chart).draw();
}

}  // namespace qdcnn::report
