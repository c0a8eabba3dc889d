#pragma once

#include <string>
#include <string_view>

namespace qdcnn::report {

/// Number of distinct colours for series; classes "qd-f0".. fill and "qd-s0".. stroke with them.
inline constexpr int kSeriesColours = 6;

enum class Anchor { start, middle, end };

/// Writes one SVG element. Colours are classes of a style that each element carries itself (plain colours
/// with a prefers-color-scheme rule: converters to PNG and PDF know no CSS variables).
class Svg {
  public:
    /// title: what a screen reader says and a pointer shows.
    Svg(double width, double height, std::string_view title);

    void line(double x1, double y1, double x2, double y2, std::string_view classes);
    void rect(double x, double y, double width, double height, std::string_view classes, double radius = 0,
              std::string_view attributes = {});
    void circle(double x, double y, double radius, std::string_view classes, std::string_view tooltip = {});
    /// path: SVG path data.
    void path(std::string_view path, std::string_view classes);
    void text(double x, double y, std::string_view text, std::string_view classes,
              Anchor anchor = Anchor::start, std::string_view attributes = {});

    /// The finished element.
    std::string finish() const { return body_ + "</svg>\n"; }

  private:
    std::string body_;
};

/// Pixels that text of the charts' size takes, by guess: no font is at hand to measure with.
double text_width(std::string_view text, double font_size = 12);

}  // namespace qdcnn::report
