// The words of a title in one spelling, so that "Twelve Monkeys" is "12 Monkeys" and "Part II" is "Part 2".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/text/words.h"

namespace latentcrs {

/// The words of split_words() with these spellings unified: numbers in words, in Roman numerals or with commas
/// ("Twelve", "II", "20,000") become digits; "Part", "Episode", "Chapter" and "Volume" between a name and a number are
/// left out; superscript digits and fractions ("Alien³", "8½") become words of their own; initials ("E.T.") become one
/// word; "Doctor" becomes "Dr".
std::vector<Word> title_words(std::string_view text);
/// The same for words that were split before.
std::vector<Word> title_words(std::string_view text, std::vector<Word> words);

/// Whether `word` consists of digits.
bool is_number(std::string_view word);

/// Whether the word is an article or "and", which people leave out or add when they quote a title.
bool is_title_filler(const Word& word);

/// The form of a title that is compared.
struct TitleForm {
  std::string article = {};  ///< "the", "a" (also for "an") or nothing
  std::string words = {};    ///< the other words without fillers, joined by spaces; never empty for a title with words
  int content_words = 0;     ///< how many of the words are more than "of", "in" and the like
  bool operator==(const TitleForm&) const = default;
};
/// The form of `title`, which is any text.
TitleForm title_form(std::string_view title);

}  // namespace latentcrs
