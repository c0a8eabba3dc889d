#include "qdcnn/report/shaded_grid.h"

#include <fmt/format.h>

#include <algorithm>

#include "qdcnn/base/error.h"
#include "report/svg.h"
#include "report/text.h"

namespace qdcnn::report {

std::string to_svg(const ShadedGrid& grid) {
    constexpr double kCell = 44;
    const std::size_t n = grid.names.size();
    if (n == 0 || grid.cells.size() != n * n)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a grid of {} names has {} cells, expected {}", n, grid.cells.size(), n * n));
    double label_width = 0.0;
    for (const std::string& name : grid.names) label_width = std::max(label_width, text_width(name));
    const double left = 24 + label_width, top = 44 + label_width, side = kCell * static_cast<double>(n);
    Svg svg(std::max(left + side + 16, 32 + text_width(grid.title, 15)), top + side + 16, grid.title);
    svg.text(16, 24, grid.title, "qd-title");
    for (std::size_t row = 0; row < n; ++row) {
        const double middle = (static_cast<double>(row) + 0.5) * kCell;
        svg.text(left - 8, top + middle + 4, grid.names[row], "", Anchor::end);
        svg.text(left + middle + 4, top - 8, grid.names[row], "", Anchor::start,
                 fmt::format("transform=\"rotate(-90 {} {})\"", coordinate(left + middle + 4),
                             coordinate(top - 8)));
        for (std::size_t column = 0; column < n; ++column) {
            const ShadedGrid::Cell& cell = grid.cells[row * n + column];
            if (cell.text.empty()) continue;
            const double x = left + static_cast<double>(column) * kCell,
                         y = top + static_cast<double>(row) * kCell;
            const double opacity = 0.05 + 0.9 * std::clamp(cell.shade, 0.0, 1.0);
            svg.rect(x + 1, y + 1, kCell - 2, kCell - 2, "qd-f0", 3,
                     fmt::format("fill-opacity=\"{}\"", coordinate(opacity)));
            svg.text(x + kCell / 2, y + kCell / 2 + 4, cell.text,
                     opacity > 0.55 ? "qd-on qd-small" : "qd-small", Anchor::middle);
        }
    }
    return svg.finish();
}

}  // namespace qdcnn::report
