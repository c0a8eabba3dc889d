#include "qdcnn/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "qdcnn/base/error.h"
#include "report/text.h"

namespace qdcnn::report {
namespace {

void check(const Table& table) {
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        if (table.rows[row].size() != table.columns.size())
            throw Error(ErrorKind::invalid_input, fmt::format("table row {} has {} cells, expected {}", row,
                                                              table.rows[row].size(), table.columns.size()));
}

std::vector<std::string> titles(const Table& table) {
    std::vector<std::string> cells;
    for (const Column& column : table.columns) cells.push_back(column.title);
    return cells;
}

std::string quoted(const std::string& cell) {
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string text = "\"";
    for (const char c : cell) {
        if (c == '"') text += '"';
        text += c;
    }
    return text + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column)
        line += (column == 0 ? "" : ",") + quoted(cells[column]);
    return line + "\n";
}

std::string markdown_line(const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) {
        line += ' ';
        for (const char c : cell) line += c == '|' ? std::string("\\|") : std::string(1, c);
        line += " |";
    }
    return line + "\n";
}

}  // namespace

std::string to_text(const Table& table) {
    check(table);
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        std::size_t width = width_of(table.columns[column].title);
        for (const auto& row : table.rows) width = std::max(width, width_of(row[column]));
        widths.push_back(width);
    }
    std::string text;
    const auto add_line = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t column = 0; column < cells.size(); ++column) {
            const std::string padding(widths[column] - width_of(cells[column]), ' ');
            if (column > 0) line += "  ";
            line += table.columns[column].align == Align::left ? cells[column] + padding
                                                               : padding + cells[column];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    add_line(titles(table));
    std::vector<std::string> rule;
    for (const std::size_t width : widths) rule.emplace_back(width, '-');
    add_line(rule);
    for (const auto& row : table.rows) add_line(row);
    return text;
}

std::string to_markdown(const Table& table) {
    check(table);
    std::string text = markdown_line(titles(table)) + "|";
    for (const Column& column : table.columns) text += column.align == Align::left ? "---|" : "---:|";
    text += "\n";
    for (const auto& row : table.rows) text += markdown_line(row);
    return text;
}

std::string to_csv(const Table& table) {
    check(table);
    std::string text = csv_line(titles(table));
    for (const auto& row : table.rows) text += csv_line(row);
    return text;
}

std::string format_fixed(double value, int digits) {
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-";
}

std::string format_interval(double low, double high, int digits) {
    if (!std::isfinite(low) || !std::isfinite(high)) return "-";
    return fmt::format("{:.{}f} to {:.{}f}", low, digits, high, digits);
}

}  // namespace qdcnn::report
