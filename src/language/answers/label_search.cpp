#include "language/answers/label_search.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr size_t kWord = 64;  // rows of the table of distances that one block holds

/// The differences between neighbouring rows of a column, as bits: +1 and -1.
struct Block {
  uint64_t plus = ~uint64_t{0}, minus = 0;
};

/// Advances a block by one column. `equal`: the rows whose character is that of the column; `last`: its lowest row;
/// `carry`: by how much the row above it grew, in [-1, 1]. Returns by how much its lowest row grew.
int advance(Block& block, uint64_t equal, uint64_t last, int carry) {
  const uint64_t vertical = equal | block.minus;
  if (carry < 0) equal |= 1;
  const uint64_t diagonal = (((equal & block.plus) + block.plus) ^ block.plus) | equal;
  uint64_t grows = block.minus | ~(diagonal | block.plus), shrinks = block.plus & diagonal;
  const int out = (grows & last) != 0 ? 1 : (shrinks & last) != 0 ? -1 : 0;
  grows <<= 1;
  shrinks <<= 1;
  if (carry > 0) grows |= 1;
  if (carry < 0) shrinks |= 1;
  block.plus = shrinks | ~(vertical | grows);
  block.minus = grows & vertical;
  return out;
}

}  // namespace

/// The text that is looked for, prepared for comparisons with many labels.
struct LabelSearch::Pattern {
  size_t length = 0, blocks = 0;
  std::vector<uint64_t> rows_of;  ///< [characters, blocks]: the rows that have a character
  Histogram histogram = {};

  /// The distance from `letters` if it is at most `limit`; any larger number otherwise.
  size_t distance(const std::vector<uint16_t>& letters, size_t limit, std::vector<Block>& columns) const;
};

size_t LabelSearch::Pattern::distance(const std::vector<uint16_t>& letters, size_t limit,
                                      std::vector<Block>& columns) const {
  if (length == 0) return letters.size();
  columns.assign(blocks, Block{});
  const uint64_t end = uint64_t{1} << ((length - 1) % kWord);
  size_t distance = length;
  for (size_t j = 0; j < letters.size(); ++j) {
    const uint64_t* equal = rows_of.data() + letters[j] * blocks;
    int carry = 1;
    for (size_t b = 0; b < blocks; ++b)
      carry = advance(columns[b], equal[b], b + 1 == blocks ? end : uint64_t{1} << (kWord - 1), carry);
    distance = carry > 0 ? distance + 1 : carry < 0 ? distance - 1 : distance;
    if (distance > limit + (letters.size() - j - 1)) return distance;  // each column takes off 1 at most
  }
  return distance;
}

LabelSearch::LabelSearch(const std::vector<std::u32string>& labels) {
  if (labels.empty()) throw internal_error("there are no labels to look for");
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!exact_.emplace(labels[i], i).second) continue;  // the smaller index has it
    Label label{.index = i, .letters = {}};
    for (const char32_t c : labels[i]) {
      const auto number = numbers_.emplace(c, static_cast<uint16_t>(numbers_.size() + 1)).first->second;
      if (numbers_.size() >= std::numeric_limits<uint16_t>::max())
        throw data_error("the labels have more than 65,534 different characters");
      label.letters.push_back(number);
      uint8_t& count = label.histogram[number % kBuckets];
      count += count < std::numeric_limits<uint8_t>::max() ? 1 : 0;
    }
    if (by_length_.size() <= label.letters.size()) by_length_.resize(label.letters.size() + 1);
    by_length_[label.letters.size()].push_back(std::move(label));
  }
}

uint16_t LabelSearch::number_of(char32_t character) const {
  const auto found = numbers_.find(character);
  return found == numbers_.end() ? 0 : found->second;
}

/// Only labels of `length` characters.
void LabelSearch::try_length(const Pattern& pattern, size_t length, NearestLabel& best) const {
  thread_local std::vector<Block> columns;
  const size_t longer = std::max(length, pattern.length) - std::min(length, pattern.length);
  for (const Label& label : by_length_[length]) {
    int differences = 0;
    for (size_t i = 0; i < kBuckets; ++i)
      differences += std::abs(static_cast<int>(label.histogram[i]) - static_cast<int>(pattern.histogram[i]));
    // Half of the differences and of the lengths' difference: the characters that the one has more of than the other.
    if ((static_cast<size_t>(differences) + longer) / 2 > best.distance) continue;
    const size_t distance = pattern.distance(label.letters, best.distance, columns);
    if (distance < best.distance || (distance == best.distance && label.index < best.label))
      best = {label.index, distance};
  }
}

NearestLabel LabelSearch::nearest(std::u32string_view text) const {
  if (const auto found = exact_.find(std::u32string(text)); found != exact_.end()) return {found->second, 0};
  Pattern pattern{.length = text.size(), .blocks = (text.size() + kWord - 1) / kWord, .rows_of = {}};
  pattern.rows_of.assign((numbers_.size() + 1) * pattern.blocks, 0);
  for (size_t i = 0; i < text.size(); ++i) {
    const uint16_t number = number_of(text[i]);
    uint8_t& count = pattern.histogram[number % kBuckets];
    count += count < std::numeric_limits<uint8_t>::max() ? 1 : 0;
    if (number > 0) pattern.rows_of[number * pattern.blocks + i / kWord] |= uint64_t{1} << (i % kWord);
  }
  NearestLabel best{.label = std::numeric_limits<size_t>::max(), .distance = std::numeric_limits<size_t>::max() / 2};
  const size_t farthest = std::max(text.size(), by_length_.size());
  for (size_t away = 0; away <= farthest && away <= best.distance; ++away) {
    if (away <= text.size() && text.size() - away < by_length_.size()) try_length(pattern, text.size() - away, best);
    if (away > 0 && text.size() + away < by_length_.size()) try_length(pattern, text.size() + away, best);
  }
  return best;
}

}  // namespace latentcrs
