#include "base/util/text_width.h"

#include <algorithm>
#include <array>

#include "base/util/utf8.h"

namespace latentcrs {

namespace {

struct Range {
  char32_t first, last;
};

constexpr std::array zero_width = {Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0xFE00, 0xFE0F}};
constexpr std::array double_width = {Range{0x1100, 0x115F},  Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
                                     Range{0xF900, 0xFAFF},  Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                                     Range{0xFFE0, 0xFFE6},  Range{0x1F300, 0x1F64F}, Range{0x1F900, 0x1F9FF},
                                     Range{0x20000, 0x3FFFD}};

template <class Ranges>
bool contains(const Ranges& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return r.first <= c && c <= r.last; });
}

int width_of(char32_t c) {
  if (contains(zero_width, c)) return 0;
  return contains(double_width, c) ? 2 : 1;
}

}  // namespace

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Utf8Character c = first_character(text);
    width += width_of(c.code);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string_view clip_text(std::string_view text, int columns) {
  size_t end = 0;
  for (int width = 0; end < text.size();) {
    const Utf8Character c = first_character(text.substr(end));
    width += width_of(c.code);
    if (width > columns) break;
    end += c.bytes;
  }
  return text.substr(0, end);
}

std::string shorten_text(std::string_view text, int columns) {
  if (text_width(text) <= columns) return std::string(text);
  return std::string(clip_text(text, columns - 1)) + "…";
}

}  // namespace latentcrs
