// Reads a raw dataset file line by line: it shows progress, can be interrupted, and limits malformed lines.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/util/files.h"
#include "base/util/progress.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/row_blocks.h"

namespace latentcrs {

inline constexpr double kMalformedShareAccepted = 0.01;

/// Whether `count` of `all` faults are too many where `accepted` is the share that passes; ten pass unless it is 0.
bool too_many(int64_t count, int64_t all, double accepted);

class RawReader {
 public:
  /// `expected` completes the message "this does not look like …"; `accepted` is the share of lines that may be
  /// malformed. Ten of them always may, unless it is 0.
  RawReader(const fs::path& path, std::string expected, double accepted = kMalformedShareAccepted);

  /// The next line that is not blank, valid until the next call. At the end of the file, throws Error(data) if too many
  /// lines were malformed or the file is empty, and returns false.
  bool next(std::string_view& line);
  /// In the place of next() for a file of rows instead of lines: counts the next row.
  void begin_row();
  /// After the last row: throws as next() does at the end of the file.
  void end_rows() const { check_end(); }
  /// Counts the line last returned as malformed. Throws Error(data) if most of the first 1000 lines are.
  void malformed(const std::string& reason) { malformed(reason, report_.lines); }
  /// The same for all lines from number `first` to the one last returned.
  void malformed(const std::string& reason, int64_t first);
  /// Reads on in blocks: the next lines come from next_plain() and, where it gives none, from next().
  void read_in_blocks(PlainRowParser parser);
  /// As RowBlocks::take_plain().
  std::span<const PlainRow> next_plain();
  const RowBlocks& blocks() const { return *blocks_; }
  /// Counts the line last returned as one in which half of a surrogate pair was replaced.
  void repaired() { ++report_.repaired; }
  const MalformedLines& report() const { return report_; }
  /// Of the line last returned.
  int64_t line_number() const { return report_.lines; }
  std::string where() const;
  const std::string& expected() const { return expected_; }

 private:
  void check_end() const;
  /// Shows the progress.
  void count_lines(int64_t line_number);
  bool most_are_malformed(int64_t lines) const;
  [[noreturn]] void throw_looks_wrong() const;

  std::string name_;
  std::string expected_;
  double accepted_;
  LineReader reader_;
  Progress progress_;
  MalformedLines report_;
  int64_t malformed_records_ = 0;  ///< an open quote makes one malformed record of many lines
  std::unique_ptr<RowBlocks> blocks_;
};

void add_malformed(MalformedLines& report, int64_t line, const std::string& reason, int64_t count = 1);

/// Throws Error(data) at `where` unless `rating` lies in [0, 5].
void check_rating(double rating, const RawReader& reader);

}  // namespace latentcrs
