#include "language/text/titles.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/util/text.h"

namespace latentcrs {

namespace {

/// "Postman, The" -> "The Postman", "Bambole, Le" -> "Le Bambole"; "Paris, Texas" stays.
std::string article_first(std::string_view title) {
  static constexpr auto kArticles = std::to_array<std::string_view>(
      {"The", "A",   "An",  "La",  "Le",  "Les", "L'",  "Un",   "Une", "Il", "Lo", "I",   "Gli", "Una",
       "El",  "Los", "Las", "Der", "Die", "Das", "Ein", "Eine", "O",   "Os", "De", "Het", "Det", "Den"});
  const size_t comma = title.rfind(", ");
  if (comma == std::string_view::npos) return std::string(title);
  const std::string_view last = title.substr(comma + 2);
  if (std::find(kArticles.begin(), kArticles.end(), last) == kArticles.end()) return std::string(title);
  return std::string(last) + (last.ends_with('\'') ? "" : " ") + std::string(title.substr(0, comma));
}

struct Bracket {
  std::string_view inside;
  size_t begin = 0;  ///< of the bracket in the title
};

struct Brackets {
  std::string outside;
  std::vector<Bracket> inside;
};

Brackets split_brackets(std::string_view title) {
  Brackets result;
  for (size_t at = 0;;) {
    const size_t open = title.find_first_of("([", at);
    const size_t close = open == std::string_view::npos ? open : title.find(title[open] == '(' ? ')' : ']', open);
    result.outside += title.substr(at, close == std::string_view::npos ? close : open - at);
    if (close == std::string_view::npos) break;
    result.inside.push_back({trimmed(title.substr(open + 1, close - open - 1)), open});
    at = close + 1;
  }
  result.outside = trimmed(result.outside);
  return result;
}

/// The year of release that `word` is; 0 if it is not a plausible one.
int year_of(std::string_view word) {
  constexpr int first = 1880, last = 2100;
  if (word.size() != 4 || !is_number(word)) return 0;
  const int year = std::atoi(std::string(word).c_str());
  return year >= first && year <= last ? year : 0;
}

int first_year(const std::vector<Word>& words) {
  for (const Word& word : words)
    if (const int year = year_of(word.text); year != 0) return year;
  return 0;
}

/// Whether a bracket names an edition, a format or a platform instead of another title.
bool names_edition(const std::vector<Word>& words) {
  static constexpr auto kEdition = std::to_array<std::string_view>(
      {"anniversary", "bonus",      "box",      "bundle", "cd",      "cds",        "code",        "collectors",
       "deluxe",      "digital",    "disc",     "discs",  "disk",    "dvd",        "edition",     "ep",
       "expanded",    "explicit",   "game",     "import", "limited", "live",       "lp",          "mac",
       "mono",        "nintendo",   "original", "pack",   "part",    "pc",         "playstation", "reissue",
       "remaster",    "remastered", "renewed",  "set",    "single",  "soundtrack", "special",     "stereo",
       "switch",      "version",    "vinyl",    "vol",    "volume",  "wii",        "windows",     "xbox"});
  return std::any_of(words.begin(), words.end(), [](const Word& word) {
    return std::find(kEdition.begin(), kEdition.end(), word.text) != kEdition.end();
  });
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings, size_t& length) {
  for (const std::string_view beginning : beginnings)
    if (text.starts_with(beginning)) {
      length = beginning.size();
      return true;
    }
  return false;
}

/// The titles that a bracket holds: "a.k.a. Alice, Sweet Alice/Holy Terror" holds two.
std::vector<std::string> bracketed_titles(std::string_view inside) {
  size_t known_as = 0;
  if (starts_with_any(inside, {"a.k.a. ", "aka ", "also known as "}, known_as)) inside.remove_prefix(known_as);
  std::vector<std::string> titles;
  for (size_t begin = 0; begin <= inside.size();) {
    const size_t slash = std::min(inside.find('/', begin), inside.size());
    titles.push_back(article_first(trimmed(inside.substr(begin, slash - begin))));
    begin = slash + 1;
  }
  return titles;
}

size_t count_words(std::string_view joined_words) {
  return joined_words.empty() ? 0 : static_cast<size_t>(std::count(joined_words.begin(), joined_words.end(), ' ')) + 1;
}

/// Whether a name is long enough not to be said by chance.
bool is_telling(const TitleForm& form) {
  const TitleForm bare = without_number(form);
  return count_words(bare.words) >= 2 && !is_number(bare.words.substr(0, bare.words.find(' ')));
}

struct Divider {
  size_t begin = 0, length = 0;
};

/// The places where ": ", " - " or a long dash divides a title.
std::vector<Divider> dividers(std::string_view text) {
  std::vector<Divider> result;
  for (size_t i = 1; i < text.size(); ++i) {
    size_t length = 0;
    if (starts_with_any(text.substr(i), {": ", " - ", " \u2013 ", " \u2014 ", " -- "}, length))
      result.push_back({i, length});
  }
  return result;
}

/// The place of the " or " that separates two titles, as in "Dr. Strangelove or: How I …": the end of the first one and
/// the length up to the second one.
std::optional<Divider> other_title(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    size_t length = 0;
    if (starts_with_any(text.substr(i), {" or: ", ", or: ", ", or, ", "; or, ", ": or, ", ": Or, ", " or, ", " Or: "},
                        length))
      return Divider{i, length};
  }
  return std::nullopt;
}

/// Whether the words of a television series stand in a bracket or at the end: "TV series, 2016", "Netflix series".
bool names_other_medium(const std::vector<Word>& words, bool bracket) {
  const auto is = [](const Word& word, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), word.text) != list.end();
  };
  for (size_t i = 0; i < words.size(); ++i) {
    const bool broadcast = is(words[i], {"tv", "television"});
    const bool serial = i + 1 < words.size() && is(words[i + 1], {"series", "show", "miniseries", "mini", "serial"});
    if (broadcast && (bracket || serial)) return true;
    if (is(words[i], {"miniseries"})) return true;
  }
  if (!bracket || words.empty()) return false;
  size_t last = words.size() - 1;
  while (last > 0 && is_number(words[last].text)) --last;
  return is(words[last], {"series", "show", "season", "seasons"}) || is(words.front(), {"season", "seasons", "series"});
}

