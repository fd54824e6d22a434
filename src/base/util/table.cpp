#include "base/util/table.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/util/text_width.h"

namespace latentcrs {

namespace {

/// Whether a cell is a number: "1,234", "12.5 %", "3.4 ms", "0.05 ± 0.01", "0.05 [0.04, 0.06]".
bool is_number(const std::string& cell) {
  std::string digits = cell;
  std::erase(digits, ',');
  const char* const first = digits.data() + (digits.starts_with('+') ? 1 : 0);
  const char* const last = digits.data() + digits.size();
  double value = 0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc{}) return false;
  std::string_view rest(end, static_cast<size_t>(last - end));
  if (rest.empty() || rest == "%") return true;
  if (rest.front() != ' ') return false;
  rest.remove_prefix(1);
  const bool one_word = rest.find(' ') == std::string_view::npos;
  return one_word || rest.starts_with("±") || rest.starts_with('[') || rest.starts_with('(');
}

bool is_empty_cell(const std::string& cell) { return cell.empty() || cell == "-"; }

struct Column {
  int width = 0;
  bool numeric = false;
};

using Row = std::vector<std::string>;

const std::string& cell_at(const Row& row, size_t column) {
  static const std::string none;
  return column < row.size() ? row[column] : none;
}

std::vector<Column> measure(const std::vector<Row>& rows) {
  std::vector<Column> columns(rows.empty() ? 0 : rows.front().size());
  for (size_t c = 0; c < columns.size(); ++c) {
    for (const Row& row : rows) columns[c].width = std::max(columns[c].width, text_width(cell_at(row, c)));
    const auto is_numeric_or_blank = [c](const Row& row) {
      return is_empty_cell(cell_at(row, c)) || is_number(cell_at(row, c));
    };
    const auto is_numeric = [c](const Row& row) { return is_number(cell_at(row, c)); };
    columns[c].numeric = std::all_of(rows.begin() + 1, rows.end(), is_numeric_or_blank) &&
                         std::any_of(rows.begin() + 1, rows.end(), is_numeric);
  }
  return columns;
}

std::string padded(const std::string& cell, const Column& column) {
  const std::string space(static_cast<size_t>(std::max(0, column.width - text_width(cell))), ' ');
  return column.numeric ? space + cell : cell + space;
}

std::string text_line(const Row& row, const std::vector<Column>& columns) {
  std::string line;
  for (size_t c = 0; c < columns.size(); ++c) line += (c == 0 ? "" : "  ") + padded(cell_at(row, c), columns[c]);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::vector<Row> escaped_for_markdown(std::vector<Row> rows) {
  for (Row& row : rows) {
    for (std::string& cell : row) {
      std::replace(cell.begin(), cell.end(), '\n', ' ');
      for (size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, 1, '\\');
    }
  }
  return rows;
}

std::string markdown_line(const Row& row, const std::vector<Column>& columns) {
  std::string line = "|";
  for (size_t c = 0; c < columns.size(); ++c) line += ' ' + padded(cell_at(row, c), columns[c]) + " |";
  return line + '\n';
}

}  // namespace

std::string Table::to_text() const {
  std::string text = title.empty() ? "" : title + '\n';
  if (rows.empty()) return text;
  const std::vector<Column> columns = measure(rows);
  int width = 2 * (static_cast<int>(columns.size()) - 1);
  for (const Column& column : columns) width += column.width;
  text += text_line(rows.front(), columns) + std::string(static_cast<size_t>(std::max(0, width)), '-') + '\n';
  for (size_t r = 1; r < rows.size(); ++r) text += text_line(rows[r], columns);
  return text;
}

std::string Table::to_markdown() const {
  std::string text = title.empty() ? "" : "### " + title + "\n\n";
  if (rows.empty()) return text;
  const std::vector<Row> cells = escaped_for_markdown(rows);
  std::vector<Column> columns = measure(cells);
  for (Column& column : columns) column.width = std::max(column.width, 3);
  text += markdown_line(cells.front(), columns) + '|';
  for (const Column& column : columns) {
    text += ' ' + std::string(static_cast<size_t>(column.width - 1), '-') + (column.numeric ? ':' : '-') + " |";
  }
  text += '\n';
  for (size_t r = 1; r < cells.size(); ++r) text += markdown_line(cells[r], columns);
  return text;
}

}  // namespace latentcrs
