// Nouns, genres and decades in English, which fill the patterns of the agenda simulator.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs::agenda {

/// The words for a genre.
struct GenreWords {
  std::string modifier;  ///< before a noun, and as a name: "film noir", "action"
  std::string noun;      ///< an item of the genre: "comedy"; empty: "<modifier> <item>"
};
/// nullptr for a facet that is not in the list of genres (a shop category).
const GenreWords* find_genre(std::string_view facet);

/// "movies" -> "movie", "video games" -> "video game".
std::string singular(const std::string& item_noun);

/// The verb for using an item ("watch"), and its -ing form.
struct Verb {
  std::string_view verb, ing;
};
Verb verb_for(std::string_view item);

/// The phrase after "a" or "an": "an action movie", "a European film", "an R&B album".
std::string with_article(const std::string& phrase);

/// "nineties" for 1990; empty where a decade has no such name (before 1920 and from 2000 on).
std::string_view decade_name(int decade);

}  // namespace latentcrs::agenda
