#include "base/util/utf8.h"

#include <catch2/catch.hpp>
#include <string>

using namespace latentcrs;

namespace {

/// Sequences that RFC 3629 does not allow, or that are cut short.
const std::string kMalformed[] = {"\x80",
                                  "\xBF",
                                  "\xC2",
                                  "\xC2\x20",
                                  "\xC0\x80",
                                  "\xC1\xBF",
                                  "\xE0\x9F\xBF",
                                  "\xE2\x82",
                                  "\xED\xA0\x80",
                                  "\xED\xBF\xBF",
                                  "\xF0\x8F\xBF\xBF",
                                  "\xF0\x9F\x98",
                                  "\xF4\x90\x80\x80",
                                  "\xF8\x88\x80\x80",
                                  "\xFF",
                                  "\xFE"};

}  // namespace

TEST_CASE("the first character of a text, at the borders of the lengths", "[utf8]") {
  const auto is = [](std::string_view text, char32_t code, size_t bytes) {
    const Utf8Character c = first_character(text);
    return c.valid && c.code == code && c.bytes == bytes && utf8_length(text) == bytes;
  };
  CHECK(is(std::string_view("\0x", 2), 0, 1));
  CHECK(is("\x7Fx", 0x7F, 1));
  CHECK(is("\xC2\x80x", 0x80, 2));
  CHECK(is("\xDF\xBFx", 0x7FF, 2));
  CHECK(is("\xE0\xA0\x80x", 0x800, 3));
  CHECK(is("\xED\x9F\xBFx", 0xD7FF, 3));
  CHECK(is("\xEE\x80\x80x", 0xE000, 3));
  CHECK(is("\xEF\xBF\xBF", 0xFFFF, 3));
  CHECK(is("\xF0\x90\x80\x80", 0x10000, 4));
  CHECK(is("\xF4\x8F\xBF\xBF", 0x10FFFF, 4));
}

TEST_CASE("a malformed byte stands alone", "[utf8]") {
  for (const std::string& text : kMalformed) {
    INFO(Catch::StringMaker<std::string>::convert(text));
    const Utf8Character c = first_character(text);
    CHECK_FALSE(c.valid);
    CHECK(c.bytes == 1);
    CHECK(c.code == static_cast<unsigned char>(text[0]));
    CHECK(utf8_length(text) == 1);
  }
}

TEST_CASE("text is UTF-8 if every sequence in it is well-formed", "[utf8]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("Am\u00E9lie \u2013 \u4E03\u4EBA\u306E\u4F8D \U0001F600"));
  for (const std::string& text : kMalformed) {
    CHECK_FALSE(is_utf8(text));
    CHECK_FALSE(is_utf8("a" + text + "b"));
  }
}

TEST_CASE("a text is cut between characters", "[utf8]") {
  const std::string text = "a\u00E9\u20AC\U0001F600z";  // characters of 1, 2, 3, 4 and 1 bytes: begin at 0, 1, 3, 6, 10
  const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (size_t limit = 0; limit < std::size(ends); ++limit)
    CHECK(utf8_prefix(text, limit) == text.substr(0, ends[limit]));
  CHECK(utf8_prefix("ab\xE2\x82", 3) == "ab");                // a character that is itself cut short
  CHECK(utf8_prefix(std::string(9, '\x80'), 7).size() >= 4);  // no character at all
}

TEST_CASE("ISO-8859-1 becomes UTF-8", "[utf8]") {
  CHECK(utf8_from_latin1("Am\xE9lie \xFF\x80 z") == "Am\u00E9lie \u00FF\u0080 z");
  CHECK(utf8_from_latin1("").empty());
}
