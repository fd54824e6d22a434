// Small tables for terminals and Markdown.
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

/// First row is the header. Numbers are right-aligned (a column is numeric if every body cell is blank, "-" or a
/// number, possibly followed by a unit or an interval), text left-aligned; UTF-8 by the columns it takes on a terminal.
struct Table {
  std::string title;
  std::vector<std::vector<std::string>> rows;

  std::string to_text() const;
  std::string to_markdown() const;
};

}  // namespace latentcrs