/// Whether the bracket holds a span of years, "2016-2018" or "2016-", as television series have.
bool is_span_of_years(std::string_view inside, const std::vector<Word>& words) {
  for (const Word& word : words) {
    if (year_of(word.text) == 0) continue;
    size_t dash = 0;
    const std::string_view after = trimmed(inside.substr(word.end));
    if (starts_with_any(after, {"-", "\u2013", "\u2014"}, dash)) {
      const std::string_view end = trimmed(after.substr(dash));
      if (end.empty() || year_of(end.substr(0, 4)) != 0 || end.starts_with("present")) return true;
    }
  }
  return false;
}

/// Whether `text` is a remark about the film and not a subtitle: it begins in lower case, most of its longer words do,
/// or it tells who made the film.
bool is_remark(std::string_view text) {
  const std::vector<Word> words = split_words(text);
  if (words.empty()) return false;
  size_t said_of = 0;
  if (starts_with_any(text, {"Directed by", "directed by", "Dir. ", "Starring ", "With ", "By "}, said_of)) return true;
  size_t lower = 0, longer = 0;
  for (const Word& word : words) {
    if (word.text.size() < 4) continue;
    ++longer;
    if (!begins_with_capital(text.substr(word.begin))) ++lower;
  }
  const bool starts_low = is_number(words.front().text) || !begins_with_capital(text.substr(words.front().begin));
  if (words.size() >= 2 && starts_low && lower > 0) return true;
  const size_t fewest = words.front().text == "the" ? 6 : 4;  // "The empire strikes back"
  return words.size() >= fewest && 2 * lower > longer;
}

