#include "text/title_list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "text/title_line.h"
#include "text/titles.h"
#include "text/words.h"

namespace latentcrs {

namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

/// Numbered lines; without any, those with bullets that are not below another one. A line such as "Action:" is none.
Titles listed(const std::vector<Line>& lines) {
  Titles titles;
  for (const Line& line : lines)
    if (line.mark == Line::Mark::number) titles.push_back(line.text);
  if (titles.size() == 1)
    if (Titles several = numbered_titles("1. " + titles.front()); !several.empty()) return several;
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

// ---- Lines without marks ----

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
    Titles several = titles_on_one_line(line.text, is_title);
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
