// The words of a title in one spelling, so that "Twelve Monkeys" is "12 Monkeys" and "Part II" is "Part 2".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/words.h"

namespace latentcrs {

/// split_words() with these spellings made one: numbers in words, Roman or with commas ("Twelve", "II", "20,000")
/// become digits; "Part", "Episode", "Chapter" and "Volume" between a name and a number go; small raised digits and
/// fractions ("Alien³", "8½") are words of their own; initials ("E.T.") are one word; "Doctor" is "Dr".
std::vector<Word> title_words(std::string_view text);

/// Whether the word is nothing but digits.
bool is_number(std::string_view word);

/// Articles and "and", which titles are quoted with and without.
bool is_title_filler(const Word& word);

/// A title as it is compared.
struct TitleForm {
  std::string article = {};  ///< "the", "a" (also for "an") or nothing
  std::string words = {};    ///< the other words without fillers, joined by spaces; never empty for a title with words
  int content_words = 0;     ///< how many of them are more than "of", "in" and the like
  bool operator==(const TitleForm&) const = default;
};
TitleForm title_form(std::string_view title);

}  // namespace latentcrs
