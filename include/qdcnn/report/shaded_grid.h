#pragma once

#include <string>
#include <vector>

namespace qdcnn::report {

/// Pairs of the same names: cell (row, column) stands at row * names.size() + column.
struct ShadedGrid {
    struct Cell {
        /// Empty: nothing is drawn.
        std::string text;
        /// 0 (pale) to 1.
        double shade = 0.0;
    };
    std::string title;
    std::vector<std::string> names;
    std::vector<Cell> cells;
};

/// A self-contained SVG element like to_svg(LineChart). Throws Error(invalid_input): no names, another number
/// of cells.
std::string to_svg(const ShadedGrid& grid);

}  // namespace qdcnn::report
