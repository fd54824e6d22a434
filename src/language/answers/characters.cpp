#include "language/answers/characters.h"

#include <wctype.h>

#include <clocale>

#include "base/util/error.h"
#include "base/util/utf8.h"

namespace latentcrs {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// The C library's locale for Unicode, which does not depend on the environment.
locale_t unicode_locale() {
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) throw internal_error("the C library has no locale C.UTF-8, which lower case needs");
  return unicode;
}

}  // namespace

std::u32string characters_of(std::string_view text) {
  std::u32string characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character c = first_character(text);
    characters += c.valid ? c.code : kReplacement;
    text.remove_prefix(c.bytes);
  }
  return characters;
}

std::string utf8_of(std::u32string_view text) {
  std::string utf8;
  const auto append = [&utf8](char32_t bits) { utf8 += static_cast<char>(bits); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      append(c);
      continue;
    }
    if (c < 0x800) {
      append(0xC0 | c >> 6);
    } else {
      if (c < 0x10000) {
        append(0xE0 | c >> 12);
      } else {
        append(0xF0 | c >> 18);
        append(0x80 | (c >> 12 & 0x3F));
      }
      append(0x80 | (c >> 6 & 0x3F));
    }
    append(0x80 | (c & 0x3F));
  }
  return utf8;
}

std::u32string lower_characters(std::u32string text) {
  for (char32_t& c : text) {
    if (c < 0x80)
      c += c >= U'A' && c <= U'Z' ? U'a' - U'A' : 0;
    else
      c = static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), unicode_locale()));
  }
  return text;
}

std::u32string squeezed(std::u32string_view text) {
  std::u32string out;
  bool space = false;
  for (const char32_t c : text) {
    if (is_white_space(c)) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out += U' ';
    space = false;
    out += c;
  }
  return out;
}

std::u32string without_brackets(std::u32string_view text) {
  std::u32string out;
  size_t open = std::u32string::npos;  // in `out`
  for (const char32_t c : text) {
    if (c == U')' && open != std::u32string::npos) {
      out.resize(open);
      open = std::u32string::npos;
      continue;
    }
    if (c == U'(') open = out.size();
    if (c == U')') open = std::u32string::npos;
    out += c;
  }
  return out;
}

}  // namespace latentcrs
