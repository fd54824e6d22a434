// Genres that people name in words of their own.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/config/genre_coordinates.h"
#include "language/text/negation.h"

namespace latentcrs {

struct GenreMention {
  size_t genre = 0;               ///< in [0, kNumGenres)
  Stance stance = Stance::asked;  ///< of the word that names it: "no horror" refuses

  bool operator==(const GenreMention&) const = default;
};

/// The name of a genre as MovieLens spells it; `genre` is in [0, kNumGenres), in the order of the table.
std::string_view genre_name(size_t genre);

/// The genres that `text` names, each once in each sense, in the order of the table: "a scary cartoon, nothing sad" has
/// Animation and Horror. Words in double quotes are no genre, nor are capitalised words before a year in brackets: they
/// are titles. A clause is negated as negated_words() says.
std::vector<GenreMention> find_genres(std::string_view text);

/// The same where `stances` says what the text wants of each of split_words(text).
std::vector<GenreMention> find_genres(std::string_view text, const std::vector<Stance>& stances);

}  // namespace latentcrs
