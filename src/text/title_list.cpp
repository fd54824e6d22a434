#include "latentcrs/text/title_list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "titles.h"
#include "words.h"

namespace latentcrs {

namespace {

using nlohmann::json;
using Titles = std::vector<std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool names_title_column(std::string_view header) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"title", "titles", "movie", "movies", "film", "films", "name", "item", "album", "cd", "game", "book", "product",
       "movie title", "film title", "game title", "album title", "recommendation", "recommended movie"});
  return std::find(kNames.begin(), kNames.end(), lower(header)) != kNames.end();
}

bool known(const TitleTest& is_title, std::string_view text) { return is_title && is_title(text); }

// ---- JSON ----

std::string with_year(std::string title, const json& year) {
  const std::string text = year.is_number_integer() ? year.dump() : year.is_string() ? year.get<std::string>() : "";
  const bool plain = text.size() == 4 && std::all_of(text.begin(), text.end(), is_digit);
  return plain && title.find('(') == std::string::npos && !title.empty() ? title + " (" + text + ")" : title;
}

std::string title_of_entry(const json& entry) {
  if (entry.is_string()) return entry.get<std::string>();
  if (entry.is_array()) return entry.empty() ? "" : title_of_entry(entry.front());
  if (!entry.is_object()) return {};
  std::string title;
  json year;
  for (const auto& [key, value] : entry.items()) {
    if (title.empty() && value.is_string() && names_title_column(key)) title = value.get<std::string>();
    if (lower(key) == "year") year = value;
  }
  return with_year(std::move(title), year);
}

/// The titles of the outermost JSON array in `reply`; nothing if there is none.
Titles array_in(std::string_view reply) {
  const size_t end = reply.rfind(']');
  Titles titles;
  for (size_t begin = reply.find('['); begin < end && end != std::string_view::npos;
       begin = reply.find('[', begin + 1)) {
    const json array = json::parse(reply.substr(begin, end - begin + 1), nullptr, false);
    if (!array.is_array()) continue;
    for (const json& entry : array) titles.push_back(title_of_entry(entry));
    break;
  }
  return titles;
}

// ---- Lines ----

/// A line with what marks it as one of a list taken off.
struct Line {
  std::string text;
  size_t indent = 0;
  enum class Mark { none, bullet, number } mark = Mark::none;
};

/// Bytes of "12. ", "3) ", "**4.** " at the start of a line, 0 if there is none.
size_t number_length(std::string_view line) {
  const size_t stars = line.starts_with("**") ? 2 : 0;
  size_t at = stars;
  while (at < line.size() && is_digit(line[at])) ++at;
  constexpr size_t most_digits = 3;
  if (at == stars || at - stars > most_digits) return 0;
  if (line.substr(at).starts_with("\\")) ++at;  // Markdown's way of writing a point that makes no list
  if (at >= line.size() || (line[at] != '.' && line[at] != ')')) return 0;
  ++at;
  if (stars > 0 && line.substr(at).starts_with("**")) at += 2;
  if (at >= line.size() || line[at] != ' ') return 0;
  return stars > 0 && !line.substr(0, at).ends_with("**") ? 0 : at + 1;
}

size_t bullet_length(std::string_view line) {
  for (const std::string_view bullet : {"- ", "* ", "+ ", "\u2022 ", "\u2013 ", "\u2014 "})
    if (line.starts_with(bullet)) return bullet.size();
  return 0;
}

