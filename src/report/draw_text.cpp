#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/report/drawing.h"
#include "report/circuit_layout.h"
#include "report/text.h"

namespace qdcnn::report {
namespace {

/// Wires and the gaps between them, a line each: gap, wire, gap, wire, .. A gap is printed when something
/// crosses it.
class TextDrawing {
  public:
    TextDrawing(const CircuitLayout& layout, std::size_t width) : layout_(layout) {
        wires_ = layout.qubit_wires.size() + layout.clbit_wires.size();
        for (const auto* names : {&layout.qubit_wires, &layout.clbit_wires})
            for (const std::string& name : *names) label_width_ = std::max(label_width_, width_of(name));
        measure_columns();
        const double room =
            static_cast<double>(std::max<std::size_t>(width, label_width_ + 12) - label_width_ - 2);
        starts_ = wrap_columns(layout, {widths_.begin(), widths_.end()}, room);
    }

    std::string draw() {
        std::string text;
        for (std::size_t piece = 0; piece + 1 < starts_.size(); ++piece) {
            if (piece > 0) text += "\n";
            text += draw_piece(starts_[piece], starts_[piece + 1]);
        }
        if (layout_.left_out > 0) text += fmt::format("... and {} more operations\n", layout_.left_out);
        return text;
    }

  private:
    static std::string label_of(const Mark& mark) {
        if (mark.symbol == Symbol::delay) return mark.name + " " + mark.detail;
        const std::string pin = mark.pin.empty() ? "" : mark.pin + " ";
        return pin + mark.name + (mark.detail.empty() ? "" : "(" + mark.detail + ")");
    }

    static bool is_boxed(const Mark& mark) {
        return mark.symbol == Symbol::box || mark.symbol == Symbol::measure || mark.symbol == Symbol::reset ||
               mark.symbol == Symbol::delay;
    }

    void measure_columns() {
        widths_.assign(layout_.columns, 3);
        for (const Item& item : layout_.items) {
            std::size_t width = item.clbit_wire ? 2 * width_of(item.clbit) + 3 : 3;
            for (const Mark& mark : item.marks)
                if (is_boxed(mark)) width = std::max(width, width_of(label_of(mark)) + 4);
            widths_[item.column] = std::max(widths_[item.column], width);
        }
        for (const Frame& frame : layout_.frames) fit_label(frame);
    }

    /// A frame's label stands over its columns; what they do not give, the last one adds. Over an arm with
    /// frames inside, whose labels stand on the same line, the left edge alone makes room.
    void fit_label(const Frame& frame) {
        const std::size_t last = std::min(frame.last_column, layout_.columns - 1);
        const std::size_t wanted = width_of(frame.label) + 3;
        const bool has_inner =
            std::any_of(layout_.frames.begin(), layout_.frames.end(), [&](const Frame& other) {
                return other.depth > frame.depth && other.first_column > frame.first_column &&
                       other.first_column < frame.last_column;
            });
        std::size_t width = 0;
        const std::size_t end = has_inner ? frame.first_column : last;
        for (std::size_t column = frame.first_column; column <= end; ++column) width += widths_[column];
        if (width < wanted) widths_[end] += wanted - width;
    }

    std::size_t wire_line(std::size_t wire) const { return 2 * wire + 1; }
    bool is_clbit(std::size_t wire) const { return wire >= layout_.qubit_wires.size(); }

    std::string draw_piece(std::size_t first, std::size_t end) {
        std::size_t width = 0;
        offsets_.assign(layout_.columns + 1, 0);
        for (std::size_t column = first; column < end; ++column) {
            offsets_[column] = width;
            width += widths_[column];
        }
        grid_.assign(2 * wires_ + 1, std::u32string(width, U' '));
        for (std::size_t wire = 0; wire < wires_; ++wire)
            grid_[wire_line(wire)].assign(width, is_clbit(wire) ? U'═' : U'─');
        for (const Frame& frame : layout_.frames) draw_frame(frame, first, end);
        for (const Item& item : layout_.items)
            if (item.column >= first && item.column < end) draw_item(item);
        return print();
    }

