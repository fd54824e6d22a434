// Reading keys and tokens from files and from the output of commands.
#pragma once

#include <string>
#include <string_view>

#include "base/util/text.h"
#include "language/transport/secret.h"

namespace latentcrs {

/// Returns the text without white space at its ends; empty unless the rest is one word of printable ASCII.
inline Secret token_text(std::string_view text) {
  text = trimmed(text);
  for (const char c : text)
    if (c <= ' ' || c > '~') return {};
  return Secret(std::string(text));
}

}  // namespace latentcrs
