#include "language/answers/listed_titles.h"

#include <algorithm>

#include "language/answers/characters.h"

namespace latentcrs {

namespace {

constexpr std::string_view kFirst = "1.";

/// `line` without "12. - " at its start, where the digits alone are needed; white space is squeezed.
std::u32string_view without_number(std::u32string_view line) {
  const auto is_decimal = [](char32_t c) { return c >= U'0' && c <= U'9'; };
  const auto skip_one_of = [&line](std::u32string_view marks) {
    if (!line.empty() && marks.find(line.front()) != std::u32string_view::npos) line.remove_prefix(1);
  };
  const std::u32string_view whole = line;
  while (!line.empty() && is_decimal(line.front())) line.remove_prefix(1);
  if (line.size() == whole.size()) return whole;
  skip_one_of(U".)\u3001");
  skip_one_of(U" ");
  skip_one_of(U"-\u2014\u2013");
  skip_one_of(U" ");
  return line;
}

}  // namespace

bool has_numbered_list(std::string_view answer) { return answer.find(kFirst) != std::string_view::npos; }

std::vector<std::string> listed_titles(std::string_view answer) {
  const size_t first = answer.find(kFirst);
  const bool numbered = first != std::string_view::npos;
  if (numbered) answer.remove_prefix(first + kFirst.size());
  std::vector<std::string> titles;
  for (bool more = true; more;) {
    const size_t end = answer.find_first_of(numbered ? "\n" : "\n,");
    more = end != std::string_view::npos;
    const std::u32string line = squeezed(without_brackets(characters_of(answer.substr(0, end))));
    titles.push_back(utf8_of(without_number(line)));
    if (more) answer.remove_prefix(end + 1);
  }
  return titles;
}

}  // namespace latentcrs
