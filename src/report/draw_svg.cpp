#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/report/drawing.h"
#include "report/circuit_layout.h"
#include "report/svg.h"
#include "report/text.h"

namespace qdcnn::report {
namespace {

constexpr double kRow = 44;
constexpr double kBox = 30;
constexpr double kTop = 44;
/// Above the first wire of each piece: labels of frames.
constexpr double kHead = 26;
constexpr double kPieceGap = 22;
constexpr double kMargin = 16;

class SvgDrawing {
  public:
    SvgDrawing(const CircuitLayout& layout, const std::string& title, double width)
        : layout_(layout), title_(title), wires_(layout.qubit_wires.size() + layout.clbit_wires.size()) {
        for (const auto* names : {&layout.qubit_wires, &layout.clbit_wires})
            for (const std::string& name : *names) label_width_ = std::max(label_width_, text_width(name));
        left_ = kMargin + label_width_ + 10;
        measure_columns();
        starts_ = wrap_columns(layout, widths_, std::max(width - left_ - kMargin - 12, 120.0));
    }

    std::string draw() {
        double inner = 0;
        for (std::size_t piece = 0; piece + 1 < starts_.size(); ++piece) {
            double used = 0;
            for (std::size_t column = starts_[piece]; column < starts_[piece + 1]; ++column)
                used += widths_[column];
            inner = std::max(inner, used);
        }
        const auto pieces = static_cast<double>(starts_.size() - 1);
        const double piece_height = kHead + kRow * static_cast<double>(wires_) + kPieceGap;
        const double note = layout_.left_out > 0 ? 22 : 0;
        const std::string more = fmt::format("… and {} more operations", layout_.left_out);
        width_ = std::max({left_ + inner + 12 + kMargin, 2 * kMargin + text_width(title_, 15),
                           note > 0 ? text_width(more) + 32 : 0});
        const double height = kTop + pieces * piece_height - kPieceGap + note + 6;
        Svg svg(width_, height, title_);
        svg.text(kMargin, 24, title_, "qd-title");
        for (std::size_t piece = 0; piece + 1 < starts_.size(); ++piece) {
            top_ = kTop + static_cast<double>(piece) * piece_height + kHead;
            draw_piece(svg, starts_[piece], starts_[piece + 1]);
        }
        if (note > 0) svg.text(kMargin, height - 12, more, "qd-dim");
        return svg.finish();
    }

  private:
    static double box_width(const Mark& mark) {
        const double detail = mark.detail.empty() ? 0 : text_width(mark.detail, 10);
        const double pins = mark.pin.empty() ? 0 : 14;
        return std::max({kBox, text_width(mark.name) + 14 + 2 * pins, detail + 12 + 2 * pins});
    }

    void measure_columns() {
        widths_.assign(layout_.columns, 22);
        for (const Item& item : layout_.items)
            for (const Mark& mark : item.marks) {
                const bool is_boxed = mark.symbol == Symbol::box || mark.symbol == Symbol::delay ||
                                      mark.symbol == Symbol::measure || mark.symbol == Symbol::reset;
                if (is_boxed) widths_[item.column] = std::max(widths_[item.column], box_width(mark) + 12);
                if (mark.symbol == Symbol::target || mark.symbol == Symbol::cross)
                    widths_[item.column] = std::max(widths_[item.column], 34.0);
            }
        for (const Frame& frame : layout_.frames) fit_label(frame);
    }

    /// As in the text drawing: the columns make room for the label above them, the left edge alone where
    /// frames inside have labels too.
    void fit_label(const Frame& frame) {
        const std::size_t last = std::min(frame.last_column, layout_.columns - 1);
        const bool has_inner =
            std::any_of(layout_.frames.begin(), layout_.frames.end(), [&](const Frame& other) {
                return other.depth > frame.depth && other.first_column > frame.first_column &&
                       other.first_column < frame.last_column;
            });
        const std::size_t end = has_inner ? frame.first_column : last;
        double width = 0;
        for (std::size_t column = frame.first_column; column <= end; ++column) width += widths_[column];
        const double wanted = text_width(frame.label) + 18;
        if (width < wanted) widths_[end] += wanted - width;
    }

