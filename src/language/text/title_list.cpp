#include "language/text/title_list.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/util/text.h"
#include "language/text/title_line.h"
#include "language/text/titles.h"
#include "language/text/words.h"

namespace latentcrs {

namespace {

using nlohmann::json;

bool names_title_column(std::string_view header) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"title", "titles", "movie", "movies", "film", "films", "name", "item", "album", "cd", "game", "book", "product",
       "movie title", "film title", "game title", "album title", "recommendation", "recommended movie"});
  return std::find(kNames.begin(), kNames.end(), lower_case(header)) != kNames.end();
}

// ---- JSON ----

std::string with_year(const std::string& title, const json& year) {
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
    if (lower_case(key) == "year") year = value;
  }
  return with_year(title, year);
}

/// The titles of the outermost JSON array in `reply`; empty without an array.
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

/// A line of a list without the number or bullet at its start.
struct ListLine {
  std::string text;
  size_t indent = 0;
  enum class Mark { none, bullet, number } mark = Mark::none;
};

/// The length in bytes of "12. ", "3) " or "**4.** " at the start of a line; 0 for other lines.
size_t number_length(std::string_view line) {
  const size_t stars = line.starts_with("**") ? 2 : 0;
  size_t at = stars;
  while (at < line.size() && is_digit(line[at])) ++at;
  constexpr size_t most_digits = 3;
  if (at == stars || at - stars > most_digits) return 0;
  if (line.substr(at).starts_with("\\")) ++at;  // Markdown's escape for a full stop that does not begin a list
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

std::vector<ListLine> lines_of(std::string_view reply) {
  std::vector<ListLine> lines;
  while (!reply.empty()) {
    const size_t end = std::min(reply.find('\n'), reply.size());
    const std::string_view raw = reply.substr(0, end);
    reply.remove_prefix(std::min(end + 1, reply.size()));
    std::string_view text = trimmed(raw);
    if (text.empty() || text.starts_with("```") || text.starts_with("#") || text == "---") continue;
    ListLine line{.text = {}, .indent = std::min(raw.find_first_not_of(" \t"), raw.size())};
    if (const size_t bullet = bullet_length(text); bullet > 0) {
      line.mark = ListLine::Mark::bullet;
      text.remove_prefix(bullet);
    }
    if (const size_t number = number_length(trimmed(text)); number > 0) {
      line.mark = ListLine::Mark::number;
      text = trimmed(text).substr(number);
    }
    line.text = trimmed(text);
    if (!line.text.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

/// The numbered lines or, without any, the lines with bullets that are not indented below another bullet. A line that
/// ends in a colon, such as "Action:", is a heading and left out.
Titles listed(const std::vector<ListLine>& lines) {
  Titles titles;
  for (const ListLine& line : lines)
    if (line.mark == ListLine::Mark::number) titles.push_back(line.text);
  if (titles.size() == 1)
    if (Titles several = numbered_titles("1. " + titles.front()); !several.empty()) return several;
  if (!titles.empty()) return titles;
  size_t indent = std::string::npos;
  const auto is_entry = [](const ListLine& line) {
    return line.mark == ListLine::Mark::bullet && !line.text.ends_with(':');
  };
  for (const ListLine& line : lines)
    if (is_entry(line)) indent = std::min(indent, line.indent);
  for (const ListLine& line : lines)
    if (is_entry(line) && line.indent == indent) titles.push_back(line.text);
  return titles;
}

// ---- Tables ----

Titles cells_of(std::string_view row) {
  Titles cells;
  row = trimmed(row);
  if (row.starts_with('|')) row.remove_prefix(1);
  if (row.ends_with('|')) row.remove_suffix(1);
  for (size_t begin = 0; begin <= row.size();) {
    const size_t end = std::min(row.find('|', begin), row.size());
    cells.emplace_back(trimmed(row.substr(begin, end - begin)));
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

/// The titles of a Markdown table; the year is appended where the table has a column for it.
Titles table_in(const std::vector<ListLine>& lines) {
  std::vector<Titles> rows;
  size_t rule = 0;
  for (const ListLine& line : lines) {
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
    if (lower_case(name) == "year") year = i;
  }
  if (!title) title = header.size() > 1 && number_length(rows[rule].front() + ". ") > 0 ? 1 : 0;
  for (size_t i = rule; i < rows.size(); ++i) {
    if (rows[i].size() <= *title) continue;
    const json when = year && *year < rows[i].size() ? json(rows[i][*year]) : json();
    titles.push_back(with_year(rows[i][*title], when));
  }
  return titles;
}

// ---- Lines without marks ----

/// Whether the line is a remark of the assistant about its list.
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

Titles unlisted(const std::vector<ListLine>& lines, const TitleTest& is_title) {
  Titles titles, talk;
  for (const ListLine& line : lines) {
    Titles several = titles_on_one_line(line.text, is_title);
    if (several.empty())
      (is_talk(line.text, is_title) ? talk : titles).push_back(line.text);
    else
      titles.insert(titles.end(), several.begin(), several.end());
  }
  return titles;
}

// ---- One title ----

/// The end of the first bracket at or after `from` that holds a year; npos without one.
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

/// The text without a label at its start: "Title: Heat" -> "Heat".
std::string_view without_label(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 >= text.size() ||
      !names_title_column(trimmed(text.substr(0, colon))))
    return text;
  return trimmed(text.substr(colon + 1));
}

std::string clean(std::string_view text, const TitleTest& is_title) {
  for (bool changed = true; changed;) {
    changed = false;
    text = trimmed(text);
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
      std::string_view inner = trimmed(text.substr(open.size(), end - open.size()));
      std::string_view rest = trimmed(text.substr(end + close.size()));
      if (open == "[" && rest.starts_with('('))
        rest = trimmed(rest.substr(std::min(rest.find(')'), rest.size() - 1) + 1));
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
  const std::vector<ListLine> lines = found.empty() ? lines_of(reply) : std::vector<ListLine>{};
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
