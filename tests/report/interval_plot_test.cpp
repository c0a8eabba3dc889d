#include "qdcnn/report/interval_plot.h"

#include <gtest/gtest.h>

#include "qdcnn/base/error.h"
#include "qdcnn/report/shaded_grid.h"

namespace qdcnn::report {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(IntervalPlotPicture, HasEveryRowWithItsFigures) {
    IntervalPlot plot{.title = "Two & more",
                      .axis = "share",
                      .rows = {{"first", 0.5, 0.25, 0.75, "half"}, {"second", 1.0}}};
    const std::string svg = to_svg(plot);
    EXPECT_TRUE(has(svg, "Two &amp; more"));
    EXPECT_TRUE(has(svg, "first: 0.5 (0.25 to 0.75)")) << svg;
    EXPECT_TRUE(has(svg, "second: 1<"));
    EXPECT_TRUE(has(svg, ">half<"));
    // A row without ends has no bar: a line and two ends of the first row only.
    std::size_t bars = 0;
    for (std::size_t at = svg.find("\"qd-bar"); at != std::string::npos; at = svg.find("\"qd-bar", at + 1))
        ++bars;
    EXPECT_EQ(bars, 3u);
    plot.rows[0].value = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(to_svg(plot), Error);
    plot.rows.clear();
    EXPECT_THROW(to_svg(plot), Error);
}

TEST(ShadedGridPicture, ShadesCellsThatHaveText) {
    ShadedGrid grid{"pairs", {"a", "b"}, {{}, {"0.01", 1.0}, {"0.01", 0.0}, {}}};
    const std::string svg = to_svg(grid);
    EXPECT_TRUE(has(svg, "fill-opacity=\"0.95\""));
    EXPECT_TRUE(has(svg, "fill-opacity=\"0.05\""));
    EXPECT_EQ(svg.find("fill-opacity=\"0.05\"", svg.find("fill-opacity=\"0.05\"") + 1), std::string::npos);
    grid.cells.pop_back();
    EXPECT_THROW(to_svg(grid), Error);
}

}  // namespace
}  // namespace qdcnn::report
