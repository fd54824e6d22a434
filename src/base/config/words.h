// The words of unquoted values, which are the same in Hydra's override grammar and in the arguments of OmegaConf's
// resolvers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/config/node.h"

namespace latentcrs {

enum class Word { none, real, integer, boolean, null, symbol, name, escape, blank };

struct FoundWord {
  Word kind = Word::none;
  size_t length = 0;
};

/// The longest word at the beginning of `text`; of two equally long words the kind that comes first in `Word`.
FoundWord longest_word(std::string_view text);

/// The value of a word that stands alone.
Node word_value(Word kind, const std::string& text);

/// `\,\ ` -> ", ": every second character.
std::string unescape(const std::string& text);

bool is_name_start(char c);
/// Length of a name (letters, digits, _ and -, not beginning with a digit or -) at the beginning of `text`; 0: there is
/// no name.
size_t name_length(std::string_view text);
/// Length of an integer without a sign (no leading zeros, single underscores between digits); 0: there is no integer.
size_t unsigned_length(std::string_view text);

}  // namespace latentcrs