std::vector<Line> lines_of(std::string_view reply) {
  std::vector<Line> lines;
  while (!reply.empty()) {
    const size_t end = std::min(reply.find('\n'), reply.size());
    const std::string_view raw = reply.substr(0, end);
    reply.remove_prefix(std::min(end + 1, reply.size()));
    std::string_view text = trim(raw);
    if (text.empty() || text.starts_with("```") || text.starts_with("#") || text == "---") continue;
    Line line{.text = {}, .indent = std::min(raw.find_first_not_of(" \t"), raw.size())};
    if (const size_t bullet = bullet_length(text); bullet > 0) {
      line.mark = Line::Mark::bullet;
      text.remove_prefix(bullet);
    }
    if (const size_t number = number_length(trim(text)); number > 0) {
      line.mark = Line::Mark::number;
      text = trim(text).substr(number);
    }
    line.text = trim(text);
    if (!line.text.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

/// "1. Heat 2. Casino".
Titles numbered(std::string_view line) {
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
      std::string_view part = trim(line.substr(begin, at == std::string_view::npos ? at : at - begin));
      while (part.ends_with(',') || part.ends_with(';') || part.ends_with('('))
        part = trim(part.substr(0, part.size() - 1));
      parts.emplace_back(part);
    }
    if (at == std::string_view::npos) break;
    begin = at + length;
  }
  return parts.size() >= 2 ? parts : Titles{};
}

/// Numbered lines; without any, those with bullets that are not below another one. A line such as "Action:" is none.
Titles listed(const std::vector<Line>& lines) {
  Titles titles;
  for (const Line& line : lines)
    if (line.mark == Line::Mark::number) titles.push_back(line.text);
  if (titles.size() == 1)
    if (Titles several = numbered("1. " + titles.front()); !several.empty()) return several;
  if (!titles.empty()) return titles;
  size_t indent = std::string::npos;
  const auto is_entry = [](const Line& line) { return line.mark == Line::Mark::bullet && !line.text.ends_with(':'); };
  for (const Line& line : lines)
    if (is_entry(line)) indent = std::min(indent, line.indent);
  for (const Line& line : lines)
    if (is_entry(line) && line.indent == indent) titles.push_back(line.text);
  return titles;
}

// ---- Tables ----

Titles cells_of(std::string_view row) {
  Titles cells;
  row = trim(row);
  if (row.starts_with('|')) row.remove_prefix(1);
  if (row.ends_with('|')) row.remove_suffix(1);
  for (size_t begin = 0; begin <= row.size();) {
    const size_t end = std::min(row.find('|', begin), row.size());
    cells.emplace_back(trim(row.substr(begin, end - begin)));
    begin = end + 1;
  }
  return cells;
}

bool is_rule(std::string_view row) {
  return row.find('-') != std::string_view::npos && row.find_first_not_of("|-: \t") == std::string_view::npos;
}

std::string without_marks(std::string_view cell) {
  std::string text;
  for (const char c : cell)
    if (c != '*' && c != '_') text += c;
  return text;
}

/// The titles of a Markdown table, with the year where it has a column of its own.
Titles table_in(const std::vector<Line>& lines) {
  std::vector<Titles> rows;
  size_t rule = 0;
  for (const Line& line : lines) {
    if (!line.text.starts_with('|')) continue;
    if (is_rule(line.text))
      rule = rows.size();
    else
      rows.push_back(cells_of(line.text));
  }
  Titles titles;
  if (rule == 0 || rows.size() <= rule) return titles;
  const Titles& header = rows[rule - 1];
  std::optional<size_t> title, year;
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string name = without_marks(header[i]);
    if (!title && names_title_column(name)) title = i;
    if (lower(name) == "year") year = i;
  }
  if (!title) title = header.size() > 1 && number_length(rows[rule].front() + ". ") > 0 ? 1 : 0;
  for (size_t i = rule; i < rows.size(); ++i) {
    if (rows[i].size() <= *title) continue;
    const json when = year && *year < rows[i].size() ? json(rows[i][*year]) : json();
    titles.push_back(with_year(rows[i][*title], when));
  }
  return titles;
}

// ---- Titles on one line ----

