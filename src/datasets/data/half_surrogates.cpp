#include "datasets/data/half_surrogates.h"

#include <charconv>
#include <string_view>

namespace latentcrs {

namespace {

constexpr size_t kEscape = 6;  // \uXXXX

/// The code unit of the escape \uXXXX at `at`, or 0 without an escape there.
unsigned code_unit(std::string_view json, size_t at) {
  if (at + kEscape > json.size() || json[at] != '\\' || json[at + 1] != 'u') return 0;
  unsigned value = 0;
  const char *begin = json.data() + at + 2, *end = json.data() + at + kEscape;
  const auto [stop, failure] = std::from_chars(begin, end, value, 16);
  return failure == std::errc{} && stop == end ? value : 0;
}

bool is_high(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

int64_t replace_half_surrogates(std::string& json) {
  int64_t replaced = 0;
  for (size_t at = json.find('\\'); at != std::string::npos; at = json.find('\\', at)) {
    const unsigned unit = code_unit(json, at);
    if (is_high(unit) && is_low(code_unit(json, at + kEscape))) {
      at += 2 * kEscape;
    } else if (is_high(unit) || is_low(unit)) {
      json.replace(at, kEscape, "\\ufffd");
      at += kEscape;
      ++replaced;
    } else {
      at += 2;
    }
  }
  return replaced;
}

}  // namespace latentcrs
