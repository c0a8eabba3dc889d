#pragma once

#include <string>
#include <vector>

namespace qdcnn::report {

enum class Align { left, right };

struct Column {
    std::string title;
    Align align = Align::left;
};

/// Cells are finished text. Every row has a cell for each column; the printers throw Error(invalid_input)
/// else.
struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;
};

/// Aligned columns two blanks apart under a rule, a line end after every line, no blanks at a line's end.
/// Widths count code points of UTF-8.
std::string to_text(const Table& table);
/// For a README: pipes inside cells are escaped.
std::string to_markdown(const Table& table);
/// RFC 4180 with a header line and "\n" as line end.
std::string to_csv(const Table& table);

/// For example "0.873"; "-" for what is not finite.
std::string format_fixed(double value, int digits = 3);
/// For example "0.801 to 0.922"; "-" when an end is not finite.
std::string format_interval(double low, double high, int digits = 3);

}  // namespace qdcnn::report
