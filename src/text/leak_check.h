// Does an utterance give the title of the target away?
#pragma once

#include <string_view>

namespace latentcrs {

/// True if `utterance` names `title` (as the dataset writes it: year, brackets and a trailing ", The" are understood),
/// exactly or nearly. Case, accents, punctuation, articles, "and" and the year do not count.
///
/// Exactly: the title's words in a row; also the part before " - " (platforms and editions follow there), and
/// alternative titles in brackets.
///
/// Nearly: a row of words whose edit similarity 1 - distance / longer length is at least `fuzzy_ratio`, for titles of
/// at least 8 letters; the numbers in both must be the same ("Part 2" is not "Part 3", nor "Episode V" "Episode VI").
///
/// A title of one word ("Big", "It", "Ghost") or of words any record sleeve has ("Greatest Hits") is also ordinary
/// English. It counts only where it is written as a title: in quotes or with capitals, and not as part of a longer name
/// ("Big Fish"). A capital at the start of a sentence, or the lower case of an utterance without any capital, says
/// nothing about that: there a word of 5 letters and more counts, a shorter one does not. A single letter or a number
/// counts only in quotes.
bool leaks_title(std::string_view utterance, std::string_view title, double fuzzy_ratio);

}  // namespace latentcrs
