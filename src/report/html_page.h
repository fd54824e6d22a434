// A page that needs nothing but itself, light or dark as the reader's system is, and its tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// Colours that people with the common colour blindnesses can tell apart too; from there on they repeat.
inline constexpr size_t kSeriesColours = 8;
/// "s0" … "s7": the class that gives an element the colour of a run or an intent, as text, fill and stroke; "rest" for
/// what has none of its own.
std::string series_class(std::optional<size_t> series);

/// The whole page. `title` is text, `body` HTML.
std::string html_page(const std::string& title, const std::string& body);

/// Text as a paragraph in a quieter colour: what is missing, how to read a table.
std::string html_note(const std::string& text);

/// A row of a table; cells are HTML.
struct HtmlRow {
  std::vector<std::string> cells;
  bool starts_group = false;  ///< a line above it
};

struct HtmlTable {
  std::string caption;            ///< text; may be empty
  std::vector<std::string> head;  ///< text
  size_t text_columns = 1;        ///< aligned left; the others hold numbers
  std::vector<HtmlRow> rows = {};

  /// The table in a frame that scrolls where the window is narrower.
  std::string html() const;
};

/// `inner` (HTML) below a line that opens it.
std::string html_details(const std::string& summary, const std::string& inner);

}  // namespace latentcrs
