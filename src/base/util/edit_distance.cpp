#include "base/util/edit_distance.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

namespace latentcrs {

namespace {

enum class Swaps { two_edits, one_edit };

/// Row i of the table holds the distances of a's first i bytes from each beginning of b.
template <Swaps swaps>
size_t table_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1), above, above_that;
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    if constexpr (swaps == Swaps::one_edit) {
      above_that = std::move(above);
      above = row;
    }
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
      if constexpr (swaps == Swaps::one_edit)
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// A lower bound of the distance that is cheap: the bytes that one text has more of than the other.
size_t surplus(std::string_view a, std::string_view b) {
  std::array<int, 256> counts{};
  for (const unsigned char c : a) ++counts[c];
  for (const unsigned char c : b) --counts[c];
  size_t more = 0, less = 0;
  for (const int n : counts) (n > 0 ? more : less) += static_cast<size_t>(std::abs(n));
  return std::max(more, less);
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (const size_t least = surplus(a, b); least > limit) return least;
  return table_distance<Swaps::two_edits>(a, b);
}

size_t typing_distance(std::string_view a, std::string_view b) { return table_distance<Swaps::one_edit>(a, b); }

}  // namespace latentcrs
