// How text falls into words: shared by the leak check, the feature extraction and the offline embedder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latentcrs {

struct Word {
  std::string
      text;  ///< lower-case; accents of Latin letters removed, apostrophes dropped ("children's" -> "childrens")
  size_t begin = 0;  ///< bytes [begin, end) of the original
  size_t end = 0;
};

/// Words are runs of letters and digits; hyphens and all other punctuation separate. Letters outside Latin-1 are kept
/// as they are. Any bytes are accepted.
std::vector<Word> split_words(std::string_view text);

/// Length in bytes of the UTF-8 sequence that starts at text[i], at least 1, never past the end.
size_t utf8_length(std::string_view text, size_t i);

/// Byte ranges [first, second) in double quotes, straight or curly, without the closing quote. A quote that is never
/// closed quotes nothing.
std::vector<std::pair<size_t, size_t>> quoted_ranges(std::string_view text);

/// The word without an English plural or possessive ending: "comedies" -> "comedy", "childrens" -> "children". Only
/// good for comparing words with each other: "series" becomes "sery".
std::string without_plural(std::string_view word);

/// Function words and the words of asking and answering ("please", "recommend", "mood"), which say nothing about what
/// is wanted. `word` as in Word::text.
bool is_stop_word(std::string_view word);

}  // namespace latentcrs
