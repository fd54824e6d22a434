// Input text for error messages and reports: short, one line, and valid UTF-8 for any input.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// The first 40 bytes of `text`; everything but printable ASCII becomes '?'.
inline std::string printable(std::string_view text) {
  constexpr size_t kShown = 40;
  std::string shown(text.substr(0, kShown));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.size() > kShown ? shown + "..." : shown;
}

}  // namespace latentcrs
