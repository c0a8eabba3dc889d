#include "qdcnn/report/interval_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"
#include "report/scale.h"
#include "report/svg.h"

namespace qdcnn::report {
namespace {

constexpr double kRowHeight = 22, kTop = 44, kPlotWidth = 360, kBottom = 46;

void check(const IntervalPlot& plot) {
    if (plot.rows.empty())
        throw Error(ErrorKind::invalid_input, fmt::format("plot '{}' has no rows", plot.title));
    if (!(plot.low < plot.high))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("plot '{}' runs from {} to {}, expected low below high", plot.title, plot.low,
                                plot.high));
    for (const IntervalRow& row : plot.rows)
        if (!std::isfinite(row.value))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("row '{}' of plot '{}' has no finite value", row.name, plot.title));
}

double widest(const IntervalPlot& plot, std::string IntervalRow::*text) {
    double width = 0.0;
    for (const IntervalRow& row : plot.rows) width = std::max(width, text_width(row.*text));
    return width;
}

std::string tooltip(const IntervalRow& row) {
    std::string text = fmt::format("{}: {:.4g}", row.name, row.value);
    if (std::isfinite(row.low) && std::isfinite(row.high))
        text += fmt::format(" ({:.4g} to {:.4g})", row.low, row.high);
    return text;
}

}  // namespace

std::string to_svg(const IntervalPlot& plot) {
    check(plot);
    const double left = 24 + widest(plot, &IntervalRow::name), right = left + kPlotWidth;
    const double bottom = kTop + kRowHeight * static_cast<double>(plot.rows.size());
    const double width =
        std::max(right + 24 + widest(plot, &IntervalRow::note), 32 + text_width(plot.title, 15));
    Svg svg(width, bottom + kBottom, plot.title);
    svg.text(16, 24, plot.title, "qd-title");
    const Scale scale{plot.low, plot.high, nice_step(plot.low, plot.high, 6), left, right};
    const auto pixel = [&](double value) { return scale.pixel(std::clamp(value, plot.low, plot.high)); };
    for (const double tick : scale.ticks()) {
        svg.line(scale.pixel(tick), kTop, scale.pixel(tick), bottom, "qd-grid");
        svg.text(scale.pixel(tick), bottom + 16, scale.label(tick, plot.is_percent), "qd-dim",
                 Anchor::middle);
    }
    svg.line(left, bottom, right, bottom, "qd-axis");
    svg.text((left + right) / 2, bottom + 36, plot.axis, "", Anchor::middle);
    double y = kTop + kRowHeight / 2;
    for (const IntervalRow& row : plot.rows) {
        svg.text(left - 8, y + 4, row.name, "", Anchor::end);
        if (plot.has_bars) svg.rect(left, y - 6, pixel(row.value) - left, 12, "qd-f0", 2);
        if (std::isfinite(row.low) && std::isfinite(row.high)) {
            svg.line(pixel(row.low), y, pixel(row.high), y, "qd-bar qd-s0");
            for (const double end : {row.low, row.high})
                svg.line(pixel(end), y - 4, pixel(end), y + 4, "qd-bar qd-s0");
        }
        if (!plot.has_bars) svg.circle(pixel(row.value), y, 3.5, "qd-f0", tooltip(row));
        svg.text(right + 8, y + 4, row.note, "qd-dim");
        y += kRowHeight;
    }
    return svg.finish();
}

}  // namespace qdcnn::report