    double y_of(std::size_t wire) const { return top_ + kRow * (static_cast<double>(wire) + 0.5); }
    double y_of_clbit(std::size_t clbit_wire) const { return y_of(layout_.qubit_wires.size() + clbit_wire); }
    double centre(std::size_t column) const { return offsets_[column] + widths_[column] / 2; }

    void draw_piece(Svg& svg, std::size_t first, std::size_t end) {
        offsets_.assign(layout_.columns + 1, 0);
        double x = left_;
        for (std::size_t column = first; column < end; ++column) {
            offsets_[column] = x;
            x += widths_[column];
        }
        right_ = x + 12;
        for (std::size_t wire = 0; wire < wires_; ++wire) {
            const bool is_clbit = wire >= layout_.qubit_wires.size();
            svg.text(
                left_ - 10, y_of(wire) + 4,
                is_clbit ? layout_.clbit_wires[wire - layout_.qubit_wires.size()] : layout_.qubit_wires[wire],
                is_clbit ? "qd-dim" : "", Anchor::end);
            if (is_clbit) {
                for (const double shift : {-1.5, 1.5})
                    svg.line(left_, y_of(wire) + shift, right_, y_of(wire) + shift, "qd-wire");
            } else {
                svg.line(left_, y_of(wire), right_, y_of(wire), "qd-wire");
            }
        }
        for (const Frame& frame : layout_.frames) draw_frame(svg, frame, first, end);
        for (const Item& item : layout_.items)
            if (item.column >= first && item.column < end) draw_item(svg, item);
    }

    void draw_frame(Svg& svg, const Frame& frame, std::size_t first, std::size_t end) {
        if (frame.last_column < first || frame.first_column >= end) return;
        // An arm that goes on in the next piece runs out of the picture's edge.
        const bool starts_here = frame.first_column >= first, ends_here = frame.last_column < end;
        const double left = starts_here ? offsets_[frame.first_column] + 6 : left_ - 4;
        const double right =
            ends_here ? offsets_[frame.last_column] + widths_[frame.last_column] - 6 : right_;
        const double inset = 3 * static_cast<double>(frame.depth);
        const double top = y_of(frame.top) - kRow / 2 + inset, bottom = y_of(frame.bottom) + kRow / 2 - inset;
        svg.rect(left, top, right - left, bottom - top, "qd-frame", 4);
        if (!starts_here) return;
        svg.text(left + 2, top - 5, frame.label, "qd-framed");
        if (frame.clbit_wires.empty()) return;
        const double x = left + 8;
        for (const double shift : {-1.5, 1.5})
            svg.line(x + shift, bottom, x + shift, y_of_clbit(frame.clbit_wires.back()), "qd-frameline");
        for (const std::size_t wire : frame.clbit_wires) svg.circle(x, y_of_clbit(wire), 4, "qd-framedot");
    }

    static bool is_contiguous(const Item& item) {
        return item.marks.back().wire - item.marks.front().wire + 1 == item.marks.size();
    }

    void draw_item(Svg& svg, const Item& item) {
        const double x = centre(item.column);
        const Mark& first = item.marks.front();
        const Mark& last = item.marks.back();
        if (first.symbol == Symbol::barrier) {
            for (const Mark& mark : item.marks)
                svg.rect(x - 4, y_of(mark.wire) - kRow / 2, 8, kRow, "qd-barrier");
            return;
        }
        if (item.clbit_wire) draw_measure_line(svg, item, x);
        const bool is_all_boxes = std::all_of(item.marks.begin(), item.marks.end(),
                                              [](const Mark& mark) { return mark.symbol == Symbol::box; });
        if (item.marks.size() > 1 && is_all_boxes && is_contiguous(item)) {
            draw_tall_box(svg, item, x);
            return;
        }
        if (item.marks.size() > 1) svg.line(x, y_of(first.wire), x, y_of(last.wire), "qd-link");
        for (const Mark& mark : item.marks) draw_mark(svg, mark, x);
    }

