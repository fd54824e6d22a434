// Tab-separated tables as pandas reads and writes them (sep="\t", QUOTE_MINIMAL, LF line ends).
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// Writes one row. A field with a tab, a quote, CR or LF is quoted, quotes inside doubled.
void write_tsv_row(std::ostream& out, const std::vector<std::string_view>& fields);

/// Reads rows from a text; quoted fields may hold tabs, doubled quotes and line ends.
class TsvReader {
 public:
  /// `text` must outlive the reader (a byte order mark at its start is skipped); `name` is for messages.
  TsvReader(std::string_view text, std::string name);

  /// The next row that is not empty; false at the end. Throws Error(data) for a quote that never ends, or for
  /// text after a closing quote.
  bool next(std::vector<std::string>& fields);
  /// "name:line" of the row's first line.
  std::string where() const;

 private:
  std::string take_field();

  std::string_view text_;
  std::string name_;
  size_t position_ = 0;
  int64_t line_ = 1;
  int64_t row_line_ = 0;
};

}  // namespace latentcrs
