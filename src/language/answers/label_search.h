// The nearest of many short texts by edit distance.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace latentcrs {

struct NearestLabel {
  size_t label = 0;     ///< index into the labels
  size_t distance = 0;  ///< insertions, deletions and replacements of a character
};

/// Compares with the bit-parallel algorithm of Myers (JACM 1999), in blocks as Hyyrö (2003) gives them. Labels that
/// cannot be near, by their lengths and by how often they have each character, are passed over.
class LabelSearch {
 public:
  /// Keeps a copy of `labels`, of which there must be one at least.
  explicit LabelSearch(const std::vector<std::u32string>& labels);

  /// The label with the smallest distance to `text`; of several, the one with the smallest index. May be called from
  /// several threads at once.
  NearestLabel nearest(std::u32string_view text) const;

 private:
  static constexpr size_t kBuckets = 32;
  using Histogram = std::array<uint8_t, kBuckets>;  ///< characters by their number modulo kBuckets, at most 255 of each
  struct Label {
    size_t index = 0;
    std::vector<uint16_t> letters;  ///< numbers of characters, from 1
    Histogram histogram = {};
  };
  struct Pattern;

  uint16_t number_of(char32_t character) const;
  void try_length(const Pattern& pattern, size_t length, NearestLabel& best) const;

  std::unordered_map<char32_t, uint16_t> numbers_;  ///< of the characters that the labels have
  std::unordered_map<std::u32string, size_t> exact_;
  std::vector<std::vector<Label>> by_length_;
};

}  // namespace latentcrs
