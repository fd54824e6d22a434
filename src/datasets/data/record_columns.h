// The columns of a delimited file: its separator, its header, and where the wanted fields are.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/record_reader.h"

namespace latentcrs {

/// "User ID", "user_id" and "userId" are one name.
bool is_same_name(std::string_view a, std::string_view b);

class LineSplitter {
 public:
  LineSplitter(std::string separator, Quoting quoting) : separator_(std::move(separator)), quoting_(quoting) {}
  /// The fields of a line, in the order of its columns, valid until the next call; false for a quote that is not
  /// closed.
  bool split(std::string_view line, std::vector<std::string_view>& fields);
  const std::string& separator() const { return separator_; }

 private:
  bool split_as(Quoting quoting, std::string_view line, std::vector<std::string_view>& fields);
  bool take_quoted(Quoting quoting, std::string_view& rest, std::vector<std::string_view>& fields);
  void split_at_blanks(std::string_view line, std::vector<std::string_view>& fields) const;

  std::string separator_;
  Quoting quoting_;
  std::deque<std::string> unquoted_;  // its texts do not move when it grows
  size_t used_ = 0;
  bool text_after_quote_ = false;  // in the line that was split last
};

/// The separators that are looked for.
inline constexpr std::array<std::string_view, 5> kSeparators = {"\t", ";", "|", "::", ","};

/// The separator that occurs in `header`; throws Error(data) at `where` if none or several fit.
std::string find_separator(std::string_view header, const std::string& where);
/// The same for a line of data, in whose texts weaker separators may stand: the first of tab :: ; | and comma.
std::string find_separator_of_data(std::string_view line, const std::string& where);

struct RecordColumns {
  static constexpr int kAbsent = -1;
  static constexpr int kFlags = -2;
  std::vector<std::string> names;   ///< of the columns
  std::vector<std::string> header;  ///< its fields as they stand there; empty without one
  std::vector<int> indices;         ///< [wanted] column from 0, kAbsent or kFlags
  bool has_header = false;          ///< the first line is no record
  bool any_length = false;          ///< columns are given by number, and lines may have more of them
};

/// Finds the wanted fields among the fields of the first line. Throws Error(data) at `where` for a required field that
/// is no column, and for one that two columns fit.
RecordColumns find_record_columns(const std::vector<std::string_view>& first_line, const RecordForm& form,
                                  const std::vector<WantedField>& wanted, const std::string& where);

}  // namespace latentcrs