    void draw_measure_line(Svg& svg, const Item& item, double x) {
        const double end = y_of_clbit(*item.clbit_wire);
        for (const double shift : {-1.5, 1.5})
            svg.line(x + shift, y_of(item.marks.front().wire), x + shift, end - 7, "qd-wire");
        svg.path(fmt::format("M{0} {1}L{2} {1}L{3} {4}Z", coordinate(x - 5), coordinate(end - 8),
                             coordinate(x + 5), coordinate(x), coordinate(end - 1)),
                 "qd-arrow");
        svg.text(x + 7, end + 15, item.clbit, "qd-dim qd-small");
    }

    void draw_tall_box(Svg& svg, const Item& item, double x) {
        const Mark& mark = item.marks.front();
        const double width = box_width(mark), top = y_of(mark.wire) - kBox / 2;
        const double height = y_of(item.marks.back().wire) + kBox / 2 - top;
        svg.rect(x - width / 2, top, width, height, "qd-box", 4);
        for (const Mark& pin : item.marks)
            if (!pin.pin.empty()) svg.text(x - width / 2 + 5, y_of(pin.wire) + 4, pin.pin, "qd-dim qd-small");
        draw_label(svg, mark, x, top + height / 2);
    }

    static void draw_label(Svg& svg, const Mark& mark, double x, double y) {
        svg.text(x, mark.detail.empty() ? y + 4 : y - 1, mark.name, "", Anchor::middle);
        if (!mark.detail.empty()) svg.text(x, y + 11, mark.detail, "qd-dim qd-small", Anchor::middle);
    }

    void draw_mark(Svg& svg, const Mark& mark, double x) {
        const double y = y_of(mark.wire);
        switch (mark.symbol) {
            case Symbol::control:
                svg.circle(x, y, 4.5, "qd-dot");
                return;
            case Symbol::target:
                svg.circle(x, y, 10, "qd-box");
                svg.line(x - 10, y, x + 10, y, "qd-link");
                svg.line(x, y - 10, x, y + 10, "qd-link");
                return;
            case Symbol::cross:
                svg.path(fmt::format("M{0} {2}L{1} {3}M{0} {3}L{1} {2}", coordinate(x - 6), coordinate(x + 6),
                                     coordinate(y - 6), coordinate(y + 6)),
                         "qd-line qd-link");
                return;
            case Symbol::barrier:
                return;
            case Symbol::measure:
                svg.rect(x - kBox / 2, y - kBox / 2, kBox, kBox, "qd-plain", 4);
                svg.path(fmt::format("M{} {}A9 9 0 0 1 {} {}", coordinate(x - 9), coordinate(y + 6),
                                     coordinate(x + 9), coordinate(y + 6)),
                         "qd-needle");
                svg.line(x, y + 6, x + 7, y - 8, "qd-ink");
                return;
            case Symbol::box:
            case Symbol::reset:
            case Symbol::delay: {
                const double width = box_width(mark);
                svg.rect(x - width / 2, y - kBox / 2, width, kBox,
                         mark.symbol == Symbol::box ? "qd-box" : "qd-plain", 4);
                if (!mark.pin.empty()) svg.text(x - width / 2 + 5, y + 4, mark.pin, "qd-dim qd-small");
                draw_label(svg, mark, x, y);
            }
        }
    }

    const CircuitLayout& layout_;
    const std::string& title_;
    std::size_t wires_;
    double label_width_ = 0;
    double left_ = 0;
    double right_ = 0;
    double width_ = 0;
    double top_ = 0;
    std::vector<double> widths_;
    std::vector<std::size_t> starts_;
    std::vector<double> offsets_;
};

}  // namespace

std::string draw_svg(const circuit::Circuit& circuit, const std::string& title,
                     const DrawingOptions& options) {
    const CircuitLayout layout = lay_out(circuit, options);
    return SvgDrawing(layout, title, options.width == 0 ? 900 : static_cast<double>(options.width)).draw();
}

}  // namespace qdcnn::report