    std::string print() const {
        std::string text;
        for (std::size_t line = 0; line < grid_.size(); ++line) {
            const bool is_wire = line % 2 == 1;
            std::u32string row = grid_[line];
            if (!is_wire && row.find_first_not_of(U' ') == std::u32string::npos) continue;
            std::string label;
            if (is_wire) {
                const std::size_t wire = line / 2;
                label = is_clbit(wire) ? layout_.clbit_wires[wire - layout_.qubit_wires.size()]
                                       : layout_.qubit_wires[wire];
            } else {
                row.erase(row.find_last_not_of(U' ') + 1);
            }
            text += std::string(label_width_ - width_of(label), ' ') + label + (is_wire ? ": " : "  ") +
                    to_utf8(row) + "\n";
        }
        return text;
    }

    void put(std::size_t line, std::size_t x, std::u32string_view what) {
        for (std::size_t k = 0; k < what.size() && x + k < grid_[line].size(); ++k)
            grid_[line][x + k] = what[k];
    }

    std::size_t centre(std::size_t column) const { return offsets_[column] + widths_[column] / 2; }

    void draw_item(const Item& item) {
        const std::size_t x = centre(item.column);
        const std::size_t top = item.marks.front().wire, bottom = item.marks.back().wire;
        const bool is_barrier = item.marks.front().symbol == Symbol::barrier;
        for (std::size_t line = wire_line(top) + 1; line < wire_line(bottom); ++line)
            if (!is_barrier) put(line, x, line % 2 == 1 ? U"┼" : U"│");
        if (item.clbit_wire) {
            const std::size_t end = wire_line(layout_.qubit_wires.size() + *item.clbit_wire);
            for (std::size_t line = wire_line(bottom) + 1; line < end; ++line) put(line, x, crossing(line));
            put(end, x, U"╩" + to_code_points(item.clbit));
        }
        for (const Mark& mark : item.marks) draw_mark(mark, x);
    }

    void draw_mark(const Mark& mark, std::size_t x) {
        const std::size_t line = wire_line(mark.wire);
        switch (mark.symbol) {
            case Symbol::control:
                put(line, x, U"●");
                return;
            case Symbol::target:
                put(line, x, U"⊕");
                return;
            case Symbol::cross:
                put(line, x, U"╳");
                return;
            case Symbol::barrier:
                put(line, x, U"░");
                return;
            case Symbol::box:
            case Symbol::measure:
            case Symbol::reset:
            case Symbol::delay: {
                const std::u32string box = U"┤" + to_code_points(label_of(mark)) + U"├";
                put(line, x - box.size() / 2, box);
            }
        }
    }

    void draw_frame(const Frame& frame, std::size_t first, std::size_t end) {
        if (frame.last_column < first || frame.first_column >= end) return;
        const auto draw_edge = [&](std::size_t x) {
            for (std::size_t line = wire_line(frame.top); line <= wire_line(frame.bottom); ++line)
                put(line, x, U"┊");
        };
        if (frame.last_column < end) draw_edge(offsets_[frame.last_column] + widths_[frame.last_column] - 2);
        if (frame.first_column < first) return;
        const std::size_t left = offsets_[frame.first_column] + 1;
        draw_edge(left);
        put(wire_line(frame.top) - 1, left, to_code_points(frame.label));
        if (frame.clbit_wires.empty()) return;
        const std::size_t last = wire_line(layout_.qubit_wires.size() + frame.clbit_wires.back());
        for (std::size_t line = wire_line(frame.bottom) + 1; line < last; ++line)
            put(line, left, crossing(line));
        for (const std::size_t wire : frame.clbit_wires)
            put(wire_line(layout_.qubit_wires.size() + wire), left, U"●");
    }

    /// A double line on its way down: through a gap, a classical wire, a qubit's wire.
    std::u32string_view crossing(std::size_t line) const {
        if (line % 2 == 0) return U"║";
        return is_clbit(line / 2) ? U"╬" : U"╫";
    }

    const CircuitLayout& layout_;
    std::size_t wires_ = 0;
    std::size_t label_width_ = 0;
    std::vector<std::size_t> widths_;
    std::vector<std::size_t> starts_;
    std::vector<std::size_t> offsets_;
    std::vector<std::u32string> grid_;
};

}  // namespace

std::string draw_text(const circuit::Circuit& circuit, const DrawingOptions& options) {
    const CircuitLayout layout = lay_out(circuit, options);
    return TextDrawing(layout, options.width == 0 ? 100 : options.width).draw();
}

}  // namespace qdcnn::report
