// Titles as datasets write them, and as people say them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "words.h"

namespace latentcrs {

/// The title without year and bracketed additions, its article moved to the front: "Postman, The (Postino, Il) (1994)"
/// -> "The Postman". The whole title if nothing else is in it.
std::string spoken_title(std::string_view title);

/// Every name by which someone could give the title away: the spoken title, its part before " - " (where shops append
/// platforms and editions), and alternative titles in brackets of at least two words that are no edition's name.
std::vector<std::string> title_variants(std::string_view title);

/// Articles and "and", which titles are quoted with and without.
bool is_title_filler(const Word& word);

/// The title's words as Word::text without fillers; all of them if nothing else is in it.
std::vector<std::string> significant_words(std::string_view title);

/// Letters a title needs for a fuzzy match: shorter ones have too many neighbours.
inline constexpr size_t kShortestFuzzyTitle = 8;

/// Edit distance of a and b if it is at most `limit`, else anything above `limit`.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

/// The numbers among words joined by spaces, Roman ones too: what tells the parts of a series apart.
std::string numbers_of(std::string_view text);

}  // namespace latentcrs
