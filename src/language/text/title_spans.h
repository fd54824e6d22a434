// Words of a running text that belong to titles, and words that stand out from it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "language/text/words.h"

namespace latentcrs {

/// Which of `words` (split_words(text)) belong to a title: in double quotes, or capitalised before a year in brackets,
/// with small function words between.
std::vector<bool> words_in_titles(std::string_view text, const std::vector<Word>& words);

/// Whether the word `i` of split_words(text) can be a name by itself: at least five letters, no number, with a capital
/// that neither begins a sentence nor has a capital beside it.
bool is_lone_name(std::string_view text, const std::vector<Word>& words, size_t i);

}  // namespace latentcrs
