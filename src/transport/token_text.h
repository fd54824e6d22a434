// Keys and tokens as files and commands deliver them.
#pragma once

#include <string>
#include <string_view>

#include "transport/secret.h"

namespace latentcrs {

/// The text without white space at its ends; empty unless the rest is one word of printable ASCII.
inline Secret token_text(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin, text.find_last_not_of(space) - begin + 1);
  for (const char c : text)
    if (c <= ' ' || c > '~') return {};
  return Secret(std::string(text));
}

}  // namespace latentcrs