/// The initials at the start of a title, "E.T." in "E.T. the Extra-Terrestrial"; empty for other titles.
std::string leading_initials(std::string_view spoken) {
  size_t end = 0;
  while (end + 1 < spoken.size() && begins_with_capital(spoken.substr(end)) && spoken[end + 1] == '.') end += 2;
  return end >= 4 && spoken.substr(end).starts_with(" the ") ? std::string(spoken.substr(0, end)) : "";
}

}  // namespace

std::string spoken_title(std::string_view title) {
  const Brackets parts = split_brackets(title);
  return article_first(parts.outside.empty() ? trimmed(title) : parts.outside);
}

std::optional<SeriesTitle> split_series(std::string_view spoken) {
  const std::vector<Divider> places = dividers(spoken);
  if (places.empty()) return std::nullopt;
  const auto split = [&](const Divider& at, bool numbered) {
    return SeriesTitle{std::string(spoken.substr(0, at.begin)), std::string(spoken.substr(at.begin + at.length)),
                       numbered};
  };
  for (const Divider& place : places) {
    const TitleForm left = title_form(spoken.substr(0, place.begin));
    if (without_number(left) != left) return split(place, true);
  }
  return split(places.front(), false);
}

TitleForm without_number(TitleForm form) {
  for (size_t space = form.words.rfind(' '); space != std::string::npos; space = form.words.rfind(' ')) {
    if (!is_number(std::string_view(form.words).substr(space + 1))) break;
    form.words.resize(space);
    --form.content_words;
  }
  return form;
}

TitleForm joined(const TitleForm& first, const TitleForm& second) {
  return {first.article, first.words + " " + second.words, first.content_words + second.content_words};
}

std::string without_maker(std::string_view spoken) {
  static constexpr auto kContractions =
      std::to_array<std::string_view>({"its", "thats", "whats", "hes", "shes", "lets", "theres", "whos", "heres",
                                       "wheres", "hows", "everybodys", "nobodys"});
  constexpr size_t longest_name = 2;
  const std::vector<Word> words = split_words(spoken);
  for (size_t i = 0; i < words.size() && i < longest_name && begins_with_capital(spoken.substr(words[i].begin)); ++i) {
    if (i == 0 && (is_title_filler(words[0]) || words[0].text == "my")) return {};
    const std::string_view raw = spoken.substr(words[i].begin, words[i].end - words[i].begin);
    const std::string_view after = spoken.substr(words[i].end);
    size_t quote = 0;
    const bool of_name = raw.ends_with("'s") || raw.ends_with("\u2019s");
    const bool of_name_in_s = raw.ends_with("s") && starts_with_any(after, {"' ", "\u2019 "}, quote);
    if (!of_name && !of_name_in_s) continue;
    if (std::find(kContractions.begin(), kContractions.end(), words[i].text) != kContractions.end()) return {};
    return std::string(trimmed(after.substr(quote)));
  }
  return {};
}

