#include "language/dialogue/spoken_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/util/text.h"

namespace latentcrs {

namespace {

constexpr auto kAbbreviations = std::to_array<std::string_view>({"Mr", "Mrs", "Ms", "Dr", "St", "Vol", "No", "vs"});
constexpr auto kSentenceEnds = std::to_array<std::string_view>({".", "!", "?", "\u2026", "\u3002", "\uFF01", "\uFF1F"});
constexpr auto kClosing = std::to_array<std::string_view>({"\"", "'", ")", "]", "*", "\u201D", "\u2019", "\u00BB"});

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }

/// The length of the first of `marks` that `text` begins with; 0 if it begins with none.
template <size_t n>
size_t length_of_any(const std::array<std::string_view, n>& marks, std::string_view text) {
  const auto found =
      std::find_if(marks.begin(), marks.end(), [&](std::string_view mark) { return text.starts_with(mark); });
  return found == marks.end() ? 0 : found->size();
}

/// `reply` without [CAPITALS] and <…>.
std::string without_marks(std::string_view reply) {
  constexpr size_t longest = 48;
  std::string kept;
  for (size_t i = 0; i < reply.size(); ++i) {
    const char close = reply[i] == '[' ? ']' : reply[i] == '<' ? '>' : '\0';
    const size_t end = close == '\0' ? std::string_view::npos : reply.substr(0, i + longest).find(close, i);
    const std::string_view inside = end == std::string_view::npos ? "" : reply.substr(i + 1, end - i - 1);
    const auto fits = [close](char c) { return close == '>' ? c != ' ' : !is_letter(c) || (c >= 'A' && c <= 'Z'); };
    if (!inside.empty() && std::all_of(inside.begin(), inside.end(), fits))
      i = end;
    else
      kept += reply[i];
  }
  return kept;
}

/// Whether the point after `before` belongs to an abbreviation or an initial.
bool ends_abbreviation(std::string_view before) {
  size_t begin = before.size();
  while (begin > 0 && is_letter(before[begin - 1])) --begin;
  const std::string_view word = before.substr(begin);
  const bool initial = word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z' && word[0] != 'I';
  return initial || std::find(kAbbreviations.begin(), kAbbreviations.end(), word) != kAbbreviations.end();
}

}  // namespace

bool says_something(std::string_view reply) {
  const std::string text = without_marks(reply);
  size_t letters = 0, length = 0;
  for (const char c : text) {
    const bool in_word = is_letter(c) || is_digit(c) || c == '\'';
    length = in_word ? length + 1 : 0;
    letters = in_word ? letters + (is_letter(c) ? 1 : 0) : 0;
    if (length >= 2 && letters > 0) return true;
  }
  return false;
}

std::string whole_sentences(std::string_view reply) {
  reply = trimmed(reply);
  reply = reply.substr(0, reply.find('\n'));
  size_t whole = 0;
  for (size_t i = 0; i < reply.size();) {
    size_t length = length_of_any(kSentenceEnds, reply.substr(i));
    if (length == 0) {
      ++i;
      continue;
    }
    const bool point = reply[i] == '.';
    size_t end = i + length;
    while ((length = length_of_any(kSentenceEnds, reply.substr(end))) > 0) end += length;
    while ((length = length_of_any(kClosing, reply.substr(end))) > 0) end += length;
    const bool at_end = end == reply.size() || reply[end] == ' ' || reply[i] < 0;
    if (at_end && !(point && ends_abbreviation(reply.substr(0, i)))) whole = end;
    i = end;
  }
  return std::string(trimmed(reply.substr(0, whole)));
}

}  // namespace latentcrs
