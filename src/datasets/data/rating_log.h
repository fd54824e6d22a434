// The ratings that count, in file order, in as few bytes as their times allow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/util/page_vector.h"

namespace latentcrs {

/// One rating that counts; `user` and `item` are indices into string tables.
struct Rating {
  uint32_t user = 0;
  uint32_t item = 0;
  int64_t time = 0;
};

/// Whole numbers, held in blocks as multiples of the block's unit above its smallest one: 4 bytes each for times in
/// seconds, 6 for milliseconds, 8 at most.
class PackedTimes {
 public:
  void push_back(int64_t time) {
    open_.push_back(time);
    if (open_.size() == kBlock) close();
  }
  size_t size() const { return low_.size() + open_.size(); }
  /// Calls `take(index, time)` for every time in order, and gives their memory back on the way.
  template <class Take>
  void consume(Take take);

 private:
  static constexpr size_t kBlock = size_t{1} << 16;

  struct Block {
    int64_t base = 0;
    int64_t unit = 1;
    size_t high_begin = 0;
    size_t high_words = 0;  ///< of 16 bits, for each time
  };

  void close();

  std::vector<Block> blocks_;
  PageVector<uint32_t> low_;
  PageVector<uint16_t> high_;
  std::vector<int64_t> open_;  ///< the last ones
};

struct RatingLog {
  PageVector<uint32_t> users, items;  ///< [size()]
  PackedTimes times;

  void push_back(const Rating& rating) {
    users.push_back(rating.user);
    items.push_back(rating.item);
    times.push_back(rating.time);
  }
  size_t size() const { return users.size(); }
};

template <class Take>
void PackedTimes::consume(Take take) {
  size_t index = 0;
  for (const Block& block : blocks_) {
    size_t high = block.high_begin;
    for (const size_t end = index + kBlock; index < end; ++index) {
      uint64_t multiple = low_[index];
      for (size_t word = 0; word < block.high_words; ++word) multiple |= uint64_t{high_[high++]} << (32 + 16 * word);
      take(index,
           static_cast<int64_t>(static_cast<uint64_t>(block.base) + multiple * static_cast<uint64_t>(block.unit)));
    }
    low_.release(index);
    high_.release(high);
  }
  for (const int64_t time : open_) take(index++, time);
  *this = PackedTimes();  // clang 14 does not make the destructor for `{}` here
}

}  // namespace latentcrs