std::vector<TitleName> title_names(std::string_view title) {
  using Kind = TitleName::Kind;
  std::vector<TitleName> names;
  const auto add_form = [&](Kind kind, TitleForm form, std::string text) {
    const auto same = [&](const TitleName& name) { return name.form == form; };
    if (form.words.empty() || std::any_of(names.begin(), names.end(), same)) return;
    names.push_back({kind, std::move(form), std::move(text)});
  };
  const auto add = [&](Kind kind, const std::string& text) { add_form(kind, title_form(text), text); };

  const std::string spoken = spoken_title(title);
  add(Kind::main, spoken);
  if (const auto divided = other_title(spoken)) {
    add(Kind::alternative, spoken.substr(0, divided->begin));
    const std::string second = spoken.substr(divided->begin + divided->length);
    if (is_telling(title_form(second))) add(Kind::alternative, second);
  }
  const Brackets brackets = split_brackets(title);
  const bool dated = std::any_of(brackets.inside.begin(), brackets.inside.end(),
                                 [](const Bracket& bracket) { return year_of(bracket.inside) != 0; });
  for (const Bracket& bracket : brackets.inside) {
    if (year_of(bracket.inside) != 0 || names_edition(split_words(bracket.inside))) continue;
    for (const std::string& other : bracketed_titles(bracket.inside))
      if (dated || split_words(other).size() >= 2) add(Kind::alternative, other);
  }
  if (const size_t dash = spoken.find(" - "); dash != std::string::npos && dash > 0)
    add(Kind::derived, spoken.substr(0, dash));
  if (const std::string initials = leading_initials(spoken); !initials.empty()) add(Kind::derived, initials);
  const auto series = split_series(spoken);
  // Shops write the platform behind a dash.
  const bool named_part = series &&
                          (dated || std::string_view(spoken).substr(series->series.size()).starts_with(": ")) &&
                          !names_edition(split_words(series->part));
  if (named_part && series->numbered) {
    const TitleForm first = title_form(series->series), second = title_form(series->part);
    if (is_telling(second)) add(Kind::derived, series->part);
    add_form(Kind::derived, joined(without_number(first), second), "");
    if (count_words(first.words) >= 2) add(Kind::derived, series->series);
  }
  if (const std::string rest = without_maker(spoken); is_telling(title_form(rest))) add(Kind::derived, rest);
  return names;
}

SaidTitle read_said_title(std::string_view said) {
  SaidTitle result;
  const Brackets brackets = split_brackets(said);
  if (brackets.outside.empty()) return result;
  int year = 0;
  size_t year_at = std::string_view::npos;
  for (const Bracket& bracket : brackets.inside) {
    const std::vector<Word> words = split_words(bracket.inside);
    if (names_other_medium(words, true) || is_span_of_years(bracket.inside, words)) result.other_medium = true;
    if (year != 0 || first_year(words) == 0) continue;
    year = first_year(words);
    year_at = bracket.begin;
  }
  if (names_other_medium(split_words(brackets.outside), false)) result.other_medium = true;
  const auto add = [&](std::string_view text, int of_year) {
    SaidTitle::Reading reading{article_first(trimmed(text)), of_year};
    const bool known = std::find(result.readings.begin(), result.readings.end(), reading) != result.readings.end();
    if (!reading.text.empty() && !known) result.readings.push_back(std::move(reading));
  };
  add(brackets.outside, year);
  if (year_at != std::string_view::npos) add(split_brackets(said.substr(0, year_at)).outside, year);
  for (const Bracket& bracket : brackets.inside)
    if (size_t known_as = 0; starts_with_any(bracket.inside, {"a.k.a. ", "aka ", "also known as "}, known_as))
      add(bracket.inside.substr(known_as), year);
  add(without_remark(result.readings.front().text), year);
  const std::string_view text = brackets.outside;
  const std::vector<Word> words = split_words(text);
  if (year != 0 || words.size() < 2 || year_of(words.back().text) == 0) return result;
  const std::string_view before = text.substr(0, words.back().begin);  // "Heat, 1995"
  add(before.substr(0, before.find_last_not_of(" ,-") + 1), year_of(words.back().text));
  return result;
}

std::string without_remark(std::string_view said) {
  for (bool cut = true; cut;) {
    cut = false;
    const std::vector<Divider> places = dividers(said);
    for (auto place = places.rbegin(); place != places.rend() && !cut; ++place) {
      const std::string_view left = trimmed(said.substr(0, place->begin));
      const std::vector<Word> words = split_words(left);
      const bool capitals = std::any_of(words.begin(), words.end(),
                                        [&](const Word& word) { return begins_with_capital(left.substr(word.begin)); });
      if (!capitals || !is_remark(trimmed(said.substr(place->begin + place->length)))) continue;
      said = left;
      cut = true;
    }
  }
  return std::string(said);
}

}  // namespace latentcrs