/// The parts between marks: "I'd take **Heat** or **Casino**".
Titles marked(std::string_view line, std::string_view open, std::string_view close) {
  Titles parts;
  for (size_t at = line.find(open); at != std::string_view::npos;) {
    const size_t begin = at + open.size(), end = line.find(close, begin);
    if (end == std::string_view::npos) break;
    std::string_view part = trim(line.substr(begin, end - begin));
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

/// Whether words in lower case other than those that titles have make a sentence of it.
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

std::string_view without_joint(std::string_view piece) {
  piece = trim(piece);
  for (const std::string_view joint : {"and ", "or ", "& ", "And ", "Or ", "also ", "maybe ", "perhaps "})
    if (piece.starts_with(joint)) piece = trim(piece.substr(joint.size()));
  while (piece.ends_with('.') || piece.ends_with(';')) piece.remove_suffix(1);
  return piece;
}

/// The longest known title within a piece of prose: "I would recommend The Matrix" -> "The Matrix".
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

/// The two titles of "Heat and Casino" or "my favourites are Heat or Casino", the second one known; nothing otherwise.
std::optional<std::pair<std::string_view, std::string_view>> two_titles(std::string_view piece,
                                                                        const TitleTest& is_title) {
  for (const std::string_view joint : {" and ", " or "}) {
    const size_t at = piece.find(joint);
    if (at == std::string_view::npos) continue;
    const std::string_view left = trim(piece.substr(0, at)), right = without_joint(piece.substr(at));
    if (known(is_title, right) && (known(is_title, left) || !is_prose(left))) return std::pair(left, right);
  }
  return std::nullopt;
}

/// What a piece that is no known title says: two titles, one within prose, or an unknown one.
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

/// Pieces between commas or semicolons, those put together again that are one title with its commas.
Titles separated(std::string_view line, const TitleTest& is_title) {
  constexpr size_t most_commas = 4;  ///< within a title
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

/// Where the introduction of a line ends: "Here are some: "; 0 without one.
size_t introduction(std::string_view line) {
  const size_t colon = line.find(": ");
  return colon != std::string_view::npos && is_prose(line.substr(0, colon)) ? colon + 2 : 0;
}

/// The titles of a line that holds several; nothing if it is one title, or none.
Titles on_one_line(std::string_view line, const TitleTest& is_title) {
  if (known(is_title, line)) return {};
  if (Titles titles = numbered(line); !titles.empty()) return titles;
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

/// Whether an assistant says something about its list.
bool is_talk(std::string_view line, const TitleTest& is_title) {
  static constexpr auto kBeginnings = std::to_array<std::string_view>(
      {"Sure",   "Of course", "Certainly", "Absolutely", "Here ",  "Here's",    "Based on",
       "I ",     "I'",        "I hope",    "Enjoy",      "Let me", "These ",    "Hope ",
       "Given ", "Great",     "Thank",     "You might",  "If you", "Feel free", "Note"});
  if (known(is_title, line)) return false;
  return line.ends_with(':') ||
         (is_prose(line) && std::any_of(kBeginnings.begin(), kBeginnings.end(),
                                        [&](auto beginning) { return line.starts_with(beginning); }));
}

Titles unlisted(const std::vector<Line>& lines, const TitleTest& is_title) {
  Titles titles, talk;
  for (const Line& line : lines) {
    Titles several = on_one_line(line.text, is_title);
    if (several.empty())
      (is_talk(line.text, is_title) ? talk : titles).push_back(line.text);
    else
      titles.insert(titles.end(), several.begin(), several.end());
  }
  return titles;
}

// ---- One title ----

/// The end of the bracket with the year at or after `from`, npos without one.
size_t year_bracket_end(std::string_view text, size_t from) {
  for (size_t open = text.find('(', from); open != std::string_view::npos; open = text.find('(', open + 1)) {
    const size_t close = text.find(')', open);
    if (close == std::string_view::npos) break;
    for (size_t i = open + 1; i + 4 <= close; ++i)
      if (std::all_of(text.begin() + static_cast<ptrdiff_t>(i), text.begin() + static_cast<ptrdiff_t>(i + 4), is_digit))
        return close + 1;
  }
  return std::string_view::npos;
}

/// Without a label: "Title: Heat".
std::string_view without_label(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 >= text.size() || !names_title_column(trim(text.substr(0, colon))))
    return text;
  return trim(text.substr(colon + 1));
}

std::string clean(std::string_view text, const TitleTest& is_title) {
  for (bool changed = true; changed;) {
    changed = false;
    text = trim(text);
    for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"**", "**"},
                                      {"__", "__"},
                                      {"\"", "\""},
                                      {"\u201C", "\u201D"},
                                      {"*", "*"},
                                      {"_", "_"},
                                      {"`", "`"},
                                      {"'", "'"},
                                      {"[", "]"}}) {
      if (!text.starts_with(open)) continue;
      const size_t end = open == "'" ? text.rfind(close) : text.find(close, open.size());
      if (end == std::string_view::npos || end < open.size()) continue;
      const bool apostrophe = open == "'" && end + close.size() != text.size();  // 'Round Midnight
      if (apostrophe) continue;
      std::string_view inner = trim(text.substr(open.size(), end - open.size()));
      std::string_view rest = trim(text.substr(end + close.size()));
      if (open == "[" && rest.starts_with('(')) rest = trim(rest.substr(std::min(rest.find(')'), rest.size() - 1) + 1));
      if (inner.ends_with(':')) inner.remove_suffix(1);
      if (inner.empty()) continue;
      if (names_title_column(inner) && !rest.empty()) {  // "**Title:** Heat"
        text = rest.starts_with(':') ? rest.substr(1) : rest;
        changed = true;
        break;
      }
      if (const size_t year = rest.starts_with('(') ? year_bracket_end(rest, 0) : std::string_view::npos;
          year != std::string_view::npos && year_bracket_end(inner, 0) == std::string_view::npos)
        return clean(inner, is_title) + " " + std::string(rest.substr(0, year));
      text = inner;
      changed = true;
      break;
    }
  }
  text = without_label(text);
  if (known(is_title, text) && year_bracket_end(text, 0) == std::string_view::npos && text == without_remark(text))
    return std::string(text);
  if (const size_t end = year_bracket_end(text, 1); end != std::string_view::npos)
    return std::string(text.substr(0, end));
  return without_remark(text);
}

}  // namespace

std::vector<std::string> read_title_list(std::string_view reply, size_t count, const TitleTest& is_title) {
  Titles found = array_in(reply);
  const std::vector<Line> lines = found.empty() ? lines_of(reply) : std::vector<Line>{};
  if (found.empty()) found = table_in(lines);
  if (found.empty()) found = listed(lines);
  if (found.empty()) found = unlisted(lines, is_title);
  Titles titles;
  std::set<std::string> seen;
  for (const std::string& text : found) {
    std::string title = clean(text, is_title);
    if (titles.size() < count && !title.empty() && seen.insert(title).second) titles.push_back(std::move(title));
  }
  return titles;
}

}  // namespace latentcrs
