#include "datasets/data/row_blocks.h"

#include <utility>

namespace latentcrs {
namespace {

/// Blocks that are read ahead: one that is being filled, and one that waits.
constexpr size_t kBatchesAhead = 2;

}  // namespace

RowBlocks::RowBlocks(LineReader& lines, PlainRowParser parser) : lines_(lines), parser_(std::move(parser)) {
  current_.block.first_line = lines.line_number() + 1;
  spare_.resize(kBatchesAhead);
  thread_ = std::thread([this] { read_ahead(); });
}

RowBlocks::~RowBlocks() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RowBlocks::read_ahead() {
  std::exception_ptr failure;
  try {
    while (true) {
      Batch batch;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || !spare_.empty(); });
        if (stopped_) return;
        batch = std::move(spare_.front());
        spare_.pop_front();
      }
      if (!lines_.next_block(batch.block)) break;
      parser_.parse({batch.block.bytes.data(), batch.block.size}, batch.rows);
      {
        const std::lock_guard lock(mutex_);
        ready_.push_back(std::move(batch));
      }
      changed_.notify_all();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    at_end_ = true;
    failure_ = failure;
  }
  changed_.notify_all();
}

bool RowBlocks::refill() {
  if (row_ < current_.rows.size()) return true;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return at_end_ || !ready_.empty(); });
    if (ready_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return false;
    }
    std::swap(current_, ready_.front());
    spare_.push_back(std::move(ready_.front()));
    ready_.pop_front();
    row_ = 0;
  }
  changed_.notify_all();
  return true;
}

std::span<const PlainRow> RowBlocks::take_plain() {
  if (!refill()) return {};
  const size_t begin = row_;
  while (row_ < current_.rows.size() && current_.rows[row_].plain) ++row_;
  return std::span(current_.rows).subspan(begin, row_ - begin);
}

bool RowBlocks::next(std::string_view& line) {
  if (!refill()) return false;
  const PlainRow& row = current_.rows[row_++];
  line = text().substr(row.line_begin, row.line_size);
  return true;
}

}  // namespace latentcrs
