#include "language/llm/special_tokens.h"

#include <algorithm>

namespace latentcrs {

namespace {

/// The length of a special token's text at the start of `text`, 0 if it does not begin with one. Such a text is <…> of
/// letters, digits, _, | and /, or [INST] and the like.
size_t marker_length(std::string_view text) {
  constexpr size_t longest = 64;
  const char close = text[0] == '<' ? '>' : text[0] == '[' ? ']' : '\0';
  if (close == '\0') return 0;
  for (size_t i = 1; i < std::min(text.size(), longest); ++i) {
    const char c = text[i];
    if (c == close) return i > 1 ? i + 1 : 0;
    const bool upper = c >= 'A' && c <= 'Z', other = c == '_' || c == '|' || c == '/';
    const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    // Only capitals make a token in brackets: [INST], but not [sic].
    if (!upper && !other && !(lower && close == '>')) return 0;
  }
  return 0;
}

}  // namespace

std::string strip_markers(std::string_view text) {
  std::string result(text);
  // Removing one token may join the halves of another.
  for (bool found = true; found;) {
    found = false;
    std::string kept;
    for (size_t i = 0; i < result.size();) {
      const size_t length = marker_length(std::string_view(result).substr(i));
      if (length == 0) kept += result[i];
      found = found || length > 0;
      i += std::max<size_t>(length, 1);
    }
    result = std::move(kept);
  }
  return result;
}

std::vector<std::string> special_markers(std::string_view text) {
  std::vector<std::string> markers;
  for (size_t i = 0; i < text.size();) {
    const size_t length = marker_length(text.substr(i));
    std::string marker(text.substr(i, length));
    if (length > 0 && std::find(markers.begin(), markers.end(), marker) == markers.end())
      markers.push_back(std::move(marker));
    i += std::max<size_t>(length, 1);
  }
  return markers;
}

}  // namespace latentcrs
