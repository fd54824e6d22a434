// Text as a sequence of characters (code points), for rules that count and compare characters.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// The characters of UTF-8 text; a malformed byte becomes U+FFFD.
std::u32string characters_of(std::string_view text);
std::string utf8_of(std::u32string_view text);

/// `text` in lower case, character by character, whatever the locale.
std::u32string lower_characters(std::u32string text);
/// `text` with each run of white space as one space, and without any at its ends.
std::u32string squeezed(std::u32string_view text);
/// `text` without its round brackets and what is in them; of nested ones, without the innermost.
std::u32string without_brackets(std::u32string_view text);

}  // namespace latentcrs
