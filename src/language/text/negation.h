// Words that a clause negates.
#pragma once

#include <string_view>
#include <vector>

#include "language/text/words.h"

namespace latentcrs {

/// Puts "not " before each of `words` (split_words(text)) that stands between a negation ("not", "don't", "no", "hate",
/// …) and the end of its clause: a mark of punctuation, a line end, or a word such as "but" or "what" (Das and Chen,
/// 2001). "I don't like horror, what about a thriller" has a thriller and no horror.
void mark_negated_words(std::string_view text, std::vector<Word>& words);

}  // namespace latentcrs
