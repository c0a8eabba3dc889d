#include "qdcnn/report/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <regex>

#include "qdcnn/base/error.h"
#include "report/scale.h"
#include "report/xml_check.h"

namespace qdcnn::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Circle {
    double x, y;
};

std::vector<Circle> marks(const std::string& svg) {
    const std::regex circle("<circle class=\"qd-f\\d\" cx=\"([\\d.]+)\" cy=\"([\\d.]+)\"");
    std::vector<Circle> found;
    for (std::sregex_iterator match(svg.begin(), svg.end(), circle), end; match != end; ++match)
        found.push_back({std::stod((*match)[1]), std::stod((*match)[2])});
    return found;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

LineChart example() {
    LineChart chart{
        "Accuracy & noise", {.label = "scale"}, {.label = "accuracy", .is_percent = true}, {}, {}};
    chart.series.push_back(
        {"<model>", {{0, 0.9, 0.85, 0.95}, {1, 0.8, 0.7, 0.85}, {2, 0.6, 0.5, 0.7}, {4, 0.7}}});
    return chart;
}

TEST(Chart, PutsPointsWhereTheirValuesAre) {
    const auto found = marks(to_svg(example()));
    ASSERT_EQ(found.size(), 4u);
    EXPECT_LT(found[0].y, found[1].y) << "higher accuracy is higher up";
    EXPECT_LT(found[1].y, found[3].y);
    EXPECT_LT(found[3].y, found[2].y);
    // Linear in both directions: 0.9 to 0.8 is as far as 0.8 to 0.7, 0 to 1 as 1 to 2, half of 2 to 4.
    EXPECT_NEAR(found[1].y - found[0].y, found[3].y - found[1].y, 0.02);
    EXPECT_NEAR(found[1].x - found[0].x, found[2].x - found[1].x, 0.02);
    EXPECT_NEAR(2 * (found[1].x - found[0].x), found[3].x - found[2].x, 0.03);
}

TEST(Chart, DrawsErrorBarsFromEndToEnd) {
    const std::string svg = to_svg(example());
    EXPECT_EQ(count(svg, "class=\"qd-bar qd-s0\""), 9u) << "three lines for each of three bars";
    const std::regex bar(
        "<line class=\"qd-bar qd-s0\" x1=\"([\\d.]+)\" y1=\"([\\d.]+)\" x2=\"([\\d.]+)\" y2=\"([\\d.]+)\"");
    std::smatch match;
    ASSERT_TRUE(std::regex_search(svg, match, bar));
    const auto points = marks(svg);
    EXPECT_DOUBLE_EQ(std::stod(match[1]), points[0].x);
    // 0.85 to 0.95 around 0.9.
    EXPECT_NEAR(std::stod(match[2]) - points[0].y, points[0].y - std::stod(match[4]), 0.02);
    EXPECT_NEAR(std::stod(match[2]) - points[0].y, (points[1].y - points[0].y) / 2, 0.02);
}

TEST(Chart, IsWellFormedAndEscapesText) {
    const std::string svg = to_svg(example());
    EXPECT_EQ(test::xml_problem(svg), "");
    EXPECT_NE(svg.find("Accuracy &amp; noise"), std::string::npos);
    EXPECT_NE(svg.find("&lt;model&gt;: 0.9 at 0 (0.85 to 0.95)"), std::string::npos);
    EXPECT_EQ(svg.find("<model>"), std::string::npos);
}

TEST(Chart, HasASecondScaleOnTheRight) {
    LineChart chart = example();
    chart.right = Axis{.label = "loss"};
    chart.series.push_back({.name = "loss", .points = {{0, 0}, {4, 2}}, .is_on_right_axis = true});
    const auto found = marks(to_svg(chart));
    ASSERT_EQ(found.size(), 6u);
    // The right scale's ends are the plot's ends, whatever the left one says.
    EXPECT_GT(found[4].y, found[2].y);
    EXPECT_LT(found[5].y, found[0].y + 0.01);
    EXPECT_NE(to_svg(chart).find("loss (right)"), std::string::npos);
}

TEST(Chart, DrawsAReferenceWithoutMarks) {
    LineChart chart = example();
    chart.series.push_back({.name = "majority", .points = {{0, 0.5}, {4, 0.5}}, .is_reference = true});
    const std::string svg = to_svg(chart);
    EXPECT_EQ(marks(svg).size(), 4u);
    EXPECT_NE(svg.find("<path class=\"qd-ref\""), std::string::npos);
}

TEST(Chart, InterruptsTheLineWhereAValueIsMissing) {
    LineChart chart = example();
    chart.series[0].points[1].y = kNan;
    const std::string svg = to_svg(chart);
    EXPECT_EQ(marks(svg).size(), 3u);
    std::smatch match;
    ASSERT_TRUE(std::regex_search(svg, match, std::regex("<path class=\"qd-line qd-s0\" d=\"([^\"]*)\"")));
    EXPECT_EQ(count(match[1], "M"), 2u);
}

TEST(Chart, RefusesWhatItCannotDraw) {
    const auto fails = [](const std::string& telling, const std::function<void(LineChart&)>& spoil) {
        LineChart chart = example();
        spoil(chart);
        try {
            to_svg(chart);
            ADD_FAILURE() << "drawn, but expected: " << telling;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
            EXPECT_NE(std::string(error.what()).find(telling), std::string::npos) << error.what();
        }
    };
    fails("no finite point", [](LineChart& chart) { chart.series.clear(); });
    fails("no finite point", [](LineChart& chart) { chart.series[0].points = {{0, kNan}}; });
    fails("not finite: x = inf", [](LineChart& chart) { chart.series[0].points[0].x = INFINITY; });
    fails("low below high", [](LineChart& chart) { chart.y.low = 2, chart.y.high = 1; });
    fails("on the right axis", [](LineChart& chart) { chart.series[0].is_on_right_axis = true; });
}

TEST(Chart, DrawsOnePointAndFlatLines) {
    for (const double y : {0.0, 0.5, -3.0}) {
        LineChart chart{"t", {}, {}, {}, {{"s", {{1, y}}}}};
        const auto found = marks(to_svg(chart));
        ASSERT_EQ(found.size(), 1u);
        EXPECT_TRUE(std::isfinite(found[0].x) && std::isfinite(found[0].y));
    }
}

TEST(Scale, TicksAreRoundNumbers) {
    EXPECT_DOUBLE_EQ(nice_step(0, 1, 5), 0.2);
    EXPECT_DOUBLE_EQ(nice_step(0, 4, 8), 0.5);
    EXPECT_DOUBLE_EQ(nice_step(0, 300, 8), 50);
    const Scale scale{0, 0.5, 0.1, 0, 100};
    const auto ticks = scale.ticks();
    ASSERT_EQ(ticks.size(), 6u);
    EXPECT_EQ(scale.label(ticks[3], false), "0.3");
    EXPECT_EQ(scale.label(ticks[3], true), "30 %");
    EXPECT_EQ((Scale{0, 0.02, 0.005, 0, 1}.label(0.015, true)), "1.5 %");
    EXPECT_EQ((Scale{0, 20, 5, 0, 1}.label(15, false)), "15");
}

TEST(Chart, PercentsEndAtAHundred) {
    LineChart chart = example();
    chart.series[0].points[0].high = 1.0;
    const std::string svg = to_svg(chart);
    EXPECT_NE(svg.find(">100 %<"), std::string::npos);
    EXPECT_EQ(svg.find(">110 %<"), std::string::npos);
    EXPECT_EQ(svg.find(">120 %<"), std::string::npos);
}

}  // namespace
}  // namespace qdcnn::report
