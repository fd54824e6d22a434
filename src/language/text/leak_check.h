// The check whether an utterance gives the title of the target item away.
#pragma once

#include <string_view>

namespace latentcrs {

/// Whether `utterance` names `title`, exactly or nearly. `title` is written as in the dataset: a year, brackets and a
/// trailing ", The" are understood. Case, accents, punctuation, articles, "and" and the year do not count.
///
/// An exact match has the title's words in a row. The part before " - " (platforms and editions follow there) and
/// alternative titles in brackets are titles as well.
///
/// A near match is a row of words whose edit similarity 1 - distance / longer length is at least `fuzzy_ratio`, for
/// titles of at least 8 letters (language/text/near_title.h); the numbers in both must be the same ("Part 2" is not
/// "Part 3", and "Episode V" is not "Episode VI").
///
/// A title of one word ("Big", "It", "Ghost") or of words that stand on many record sleeves ("Greatest Hits") is also
/// ordinary English. It counts only where it is written as a title: in quotes or with capitals, and not as part of a
/// longer name ("Big Fish"). A capital at the start of a sentence, or lower case in an utterance without any capital,
/// says nothing about that; there a word of at least 5 letters counts and a shorter one does not. A single letter or a
/// number counts only in quotes.
bool leaks_title(std::string_view utterance, std::string_view title, double fuzzy_ratio);

}  // namespace latentcrs
