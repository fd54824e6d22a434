// Interactions of delimited files, split a block of lines at a time in a thread of their own. Lines that are not plain
// (quotes, letters beyond ASCII, blanks around a field, a wrong number of fields or anything that is malformed) are
// left to the reader of records.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/dataset_options.h"
#include "base/util/files.h"

namespace latentcrs {

/// A line. Positions are offsets into its block.
struct PlainRow {
  uint32_t line_begin = 0, line_size = 0;
  uint32_t user_begin = 0, user_size = 0;
  uint32_t item_begin = 0, item_size = 0;
  uint64_t user_hash = 0, item_hash = 0;  ///< StringTable::hash()
  double rating = 0;
  int64_t time = 0;                     ///< microseconds since 1970
  TimeUnit unit = TimeUnit::automatic;  ///< that the time was found to have
  bool plain = false;                   ///< otherwise nothing but the line is known
};

/// What makes a line plain.
struct PlainForm {
  static constexpr int kUnread = -1;

  std::string separator;
  size_t columns = 0;                                        ///< of every line
  bool more_columns = false;                                 ///< lines may have more of them
  int user = 0, item = 0, rating = kUnread, time = kUnread;  ///< columns from 0
  TimeUnit unit = TimeUnit::automatic;                       ///< of the times
  double best_rating = std::numeric_limits<double>::infinity();
  std::string header_user;  ///< a line with this user may be a header
};

/// Splits lines. It has no state, so that several threads may use one.
class PlainRowParser {
 public:
  explicit PlainRowParser(PlainForm form);
  /// A row for each line of `text`, in order.
  void parse(std::string_view text, std::vector<PlainRow>& rows) const;

 private:
  bool parse_line(std::string_view text, PlainRow& row) const;
  bool take_rating(std::string_view text, PlainRow& row) const;
  bool take_time(std::string_view text, PlainRow& row) const;

  enum class Letter : uint8_t { plain, separator, special };

  PlainForm form_;
  std::array<Letter, 256> letters_ = {};
};

}  // namespace latentcrs
