// Titles as datasets write them, and as people say them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/title_words.h"

namespace latentcrs {

/// Without the spaces, tabs and line ends around it.
std::string_view trim(std::string_view text);

/// The title without year and bracketed additions, its article moved to the front: "Postman, The (Postino, Il) (1994)"
/// -> "The Postman". The whole title if nothing else is in it.
std::string spoken_title(std::string_view title);

/// A name that a title goes by.
struct TitleName {
  enum class Kind {
    main,         ///< the spoken title
    alternative,  ///< another title: in brackets, or after "or"
    derived,      ///< a part or a shorter form of it
  };
  Kind kind = Kind::main;
  TitleForm form = {};
  std::string text = {};  ///< as it is written; empty for a name put together from parts
};

/// Every name by which someone could give the title away, the main one first. Alternatives are in brackets (not those
/// that name an edition; of one word only beside a year, as films have it) or after "or". Derived are the part before
/// " - " (where shops append platforms and editions), and of at least two words: the last part of a numbered title and
/// that title without its number ("Star Wars: Episode V - The Empire Strikes Back": "The Empire Strikes Back" and "Star
/// Wars: The Empire Strikes Back"), the numbered part alone ("Terminator 2"), the title without its maker's name
/// ("Monty Python's Life of Brian"), and initials ("E.T. the Extra-Terrestrial").
std::vector<TitleName> title_names(std::string_view title);

/// The parts of "Series: Part" or "Series - Part", divided where the first one ends in a number if there is such a
/// place, else at the first divider.
struct SeriesTitle {
  std::string series;
  std::string part;
  bool numbered = false;
};
std::optional<SeriesTitle> split_series(std::string_view spoken);
/// The form without numbers at its end: "terminator 2" -> "terminator".
TitleForm without_number(TitleForm form);
/// The form of both, one after the other, with the article of the first.
TitleForm joined(const TitleForm& first, const TitleForm& second);
/// "National Lampoon's Vacation" -> "Vacation"; empty where the title does not begin with somebody's name.
std::string without_maker(std::string_view spoken);

/// A title in somebody's words, with what is said beside it.
struct SaidTitle {
  struct Reading {
    std::string text;
    int year = 0;  ///< 0: none is given
    bool operator==(const Reading&) const = default;
  };
  std::vector<Reading> readings = {};  ///< what the title alone may be, most literal first
  bool other_medium = false;           ///< said to be a television series
};
SaidTitle read_said_title(std::string_view said);
/// Without what explains the title behind a dash or colon: "Heat - a crime drama by Michael Mann" -> "Heat". A subtitle
/// stays.
std::string without_remark(std::string_view said);

/// Letters a title needs for a fuzzy match: shorter ones have too many neighbours.
inline constexpr size_t kShortestFuzzyTitle = 8;

/// Edit distance of a and b if it is at most `limit`, else anything above `limit`.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

/// The numbers among words joined by spaces, Roman ones too: what tells the parts of a series apart.
std::string numbers_of(std::string_view text);

}  // namespace latentcrs
