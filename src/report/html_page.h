// HTML pages without external resources, light or dark as the reader's system is, and their tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// The number of distinct colours, which people with the common colour blindnesses can tell apart; further series
/// repeat them.
inline constexpr size_t kSeriesColours = 8;
/// "s0" … "s7": the class that gives an element (text, fill and stroke) the colour of series `index`; "rest" for an
/// element without a colour of its own.
std::string series_class(std::optional<size_t> series);

/// Returns the whole page. `title` is plain text, `body` HTML.
std::string html_page(const std::string& title, const std::string& body);

/// Returns plain text as a paragraph in a quieter colour, for remarks such as how to read a table.
std::string html_note(const std::string& text);

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
