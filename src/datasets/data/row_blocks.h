// The lines of a delimited file, read and split ahead by a thread of their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "base/util/files.h"
#include "datasets/data/plain_rows.h"

namespace latentcrs {

class RowBlocks {
 public:
  /// Takes the lines that `lines` has not returned yet; only the thread uses `lines` from now on.
  RowBlocks(LineReader& lines, PlainRowParser parser);
  ~RowBlocks();
  RowBlocks(const RowBlocks&) = delete;
  RowBlocks& operator=(const RowBlocks&) = delete;

  /// The plain rows that come next in the block; empty at a line that is not plain, and at the end of the file. Valid
  /// until the next call, as text() is. Throws what reading the file threw.
  std::span<const PlainRow> take_plain();
  /// The block in which the rows lie.
  std::string_view text() const { return {current_.block.bytes.data(), current_.block.size}; }
  /// The next line, plain or not, as LineReader::next().
  bool next(std::string_view& line);
  /// Of the line taken last, from 1.
  int64_t line_number() const { return current_.block.first_line + static_cast<int64_t>(row_) - 1; }
  /// Bytes of the file up to the end of the block.
  int64_t bytes_read() const { return current_.block.bytes_read; }

 private:
  struct Batch {
    LineBlock block;
    std::vector<PlainRow> rows;
  };

  void read_ahead();
  /// Makes sure that a row is left; false at the end of the file.
  bool refill();

  LineReader& lines_;
  PlainRowParser parser_;
  Batch current_;
  size_t row_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_, spare_;  // guarded by mutex_, as are the next three
  bool at_end_ = false;
  bool stopped_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace latentcrs
