#include "report/svg.h"

#include <fmt/format.h>

#include "report/text.h"

namespace qdcnn::report {
namespace {

// Six colours that stay apart for colour-blind readers and keep 4.5:1 on both backgrounds.
constexpr std::string_view kStyle = R"(<style>
.qd{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;font-size:12px}
.qd text{fill:#24292f}.qd .qd-dim{fill:#5c656f}.qd .qd-title{font-size:14px;font-weight:600}.qd .qd-small{font-size:10px}
.qd .qd-on{fill:#ffffff}.qd .qd-mono{font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace}
.qd-bg{fill:#ffffff}.qd-grid{stroke:#e4e7eb}.qd-axis{stroke:#9aa3ad}.qd-wire{stroke:#8a939d}.qd-ink{stroke:#24292f}
.qd-box{fill:#eef4fc;stroke:#1f66b3}.qd-plain{fill:#f4f5f7;stroke:#6b7580}.qd-dot{fill:#1f66b3}.qd-link{stroke:#1f66b3}
.qd-needle{fill:none;stroke:#24292f}
.qd-frame{fill:#8a5cd0;fill-opacity:.07;stroke:#8a5cd0;stroke-dasharray:4 3}.qd-frameline{stroke:#8a5cd0}
.qd text.qd-framed{fill:#6f42b5}.qd-framedot{fill:#8a5cd0}.qd-barrier{fill:#9aa3ad;fill-opacity:.35}.qd-arrow{fill:#8a939d}
.qd-line{fill:none;stroke-width:2;stroke-linejoin:round}.qd-bar{stroke-opacity:.55}.qd-ref{stroke:#6b7580;stroke-dasharray:6 4;fill:none;stroke-width:1.5}
.qd-s0{stroke:#1f66b3}.qd-f0{fill:#1f66b3}.qd-s1{stroke:#b8500b}.qd-f1{fill:#b8500b}.qd-s2{stroke:#147a5a}.qd-f2{fill:#147a5a}
.qd-s3{stroke:#8a3fb0}.qd-f3{fill:#8a3fb0}.qd-s4{stroke:#a8323f}.qd-f4{fill:#a8323f}.qd-s5{stroke:#6b5b1e}.qd-f5{fill:#6b5b1e}
@media (prefers-color-scheme:dark){
.qd text{fill:#e3e7eb}.qd .qd-dim{fill:#a2abb5}.qd .qd-on{fill:#0f1318}
.qd-bg{fill:#14181d}.qd-grid{stroke:#2a3038}.qd-axis{stroke:#69727d}.qd-wire{stroke:#7b858f}.qd-ink,.qd-needle{stroke:#e3e7eb}
.qd-box{fill:#1b2a3c;stroke:#76b4f7}.qd-plain{fill:#22272e;stroke:#8f99a4}.qd-dot{fill:#76b4f7}.qd-link{stroke:#76b4f7}
.qd-frame{fill:#b895f0;stroke:#b895f0}.qd-frameline{stroke:#b895f0}.qd text.qd-framed{fill:#c9aef5}.qd-framedot{fill:#b895f0}
.qd-ref{stroke:#9aa3ad}
.qd-s0{stroke:#76b4f7}.qd-f0{fill:#76b4f7}.qd-s1{stroke:#f5a261}.qd-f1{fill:#f5a261}.qd-s2{stroke:#5ecfa6}.qd-f2{fill:#5ecfa6}
.qd-s3{stroke:#d29cf2}.qd-f3{fill:#d29cf2}.qd-s4{stroke:#f58f98}.qd-f4{fill:#f58f98}.qd-s5{stroke:#d6c178}.qd-f5{fill:#d6c178}
}
</style>
)";

std::string_view anchor_name(Anchor anchor) {
    switch (anchor) {
        case Anchor::start:
            return "start";
        case Anchor::middle:
            return "middle";
        case Anchor::end:
            return "end";
    }
    return "start";
}

std::string spaced(std::string_view attributes) {
    return attributes.empty() ? "" : fmt::format(" {}", attributes);
}

}  // namespace

Svg::Svg(double width, double height, std::string_view title) {
    body_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qd\" role=\"img\" viewBox=\"0 0 {0} {1}\" "
        "width=\"{0}\" "
        "height=\"{1}\">\n<title>{2}</title>\n{3}<rect class=\"qd-bg\" width=\"{0}\" height=\"{1}\"/>\n",
        coordinate(width), coordinate(height), escape(title), kStyle);
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes) {
    body_ += fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", classes,
                         coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2));
}

void Svg::rect(double x, double y, double width, double height, std::string_view classes, double radius,
               std::string_view attributes) {
    body_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}{}/>\n", classes,
                         coordinate(x), coordinate(y), coordinate(width), coordinate(height),
                         radius > 0 ? fmt::format(" rx=\"{}\"", coordinate(radius)) : "", spaced(attributes));
}

void Svg::circle(double x, double y, double radius, std::string_view classes, std::string_view tooltip) {
    body_ += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"", classes, coordinate(x),
                         coordinate(y), coordinate(radius));
    body_ += tooltip.empty() ? "/>\n" : fmt::format("><title>{}</title></circle>\n", escape(tooltip));
}

void Svg::path(std::string_view path, std::string_view classes) {
    body_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", classes, path);
}

void Svg::text(double x, double y, std::string_view text, std::string_view classes, Anchor anchor,
               std::string_view attributes) {
    body_ += fmt::format("<text{} x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n",
                         classes.empty() ? "" : fmt::format(" class=\"{}\"", classes), coordinate(x),
                         coordinate(y), anchor_name(anchor), spaced(attributes), escape(text));
}

double text_width(std::string_view text, double font_size) {
    return 0.58 * font_size * static_cast<double>(width_of(text));
}

}  // namespace qdcnn::report
