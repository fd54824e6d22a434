#include "language/dialogue/agenda_grammar.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/util/text.h"

namespace latentcrs::agenda {

const GenreWords* find_genre(std::string_view facet) {
  static const GenreWords kGenres[] = {
      {"action", ""},
      {"adventure", ""},
      {"animation", ""},
      {"children's", ""},
      {"comedy", "comedy"},
      {"crime", ""},
      {"drama", "drama"},
      {"fantasy", ""},
      {"horror", ""},
      {"musical", "musical"},
      {"documentary", "documentary"},
      {"film noir", "film noir"},
      {"mystery", "mystery"},
      {"romance", "romance"},
      {"sci-fi", ""},
      {"thriller", "thriller"},
      {"war", ""},
      {"western", "western"},
  };
  const std::string wanted = facet == "Film-Noir" ? "film noir" : lower_case(facet);
  const auto found =
      std::find_if(std::begin(kGenres), std::end(kGenres), [&](const auto& g) { return g.modifier == wanted; });
  return found == std::end(kGenres) ? nullptr : found;
}

std::string singular(const std::string& item_noun) {
  const size_t space = item_noun.rfind(' ');
  const size_t last = space == std::string::npos ? 0 : space + 1;
  const std::string head = item_noun.substr(0, last), word = item_noun.substr(last);
  if (word == "series" || word.ends_with("ss") || !word.ends_with('s')) return item_noun;
  for (std::string_view ending : {"ches", "shes", "xes", "sses"})
    if (word.ends_with(ending)) return item_noun.substr(0, item_noun.size() - 2);
  if (word.ends_with("ies") && word.size() > 4 && word != "movies" && word != "cookies")
    return head + word.substr(0, word.size() - 3) + "y";
  return item_noun.substr(0, item_noun.size() - 1);
}

Verb verb_for(std::string_view item) {
  struct Case {
    std::string_view noun;
    Verb verb;
  };
  static constexpr Case kCases[] = {
      {"movie", {"watch", "watching"}},  {"film", {"watch", "watching"}}, {"show", {"watch", "watching"}},
      {"series", {"watch", "watching"}}, {"cd", {"hear", "hearing"}},     {"album", {"hear", "hearing"}},
      {"music", {"hear", "hearing"}},    {"record", {"hear", "hearing"}}, {"song", {"hear", "hearing"}},
      {"game", {"play", "playing"}},     {"book", {"read", "reading"}},   {"novel", {"read", "reading"}},
  };
  const std::string noun = lower_case(item);
  for (const Case& c : kCases)
    if (noun.ends_with(c.noun)) return c.verb;
  return {"try", "trying"};
}

std::string with_article(const std::string& phrase) {
  const auto is_one_of = [](char c, std::string_view set) { return set.find(c) != std::string_view::npos; };
  const char first = phrase.empty() ? 'x' : phrase[0];
  const bool spelled_out = phrase.size() > 1 && std::isupper(static_cast<unsigned char>(first)) != 0 &&
                           std::islower(static_cast<unsigned char>(phrase[1])) == 0 && phrase[1] != ' ';
  bool vowel = is_one_of(first, "aeiouAEIOU");
  if (spelled_out) {
    vowel = is_one_of(first, "AEFHILMNORSX");
  } else {
    const std::string start = lower_case(phrase.substr(0, 4));
    if (start.starts_with("eu") || start.starts_with("uni") || start.starts_with("use")) vowel = false;
  }
  return (vowel ? "an " : "a ") + phrase;
}

std::string_view decade_name(int decade) {
  static constexpr std::string_view kNames[] = {"twenties", "thirties",  "forties",  "fifties",
                                                "sixties",  "seventies", "eighties", "nineties"};
  return decade >= 1920 && decade < 2000 ? kNames[(decade - 1920) / 10] : std::string_view{};
}

}  // namespace latentcrs::agenda
