// Words that a clause negates.
#pragma once

#include <string_view>
#include <vector>

#include "language/text/words.h"

namespace latentcrs {

/// Which of `words` (split_words(text)) stand between a negation ("not", "don't", "no", "hate", …) and the end of its
/// clause: a mark of punctuation, a line end, or a word such as "but" or "what" (Das and Chen, 2001). "I don't like
/// horror, what about a thriller" has a thriller and no horror.
std::vector<bool> negated_words(std::string_view text, const std::vector<Word>& words);

}  // namespace latentcrs
