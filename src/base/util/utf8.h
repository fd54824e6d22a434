// UTF-8: reading it character by character, checking it, and cutting it between characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace latentcrs {

struct Utf8Character {
  char32_t code = 0;   ///< code point; for a malformed byte its value, 0x80 to 0xFF
  size_t bytes = 0;    ///< length of its sequence, 1 to 4; 1 for a malformed byte
  bool valid = false;  ///< false for a malformed byte
};

/// The character at the front of `text`, which must not be empty. A byte that begins no well-formed sequence (RFC 3629:
/// no overlong form, no surrogate, nothing above U+10FFFF) is returned alone, as malformed.
Utf8Character first_character(std::string_view text);

/// Length in bytes of the character at the front of `text`, as in first_character().
inline size_t utf8_length(std::string_view text) {
  return static_cast<unsigned char>(text[0]) < 0x80 ? 1 : first_character(text).bytes;
}

/// Whether `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// The longest beginning of `text` of at most `max_bytes` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, size_t max_bytes);

/// ISO-8859-1 text, whose bytes are the code points U+0000 to U+00FF, as UTF-8.
std::string utf8_from_latin1(std::string_view text);

}  // namespace latentcrs
