#include "language/text/near_title.h"

#include <algorithm>
#include <array>

#include "base/util/edit_distance.h"

namespace latentcrs {

size_t allowed_edits(size_t longer, double ratio) {
  constexpr double rounding = 1e-9;  // (1 - 0.9) * 10 is less than 1 in floating point
  return static_cast<size_t>((1.0 - ratio) * static_cast<double>(longer) + rounding);
}

std::string numbers_of(std::string_view text) {
  static constexpr auto kRoman =
      std::to_array<std::string_view>({"ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"});
  std::string numbers;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (std::find(kRoman.begin(), kRoman.end(), word) != kRoman.end()) numbers += word;
    for (char c : word)
      if (c >= '0' && c <= '9') numbers += c;
    numbers += numbers.empty() || numbers.back() == ' ' ? "" : " ";
  }
  return numbers;
}

std::optional<size_t> near_title_distance(std::string_view a, std::string_view b, double ratio) {
  const size_t longer = std::max(a.size(), b.size()), limit = allowed_edits(longer, ratio);
  if (longer - std::min(a.size(), b.size()) > limit) return std::nullopt;
  const size_t distance = edit_distance(a, b, limit);
  if (distance > limit || numbers_of(a) != numbers_of(b)) return std::nullopt;
  return distance;
}

}  // namespace latentcrs
