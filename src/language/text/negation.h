// Words that a clause negates, and what a person wants of the things that words name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "language/text/words.h"

namespace latentcrs {

/// Which of `words` (split_words(text)) stand between a negation ("not", "don't", "no", "hate", …) and the end of its
/// clause: a mark of punctuation, a line end, or a word such as "but" or "what" (Das and Chen, 2001). "I don't like
/// horror, what about a thriller" has a thriller and no horror.
std::vector<bool> negated_words(std::string_view text, const std::vector<Word>& words);

/// What a sentence says about the thing that a word of it names.
enum class Stance : std::uint8_t {
  asked,    ///< it is wanted: "a comedy", "why not a comedy", "nothing but comedies"
  refused,  ///< it is turned down: "no comedy", "anything but a comedy", "enough of comedies"
  allowed   ///< neither: "I don't mind a comedy", "not just comedies"
};

/// The stance that negated_words() gives: `refused` for a negated word, `asked` for all others.
std::vector<Stance> stances_by_negation(std::string_view text, const std::vector<Word>& words);

/// The stance of each of `words` (split_words(text)) as a person means it: negated_words() within a clause, turns of
/// phrase that refuse without a negation ("anything but", "instead of", "tired of"), and negations that refuse nothing
/// ("why not", "I don't mind", "not only"). The results of runs rest on negated_words(), and this is for conversations.
std::vector<Stance> stances_in_talk(std::string_view text, const std::vector<Word>& words);

}  // namespace latentcrs
