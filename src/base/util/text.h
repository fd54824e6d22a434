// Small operations on text that every room needs: white space at the ends, blank text, lower case. All of them look at
// bytes; the bytes of letters beyond ASCII stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

inline constexpr std::string_view kWhiteSpace = " \t\r\n";

/// `text` without the characters of `spaces` at either end; a view of the same memory.
std::string_view trimmed(std::string_view text, std::string_view spaces = kWhiteSpace);

/// `text` without the characters of `spaces` at its end; a view of the same memory.
std::string_view trimmed_end(std::string_view text, std::string_view spaces = kWhiteSpace);

/// Whether `text` is empty or consists of characters of `spaces`.
bool is_blank(std::string_view text, std::string_view spaces = kWhiteSpace);

/// Whether `c` is one of 0 to 9.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `text` with A to Z in lower case, whatever the locale.
std::string lower_case(std::string_view text);

}  // namespace latentcrs
