// HTML pages without external resources, light or dark as the reader's system is, and their tables.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace latentcrs {

/// The style of all pages: colours for light and dark, texts and tables, pictures.
std::string page_style();

/// Returns the whole page. `title` is plain text, `body` HTML.
std::string html_page(const std::string& title, const std::string& body);

/// Returns plain text as a paragraph in a quieter colour, for remarks such as how to read a table.
std::string html_note(const std::string& text);

/// A legend in which the i-th name has the i-th colour (series.h); empty for fewer than two names.
std::string html_legend(const std::vector<std::string>& names);

/// A row of a table; its cells are HTML.
struct HtmlRow {
  std::vector<std::string> cells;
  bool starts_group = false;  ///< draw a line above the row
};

struct HtmlTable {
  std::string caption;            ///< plain text; may be empty
  std::vector<std::string> head;  ///< text
  size_t text_columns = 1;        ///< number of columns aligned left; the others hold numbers
  std::vector<HtmlRow> rows = {};

  /// The table as HTML, in a frame that scrolls where the window is narrower.
  std::string html() const;
};

/// Returns `inner` (HTML) below a line that folds and unfolds it.
std::string html_details(const std::string& summary, const std::string& inner);

}  // namespace latentcrs
