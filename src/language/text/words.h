// Splitting text into words, for the leak check, the feature extraction and the offline embedder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latentcrs {

struct Word {
  /// Lower case, with accents of Latin letters removed and apostrophes left out: "Children's" -> "childrens".
  std::string text;
  size_t begin = 0;  ///< bytes [begin, end) of the original
  size_t end = 0;
};

/// The words of `text`: runs of letters and digits, separated by hyphens, spaces and all other punctuation. Letters
/// beyond Latin-1 are kept as they are. Any bytes are accepted.
std::vector<Word> split_words(std::string_view text);

/// Whether `text`, which must not be empty, begins with a capital letter of Latin-1 or with a digit, which counts as
/// one ("8MM").
bool begins_with_capital(std::string_view text);

/// The byte ranges [first, second) of `text` in straight or curly double quotes, without the closing quote. A quote
/// that is never closed begins no range.
std::vector<std::pair<size_t, size_t>> quoted_ranges(std::string_view text);

/// The word without an English plural or possessive ending: "comedies" -> "comedy", "childrens" -> "children". The
/// result serves only for comparing words with each other: "series" becomes "sery".
std::string without_plural(std::string_view word);

/// Whether `word` (in the form of Word::text) is a function word or a word of asking and answering ("please",
/// "recommend", "mood"), which tells nothing about the wanted item.
bool is_stop_word(std::string_view word);

}  // namespace latentcrs
