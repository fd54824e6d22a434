// The forms of a title: as datasets write it, and as people say it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "language/text/title_words.h"

namespace latentcrs {

/// The title without its year and bracketed additions, with its article moved to the front: "Postman, The (Postino, Il)
/// (1994)" -> "The Postman". A title that consists of brackets alone is returned whole.
std::string spoken_title(std::string_view title);

/// A name by which people may call a title.
struct TitleName {
  enum class Kind {
    main,         ///< the spoken title
    alternative,  ///< another title, in brackets or after "or"
    derived,      ///< a part or a shorter form of it
  };
  Kind kind = Kind::main;
  TitleForm form = {};
  std::string text = {};  ///< the name as it is written; empty for a name composed of parts
};

/// Every name by which someone could give the title away, the main one first.
///
/// Alternative names stand in brackets or after "or". Brackets that name an edition do not count, and names of one word
/// count only beside a year, as films have it.
///
/// Derived names are the part before " - " (where shops append platforms and editions), initials ("E.T. the
/// Extra-Terrestrial"), and these, if they have at least two words: the last part of a numbered title and the title
/// without its number ("Star Wars: Episode V - The Empire Strikes Back": "The Empire Strikes Back" and "Star Wars: The
/// Empire Strikes Back"), the numbered part alone ("Terminator 2"), and the title without its maker's name ("Monty
/// Python's Life of Brian").
std::vector<TitleName> title_names(std::string_view title);

/// The two parts of "Series: Part" or "Series - Part". The title is divided where the first part ends in a number, else
/// at the first divider.
struct SeriesTitle {
  std::string series;
  std::string part;
  bool numbered = false;
};
/// Divides a spoken title; nullopt if it has no divider.
std::optional<SeriesTitle> split_series(std::string_view spoken);
/// The form without the numbers at its end: "terminator 2" -> "terminator".
TitleForm without_number(TitleForm form);
/// The words of both forms, one after the other, with the article of the first.
TitleForm joined(const TitleForm& first, const TitleForm& second);
/// The title without the name of its maker: "National Lampoon's Vacation" -> "Vacation"; empty if the title does not
/// begin with a name in the genitive.
std::string without_maker(std::string_view spoken);

/// A title as somebody said it, with the remarks about it.
struct SaidTitle {
  struct Reading {
    std::string text;
    int year = 0;  ///< 0 if no year was said
    bool operator==(const Reading&) const = default;
  };
  std::vector<Reading> readings = {};  ///< what the title alone may be, the most literal reading first
  bool other_medium = false;           ///< the remarks say that it is a television series
};
/// Reads a title as somebody said it: removes brackets and remarks, and understands years and "a.k.a.".
SaidTitle read_said_title(std::string_view said);
/// The title without an explanation behind a dash or colon: "Heat - a crime drama by Michael Mann" -> "Heat". A
/// subtitle stays.
std::string without_remark(std::string_view said);

}  // namespace latentcrs
