#include "language/text/title_line.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/util/text.h"
#include "language/text/titles.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// The texts between pairs of marks: "I'd take **Heat** or **Casino**".
Titles marked(std::string_view line, std::string_view open, std::string_view close) {
  Titles parts;
  for (size_t at = line.find(open); at != std::string_view::npos;) {
    const size_t begin = at + open.size(), end = line.find(close, begin);
    if (end == std::string_view::npos) break;
    std::string_view part = trimmed(line.substr(begin, end - begin));
    while (part.ends_with(',') || part.ends_with('.') || part.ends_with(':')) part.remove_suffix(1);
    const size_t after = end + close.size();
    std::string title(part);
    if (line.substr(after).starts_with(" (") && line.find(')', after) != std::string_view::npos)
      title += line.substr(after, line.find(')', after) + 1 - after);
    parts.push_back(std::move(title));
    at = line.find(open, after);
  }
  return parts;
}

std::string_view without_joint(std::string_view piece) {
  piece = trimmed(piece);
  for (const std::string_view joint : {"and ", "or ", "& ", "And ", "Or ", "also ", "maybe ", "perhaps "})
    if (piece.starts_with(joint)) piece = trimmed(piece.substr(joint.size()));
  while (piece.ends_with('.') || piece.ends_with(';')) piece.remove_suffix(1);
  return piece;
}

/// The longest known title within running text: "I would recommend The Matrix" -> "The Matrix".
std::string title_within(std::string_view piece, const TitleTest& is_title) {
  const std::vector<Word> words = split_words(piece);
  for (size_t size = words.size(); size > 0; --size)
    for (size_t i = 0; i + size <= words.size(); ++i) {
      const size_t begin = words[i].begin, end = words[i + size - 1].end;
      const bool starts = !is_lower(piece[begin]) && (i == 0 || is_lower(piece[words[i - 1].begin]));
      const bool ends = i + size == words.size() || is_lower(piece[words[i + size].begin]);
      if (starts && ends && known(is_title, piece.substr(begin, end - begin)))
        return std::string(piece.substr(begin, end - begin));
    }
  return {};
}

/// The two titles of "Heat and Casino" or "my favourites are Heat or Casino", of which the second must be known;
/// nullopt for other texts.
std::optional<std::pair<std::string_view, std::string_view>> two_titles(std::string_view piece,
                                                                        const TitleTest& is_title) {
  for (const std::string_view joint : {" and ", " or "}) {
    const size_t at = piece.find(joint);
    if (at == std::string_view::npos) continue;
    const std::string_view left = trimmed(piece.substr(0, at)), right = without_joint(piece.substr(at));
    if (known(is_title, right) && (known(is_title, left) || !is_prose(left))) return std::pair(left, right);
  }
  return std::nullopt;
}

/// The titles in a piece that is not itself a known title: two titles, one title within running text, or an unknown
/// title.
void add_unknown(std::string_view piece, const TitleTest& is_title, Titles& titles) {
  const bool capitals = std::any_of(piece.begin(), piece.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (const auto two = two_titles(piece, is_title)) {
    titles.emplace_back(two->first);
    titles.emplace_back(two->second);
  } else if (!is_prose(piece)) {
    titles.emplace_back(piece);
  } else if (std::string within = capitals ? title_within(piece, is_title) : ""; !within.empty()) {
    titles.push_back(std::move(within));
  }
}

/// The pieces between commas or semicolons. Pieces that together form a known title with commas are joined again.
Titles separated(std::string_view line, const TitleTest& is_title) {
  constexpr size_t most_commas = 4;  ///< commas that a title may have
  const std::string_view mark = line.find("; ") != std::string_view::npos ? "; " : ", ";
  std::vector<std::pair<size_t, size_t>> pieces;  // [begin, end)
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find(mark, begin), line.size());
    pieces.emplace_back(begin, end);
    begin = end + mark.size();
  }
  Titles titles;
  for (size_t i = 0; i < pieces.size();) {
    size_t n = std::min(most_commas + 1, pieces.size() - i);
    std::string_view title;
    for (;; --n) {
      title = without_joint(line.substr(pieces[i].first, pieces[i + n - 1].second - pieces[i].first));
      const auto two = n > 1 ? two_titles(title, is_title) : std::nullopt;
      if (n == 1 || known(is_title, title) || (two && known(is_title, two->first))) break;
    }
    i += n;
    if (known(is_title, title))
      titles.emplace_back(title);
    else if (!title.empty())
      add_unknown(title, is_title, titles);
  }
  return titles;
}

/// The end of an introduction, "Here are some: ", in `line`; 0 if the line has no introduction.
size_t introduction(std::string_view line) {
  const size_t colon = line.find(": ");
  return colon != std::string_view::npos && is_prose(line.substr(0, colon)) ? colon + 2 : 0;
}

}  // namespace

bool known(const TitleTest& is_title, std::string_view text) { return is_title && is_title(text); }

bool is_prose(std::string_view text) {
  static constexpr auto kTitleWords =
      std::to_array<std::string_view>({"a", "an", "and", "at", "by", "for", "from", "in", "is", "my", "of", "on", "or",
                                       "the", "to", "vs", "with", "you", "your"});
  const std::vector<Word> words = split_words(text);
  return std::any_of(words.begin(), words.end(), [&](const Word& word) {
    return is_lower(text[word.begin]) &&
           std::find(kTitleWords.begin(), kTitleWords.end(), word.text) == kTitleWords.end();
  });
}

Titles numbered_titles(std::string_view line) {
  Titles parts;
  size_t begin = std::string_view::npos;
  for (int n = 1;; ++n) {
    size_t at = std::string_view::npos, length = 0;
    for (const char* end : {". ", ") "}) {
      const std::string mark = std::to_string(n) + end;
      const size_t from = begin == std::string_view::npos ? 0 : begin;
      size_t found = line.find(mark, from);
      while (found != std::string_view::npos && found > 0 && line[found - 1] != ' ' && line[found - 1] != '(')
        found = line.find(mark, found + 1);
      if (found < at) {
        at = found;
        length = mark.size();
      }
    }
    if (begin != std::string_view::npos) {
      std::string_view part = trimmed(line.substr(begin, at == std::string_view::npos ? at : at - begin));
      while (part.ends_with(',') || part.ends_with(';') || part.ends_with('('))
        part = trimmed(part.substr(0, part.size() - 1));
      parts.emplace_back(part);
    }
    if (at == std::string_view::npos) break;
    begin = at + length;
  }
  return parts.size() >= 2 ? parts : Titles{};
}

Titles titles_on_one_line(std::string_view line, const TitleTest& is_title) {
  if (known(is_title, line)) return {};
  if (Titles titles = numbered_titles(line); !titles.empty()) return titles;
  for (const auto& [open, close] :
       {std::pair<std::string_view, std::string_view>{"**", "**"}, {"\"", "\""}, {"\u201C", "\u201D"}, {"*", "*"}}) {
    Titles titles = marked(line, open, close);
    const size_t first = line.find(open);
    if (titles.size() >= 2 || (titles.size() == 1 && first > 0)) return titles;
  }
  const size_t begin = introduction(line);
  Titles titles = separated(line.substr(begin), is_title);
  const auto hits =
      std::count_if(titles.begin(), titles.end(), [&](const auto& title) { return known(is_title, title); });
  return begin > 0 || hits >= 2 || (hits >= 1 && is_prose(line)) || titles.size() >= 4 ? titles : Titles{};
}

}  // namespace latentcrs
