// Small tables for terminals and Markdown.
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

/// A table whose first row is the header. Text is aligned left and numbers right; a column is numeric if every cell of
/// its body is blank, "-" or a number, possibly with a unit or an interval. Widths are columns of a terminal.
struct Table {
  std::string title;
  std::vector<std::vector<std::string>> rows;

  /// The table for a terminal, each line ended: title, header, a rule, rows.
  std::string to_text() const;
  /// The table as Markdown, with the title as a heading.
  std::string to_markdown() const;
};

}  // namespace latentcrs
