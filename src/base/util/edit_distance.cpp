#include "base/util/edit_distance.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

namespace latentcrs {

namespace {

/// Row i of the table holds the distances of a's first i bytes from each beginning of b. Entries more than `limit` from
/// the diagonal stand for more than `limit` edits and are left out (Ukkonen, Information and Control 64, 1985).
size_t distance_near_diagonal(std::string_view a, std::string_view b, size_t limit) {
  const size_t above = limit + 1;
  std::vector<size_t> row(b.size() + 1, above);
  std::iota(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(std::min(limit, b.size()) + 1), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    const size_t from = i > limit ? i - limit : 1, last = std::min(b.size(), i + limit);
    size_t diagonal = std::exchange(row[from - 1], from == 1 ? i : above), least = row[from - 1];
    for (size_t j = from; j <= last; ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
      least = std::min(least, row[j]);
    }
    if (least > limit) return above;
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
  return distance_near_diagonal(a, b, std::min(limit, std::max(a.size(), b.size())));
}

size_t typing_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1), above, above_that;
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    above_that = std::exchange(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0), above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace latentcrs
